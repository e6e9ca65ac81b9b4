from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.progress.bitmap import Bitmap
from backend.progress.domain import (
    DAILY_CAP_SECONDS,
    SEEK_SLACK_SECONDS,
    Day,
    PlaySession,
    Reason,
    Verdict,
    all_right,
    counting_day,
    covered,
    credit,
    resume_second,
    shanghai_day,
    what_is_missing,
)

START = datetime(2026, 3, 2, 1, tzinfo=UTC)
LECTURE = 600


def a_session(*, credited: int = 0, active: bool = True) -> PlaySession:
    return PlaySession(
        started_at=START, duration_seconds=LECTURE, credited_seconds=credited, active=active
    )


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def watched(*spans: tuple[int, int]) -> Bitmap:
    bitmap = Bitmap()
    for start, end in spans:
        bitmap = bitmap.set_range(start, end)
    return bitmap


@pytest.mark.parametrize(
    ("before", "span", "elapsed", "verdict", "credited", "reason"),
    [
        pytest.param([], (0, 20), 20, "credited", 20, None, id="watched as time passed"),
        pytest.param([], (0, 20), 3600, "credited", 20, None, id="late is as good as prompt"),
        pytest.param([(0, 20)], (0, 20), 60, "duplicate", 0, None, id="a second counts once"),
        pytest.param([(0, 20)], (10, 30), 60, "credited", 10, None, id="an overlap adds its rest"),
        pytest.param(
            [], (0, 40), 20, "capped", 20, Reason.FASTER_THAN_TIME, id="twice the wall clock"
        ),
        pytest.param(
            [],
            (0, 600),
            1,
            "capped",
            1,
            Reason.FASTER_THAN_TIME,
            id="all at once earns what passed",
        ),
        pytest.param(
            [], (0, 20), 0.999, "capped", 0, Reason.FASTER_THAN_TIME, id="no part of a second"
        ),
        pytest.param(
            [], (0, 20), -86400, "capped", 0, Reason.FASTER_THAN_TIME, id="a clock set back"
        ),
        pytest.param(
            [(0, 20)],
            (20 + SEEK_SLACK_SECONDS, 40),
            99,
            "credited",
            16,
            None,
            id="a keyframe's jump is no seek",
        ),
        pytest.param(
            [(0, 20)],
            (21 + SEEK_SLACK_SECONDS, 40),
            99,
            "refused",
            0,
            Reason.SEEK_AHEAD,
            id="a seek ahead of what was watched",
        ),
        pytest.param(
            [(0, 300), (320, 600)], (310, 320), 99, "credited", 10, None, id="seeking back is free"
        ),
        pytest.param(
            [(0, 600)], (500, 600), 99, "duplicate", 0, None, id="anywhere once it was watched"
        ),
        pytest.param(
            [(0, 590)], (580, 700), 99, "credited", 10, None, id="never more than the lecture"
        ),
        pytest.param(
            [(0, 600)],
            (600, 620),
            99,
            "refused",
            0,
            Reason.BEYOND_THE_END,
            id="behind the lecture's end",
        ),
        pytest.param([], (5, 5), 99, "refused", 0, Reason.EMPTY_RANGE, id="nothing claimed"),
        pytest.param([], (9, 5), 99, "refused", 0, Reason.EMPTY_RANGE, id="backwards"),
    ],
)
def test_credit(
    before: list[tuple[int, int]],
    span: tuple[int, int],
    elapsed: float,
    verdict: str,
    credited: int,
    reason: Reason | None,
) -> None:
    decision = credit(a_session(), watched(*before), span, now=after(elapsed))
    assert (decision.verdict, decision.credited_seconds, decision.reason) == (
        verdict,
        credited,
        reason,
    )


def test_a_session_taken_over_earns_nothing_more() -> None:
    decision = credit(a_session(active=False), Bitmap(), (0, 20), now=after(60))
    assert (decision.verdict, decision.reason) == (Verdict.REFUSED, Reason.SESSION_TAKEN_OVER)


def test_the_day_is_full_at_eight_class_hours() -> None:
    decision = credit(a_session(), Bitmap(), (0, 20), now=after(60), day_left=5)
    assert (decision.credited_seconds, decision.reason) == (5, Reason.DAILY_CAP)


def test_a_capped_claim_keeps_its_earliest_seconds_and_may_be_sent_again() -> None:
    once = credit(a_session(), Bitmap(), (0, 40), now=after(20))
    again = credit(a_session(credited=20), once.watched, (0, 40), now=after(40))
    assert once.watched.spans() == [(0, 20)]
    assert (again.verdict, again.watched.spans()) == (Verdict.CREDITED, [(0, 40)])


claims = st.lists(
    st.tuples(
        st.integers(-7200, 7200).map(float) | st.floats(-100, 1000, allow_nan=False),
        st.tuples(st.integers(0, 700), st.integers(0, 700)),
    ),
    max_size=30,
)


