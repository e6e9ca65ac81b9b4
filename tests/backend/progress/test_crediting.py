"""What heartbeats earn: cases, properties, and a model that counts seconds in Python's own sets."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from backend.progress.bitmap import Bitmap
from backend.progress.domain import (
    DAILY_CAP_SECONDS,
    LEASE,
    SEEK_SLACK_SECONDS,
    Day,
    Reason,
    Verdict,
    shanghai_day,
)
from backend.progress.heartbeats.domain import (
    Decision,
    OpenCheck,
    PlaySession,
    Seat,
    Watched,
    credit,
)

START = datetime(2026, 3, 2, 1, tzinfo=UTC)
LECTURE = 600
CHECK = OpenCheck(UUID(int=1), START)


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def a_session(
    *, credited: int = 0, active: bool = True, playing: bool = True, rate: int = 100
) -> PlaySession:
    return PlaySession(
        started_at=START,
        clock_from=START,
        rate_percent=rate,
        credited_seconds=credited,
        active=active,
        playing=playing,
    )


def a_seat(*, check_in: int = 720, seconds: int = 0, check: OpenCheck | None = None) -> Seat:
    day = Day(date=shanghai_day(START), seconds=seconds)
    return Seat(day=day, check_in_seconds=check_in, open_check=check)


def a_watch(*spans: tuple[int, int], pending: bool = False, questions: bool = False) -> Watched:
    bitmap = Bitmap()
    for start, end in spans:
        bitmap = bitmap.set_range(start, end)
    watched, waiting = (Bitmap(), bitmap) if pending else (bitmap, Bitmap())
    return Watched(
        duration_seconds=LECTURE, watched=watched, pending=waiting, questions_passed=questions
    )


def told(decision: Decision) -> tuple[str, int, Reason | None]:
    return (decision.verdict, decision.credited_seconds, decision.reason)


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
    for pending in (False, True):  # what waits for a check is seen as well as what counts
        watch = a_watch(*before, pending=pending)
        decision = credit(a_session(), watch, a_seat(), span, now=after(elapsed))
        assert told(decision) == (verdict, credited, reason)


@pytest.mark.parametrize(
    ("session", "watch", "seconds", "verdict", "reason"),
    [
        pytest.param(
            a_session(active=False),
            a_watch(),
            60,
            Verdict.REFUSED,
            Reason.SESSION_TAKEN_OVER,
            id="a device that another one took over from",
        ),
        pytest.param(
            a_session(playing=False),
            a_watch(),
            60,
            Verdict.REFUSED,
            Reason.NOT_PLAYING,
            id="a script that never fetched the playlist",
        ),
        pytest.param(
            a_session(),
            a_watch(),
            LEASE.total_seconds() + 1,
            Verdict.STALE,
            Reason.SESSION_EXPIRED,
            id="a session of yesterday",
        ),
        pytest.param(
            a_session(),
            Watched(duration_seconds=LECTURE, left=True),
            60,
            Verdict.STALE,
            Reason.EDITION_LEFT,
            id="an edition that was left",
        ),
    ],
)
def test_what_earns_nothing_at_all(
    session: PlaySession, watch: Watched, seconds: float, verdict: Verdict, reason: Reason
) -> None:
    decision = credit(session, watch, a_seat(), (0, 20), now=after(seconds))
    assert told(decision) == (verdict, 0, reason)


def test_the_day_is_full_at_eight_class_hours() -> None:
    seat = a_seat(seconds=DAILY_CAP_SECONDS - 5)
    decision = credit(a_session(), a_watch(), seat, (0, 20), now=after(60))
    assert told(decision) == (Verdict.CAPPED, 5, Reason.DAILY_CAP)


def test_a_programme_s_rate_is_the_clock_s_measure() -> None:
    decision = credit(a_session(rate=150), a_watch(), a_seat(), (0, 40), now=after(20))
    assert told(decision) == (Verdict.CAPPED, 30, Reason.FASTER_THAN_TIME)


def test_a_capped_claim_keeps_its_earliest_seconds_and_may_be_sent_again() -> None:
    once = credit(a_session(), a_watch(), a_seat(), (0, 40), now=after(20))
    again = credit(a_session(credited=20), once.watch, once.seat, (0, 40), now=after(40))
    assert once.watch.pending.spans() == [(0, 20)]
    assert (again.verdict, again.watch.pending.spans()) == (Verdict.CREDITED, [(0, 40)])


def test_a_check_falls_due_inside_an_event_and_the_rest_waits_for_it() -> None:
    cut = credit(a_session(), a_watch(), a_seat(check_in=30), (0, 40), now=after(60))
    assert (told(cut), cut.check_due) == ((Verdict.CHALLENGE_DUE, 30, None), True)
    whole = credit(a_session(), a_watch(), a_seat(check_in=40), (0, 40), now=after(60))
    assert (told(whole), whole.check_due) == ((Verdict.CREDITED, 40, None), True)


def test_nothing_is_granted_while_a_check_is_open_and_what_was_granted_is_a_duplicate() -> None:
    watch, seat = a_watch((0, 20), pending=True), a_seat(check=CHECK)
    assert told(credit(a_session(), watch, seat, (20, 40), now=after(99)))[:2] == (
        Verdict.CHALLENGE_DUE,
        0,
    )
    assert credit(a_session(), watch, seat, (0, 20), now=after(99)).verdict is Verdict.DUPLICATE


def test_a_lecture_covered_after_its_questions_were_passed_asks_whether_somebody_is_there() -> None:
    before = a_watch((0, 560), questions=True)
    decision = credit(a_session(credited=560), before, a_seat(), (560, 600), now=after(600))
    assert (decision.verdict, decision.check_due) == (Verdict.CREDITED, True)
    other = a_watch((0, 560))
    assert not credit(
        a_session(credited=560), other, a_seat(), (560, 600), now=after(600)
    ).check_due


def test_waiting_for_an_answer_builds_no_budget_and_takes_none() -> None:
    session = a_session(credited=90)
    resumed = session.resumed(after(100), after(4000))
    assert (session.budget(after(100)), resumed.budget(after(4000))) == (10, 10)
    late = PlaySession(started_at=after(200), clock_from=after(200))
    assert late.resumed(after(100), after(4000)).budget(after(4000)) == 0
    assert session.resumed(after(100), after(50)) == session, "a clock set back moves nothing"


LECTURES = {"a": 600, "b": 90}
ZERO: frozenset[int] = frozenset()


class Learning(RuleBasedStateMachine):
    """Sessions, heartbeats and checks of one learner, beside a plain count second by second."""

    def __init__(self) -> None:
        super().__init__()
        self.now, self.opened = START, START
        self.seat = a_seat(check_in=50)
        self.watches = {code: Watched(duration_seconds=n) for code, n in LECTURES.items()}
        self.lesson, self.session = "a", a_session()
        self.watched = dict.fromkeys(LECTURES, ZERO)
        self.pending = dict.fromkeys(LECTURES, ZERO)
        self.questions: set[str] = set()
        self.left_until_check, self.asked_at = 50, None if self.seat.open_check is None else START
        self.budget_lost, self.earned, self.ever = timedelta(0), 0, 0

    @rule(seconds=st.integers(0, 120) | st.just(-40))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(lesson=st.sampled_from(sorted(LECTURES)), rate=st.sampled_from([100, 150, 200]))
    def open(self, lesson: str, rate: int) -> None:
        self.lesson, self.opened = lesson, self.now
        self.session = PlaySession(started_at=self.now, clock_from=self.now, rate_percent=rate)
        self.budget_lost, self.earned = timedelta(0), 0

    @rule(lesson=st.sampled_from(sorted(LECTURES)))
    def pass_the_questions(self, lesson: str) -> None:
        self.questions.add(lesson)
        watch = self.watches[lesson]
        self.watches[lesson] = Watched(
            duration_seconds=watch.duration_seconds,
            watched=watch.watched,
            pending=watch.pending,
            questions_passed=True,
        )

    @rule(start=st.integers(0, 620), length=st.integers(0, 200))
    def beat(self, start: int, length: int) -> None:
        expected = self._by_hand(start, start + length)
        watch = self.watches[self.lesson]
        decision = credit(self.session, watch, self.seat, (start, start + length), now=self.now)
        self.watches[self.lesson], self.seat = decision.watch, decision.seat
        credited = self.session.credited_seconds + decision.credited_seconds
        self.session = PlaySession(
            started_at=self.session.started_at,
            clock_from=self.session.clock_from,
            rate_percent=self.session.rate_percent,
            credited_seconds=credited,
        )
        if decision.check_due:
            self.seat = self.seat.challenged(OpenCheck(UUID(int=2), self.now))
        assert decision.credited_seconds == expected
        assert (self.seat.open_check is None) is (self.asked_at is None)

    def _by_hand(self, start: int, end: int) -> int:
        seconds = LECTURES[self.lesson]
        seen = self.watched[self.lesson] | self.pending[self.lesson]
        enough = len(seen) * 100 >= seconds * 95
        if not enough and start > max(seen, default=-1) + 1 + SEEK_SLACK_SECONDS:
            return 0
        granted = 0
        for second in range(start, min(end, seconds)):
            if second in seen or self.asked_at is not None:
                continue
            passed = self.now - self.opened - self.budget_lost
            if self.earned + 1 > passed.total_seconds() * self.session.rate_percent / 100:
                break
            self.pending[self.lesson] |= {second}
            self.earned, granted, self.ever = self.earned + 1, granted + 1, self.ever + 1
            self.left_until_check -= 1
            if not self.left_until_check:
                self.asked_at = self.now
        seen = self.watched[self.lesson] | self.pending[self.lesson]
        if granted and self.lesson in self.questions and len(seen) * 100 >= seconds * 95:
            self.asked_at = self.asked_at or self.now
        return granted

    @precondition(lambda self: self.seat.open_check is not None)
    @rule(right=st.booleans(), following=st.integers(1, 200))
    def answer(self, right: bool, following: int) -> None:
        assert self.seat.open_check is not None
        assert self.asked_at is not None
        self.budget_lost += max(timedelta(0), self.now - max(self.asked_at, self._clock()))
        self.session = self.session.resumed(self.seat.open_check.issued_at, self.now)
        self.seat = self.seat.passed(following) if right else self.seat.missed(following)
        for code, watch in self.watches.items():
            self.watches[code] = watch.joined() if right else watch.dropped()
            self.watched[code] |= self.pending[code] if right else ZERO
            self.pending[code] = ZERO
        self.asked_at, self.left_until_check = None, following

    def _clock(self) -> datetime:
        return self.opened + self.budget_lost

    @invariant()
    def the_bitmaps_are_the_sets(self) -> None:
        for code, watch in self.watches.items():
            assert _members(watch.watched) == self.watched[code]
            assert _members(watch.pending) == self.pending[code]
            assert not watch.watched.bits & watch.pending.bits

    @invariant()
    def the_day_counts_what_counts_and_what_waits(self) -> None:
        kept = sum(len(found) for found in (*self.watched.values(), *self.pending.values()))
        assert self.seat.day.seconds == kept
        assert self.seat.day.pending == sum(map(len, self.pending.values()))


def _members(bitmap: Bitmap) -> set[int]:
    return {second for start, end in bitmap.spans() for second in range(start, end)}


Learning.TestCase.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
TestLearning = Learning.TestCase


@settings(deadline=None)  # other work on the machine is no fault
@given(st.lists(st.integers(0, 29), min_size=1, max_size=20))
def test_honest_reports_fill_the_lecture_in_whatever_repeats_they_come(repeats: list[int]) -> None:
    session, watch, seat = a_session(), a_watch(), a_seat()
    for n in range(30):
        spans = [(n * 20, n * 20 + 20), *((r * 20, r * 20 + 20) for r in repeats if r <= n)]
        for span in spans:
            decision = credit(session, watch, seat, span, now=after((n + 1) * 20))
            assert decision.verdict in {Verdict.CREDITED, Verdict.DUPLICATE}
            watch, seat = decision.watch, decision.seat
            session = a_session(credited=session.credited_seconds + decision.credited_seconds)
    assert watch.seen.spans() == [(0, LECTURE)]
