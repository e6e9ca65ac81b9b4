"""Bytes of an upload into the object store: whole parts at once, the rest when the request ends.

The store holds parts of a multipart upload and, beside it, a tail shorter than a part; the row says
how much of both counts. Nothing else is kept between requests, so any API process can go on where
another was killed. Memory is that of three parts at most, however long the file is.
"""

from collections.abc import AsyncIterator
from datetime import datetime
from uuid import UUID

import msgspec

from infra.database import UnitOfWork
from infra.engine import DB
from infra.objects import NoSuchObject, ObjectStore, PartsNotAsTold
from infra.queue import enqueue
from media_pipeline.domain import PROCESS, State
from media_pipeline.errors import Refused
from media_pipeline.judging.sniff import HEAD_BYTES, sniff_bytes
from media_pipeline.uploading import repository
from media_pipeline.uploading.domain import (
    PART_BYTES,
    UPLOAD_LIFETIME,
    Checksum,
    ChecksumMismatch,
    MoreThanAnnounced,
    PartsDamaged,
    TakenOver,
    UploadFacts,
)
from media_pipeline.uploading.parts import PartBuffer, Parts

OCTETS = "application/octet-stream"


class Intake:
    """One request's turn at an upload. `upload` is always what is stored and committed.

    With a checksum nothing is committed, and no file refused, before all bytes of the request have
    proved right. Parts may lie in the store by then; the next request stores them again.
    """

    def __init__(
        self,
        objects: ObjectStore,
        upload: UploadFacts,
        writer: UUID,
        *,
        now: datetime,
        checksum: Checksum | None = None,
    ) -> None:
        self.upload = upload
        self._objects, self._writer = objects, writer
        self._expires_at = now + UPLOAD_LIFETIME
        self._checksum = checksum
        self._sum = checksum.algorithm.begin() if checksum else None
        self._taken = upload.received
        self._next_part = len(upload.etags) + 1
        self._buffer = PartBuffer()
        self._parts = Parts(self._store_part, self._part_stored)
        self._unproved: list[str] = []
        self._judged = upload.received >= HEAD_BYTES
        self._refusal: Refused | None = None

    async def receive(self, chunks: AsyncIterator[bytes]) -> UploadFacts:
        """Takes bytes until they end or are cut; what came counts either way."""
        try:
            if self.upload.tail_bytes:
                self._buffer.take(memoryview(await self._tail()))
            async for chunk in chunks:
                await self._add(chunk)
            self._prove()
            await self._parts.arrived()
            await self._end()
        finally:
            await self._parts.end()
            self._buffer.free()
        return self.upload

    async def _tail(self) -> bytes:
        return await self._objects.get_bytes(self.upload.tail_name)

    async def _add(self, chunk: bytes) -> None:
        self._taken += len(chunk)
        if self._taken > self.upload.length:
            raise MoreThanAnnounced
        if self._sum:
            self._sum.update(chunk)
        rest = memoryview(chunk)
        while rest and not self._refusal:
            rest = self._buffer.take(rest)
            self._judge()
            if self._buffer.full and not self._refusal:
                self._buffer = await self._parts.send(self._next_part, self._buffer)
                self._next_part += 1

    def _judge(self) -> None:
        """Raises Refused before more of a file arrives that no tool will open."""
        if self._judged or len(self._buffer) < min(HEAD_BYTES, self.upload.length):
            return
        self._judged = True
        try:
            sniff_bytes(bytes(self._buffer.content[:HEAD_BYTES]))
        except Refused as refusal:
            if not self._checksum:
                raise
            self._refusal = refusal  # perhaps the line's fault and not the file's

    def _prove(self) -> None:
        if self._checksum and self._sum and self._sum.digest() != self._checksum.digest:
            raise ChecksumMismatch
        if self._refusal:
            raise self._refusal

    async def _end(self) -> None:
        if self._taken == self.upload.length:
            await self._finish()
        elif self._taken > self.upload.received:
            await self._store_tail()

    async def _store_part(self, number: int, content: memoryview) -> str:
        return await self._objects.multipart_part(
            self.upload.object_name, self.upload.multipart, number, content
        )

    async def _part_stored(self, etag: str) -> None:
        if self._checksum:
            self._unproved.append(etag)
        else:
            await self._commit(self.upload.stored_in_parts + PART_BYTES, [etag])

    async def _store_tail(self) -> None:
        name = msgspec.structs.replace(self.upload, received=self._taken).tail_name
        if self._buffer:
            await self._objects.put_bytes(name, bytes(self._buffer.content), OCTETS)
        await self._commit(self._taken, self._unproved)

    async def _commit(self, received: int, etags: list[str]) -> None:
        before = self.upload
        async with UnitOfWork(DB):
            await self._store_received(received, etags)
        if before.tail_bytes:
            await self._objects.remove(before.tail_name)

    async def _store_received(self, received: int, etags: list[str]) -> None:
        stored = await repository.store_received(
            self.upload.id,
            writer=self._writer,
            received=received,
            etags=etags,
            expires_at=self._expires_at,
        )
        if not stored:
            raise TakenOver
        self.upload = msgspec.structs.replace(
            self.upload,
            received=received,
            etags=[*self.upload.etags, *etags],
            expires_at=self._expires_at,
        )

    async def _finish(self) -> None:
        """The object is made whole first: a row may lag behind the store, never run ahead of it."""
        before, etags = self.upload, await self._make_whole()
        async with UnitOfWork(DB):
            await self._store_received(before.length, etags)
            if await repository.queue(before.id):
                await enqueue(PROCESS, {"lecture_id": str(before.id)})
        self.upload = msgspec.structs.replace(self.upload, state=State.QUEUED)
        if before.tail_bytes:
            await self._objects.remove(before.tail_name)

    async def _make_whole(self) -> list[str]:
        upload, etags = self.upload, list(self._unproved)
        try:
            if self._buffer:
                etags.append(await self._store_part(self._next_part, self._buffer.content))
            await self._objects.multipart_complete(
                upload.object_name, upload.multipart, [*upload.etags, *etags]
            )
        except NoSuchObject:
            # Killed after completing and before saying so: the object is there already.
            found = await self._objects.stat(upload.object_name)
            if found.size != upload.length:
                raise
            return []
        except PartsNotAsTold as error:
            await repository.start_over(upload.id, writer=self._writer)
            raise PartsDamaged from error
        return etags
