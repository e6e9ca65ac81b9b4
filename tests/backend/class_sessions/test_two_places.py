"""One person in two classes of the same time; who may act on which seat; what a list ends."""

import asyncio
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from backend.class_sessions import repository, scanning, service
from backend.class_sessions.codes import Purpose, Shown, step_of
from backend.class_sessions.domain import Scan, SeatState, SessionState, Span
from backend.class_sessions.elsewhere import InAnotherClass, Visit, check_nowhere_else, stay
from backend.organisations.tables import Membership
from infra.database import UnitOfWork
from infra.engine import DB
from infra.ids import uuid7
from tests.backend.class_sessions.conftest import Class, Learner, MakeClass, MakeLearner
from tests.backend.class_sessions.test_at_once import AT_ONCE, session

__all__ = ["session"]
REASON = "学员未带手机，讲师在场核实"
NINE = datetime(2026, 3, 3, 1, tzinfo=UTC)
MORNING = Span(NINE, NINE + timedelta(hours=3))


def visit(*scans: tuple[str, float], state: SessionState = SessionState.PLANNED) -> Visit:
    """Of the morning class; hours after nine."""
    found = [Scan(purpose, NINE + timedelta(hours=hours)) for purpose, hours in scans]
    return Visit(MORNING, state, found)


@pytest.mark.parametrize(
    ("here", "there", "both"),
    [
        pytest.param(visit(("in", 0)), visit(("in", 1)), True, id="both are open"),
        pytest.param(visit(("in", 0), ("out", 1)), visit(("in", 1)), False, id="one after another"),
        pytest.param(visit(("in", 0), ("out", 2)), visit(("in", 1)), True, id="out too late"),
        pytest.param(visit(("in", 3.5)), visit(("in", 1)), False, id="the other is over"),
        pytest.param(
            visit(("in", 1)),
            visit(("in", 0), state=SessionState.CONFIRMED),
            False,
            id="never checked out and confirmed: it counted nothing there",
        ),
    ],
)
def test_two_stays_that_overlap_are_refused(here: Visit, there: Visit, both: bool) -> None:
    if both:
        with pytest.raises(InAnotherClass):
            check_nowhere_else(here, [there])
    else:
        check_nowhere_else(here, [there])


def test_a_late_check_out_counts_until_the_class_ends() -> None:
    assert stay(visit(("in", -0.5), ("out", 3.9))) == [
        Span(NINE - timedelta(hours=0.5), MORNING.ends_at)
    ]


async def seat_in(held: Class) -> str:
    return str((await held.seats())[0]["id"])


async def two_classes(a_class: MakeClass, learner: Learner) -> tuple[Class, Class]:
    one, other = await a_class(), await a_class()
    for held in (one, other):
        await held.enrol(learner)
        held.at(0)
    return one, other


async def test_whoever_is_checked_in_to_one_class_is_told_so_by_the_other(
    a_class: MakeClass, a_learner: MakeLearner
) -> None:
    learner = await a_learner()
    one, other = await two_classes(a_class, learner)
    assert (await learner.scan(await one.code())).status_code == 200
    refused = await learner.scan(await other.code())
    assert (refused.status_code, refused.json()["code"]) == (409, "in-another-class")
    by_hand = {"purpose": "in", "reason": REASON}
    seat = await seat_in(other)
    assert (await other.post(f"seats/{seat}/scans", by_hand)).json()["code"] == "in-another-class"
    one.clock.advance(600)
    early = {**by_hand, "at": (one.clock() - timedelta(seconds=300)).isoformat()}
    assert (await learner.scan(await one.code("out"))).status_code == 200
    in_between = await other.post(f"seats/{seat}/scans", early)
    assert in_between.json()["code"] == "in-another-class"
    assert (await learner.scan(await other.code())).status_code == 200


async def test_a_seat_is_not_given_back_while_its_holder_is_in_the_room(
    a_class: MakeClass, a_learner: MakeLearner
) -> None:
    learner, held = await a_learner(), await a_class()
    await held.enrol(learner)
    held.at(0)
    await learner.scan(await held.code())
    left = await held.api.delete(f"{held.path}/seat", headers=learner.person.headers)
    assert left.json()["code"] == "still-checked-in"


