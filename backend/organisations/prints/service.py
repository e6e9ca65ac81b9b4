"""An organisation's records on paper: asked for, fetched, forgotten. One `UnitOfWork` each.

Who is done with a programme that the organisation assigned is what its managers see anyway; each
of these people may read that a manager had the record printed.
"""

from collections.abc import AsyncIterator
from datetime import datetime
from uuid import UUID

import msgspec

from backend.organisations import service as organisations
from backend.organisations.assignments import repository as assignments
from backend.organisations.prints import repository
from backend.organisations.prints.domain import (
    KEPT,
    NoSuchPrints,
    PrintsNotReady,
    PrintsUnderWay,
    State,
    folder_of,
    object_name,
)
from backend.organisations.prints.schemas import PrintsView, PrintsWish
from backend.organisations.prints.tables import PrintBatch
from backend.records.printing.domain import Language
from infra.audit import record_act
from infra.database import UnitOfWork
from infra.engine import DB
from infra.ids import uuid7
from infra.objects import NoSuchObject, ObjectStore
from infra.queue import enqueue
from infra.sealed_pieces import opened, sealed_size
from infra.vault import Vault, place

PRINT = "organisations.print-records"


class PrintsFile(msgspec.Struct, frozen=True):
    name: str
    size: int
    content: AsyncIterator[bytes]


async def ask(
    manager_id: UUID, organisation_id: UUID, wish: PrintsWish, *, now: datetime
) -> PrintsView:
    """AssignmentNotFound, PrintsUnderWay."""
    row = PrintBatch(
        id=uuid7(),
        organisation=organisation_id,
        assignment=wish.assignment_id,
        language=wish.language,
        state=State.WAITING,
        starts=0,
        people=0,
        printed=0,
        asked_by=manager_id,
        asked_at=now,
    )
    async with UnitOfWork(DB):
        await organisations.manager_or_404(manager_id, organisation_id)
        found = await assignments.one(organisation_id, wish.assignment_id)
        if not await repository.add(row):
            raise PrintsUnderWay
        await enqueue(PRINT, {"batch_id": str(row.id)})
        await record_act(
            "records-printed",
            actor=manager_id,
            subject=f"organisation:{organisation_id}",
            now=now,
            details={"assignment": str(found.rule.id), "programme": found.rule.programme},
        )
    return _view(row)


async def mine(manager_id: UUID, organisation_id: UUID, *, now: datetime) -> list[PrintsView]:
    async with UnitOfWork(DB):
        await organisations.manager_or_404(manager_id, organisation_id)
        found = await repository.of_organisation(organisation_id)
    return [_view(row) for row in found if not _is_over(row, now)]


async def fetch(
    objects: ObjectStore,
    vault: Vault,
    manager_id: UUID,
    organisation_id: UUID,
    batch_id: UUID,
    *,
    now: datetime,
) -> PrintsFile:
    """NoSuchPrints, PrintsNotReady."""
    async with UnitOfWork(DB):
        organisation = await organisations.manager_or_404(manager_id, organisation_id)
        row = await repository.one(organisation_id, batch_id)
        if row is None or _is_over(row, now):
            raise NoSuchPrints
        if row.state != State.READY:
            raise PrintsNotReady
        found = await assignments.one(organisation_id, row.assignment)
    key = bytes.fromhex(vault.open(row.key_sealed, place(PrintBatch.key_sealed, row.id)))
    stored = objects.stream(object_name(row.id, row.attempt_id), 0, sealed_size(row.size))
    name = f"{organisation.name}-培训证明-{found.rule.programme}.zip"
    return PrintsFile(name, row.size, opened(key, row.size, stored))


async def forget_old(objects: ObjectStore, *, now: datetime) -> int:
    """Files and rows of before a day; for the hourly sweep."""
    async with UnitOfWork(DB):
        old = await repository.older_than(now - KEPT, limit=100)
    for batch_id in old:
        await clear(objects, batch_id)
        async with UnitOfWork(DB):
            await repository.forget(batch_id)
    return len(old)


async def clear(objects: ObjectStore, batch_id: UUID) -> None:
    """Every file of a batch, whole or begun."""
    async for page in objects.open_multiparts(folder_of(batch_id)):
        for one in page:
            try:
                await objects.multipart_abort(one.name, one.upload)
            except NoSuchObject:
                continue
    for name in await objects.list_names(folder_of(batch_id)):
        await objects.remove(name)


def _is_over(row: PrintBatch, now: datetime) -> bool:
    return bool(row.asked_at + KEPT <= now)


def _view(row: PrintBatch) -> PrintsView:
    return PrintsView(
        id=row.id,
        assignment_id=row.assignment,
        language=msgspec.convert(row.language, Language),
        state=State(row.state),
        people=row.people,
        printed=row.printed,
        size=row.size,
        asked_at=row.asked_at,
        ready_at=row.ready_at,
        expires_at=row.asked_at + KEPT if row.state == State.READY else None,
    )
