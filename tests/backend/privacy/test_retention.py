"""Old rows go, young ones stay, and what is evidence cannot go early whatever a job does."""

from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
import pytest

from backend.accounts import repository as people
from backend.accounts.tables import RefreshToken, SignInSession
from backend.privacy import retention, sweep
from backend.privacy.retention import RETENTION
from backend.records import service as records
from infra import audit_chain
from infra.access_log import accesses_of, note_access
from infra.audit import record_act
from infra.clock import system_clock
from infra.database import UnitOfWork
from infra.engine import DB
from infra.ids import uuid7
from infra.retention import remove_old
from tests.conftest import START
from tests.one_connection import connection
from tests.people import AsPerson

OLD = timedelta(days=400)


async def looked_at(person_id: UUID, when: datetime) -> None:
    await note_access(
        person_id, actor_id=uuid7(), actor_role="inspector", what="name", purpose="抽查", now=when
    )


async def ended_session(person_id: UUID, ended: datetime) -> UUID:
    session = await people.add_session(person_id, now=ended, expires_at=ended + timedelta(days=1))
    await people.add_refresh_token(session.bytes * 2, session, now=ended)
    await people.end_session(session, "sign-out", now=ended)
    return session


async def test_what_is_old_goes_and_what_is_young_stays(as_person: AsPerson) -> None:
    """By the machine's clock, because the database's own guard knows no other."""
    now, me = system_clock(), (await as_person()).id
    for when in (now - OLD, now):
        await looked_at(me, when)
    old, young = await ended_session(me, now - OLD), await ended_session(me, now)
    would = {removed.kind: removed.rows for removed in await retention.apply(now=now, dry_run=True)}
    assert would["access-log"] >= 1
    assert len(await accesses_of(me)) == 2, "a dry run removes nothing"
    await retention.apply(now=now)
    assert [one.at for one in await accesses_of(me)] == [now]
    left = await SignInSession.select(SignInSession.id).where(SignInSession.id.is_in([old, young]))
    assert left == [{"id": young}]
    assert not await RefreshToken.exists().where(RefreshToken.session == old)


async def test_batches_however_small_take_everything(as_person: AsPerson) -> None:
    now, me = system_clock(), (await as_person()).id
    for days in range(5):
        await looked_at(me, now - OLD - timedelta(days=days))
    kept = next(kept for kept in RETENTION if kept.kind == "access-log")
    assert await remove_old(kept, now=now, batch=2) >= 5
    assert await accesses_of(me) == []


@pytest.mark.parametrize(
    "statement", ["DELETE FROM person_access", "UPDATE person_access SET what = 'x'"]
)
async def test_the_access_log_cannot_be_cleaned_early(as_person: AsPerson, statement: str) -> None:
    me = (await as_person()).id
    await looked_at(me, system_clock())
    with pytest.raises((asyncpg.RestrictViolationError, asyncpg.InsufficientPrivilegeError)):
        async with UnitOfWork(DB):
            await connection().execute(f"{statement} WHERE person_id = $1", me)


async def test_the_trail_s_end_is_told_in_public_once_for_each_end(unit: None) -> None:
    async with UnitOfWork(DB):
        await record_act("role-granted", actor=None, subject="person:1", now=START)
    assert await sweep.tell_head(START)
    assert not await sweep.tell_head(START), "said before"
    head = await audit_chain.head()
    assert head is not None
    told = await records.logged_audit_heads()
    assert told[head.number] == head.sha256
    assert (await audit_chain.verify(told)).broken is None