@settings(deadline=None)  # other work on the machine is no fault
@given(claims)
def test_no_sequence_of_claims_and_times_earns_more_than_the_wall_clock(
    sequence: list[tuple[float, tuple[int, int]]],
) -> None:
    session, bitmap, latest = a_session(), Bitmap(), 0.0
    for elapsed, span in sequence:
        decision = credit(session, bitmap, span, now=after(elapsed))
        latest = max(latest, elapsed)
        assert decision.watched | bitmap == decision.watched, "no second is ever lost"
        assert decision.watched.seconds == bitmap.seconds + decision.credited_seconds
        bitmap = decision.watched
        session = a_session(credited=session.credited_seconds + decision.credited_seconds)
        assert session.credited_seconds <= latest
        assert bitmap.end <= LECTURE


@settings(deadline=None)  # other work on the machine is no fault
@given(st.lists(st.integers(0, 29), min_size=1, max_size=20))
def test_honest_reports_fill_the_lecture_in_whatever_repeats_they_come(repeats: list[int]) -> None:
    session, bitmap = a_session(), Bitmap()
    for n in range(30):
        spans = [(n * 20, n * 20 + 20), *((r * 20, r * 20 + 20) for r in repeats if r <= n)]
        for span in spans:
            decision = credit(session, bitmap, span, now=after((n + 1) * 20))
            assert decision.verdict in {Verdict.CREDITED, Verdict.DUPLICATE}
            bitmap = decision.watched
            session = a_session(credited=session.credited_seconds + decision.credited_seconds)
    assert bitmap.spans() == [(0, LECTURE)]


@pytest.mark.parametrize(
    ("seconds", "enough"),
    [
        pytest.param(569, False, id="a second short of 95 %"),
        pytest.param(570, True, id="exactly 95 %"),
        pytest.param(600, True, id="all of it"),
    ],
)
def test_covered(seconds: int, enough: bool) -> None:
    assert covered(watched((0, seconds)), LECTURE) is enough


def test_a_lecture_without_length_is_never_covered() -> None:
    assert not covered(Bitmap(), 0)


def test_one_goes_on_at_the_first_gap_and_a_finished_lecture_starts_over() -> None:
    assert resume_second(watched((0, 20), (40, 60)), LECTURE) == 20
    assert resume_second(watched((0, 600)), LECTURE) == 0


def test_a_day_begins_at_midnight_in_shanghai() -> None:
    assert shanghai_day(datetime(2026, 3, 1, 15, 59, 59, tzinfo=UTC)) == date(2026, 3, 1)
    assert shanghai_day(datetime(2026, 3, 1, 16, tzinfo=UTC)) == date(2026, 3, 2)


def test_a_new_day_is_empty_and_a_clock_set_back_does_not_open_one_again() -> None:
    full = Day(date=shanghai_day(START), seconds=DAILY_CAP_SECONDS)
    assert full.at(START).left == 0
    assert full.at(START - timedelta(days=3)).left == 0
    assert full.at(START + timedelta(days=1)).left == DAILY_CAP_SECONDS


MONDAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("awarded", "seconds", "days_later"),
    [
        pytest.param({}, 900, 0, id="an empty day takes it"),
        pytest.param({MONDAY: DAILY_CAP_SECONDS - 900}, 900, 0, id="the last place of a day"),
        pytest.param({MONDAY: DAILY_CAP_SECONDS - 899}, 900, 1, id="one second too many"),
        pytest.param(
            {MONDAY: DAILY_CAP_SECONDS, MONDAY + timedelta(days=1): DAILY_CAP_SECONDS},
            900,
            2,
            id="two full days",
        ),
        pytest.param(
            {}, DAILY_CAP_SECONDS + 1, 0, id="what no day could hold is not put off for ever"
        ),
    ],
)
def test_hours_beyond_the_daily_cap_count_on_a_later_day(
    awarded: dict[date, int], seconds: int, days_later: int
) -> None:
    assert counting_day(MONDAY, seconds, awarded) == MONDAY + timedelta(days=days_later)


KEY = {"q1": frozenset("A"), "q2": frozenset("BC")}


@pytest.mark.parametrize(
    ("answers", "right"),
    [
        pytest.param(KEY, True, id="all right"),
        pytest.param({**KEY, "q9": frozenset("A")}, True, id="an unknown question counts nothing"),
        pytest.param({"q1": frozenset("A")}, False, id="one left out"),
        pytest.param({**KEY, "q2": frozenset("B")}, False, id="half of a multiple choice"),
        pytest.param({**KEY, "q2": frozenset("ABC")}, False, id="one pick too many"),
        pytest.param({}, False, id="blank"),
    ],
)
def test_check_questions_are_passed_when_all_are_right(
    answers: dict[str, frozenset[str]], right: bool
) -> None:
    assert all_right(KEY, answers) is right


def test_a_lesson_without_check_questions_is_not_passed_by_answering_none() -> None:
    assert not all_right({}, {})


def test_the_learner_is_told_what_is_missing() -> None:
    lessons = frozenset({"M02-L01", "M02-L02", "M02-L03"})
    two = what_is_missing(lessons, frozenset({"M02-L01"}), 900, 2700)
    assert two is not None
    assert (two.zh[:8], two.en[:15]) == ("还差 2 个小节", "2 lessons to go")
    time = what_is_missing(lessons, lessons, 2640, 2700)
    assert time is not None
    assert time.zh.startswith("还差 1 分钟")
    assert what_is_missing(lessons, lessons, 2700, 2700) is None
