"""Making an export: area by area into a ZIP, sealed, stored in parts; memory holds one area."""

import os
from datetime import datetime
from uuid import UUID

import structlog

from backend.privacy import repository
from backend.privacy.archive import Archive
from backend.privacy.areas import AREAS
from backend.privacy.domain import EXPORT_KEPT, EXPORT_STARTS, file_name, folder_of
from backend.privacy.tables import Export
from infra.database import UnitOfWork
from infra.engine import DB
from infra.ids import uuid7
from infra.objects import NoSuchObject, ObjectStore
from infra.queue import WorkerContext
from infra.sealed_pieces import KEY_BYTES, Sealer
from infra.vault import Vault, place

_PART = 8 << 20
_log = structlog.get_logger(__name__)


async def make(context: WorkerContext, export_id: UUID) -> None:
    """Safe to run twice and to be killed anywhere: each beginning writes under its own name, and
    only the latest may say that the file is ready."""
    attempt_id, now = uuid7(), context.clock()
    begun = await _begin(export_id, attempt_id, now)
    if begun is None:
        return
    await clear(context.objects, export_id)
    key = os.urandom(KEY_BYTES)
    vault = Vault.of(context.settings.keys)
    size = await _store(
        context.objects, vault, begun.person_id, file_name(export_id, attempt_id), key, now
    )
    ready = context.clock()
    async with UnitOfWork(DB):
        await repository.finish_export(
            export_id,
            attempt_id,
            size=size,
            key_sealed=vault.seal(key.hex(), place(Export.key_sealed, export_id)),
            now=ready,
            expires_at=ready + EXPORT_KEPT,
        )


async def _begin(export_id: UUID, attempt_id: UUID, now: datetime) -> repository.Begun | None:
    """None where there is nothing to make, or where making it has killed too many workers."""
    async with UnitOfWork(DB):
        begun = await repository.begin_export(export_id, attempt_id, now=now)
        if begun is not None and begun.starts > EXPORT_STARTS:
            await repository.fail_export(export_id)
            _log.error("export_failed", export=str(export_id))
            begun = None
    return begun


async def _store(
    objects: ObjectStore, vault: Vault, person_id: UUID, name: str, key: bytes, now: datetime
) -> int:
    """Bytes of the plain file."""
    archive, sealer = Archive(now), Sealer(key)
    upload = await objects.multipart_begin(name, "application/octet-stream")
    etags: list[str] = []
    waiting, size = bytearray(), 0
    for area in AREAS:
        some = archive.add(area.name, area.title, await area.personal_data(vault, person_id))
        size += len(some)
        waiting += sealer.add(some)
        while len(waiting) >= _PART:
            part = bytes(waiting[:_PART])
            del waiting[:_PART]
            etags.append(await objects.multipart_part(name, upload, len(etags) + 1, part))
    some = archive.end()
    size += len(some)
    waiting += sealer.add(some) + sealer.end()
    etags.append(await objects.multipart_part(name, upload, len(etags) + 1, bytes(waiting)))
    await objects.multipart_complete(name, upload, etags)
    return size


async def clear(objects: ObjectStore, export_id: UUID) -> int:
    """Every file of an export, whole or begun; how many there were."""
    removed = 0
    async for page in objects.open_multiparts(folder_of(export_id)):
        for one in page:
            try:
                await objects.multipart_abort(one.name, one.upload)
            except NoSuchObject:
                continue
    for name in await objects.list_names(folder_of(export_id)):
        await objects.remove(name)
        removed += 1
    return removed
