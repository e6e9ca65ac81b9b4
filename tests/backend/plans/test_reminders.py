"""Reminders, day after day on a clock of our own; and a worker that dies after every statement."""

import asyncio
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from backend.notices.tables import Notice
from backend.plans.reminders import remind
from courses.format import Lesson
from infra.clock import ManualClock
from infra.database import UnitOfWork
from infra.engine import DB
from infra.ids import uuid7
from tests.backend.organisations.assignments.company import Company, begin, earn
from tests.backend.progress.learning import Learner
from tests.one_connection import connection
from tests.statements import counted

STATEMENTS_A_PAGE = 14


async def told(person: UUID) -> list[str]:
    rows = await Notice.select(Notice.once).where(Notice.person_id == person).order_by(Notice.id)
    return [one["once"].partition(":")[0] for one in rows]


async def test_a_member_hears_of_an_assignment_its_day_and_lateness_once_each(
    company: Company, clock: ManualClock
) -> None:
    _, member = await company.member()
    _, quick = await company.member()
    await company.assign(dueOn=(clock().date() + timedelta(days=20)).isoformat())
    await earn(quick, clock(), "MGR")
    heard: dict[int, list[str]] = {}
    for day in range(40):
        for _ in range(2):
            await remind(now=clock())
        heard[day] = await told(member)
        clock.advance(timedelta(days=1).total_seconds())
    assert [heard[day][-1:] for day in (0, 5, 6, 17, 19, 20, 21, 39)] == [
        ["assigned"],
        ["assigned"],
        ["due-14"],
        ["due-3"],
        ["due-1"],
        ["due-1"],
        ["overdue"],
        ["overdue"],
    ]
    assert heard[39] == ["assigned", "due-14", "due-3", "due-1", "overdue"]
    assert await told(quick) == [], "who is done is left alone"


async def test_who_comes_and_what_is_assigned_in_the_day_is_told_the_same_day(
    company: Company, clock: ManualClock
) -> None:
    _, first = await company.member()
    await company.assign()
    assert await remind(now=clock()) == 2, "the manager is a member, too"
    assert await remind(now=clock()) == 0
    _, second = await company.member()
    assert await remind(now=clock()) == 1
    await company.assign(programme="LEAD", compulsory=False)
    assert await remind(now=clock()) == 3
    assert (await told(first), await told(second)) == (["assigned"] * 2, ["assigned"] * 2)
    (notice,) = await Notice.select().where(Notice.person_id == second).order_by(Notice.id).limit(1)
    assert notice["text_zh"].startswith("测试企业为您布置了培训“")
    assert notice["link"] == "/learn"


@pytest.mark.usefixtures("lesson")
async def test_a_day_of_one_s_own_is_reminded_of_until_the_programme_is_done(
    learner: Learner, company: Company, clock: ManualClock
) -> None:
    await begin(learner.person.id, clock(), "MGR")
    enrolments = (await learner.get("/v1/enrolments")).json()["items"]
    address = f"/v1/enrolments/{enrolments[0]['id']}/plan"
    day = clock().date() + timedelta(days=30)
    await learner.put(address, {"finishBy": day.isoformat()})
    for _ in range(28):
        await remind(now=clock())
        clock.advance(timedelta(days=1).total_seconds())
    assert await told(learner.person.id) == ["due-14", "due-3"]
    await earn(learner.person.id, clock(), "MGR")
    for _ in range(5):
        clock.advance(timedelta(days=1).total_seconds())
        await remind(now=clock())
    assert await told(learner.person.id) == ["due-14", "due-3"]
    del company


async def test_a_worker_that_dies_after_any_statement_tells_none_twice_and_forgets_none(
    company: Company, clock: ManualClock
) -> None:
    people = [(await company.member())[1] for _ in range(5)]
    await company.assign(dueOn=(clock().date() + timedelta(days=60)).isoformat())
    clock.advance(timedelta(days=46).total_seconds())
    deaths = 0
    for statements in range(1, 60):
        deaths += await _killed_after(statements, clock())
        clock.advance(timedelta(seconds=1).total_seconds())
    assert deaths > 10
    await remind(now=clock(), page=2)
    for person in people:
        assert Counter(await told(person)) == {"due-14": 1}


async def _killed_after(statements: int, now: datetime) -> bool:
    """What the transaction had not committed is gone, as PostgreSQL undoes it for the dead."""
    left = statements
    doomed = asyncio.create_task(remind(now=now, page=2))

    def count(_: Any) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            doomed.cancel()

    with connection().query_logger(count):
        await asyncio.wait([doomed])
    return doomed.cancelled()


async def test_a_page_of_people_costs_a_fixed_number_of_statements(
    company: Company, clock: ManualClock
) -> None:
    for _ in range(3):
        await company.member()
    await company.assign()
    async with counted() as few:
        await remind(now=clock())
    for _ in range(30):
        await company.member()
    await company.assign(programme="LEAD")
    async with counted() as many:
        await remind(now=clock())
    assert len(many) <= len(few) + STATEMENTS_A_PAGE
    assert len(few) < 3 * STATEMENTS_A_PAGE


_RECORD = """
WITH due AS (
    INSERT INTO due_record (id, learner_id, programme, edition, revision, facts, demonstration,
        state, requested_at)
    VALUES ($1, $2, 'IA-E', '2026.1', $3, '', false, 'issued', $4)
), record AS (
    INSERT INTO completion_record (id, due, learner_id, number, code, programme, edition, revision,
        demonstration, facts, holder_sealed, identity_method, evidence_sha256, evidence, jws, kid,
        status_list, status_index, entry_id, issued_at, valid_until)
    VALUES ($1, $1, $2, $6, $6, 'IA-E', '2026.1', $3, false, '', '', 'x', '', '', '', '', 900, $3,
        $1, $4, $5)
)
INSERT INTO record_event (id, record, kind, at, document, entry_id)
VALUES ($1, $1, 'issued', $4, '', $1)
"""


async def _record(person: UUID, issued: datetime, ends: date, revision: int = 1) -> None:
    until = datetime.combine(ends, datetime.min.time(), UTC)
    id_ = uuid7()
    async with UnitOfWork(DB):
        await connection().execute(
            _RECORD, id_, person, revision, issued, until, f"T-{id_.hex[-8:]}"
        )


async def test_the_end_of_a_record_is_told_90_and_30_days_before_unless_it_was_renewed(
    company: Company, lesson: Lesson, clock: ManualClock
) -> None:
    del company, lesson
    start, ends = clock(), clock().date() + timedelta(days=100)
    holder, renewed = uuid7(), uuid7()
    await _record(holder, start - timedelta(days=995), ends)
    await _record(renewed, start - timedelta(days=995), ends, 2)
    await _record(renewed, start, ends + timedelta(days=900), 3)
    for _ in range(105):
        await remind(now=clock())
        clock.advance(timedelta(days=1).total_seconds())
    assert (await told(holder), await told(renewed)) == (["expiring-90", "expiring-30"], [])
