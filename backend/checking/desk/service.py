"""What a body's managers and administrators do at its checking desk. Whoever else asks, finds
nothing."""

import asyncio
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from backend.accounts.domain import Caller
from backend.certification_bodies import service as bodies
from backend.checking import rosters
from backend.checking.bulk import files
from backend.checking.bulk.schemas import BulkCheckView
from backend.checking.desk import workbooks
from backend.checking.keys.service import check_desk, check_listed
from backend.checking.schemas import Roster, RosterEntry
from infra.audit import record_act
from infra.database import UnitOfWork
from infra.engine import DB
from infra.objects import ObjectStore
from infra.vault import Vault

_AT_ONCE = 500
_MOST_ROWS = 20_000
"""In one workbook; the largest body has some thousands of auditors."""
_LISTED = 20


async def roster(
    vault: Vault,
    caller: Caller,
    code: str,
    *,
    within_days: int,
    states: Collection[str],
    cursor: UUID | None,
    limit: int,
    now: datetime,
) -> Roster:
    async with UnitOfWork(DB):
        await check_desk(code, caller)
    return await rosters.roster_of(
        vault,
        code,
        within_days=within_days,
        states=states,
        cursor=cursor,
        limit=limit,
        now=now,
    )


async def roster_workbook(
    vault: Vault,
    caller: Caller,
    code: str,
    *,
    within_days: int,
    states: Collection[str],
    now: datetime,
) -> bytes:
    """xlsx, of all of them; noted in the trail."""
    rows: list[RosterEntry] = []
    cursor: UUID | None = None
    while len(rows) < _MOST_ROWS:
        page = await roster(
            vault,
            caller,
            code,
            within_days=within_days,
            states=states,
            cursor=cursor,
            limit=_AT_ONCE,
            now=now,
        )
        rows += page.items
        cursor = page.next_cursor
        if cursor is None:
            break
    async with UnitOfWork(DB):
        await _note("roster-exported", caller, code, now, rows=len(rows))
    titles = bodies.grade_titles()
    return await asyncio.to_thread(workbooks.roster, rows, titles, within_days=within_days)


async def send(
    vault: Vault,
    objects: ObjectStore,
    caller: Caller,
    code: str,
    content: bytes,
    *,
    now: datetime,
) -> BulkCheckView:
    """BodyNotInForce, BulkTooLarge, BulkFileRefused, BulkCheckRunning."""
    await check_may_send(caller, code, now=now)
    sent = await files.upload(vault, objects, code, content, key=None, now=now)
    async with UnitOfWork(DB):
        await _note("bulk-check-sent", caller, code, now, check=str(sent.id))
    return sent


async def check_may_send(caller: Caller, code: str, *, now: datetime) -> None:
    """Asked before a file is received, too."""
    async with UnitOfWork(DB):
        await check_desk(code, caller)
        await check_listed(code, now=now)


async def checks(caller: Caller, code: str, *, now: datetime) -> list[BulkCheckView]:
    async with UnitOfWork(DB):
        await check_desk(code, caller)
    return await files.latest(code, limit=_LISTED, now=now)


async def check(caller: Caller, code: str, check_id: UUID, *, now: datetime) -> BulkCheckView:
    async with UnitOfWork(DB):
        await check_desk(code, caller)
    return await files.state(code, check_id, now=now)


async def result(
    vault: Vault,
    objects: ObjectStore,
    caller: Caller,
    code: str,
    check_id: UUID,
    *,
    now: datetime,
) -> bytes:
    """CSV. NoSuchBulkCheck, NotDone."""
    async with UnitOfWork(DB):
        await check_desk(code, caller)
    return await files.result(vault, objects, code, check_id, now=now)


async def _note(act: str, caller: Caller, code: str, now: datetime, **details: str | int) -> None:
    subject = f"certification-body:{code}"
    await record_act(act, actor=caller.person_id, subject=subject, now=now, details=details)
