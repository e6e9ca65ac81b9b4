from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.organisations.assignments.domain import (
    Audience,
    AudienceNotValid,
    Counts,
    Due,
    DueNotValid,
    Facts,
    Rule,
    Standing,
    State,
    checked_audience,
    checked_due,
    day_of,
    is_fresh,
    month_of,
    months_up_to,
    overall,
    standing,
    with_those_below,
)

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
TODAY = date(2026, 3, 2)
days = st.dates(date(2020, 1, 1), date(2035, 12, 31))
moments = st.integers(1_577_836_800, 2_082_758_400).map(lambda s: datetime.fromtimestamp(s, UTC))
dues = st.one_of(
    st.builds(Due),
    st.builds(Due, days=st.integers(1, 3650)),
    st.builds(Due, on=days, grace_days=st.integers(0, 3650)),
)
facts = st.builds(
    Facts,
    begun_at=st.none() | moments,
    earned_at=st.none() | moments,
    valid_until=st.none() | moments,
)


def rule(due: Due | None = None, **more: object) -> Rule:
    given_ = {"audience": Audience.EVERYONE, "compulsory": True, "assigned_at": NOW, **more}
    return Rule(id=uuid4(), programme="MGR", due=due or Due(), **given_)  # type: ignore[arg-type]


rules = st.builds(
    lambda due, compulsory, at: rule(due, compulsory=compulsory, assigned_at=at),
    *(dues, st.booleans(), moments),
)


@pytest.mark.parametrize(
    ("due", "joined_on", "expected"),
    [
        (Due(), TODAY, None),
        (Due(on=date(2026, 6, 30), grace_days=30), date(2020, 1, 1), date(2026, 6, 30)),
        (Due(on=date(2026, 6, 30), grace_days=30), date(2026, 4, 1), date(2026, 6, 30)),
        (Due(on=date(2026, 6, 30), grace_days=30), date(2026, 6, 20), date(2026, 7, 20)),
        (Due(days=60), date(2020, 1, 1), date(2026, 5, 1)),
        (Due(days=60), date(2026, 4, 1), date(2026, 5, 31)),
    ],
    ids=[
        "without a due date there is none",
        "a fixed date holds for all who had joined",
        "and for who joins long before it",
        "who joins just before it has the days of grace",
        "relative days run from the assignment for who had joined before",
        "and from joining for who joins later",
    ],
)
def test_a_member_s_due_day(due: Due, joined_on: date, expected: date | None) -> None:
    assert due.day(assigned_on=TODAY, joined_on=joined_on) == expected


@given(dues, days, days, days)
def test_joining_later_never_makes_the_due_day_earlier(
    due: Due, assigned_on: date, one: date, other: date
) -> None:
    first, second = sorted((one, other))
    earlier = due.day(assigned_on=assigned_on, joined_on=first)
    later = due.day(assigned_on=assigned_on, joined_on=second)
    assert (earlier is None) == (later is None)
    assert earlier is None or later is None or earlier <= later


@given(st.integers(1, 3650), days, days)
def test_nobody_has_less_than_the_relative_days(n: int, assigned_on: date, joined: date) -> None:
    due_on = Due(days=n).day(assigned_on=assigned_on, joined_on=joined)
    assert due_on is not None
    assert due_on - max(assigned_on, joined) == timedelta(days=n)


@given(rules, moments, facts, days)
def test_everybody_is_in_exactly_one_state(
    one: Rule, joined_at: datetime, known: Facts, today: date
) -> None:
    found, counts = standing(one, joined_at, known, today=today), Counts()
    counts.add(found.state, begun=found.begun_on is not None)
    parts = [counts.done, counts.under_way, counts.late, counts.not_started]
    assert sorted(parts) == [0, 0, 0, 1]
    assert counts.people == 1
    assert counts.late_not_started <= counts.late
    assert (found.state is State.DONE) == (found.done_on is not None)


@given(rules, moments, facts, days)
def test_late_is_only_who_is_past_a_compulsory_due_day_and_not_done(
    one: Rule, joined_at: datetime, known: Facts, today: date
) -> None:
    found = standing(one, joined_at, known, today=today)
    past = found.due_on is not None and today > found.due_on
    assert (found.state is State.LATE) == (one.compulsory and past and found.done_on is None)


@given(rules, moments, facts, days)
def test_who_is_late_stays_late_until_done(
    one: Rule, joined_at: datetime, known: Facts, today: date
) -> None:
    if standing(one, joined_at, known, today=today).state is State.LATE:
        tomorrow = today + timedelta(days=1)
        assert standing(one, joined_at, known, today=tomorrow).state is State.LATE


def test_the_due_day_itself_is_in_time() -> None:
    one = rule(Due(on=TODAY))
    assert standing(one, NOW, Facts(), today=TODAY).state is State.NOT_STARTED
    assert standing(one, NOW, Facts(), today=date(2026, 3, 3)).state is State.LATE


