"""The job that prints an organisation's records: page by page into a ZIP, sealed, in parts.

Some hundred pages and two parts are in memory, however many there are. Safe to run twice and to be
killed anywhere: each beginning writes under its own name, and only the latest is ready.
"""

import os
import zipfile
from datetime import datetime
from typing import IO, cast
from uuid import UUID

import msgspec
import structlog

from backend.organisations import service as organisations
from backend.organisations.assignments import repository as assignments
from backend.organisations.assignments import standings
from backend.organisations.assignments.domain import State as Standing
from backend.organisations.assignments.service import made_fresh, note_look
from backend.organisations.assignments.standings import Chosen, Member
from backend.organisations.prints import repository
from backend.organisations.prints.domain import MOST_STARTS, State, object_name
from backend.organisations.prints.service import clear
from backend.organisations.prints.tables import PrintBatch
from backend.records.printing import service as printing
from infra.database import UnitOfWork
from infra.engine import DB
from infra.ids import uuid7
from infra.objects import ObjectStore
from infra.queue import WorkerContext
from infra.sealed_pieces import KEY_BYTES, Sealer
from infra.vault import Vault, place

_PART = 8 << 20
_ROWS = 1_000
_TOLD_EVERY = 50
_log = structlog.get_logger(__name__)


async def make(context: WorkerContext, batch_id: UUID) -> None:
    attempt_id = uuid7()
    batch = await _begin(batch_id, attempt_id)
    if batch is None:
        return
    await clear(context.objects, batch_id)
    programme, people = await _people(batch, context.clock())
    key, vault = os.urandom(KEY_BYTES), Vault.of(context.settings.keys)
    file = _File(context.objects, object_name(batch_id, attempt_id), key, context.clock())
    await file.begin()
    made = printing.prints(
        context.objects,
        vault,
        printing.Keyring.of(context.settings),
        people,
        programme,
        language=msgspec.convert(batch.language, printing.Language),
        now=context.clock(),
    )
    async for record in made:
        await file.add(record.name, record.content)
        if file.count % _TOLD_EVERY == 0:
            await _tell(batch_id, attempt_id, people=len(people), printed=file.count)
    size = await file.end()
    await _tell(
        batch_id,
        attempt_id,
        people=len(people),
        printed=file.count,
        state=State.READY,
        size=size,
        key_sealed=vault.seal(key.hex(), place(PrintBatch.key_sealed, batch_id)),
        ready_at=context.clock(),
    )


async def _begin(batch_id: UUID, attempt_id: UUID) -> PrintBatch | None:
    """None where there is nothing to make, where making it has killed too many workers, or where
    who asked manages the organisation no more."""
    async with UnitOfWork(DB):
        batch = await repository.begin(batch_id, attempt_id)
        if batch is None:
            return None
        manages = await organisations.manages(batch.asked_by, batch.organisation)
        if batch.starts <= MOST_STARTS and manages:
            return batch
        await repository.change(batch_id, attempt_id, {"state": State.FAILED})
    _log.error("prints_failed", batch=str(batch_id), starts=batch.starts)
    return None


async def _people(batch: PrintBatch, now: datetime) -> tuple[str, list[UUID]]:
    """The programme, and who of those at present on the list are done with it."""
    chosen = Chosen(
        organisation_id=batch.organisation, assignment_id=batch.assignment, state=Standing.DONE
    )
    people: list[UUID] = []
    async with UnitOfWork(DB):
        found = await assignments.one(batch.organisation, batch.assignment)
        await made_fresh(batch.organisation, now=now)
        async for members in standings.all_members(chosen, at_once=_ROWS):
            await _note(members, batch, chosen, now)
            people += [member.person for member in members]
    return found.rule.programme, people


async def _note(members: list[Member], batch: PrintBatch, chosen: Chosen, now: datetime) -> None:
    await note_look(members, batch.asked_by, chosen, what="training-record-print", now=now)


async def _tell(batch_id: UUID, attempt_id: UUID, **values: object) -> None:
    async with UnitOfWork(DB):
        await repository.change(batch_id, attempt_id, values)


class _Outlet:
    """A file that only goes forward: `zipfile` writes, `taken` empties."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def flush(self) -> None:
        """Nothing lies between."""

    def write(self, some: bytes) -> int:
        self._waiting += some
        return len(some)

    def taken(self) -> bytes:
        some = bytes(self._waiting)
        self._waiting.clear()
        return some


class _File:
    """A ZIP on its way into the object store, sealed."""

    def __init__(self, objects: ObjectStore, name: str, key: bytes, now: datetime) -> None:
        self._objects, self._name, self._now = objects, name, now.timetuple()[:6]
        self._outlet, self._sealer = _Outlet(), Sealer(key)
        # PDFs are packed already; packing them again would cost half the time for nothing.
        self._zip = zipfile.ZipFile(cast("IO[bytes]", self._outlet), "w", zipfile.ZIP_STORED)
        self._waiting, self._etags, self._upload = bytearray(), list[str](), ""
        self._size, self.count = 0, 0

    async def begin(self) -> None:
        self._upload = await self._objects.multipart_begin(self._name, "application/octet-stream")

    async def add(self, name: str, content: bytes) -> None:
        self._zip.writestr(zipfile.ZipInfo(name, self._now), content)
        self.count += 1
        self._waiting += self._sealer.add(self._taken())
        while len(self._waiting) >= _PART:
            await self._store(bytes(self._waiting[:_PART]))
            del self._waiting[:_PART]

    async def end(self) -> int:
        """Bytes of the plain file."""
        self._zip.close()
        self._waiting += self._sealer.add(self._taken()) + self._sealer.end()
        await self._store(bytes(self._waiting))
        await self._objects.multipart_complete(self._name, self._upload, self._etags)
        return self._size

    def _taken(self) -> bytes:
        some = self._outlet.taken()
        self._size += len(some)
        return some

    async def _store(self, part: bytes) -> None:
        number = len(self._etags) + 1
        self._etags.append(
            await self._objects.multipart_part(self._name, self._upload, number, part)
        )
