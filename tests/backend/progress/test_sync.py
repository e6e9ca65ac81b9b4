"""What a phone is told that was away: nothing is missed, whatever commits when."""

import base64
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from backend.notices import service as notices
from backend.notices.tables import Notice
from backend.progress.offline import changes as sync
from backend.progress.tables import Enrolment
from infra.clock import ManualClock
from infra.database import UnitOfWork
from infra.engine import DB
from infra.ids import uuid7
from infra.local.postgres import LocalPostgres
from infra.objects import ObjectStore
from tests.backend.progress.learning import DURATION, Learner
from tests.backend.progress.offline import Phone, pack_files
from tests.conftest import START
from tests.one_connection import connection
from tests.statements import counted


async def changes(learner: Learner, since: str = "") -> dict[str, Any]:
    response = await learner.get(f"/v1/sync?since={since}")
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    return body


async def test_all_of_mine_comes_at_first_and_nobody_else_s(
    learner: Learner, stranger: Learner, object_store: ObjectStore
) -> None:
    await pack_files(object_store)
    await learner.enrol()
    await Phone(learner).take_along()
    session = await learner.open()
    learner.clock.advance(20)
    await learner.beat(session, (0, 20))
    await stranger.enrol()
    all_of_it = await changes(learner)
    assert all_of_it["whole"] is True
    assert [one["id"] for one in all_of_it["enrolments"]] == [learner.enrolment_id]
    assert [one["lesson"] for one in all_of_it["leases"]] == ["M02-L01"]
    (lesson,) = all_of_it["lessons"]
    assert lesson["durationSeconds"] == DURATION
    pending = int.from_bytes(base64.b64decode(lesson["pending"]), "little")
    assert pending == (1 << 20) - 1
    assert "hours" not in all_of_it, "none yet"


@pytest.mark.parametrize("cursor", ["1", "9-1.5", "7-1.99999999999999999999", "...", "-.-"])
async def test_a_cursor_of_another_life_gives_all_there_is(learner: Learner, cursor: str) -> None:
    await learner.enrol()
    found = await changes(learner, cursor)
    assert (found["whole"], len(found["enrolments"])) == (True, 1)


@pytest.fixture
async def committed(database: None) -> AsyncIterator[UUID]:
    """A learner whose rows really commit; they go with the test, but for the move, which is
    append-only and nobody's."""
    learner_id = uuid7()
    yield learner_id
    await Enrolment.delete().where(Enrolment.learner_id == learner_id)
    await Notice.delete().where(Notice.person_id == learner_id)


_WRITE = (
    (
        "INSERT INTO enrolment (id, learner_id, programme_code, edition, edition_sha256,"
        " demonstration, enrolled_at) VALUES ($1, $2, $3, '2026.1', 'x', false, $4)"
    ),
    (
        "INSERT INTO edition_move (id, learner_id, from_enrolment_id, to_enrolment_id,"
        " from_edition, to_edition, again, lost, moved_at)"
        " VALUES ($1, $2, $1, $2, '2026.1', $3, '[]', '[]', $4)"
    ),
    (
        "INSERT INTO notice (id, person_id, kind, once, subject_zh, subject_en, text_zh, text_en,"
        " at) VALUES ($1, $2, 'test', $3, '', '', '', '', $4)"
    ),
)


async def write(connection: Any, learner_id: UUID, name: str) -> None:
    """One of each kind that another area or cycle writes, under that name."""
    for statement in _WRITE:
        await connection.execute(statement, uuid7(), learner_id, name, START)


async def told(learner_id: UUID, since: str) -> tuple[set[str], str]:
    """Names of which all kinds came, and the next cursor."""
    found = await sync.changes(learner_id, since)
    enrolled = {one.programme for one in found.enrolments}
    assert {one.to_edition for one in found.moves} == enrolled
    assert len(found.notices) == len(enrolled)
    return enrolled, found.cursor


async def test_what_commits_out_of_order_is_not_missed(
    committed: UUID, local_postgres: LocalPostgres
) -> None:
    """The earlier transaction commits last, one of its rows in a savepoint."""
    slow, quick = [await asyncpg.connect(local_postgres.dsn()) for _ in range(2)]
    try:
        first, cursor = await told(committed, "")
        async with slow.transaction():
            await write(slow, committed, "SLOW")
            async with slow.transaction():
                await write(slow, committed, "SAVED")
            async with quick.transaction():
                await write(quick, committed, "QUICK")
            second, cursor = await told(committed, cursor)
        third, cursor = await told(committed, cursor)
        fourth, cursor = await told(committed, cursor)
    finally:
        await slow.close()
        await quick.close()
    assert (first, second) == (set(), {"QUICK"})
    assert third >= {"SLOW", "SAVED"}
    assert fourth == set(), "and once nobody writes any more, nothing comes twice"


async def test_a_notice_that_is_read_elsewhere_comes_again_as_read(
    committed: UUID, clock: ManualClock
) -> None:
    async with UnitOfWork(DB):
        await write(connection(), committed, "NEW")
    (notice,), cursor = (found := await sync.changes(committed, "")).notices, found.cursor
    assert not notice.read
    await notices.read(committed, notice.id, now=clock())
    again = await sync.changes(committed, cursor)
    assert [(one.id, one.read) for one in again.notices] == [(notice.id, True)]
    assert again.moves == []


async def test_nothing_new_costs_one_statement_and_few_bytes(committed: UUID) -> None:
    async with UnitOfWork(DB):
        await write(connection(), committed, "MGR")
    found, cursor = await told(committed, "")
    assert found == {"MGR"}
    async with UnitOfWork(DB), counted() as sent:
        nothing = await sync.changes(committed, cursor)
    assert (len(sent), nothing.enrolments, nothing.whole) == (1, [], False)
