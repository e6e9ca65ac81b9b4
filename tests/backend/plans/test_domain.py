"""What comes next, and what is said when."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.plans.domain import (
    Course,
    DayNotValid,
    Step,
    assignment_reminders,
    checked_day,
    due_reminders,
    expiry_reminders,
    next_step,
)

TODAY = date(2026, 3, 2)
LONG_AGO = TODAY - timedelta(days=100)
days = st.dates(TODAY - timedelta(days=200), TODAY + timedelta(days=200))


def course(key: str, **said: object) -> Course:
    usual: dict[str, object] = {
        "finished": False,
        "lesson": "M02-L01",
        "begun": False,
        "exam_open": False,
        "due_on": None,
        "enrolled_at": datetime(2026, 3, 1, tzinfo=UTC),
        "opened_last": False,
    }
    return Course(key=key, **(usual | said))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("courses", "asked", "expected"),
    [
        pytest.param([], {}, None, id="nothing to do"),
        pytest.param([course("A")], {}, (Step.LESSON, "A"), id="the first lesson"),
        pytest.param(
            [course("A", due_on=TODAY), course("B", opened_last=True, begun=True)],
            {},
            (Step.RESUME, "B"),
            id="what lies open goes on",
        ),
        pytest.param(
            [course("A"), course("B", due_on=TODAY)],
            {},
            (Step.LESSON, "B"),
            id="what is due goes first",
        ),
        pytest.param(
            [course("A", lesson=None, exam_open=True)], {}, (Step.EXAM, "A"), id="the exam"
        ),
        pytest.param([course("A", lesson=None)], {}, None, id="hours that count tomorrow"),
        pytest.param([course("A", finished=True)], {}, None, id="all is done"),
        pytest.param(
            [course("A")], {"B": TODAY}, (Step.ENROL, "B"), id="what was assigned and is due"
        ),
        pytest.param(
            [course("A")], {"B": None}, (Step.LESSON, "A"), id="what was assigned without a day"
        ),
    ],
)
def test_what_comes_next(
    courses: list[Course], asked: dict[str, date | None], expected: tuple[Step, str] | None
) -> None:
    assert next_step(courses, asked) == expected


@pytest.mark.parametrize(
    ("left", "said"),
    [
        pytest.param(15, [], id="more than a fortnight"),
        pytest.param(14, ["due-14"], id="a fortnight"),
        pytest.param(12, ["due-14"], id="two days after a day when nobody looked"),
        pytest.param(3, ["due-3"], id="three days"),
        pytest.param(1, ["due-1"], id="tomorrow"),
        pytest.param(0, ["due-1"], id="the day itself"),
        pytest.param(-1, ["overdue"], id="late"),
        pytest.param(-31, [], id="late for longer than there were reminders"),
    ],
)
def test_how_long_before_the_day_what_is_said(left: int, said: list[str]) -> None:
    due = TODAY + timedelta(days=left)
    found = due_reminders("x", since=LONG_AGO, due_on=due, today=TODAY)
    assert [one.once.partition(":")[0] for one in found] == said


def test_who_hears_of_it_late_is_not_told_twice_on_one_day() -> None:
    told = assignment_reminders(
        uuid4(),
        since=TODAY,
        due_on=TODAY + timedelta(days=10),
        compulsory=True,
        done=False,
        today=TODAY,
    )
    assert [one.occasion for one in told] == ["assigned"]


@given(since=days, due=days, start=days, skipped=st.sets(st.integers(0, 400)))
def test_whichever_days_nobody_looks_each_thing_is_said_once_and_lateness_at_last(
    since: date, due: date, start: date, skipped: set[int]
) -> None:
    told: list[str] = []
    for number in range(401):
        if number in skipped:
            continue
        for one in due_reminders("x", since=since, due_on=due, today=start + timedelta(number)):
            if one.once not in told:
                told.append(one.once)
    assert len(told) <= 4
    order = ["due-14", "due-3", "due-1", "overdue"]
    at = [order.index(one.partition(":")[0]) for one in told]
    assert at == sorted(at)


@given(due=days, since=days)
def test_what_is_done_or_voluntary_never_presses(due: date, since: date) -> None:
    for compulsory, done in ((False, False), (True, True)):
        found = assignment_reminders(
            uuid4(), since=since, due_on=due, compulsory=compulsory, done=done, today=TODAY
        )
        assert {one.occasion for one in found} <= (set() if done else {"assigned"})


@pytest.mark.parametrize(
    ("left", "said"), [(91, []), (90, ["expiring-90"]), (30, ["expiring-30"]), (-1, [])]
)
def test_a_record_s_end_is_told_90_and_30_days_before(left: int, said: list[str]) -> None:
    ends = TODAY + timedelta(days=left)
    found = expiry_reminders("r", ends_on=ends, issued_on=LONG_AGO - timedelta(900), today=TODAY)
    assert [one.once.partition(":")[0] for one in found] == said


def test_a_day_of_one_s_own_lies_ahead() -> None:
    assert checked_day(TODAY, today=TODAY) == TODAY
    assert checked_day(None, today=TODAY) is None
    with pytest.raises(DayNotValid):
        checked_day(TODAY - timedelta(days=1), today=TODAY)