def test_what_is_voluntary_is_never_late() -> None:
    one = rule(Due(on=TODAY), compulsory=False)
    assert standing(one, NOW, Facts(), today=date(2030, 1, 1)).state is State.NOT_STARTED


def test_a_record_that_had_run_out_when_assigned_does_not_count() -> None:
    old = datetime(2022, 1, 1, tzinfo=UTC)
    ran_out = Facts(begun_at=old, earned_at=old, valid_until=NOW - timedelta(days=1))
    assert standing(rule(), old, ran_out, today=TODAY).state is State.UNDER_WAY
    runs_out = Facts(begun_at=old, earned_at=old, valid_until=NOW + timedelta(days=1))
    assert standing(rule(), old, runs_out, today=date(2030, 1, 1)).state is State.DONE


states = st.builds(
    Standing,
    state=st.sampled_from(State),
    due_on=st.none(),
    begun_on=st.none() | days,
    done_on=st.none(),
)


@given(st.lists(states, max_size=5))
def test_over_all_assignments_the_worst_counts(found: list[Standing]) -> None:
    over_all = overall(found)
    kinds = {one.state for one in found}
    if not kinds:
        assert over_all is None
    else:
        assert over_all is not None
        assert (over_all[0] is State.LATE) == (State.LATE in kinds)
        assert (over_all[0] is State.DONE) == (kinds == {State.DONE})
        assert (over_all[0] is State.NOT_STARTED) == (kinds == {State.NOT_STARTED})


def test_midnight_in_shanghai_is_what_ends_a_day_and_a_month() -> None:
    before = datetime(2026, 1, 31, 15, 59, 59, tzinfo=UTC)
    after = datetime(2026, 1, 31, 16, tzinfo=UTC)
    assert (day_of(before), day_of(after)) == (date(2026, 1, 31), date(2026, 2, 1))
    assert month_of(day_of(after)) == date(2026, 2, 1)


@given(moments, st.integers(0, 86_399))
def test_a_day_in_shanghai_always_has_twenty_four_hours(moment: datetime, second: int) -> None:
    """No summer time: years of it before 1992 are older than anything here."""
    midnight = datetime.combine(day_of(moment), datetime.min.time(), UTC) - timedelta(hours=8)
    assert day_of(midnight + timedelta(seconds=second)) == day_of(moment)


@given(days)
def test_the_months_shown_are_twelve_in_a_row_and_end_with_this_one(today: date) -> None:
    months = months_up_to(today)
    assert len(set(months)) == 12
    assert months == sorted(months)
    assert months[-1] == month_of(today)
    assert all(month_of(b - timedelta(days=1)) == a for a, b in pairwise(months))


def test_a_new_day_makes_yesterday_s_figures_old() -> None:
    evening = datetime(2026, 3, 2, 15, 59, tzinfo=UTC)
    assert is_fresh(evening, now=evening + timedelta(seconds=59))
    assert not is_fresh(evening, now=evening + timedelta(seconds=60))
    assert not is_fresh(NOW, now=NOW + timedelta(minutes=10))


def test_a_department_means_those_below_it_too() -> None:
    a, b, c, d = (UUID(int=n) for n in range(1, 5))
    parents: dict[UUID, UUID | None] = {c: b, b: a, a: None, d: None}
    assert with_those_below([a], parents) == {a, b, c}
    assert with_those_below([b, d], parents) == {b, c, d}
    assert with_those_below([], parents) == frozenset()


@pytest.mark.parametrize(
    "due",
    [
        Due(on=TODAY, days=3),
        Due(on=date(2026, 3, 1)),
        Due(on=date(9999, 12, 31)),
    ],
    ids=["both ways at once", "a day that has passed", "a day nobody lives to see"],
)
def test_a_due_date_that_cannot_be_is_refused(due: Due) -> None:
    with pytest.raises(DueNotValid):
        checked_due(due, today=TODAY)


@pytest.mark.parametrize("audience", Audience)
@pytest.mark.parametrize("departments", [frozenset[UUID](), frozenset([UUID(int=1)])])
@pytest.mark.parametrize("members", [frozenset[UUID](), frozenset([UUID(int=2)])])
def test_an_audience_names_what_its_kind_asks_for(
    audience: Audience, departments: frozenset[UUID], members: frozenset[UUID]
) -> None:
    wanted = {"everyone": (False, False), "departments": (True, False), "members": (False, True)}
    one = rule(audience=audience, departments=departments, members=members)
    if (bool(departments), bool(members)) == wanted[audience]:
        assert checked_audience(one) is one
    else:
        with pytest.raises(AudienceNotValid):
            checked_audience(one)
