"""What is done without anybody asking: due erasures, exports past their time, old rows, and the
head of the audit trail told in public. Hourly, one worker at a time; each step goes on by itself
after a crash."""

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta
from random import uniform
from uuid import UUID

import msgspec
import structlog

from backend.checking.privacy_facts import forget_old_files
from backend.organisations.prints.service import forget_old as forget_old_prints
from backend.organisations.service import forget_over_invitations, forget_waiting_imports
from backend.privacy import erasing, exporting, repository, retention
from backend.privacy.service import EXPORT
from backend.records.service import log_audit_head
from infra import audit_chain
from infra.alone import alone
from infra.database import UnitOfWork
from infra.engine import DB
from infra.objects import ObjectStore
from infra.queue import WorkerContext, enqueue

EVERY_SECONDS = 3600.0
FIRST_AFTER_SECONDS = 90.0
_LOCK = 7_021_455_902_117_301
_LOST_AFTER = timedelta(hours=1)
_log = structlog.get_logger(__name__)


class Swept(msgspec.Struct, rename="camel"):
    """`busy`: another worker was at it."""

    erased: int = 0
    forgotten: int = 0
    expired_exports: int = 0
    removed_files: int = 0
    requeued_exports: int = 0
    unconfirmed_imports: int = 0
    invitations: int = 0
    bulk_checks: int = 0
    prints: int = 0
    rows: int = 0
    told: bool = False
    busy: bool = False


async def sweep_once(context: WorkerContext) -> Swept:
    async with alone(context.settings.database_url, _LOCK) as leading:
        if not leading:
            return Swept(busy=True)
        return await _round(context)


async def _round(context: WorkerContext) -> Swept:
    now, swept = context.clock(), Swept()
    for erasure_id in await repository.due_erasures(now=now):
        swept.erased += await _erased(context, erasure_id, now)
    swept.forgotten = await erasing.forget_kept(now=now)
    swept.expired_exports = await repository.expire_exports(now=now)
    swept.removed_files = await remove_files(context.objects)
    swept.requeued_exports = await _requeue(now)
    swept.unconfirmed_imports = await forget_waiting_imports(context.objects, now=now)
    swept.bulk_checks = await forget_old_files(context.objects, now=now)
    swept.prints = await forget_old_prints(context.objects, now=now)
    swept.invitations = await forget_over_invitations(now=now)
    days = context.settings.complaint_contact_days
    removed = await retention.apply(now=now, complaint_contact_days=days)
    swept.rows = sum(one.rows for one in removed)
    swept.told = await tell_head(now)
    return swept


async def _erased(context: WorkerContext, erasure_id: UUID, now: datetime) -> bool:
    """One that fails must not keep the others waiting; it comes round again."""
    try:
        return await erasing.carry_out(context.objects, erasure_id, now=now)
    except Exception:
        _log.exception("erasure_failed", erasure=str(erasure_id))
        return False


async def remove_files(objects: ObjectStore) -> int:
    """Files of exports that no longer are, of erased people, and of workers that were killed."""
    removed = 0
    async for page in objects.pages("exports/", deep=False):
        removed += await _clear(objects, [item.name for item in page])
    async for begun in objects.open_multiparts("exports/"):
        removed += await _clear(objects, [one.name for one in begun])
    return removed


async def _clear(objects: ObjectStore, names: list[str]) -> int:
    found = {id_ for name in names if (id_ := _export_in(name))}
    unneeded = found - await repository.needed_exports(found)
    return sum([await exporting.clear(objects, export_id) for export_id in unneeded])


def _export_in(name: str) -> UUID | None:
    with suppress(ValueError, IndexError):
        return UUID(name.split("/")[1])
    return None


async def _requeue(now: datetime) -> int:
    lost = await repository.lost_exports(before=now - _LOST_AFTER)
    for export_id in lost:
        async with UnitOfWork(DB):
            await enqueue(EXPORT, {"export_id": str(export_id)})
    return len(lost)


async def tell_head(now: datetime) -> bool:
    """The end of the audit trail, into the public log: once for each entry it ends with."""
    head = await audit_chain.head()
    return head is not None and await log_audit_head(head.number, head.sha256, at=now)


async def run(context: WorkerContext, stop: asyncio.Event) -> None:
    """A round soon after the start and every hour, until `stop`."""
    pause = uniform(1, 2) * FIRST_AFTER_SECONDS
    while not await _stopped(stop, pause):
        pause = EVERY_SECONDS
        try:
            swept = await sweep_once(context)
        except Exception:  # a store or database that is away must not end the worker
            _log.exception("privacy sweep failed")
            continue
        if swept != Swept() and not swept.busy:
            _log.info("privacy swept", **msgspec.structs.asdict(swept))


async def _stopped(stop: asyncio.Event, seconds: float) -> bool:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stop.wait()
    return stop.is_set()
