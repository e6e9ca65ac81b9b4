"""Bytes of an upload into the object store: whole parts at once, the rest when the request ends.

The store holds parts of a multipart upload and, beside it, a tail shorter than a part; the row says
how much of both counts. Nothing else is kept between requests, so any API process can go on where
another was killed. Memory stays below two parts.
"""

from collections.abc import AsyncIterator
from datetime import datetime
from uuid import UUID

import msgspec

from infra.database import UnitOfWork
from infra.engine import DB
from infra.objects import NoSuchObject, ObjectStore
from infra.queue import enqueue
from media_pipeline.domain import PROCESS, State
from media_pipeline.judging.sniff import HEAD_BYTES, sniff_bytes
from media_pipeline.uploading import repository
from media_pipeline.uploading.domain import (
    PART_BYTES,
    UPLOAD_LIFETIME,
    MoreThanAnnounced,
    TakenOver,
    UploadFacts,
)

OCTETS = "application/octet-stream"


class Intake:
    """One request's turn at an upload. `upload` is always what is stored and committed."""

    def __init__(
        self, objects: ObjectStore, upload: UploadFacts, writer: UUID, *, now: datetime
    ) -> None:
        self.upload = upload
        self._objects, self._writer = objects, writer
        self._expires_at = now + UPLOAD_LIFETIME
        self._buffer = bytearray()
        self._judged = upload.received >= HEAD_BYTES

    async def receive(self, chunks: AsyncIterator[bytes]) -> UploadFacts:
        """Takes bytes until they end or are cut; what came counts either way."""
        if self.upload.tail_bytes:
            self._buffer += await self._objects.get_bytes(self.upload.tail_name)
        async for chunk in chunks:
            await self._add(chunk)
        if self._received == self.upload.length:
            await self._finish()
        elif self._received > self.upload.received:
            await self._store_tail()
        return self.upload

    @property
    def _received(self) -> int:
        return self.upload.stored_in_parts + len(self._buffer)

    async def _add(self, chunk: bytes) -> None:
        self._buffer += chunk
        if self._received > self.upload.length:
            raise MoreThanAnnounced
        self._judge()
        while len(self._buffer) >= PART_BYTES:
            content = bytes(self._buffer[:PART_BYTES])
            etag = await self._store_part(content)
            del self._buffer[:PART_BYTES]
            await self._commit(self.upload.stored_in_parts + PART_BYTES, [etag])

    def _judge(self) -> None:
        """Raises Refused before more of a file arrives that no tool will open."""
        enough = self._received >= min(HEAD_BYTES, self.upload.length)
        if not self._judged and enough:
            sniff_bytes(bytes(self._buffer[:HEAD_BYTES]))
            self._judged = True

    async def _store_part(self, content: bytes) -> str:
        return await self._objects.multipart_part(
            self.upload.object_name, self.upload.multipart, len(self.upload.etags) + 1, content
        )

    async def _store_tail(self) -> None:
        received = self._received
        name = msgspec.structs.replace(self.upload, received=received).tail_name
        await self._objects.put_bytes(name, bytes(self._buffer), OCTETS)
        await self._commit(received, [])

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
        upload = self.upload
        try:
            etags = [await self._store_part(bytes(self._buffer))] if self._buffer else []
            await self._objects.multipart_complete(
                upload.object_name, upload.multipart, [*upload.etags, *etags]
            )
        except NoSuchObject:
            # Killed after completing and before saying so: the object is there already.
            found = await self._objects.stat(upload.object_name)
            if found.size != upload.length:
                raise
            return []
        return etags
