"""Seats, presence and hours as rules: tables of cases, and properties over any scans."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.class_sessions import domain
from backend.class_sessions.domain import HoursEntry, Mark, Scan, Span, Times
from backend.class_sessions.rules import rules_on

NINE = datetime(2026, 3, 2, 1, tzinfo=UTC)  # nine in the morning in Shanghai
RULES = rules_on(date(2026, 3, 2))
HOUR = 2700


def at(clock: str, day: int = 0) -> datetime:
    hours, minutes = clock.split(":")
    return NINE + timedelta(days=day, hours=int(hours) - 9, minutes=int(minutes))


def times(ends: str = "17:00", planned: int = 8 * HOUR, *breaks: tuple[str, str]) -> Times:
    pauses = breaks or (("12:00", "13:30"),)
    return Times(Span(NINE, at(ends)), tuple(Span(at(a), at(b)) for a, b in pauses), planned)


def scans(*said: str) -> list[Scan]:
    """ "in 9:00", "out 12:05"…"""
    return [Scan(purpose, at(clock)) for purpose, clock in (one.split() for one in said)]


def seconds(*said: str) -> int:
    found = domain.presence(scans(*said))
    return sum(domain.seconds_by_day(found, times(), RULES).values())


MINUTE = 60
WHOLE = int(6.5 * 3600)


@pytest.mark.parametrize(
    ("said", "counted"),
    [
        pytest.param(("in 9:00", "out 17:00"), WHOLE, id="all of it, without the break"),
        pytest.param(("in 8:30", "out 17:20"), WHOLE, id="early and long after: no more"),
        pytest.param(("in 9:09", "out 16:51"), WHOLE, id="within the grace at both ends"),
        pytest.param(("in 9:11", "out 17:00"), WHOLE - 11 * MINUTE, id="late: from then on"),
        pytest.param(("in 9:00", "out 16:40"), WHOLE - 20 * MINUTE, id="away early: until then"),
        pytest.param(("in 9:00", "out 12:30", "in 13:00", "out 17:00"), WHOLE, id="out for lunch"),
        pytest.param(("in 9:00", "in 9:30", "out 17:00"), WHOLE, id="in twice"),
        pytest.param(("in 9:00", "out 11:00", "out 17:00"), 7200, id="out twice"),
        pytest.param(("in 9:00",), 0, id="never out: nobody saw the end"),
        pytest.param(("out 17:00",), 0, id="never in"),
        pytest.param((), 0, id="not there"),
        pytest.param(
            ("in 9:02", "out 9:05", "in 9:08", "out 17:00"), WHOLE - 180, id="out for a moment"
        ),
        pytest.param(("in 8:10", "out 8:50"), 0, id="gone before it began"),
    ],
)  # fmt: skip
def test_presence_is_counted_inside_the_class_and_outside_its_breaks(
    said: Sequence[str], counted: int
) -> None:
    assert seconds(*said) == counted


@pytest.mark.parametrize(
    ("said", "marks"),
    [
        (("in 9:00", "out 17:00"), (Mark.PRESENT,)),
        (("in 9:10", "out 16:50"), (Mark.PRESENT,)),
        (("in 9:11", "out 16:49"), (Mark.LATE, Mark.LEFT_EARLY)),
        (("in 9:30",), (Mark.LATE, Mark.NO_CHECK_OUT)),
        (("out 17:00",), (Mark.ABSENT,)),
        ((), (Mark.ABSENT,)),
    ],
)
def test_the_list_says_who_was_late_left_early_or_was_not_there(
    said: Sequence[str], marks: tuple[Mark, ...]
) -> None:
    assert domain.marks(domain.presence(scans(*said)), times(), RULES) == marks


def test_a_class_past_midnight_counts_on_both_days() -> None:
    night = Times(Span(at("23:00"), at("1:00", day=1)), (), 2 * HOUR)
    found = domain.presence([Scan("in", at("23:00")), Scan("out", at("1:00", day=1))])
    assert domain.seconds_by_day(found, night, RULES) == {
        date(2026, 3, 2): 3600,
        date(2026, 3, 3): 3600,
    }


def test_a_day_has_eight_class_hours_in_all_classes_together() -> None:
    day = date(2026, 3, 2)
    given_ = domain.awarded(
        {day: 6 * HOUR}, planned_seconds=8 * HOUR, elsewhere={day: 5 * HOUR}, rules=RULES
    )
    assert given_ == [HoursEntry(day, 3 * HOUR)]
    full = domain.awarded(
        {day: 6 * HOUR}, planned_seconds=8 * HOUR, elsewhere={day: 8 * HOUR}, rules=RULES
    )
    assert full == []


moments = st.integers(-60, 3 * 24 * 60).map(lambda m: NINE + timedelta(minutes=m))
any_scans = st.lists(st.builds(Scan, st.sampled_from(["in", "out"]), moments), max_size=20)
three_days = Times(
    Span(NINE, NINE + timedelta(days=2, hours=8)),
    (Span(at("12:00"), at("13:30")), Span(at("17:00"), at("9:00", day=1))),
    20 * HOUR,
)


@given(any_scans, st.integers(1, 30 * HOUR), st.dictionaries(
    st.sampled_from([date(2026, 3, d) for d in range(2, 6)]), st.integers(0, 8 * HOUR)
))  # fmt: skip
def test_no_scans_give_more_than_the_class_the_plan_or_the_day(
    said: list[Scan], planned: int, elsewhere: dict[date, int]
) -> None:
    by_day = domain.seconds_by_day(domain.presence(said), three_days, RULES)
    room = three_days.whole.seconds - sum(b.seconds for b in three_days.breaks)
    assert sum(by_day.values()) <= room
    given_ = domain.awarded(by_day, planned_seconds=planned, elsewhere=elsewhere, rules=RULES)
    assert sum(e.seconds for e in given_) <= planned
    for entry in given_:
        assert 0 < entry.seconds <= by_day[entry.counts_on]
        assert entry.seconds + elsewhere.get(entry.counts_on, 0) <= RULES.day_seconds


@given(st.lists(st.tuples(st.integers(1, 5), st.integers(-10 * HOUR, 10 * HOUR)), max_size=20),
       st.integers(0, 8 * HOUR))  # fmt: skip
def test_no_corrections_leave_less_than_none_or_more_than_the_limits(
    wanted: list[tuple[int, int]], elsewhere: int
) -> None:
    entries = [HoursEntry(date(2026, 3, 2), RULES.day_seconds - elsewhere)]
    for day, delta in wanted:
        new = HoursEntry(date(2026, 3, day), delta)
        try:
            entries.append(
                domain.checked_correction(
                    new, of_seat=entries, elsewhere=elsewhere, times=three_days, rules=RULES
                )
            )
        except (domain.CorrectionOutOfBounds, domain.DayNotOfClass):
            continue
    assert 0 <= sum(e.seconds for e in entries) <= three_days.planned_seconds
    for counted in {e.counts_on for e in entries}:
        total = sum(e.seconds for e in entries if e.counts_on == counted)
        assert 0 <= total <= RULES.day_seconds - elsewhere


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        pytest.param(times("9:00", HOUR), domain.TimesNotRight, id="ends as it begins"),
        pytest.param(times("11:00", HOUR), domain.TimesNotRight, id="a break after the end"),
        pytest.param(
            times("17:00", HOUR, ("12:00", "13:00"), ("12:30", "14:00")),
            domain.TimesNotRight,
            id="breaks that overlap",
        ),
        pytest.param(times("17:00", 9 * HOUR), domain.PlannedHoursTooMany, id="more than time"),
    ],
)
def test_a_plan_that_cannot_be_is_refused(wrong: Times, error: type[Exception]) -> None:
    with pytest.raises(error):
        domain.checked_times(wrong)


def test_a_time_by_hand_lies_in_the_class_and_not_ahead() -> None:
    whole, now = times().whole, at("18:30")
    assert domain.checked_hand_time(at("17:30"), whole, RULES, now=now) == at("17:30")
    for wrong, when in ((at("7:30"), now), (at("18:20"), now), (at("15:00"), at("14:00"))):
        with pytest.raises(domain.TimeNotRight):
            domain.checked_hand_time(wrong, whole, RULES, now=when)