async def test_nobody_enters_their_own_attendance_by_hand(a_class: MakeClass) -> None:
    held = await a_class()
    await held.api.put(f"{held.path}/seat", headers=held.teacher.headers)
    held.at(1)
    seat = await seat_in(held)
    scan = await held.post(f"seats/{seat}/scans", {"purpose": "in", "reason": REASON})
    held.at(8)
    await held.post("confirmation", {})
    more = {"day": "2026-03-03", "seconds": 2700, "reason": REASON}
    correction = await held.post(f"seats/{seat}/corrections", more)
    assert [a.json()["code"] for a in (scan, correction)] == ["own-seat"] * 2


async def test_a_confirmed_list_takes_no_more_scans_and_a_seat_given_back_no_hours(
    a_class: MakeClass, a_learner: MakeLearner
) -> None:
    held, learner, gone = await a_class(), await a_learner(), await a_learner()
    await held.enrol(learner)
    seat = await seat_in(held)
    await held.enrol(gone)
    given_back = next(s["id"] for s in await held.seats() if s["id"] != seat)
    await held.api.delete(f"{held.path}/seat", headers=gone.person.headers)
    held.at(8)
    await held.post("confirmation", {})
    at = (held.begins + timedelta(hours=1)).isoformat()
    late = await held.post(f"seats/{seat}/scans", {"purpose": "in", "reason": REASON, "at": at})
    assert (late.status_code, late.json()["code"]) == (409, "class-is-over")
    more = {"day": "2026-03-03", "seconds": 2700, "reason": REASON}
    none = await held.post(f"seats/{given_back}/corrections", more)
    assert (none.status_code, none.json()["code"]) == (409, "not-enrolled")


async def test_an_instructor_who_left_the_organiser_no_longer_looks_after_the_class(
    a_class: MakeClass,
) -> None:
    held = await a_class()
    mine = "/v1/me/taught-classes"
    before = (await held.api.get(mine, headers=held.teacher.headers)).json()["items"]
    assert [one["teaching"] for one in before] == [True]
    await Membership.update(
        {Membership.left_at: held.clock(), Membership.left_because: "left"}
    ).where(Membership.person == held.teacher.id)
    assert (await held.api.get(mine, headers=held.teacher.headers)).json()["items"] == []
    seats = await held.api.get(f"{held.path}/seats", headers=held.teacher.headers)
    assert seats.status_code == 404


async def test_erasing_who_attended_keeps_the_list_of_a_class_that_is_over(
    a_class: MakeClass, a_learner: MakeLearner
) -> None:
    held, learner = await a_class(), await a_learner()
    await held.enrol(learner)
    await held.attend(learner, 0, 8)
    await service.erase_person(learner.person.id, now=held.clock())
    assert (await held.post("confirmation", {})).json()["attended"] == 1


async def test_of_classes_that_scan_one_person_at_once_one_takes_them_in(
    session: repository.Session,
) -> None:
    """Each in a transaction of its own, as two processes have; committed, so it stays."""
    now, person = session.begins_at, uuid7()
    rooms = [msgspec.structs.replace(session, id=uuid7()) for _ in range(AT_ONCE)]
    async with UnitOfWork(DB):
        for one in rooms:
            await repository.add_session(one, created_by=uuid7(), now=now)
            await repository.put_seat(one.id, person, SeatState.ENROLLED, now=now)

    async def scanned(one: repository.Session) -> str:
        shown = Shown(one.id, Purpose.IN, step_of(now))
        try:
            async with UnitOfWork(DB):
                seat = await repository.lock_seat_of(one.id, person)
                assert seat is not None
                await scanning.add_scan(one, seat, shown, person=person, now=now)
        except InAnotherClass:
            return "refused"
        return "in"

    said = await asyncio.gather(*map(scanned, rooms))
    assert sorted(said) == ["in"] + ["refused"] * (AT_ONCE - 1)
