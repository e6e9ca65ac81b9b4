"""Is the trail whole? Tampering as whoever owns the tables could do it, guards and all."""

from collections.abc import AsyncIterator
from typing import TypeAlias

import asyncpg
import pytest

from infra import audit_chain
from infra.audit import record_act
from infra.audit_chain import Broken
from infra.database import UnitOfWork
from infra.engine import DB
from infra.local.postgres import OWNER, LocalPostgres
from tests.conftest import START
from tests.one_connection import connection

ENTRIES = 5
Owner: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


@pytest.fixture
async def trail(database: None) -> int:
    """Some entries that stay; the number of the last one before them."""
    end = await audit_chain.head()
    for i in range(ENTRIES):
        async with UnitOfWork(DB):
            await record_act(
                "role-granted", actor=None, subject=f"person:{i}", now=START, details={"n": i}
            )
    return end.number if end else 0


@pytest.fixture
async def owner(trail: int, local_postgres: LocalPostgres) -> AsyncIterator[Owner]:
    """Without the guards, and taking back at the end what the test did."""
    held = await asyncpg.connect(local_postgres.dsn(OWNER))
    await held.execute("CREATE TEMP TABLE kept AS SELECT * FROM audit_entry")
    await held.execute("ALTER TABLE audit_entry DISABLE TRIGGER USER")
    yield held
    await held.execute("DELETE FROM audit_entry")
    await held.execute("INSERT INTO audit_entry SELECT * FROM kept")
    await held.execute("ALTER TABLE audit_entry ENABLE TRIGGER USER")
    await held.close()


async def test_what_nobody_touched_is_whole(trail: int) -> None:
    found = await audit_chain.verify()
    head = await audit_chain.head()
    assert (found.broken, found.head) == (None, head)
    assert found.entries == trail + ENTRIES


TAMPERING = {
    "a changed act": (
        "UPDATE audit_entry SET act = 'nothing' WHERE number = $1",
        "columns differ from its text: act",
    ),
    "a changed text": (
        "UPDATE audit_entry SET body = replace(body, 'role-granted', 'role-grinned')"
        " WHERE number = $1",
        "does not follow",
    ),
    "text and hash changed together": (
        "UPDATE audit_entry SET body = '{}', hash = sha256('{}') WHERE number = $1",
        "does not follow",
    ),
    "a removed entry": ("DELETE FROM audit_entry WHERE number = $1", "missing"),
    "another time": (
        "UPDATE audit_entry SET at = at + interval '1 day' WHERE number = $1",
        "columns differ from its text: at",
    ),
}


@pytest.mark.parametrize(("statement", "says"), TAMPERING.values(), ids=TAMPERING)
async def test_what_the_owner_changed_is_found_at_its_number(
    owner: Owner, trail: int, statement: str, says: str
) -> None:
    await owner.execute(statement, trail + 3)
    found = await audit_chain.verify()
    assert found.broken is not None
    assert (found.broken.number, found.entries) == (trail + 3, trail + 2)
    assert says in found.broken.why


async def test_two_entries_that_changed_places_are_found(owner: Owner, trail: int) -> None:
    for old, new in ((trail + 2, -1), (trail + 3, trail + 2), (-1, trail + 3)):
        await owner.execute("UPDATE audit_entry SET number = $2 WHERE number = $1", old, new)
    found = await audit_chain.verify()
    assert found.broken is not None
    assert found.broken.number == trail + 2


async def test_an_end_that_was_cut_off_is_found_by_what_was_told_in_public(
    owner: Owner, trail: int
) -> None:
    head = await audit_chain.head()
    assert head is not None
    await owner.execute("DELETE FROM audit_entry WHERE number > $1", trail + 3)
    assert (await audit_chain.verify()).broken is None, "the chain alone cannot know"
    found = await audit_chain.verify({head.number: head.sha256})
    says = f"the public log names entry {head.number}"
    assert found.broken == Broken(trail + 4, says)


async def test_a_trail_written_anew_is_found_by_what_was_told_in_public(trail: int) -> None:
    found = await audit_chain.verify({trail + 2: "00" * 32})
    assert found.broken is not None
    assert found.broken.number == trail + 2


async def test_entries_are_found_by_subject_actor_and_time(trail: int) -> None:
    del trail
    newest = await audit_chain.entries(subject="person:4", limit=1)
    assert [entry.subject for entry in newest] == ["person:4"]
    older = await audit_chain.entries(before=newest[0].number, limit=2)
    assert [entry.number for entry in older] == [newest[0].number - 1, newest[0].number - 2]


async def test_the_application_cannot_rewrite_the_trail(trail: int) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with UnitOfWork(DB):
            await connection().execute("UPDATE audit_entry SET act = 'x' WHERE number = $1", trail)
