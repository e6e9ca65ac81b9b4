"""Uploaded files of lectures that this worker works at: fetched once, not once a part or try."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from uuid import UUID

from media_pipeline.running.scratch import remove_ownerless, scratch
from media_pipeline.work import repository
from media_pipeline.work.storing import sha256_of

MOST_IDLE = 2
"""Kept for a next part though nobody reads them now."""

Fetch = Callable[[Path], Awaitable[None]]


class Held:
    """A lecture's file on this machine; `scratch` sees to it that a killed worker's goes."""

    def __init__(self, parent: Path) -> None:
        self._stack = ExitStack()
        self._path = self._stack.enter_context(scratch(parent)) / "source"
        self._lock, self.whole = asyncio.Lock(), False
        self._sha256 = ""
        self.readers = 0

    async def get(self, fetch: Fetch) -> Path:
        """By `fetch` unless it is here already; two parts that begin at once fetch it once."""
        async with self._lock:
            if not self.whole:
                await fetch(self._path)
                self.whole = True
        return self._path

    async def sha256(self) -> str:
        async with self._lock:
            if not self._sha256:
                self._sha256 = await asyncio.to_thread(sha256_of, self._path)
        return self._sha256

    def remove(self) -> None:
        self._stack.close()


class Sources:
    def __init__(self, parent: Path) -> None:
        self._parent, self._held = parent, dict[UUID, Held]()
        remove_ownerless(parent)

    @contextmanager
    def held(self, lecture_id: UUID) -> Iterator[Held]:
        """Stays here afterwards, until `sweep`; half a file does not."""
        held = self._held.get(lecture_id)
        if held is None:
            self._drop(self._idle()[:-MOST_IDLE])
            held = self._held[lecture_id] = Held(self._parent)
        held.readers += 1
        try:
            yield held
        finally:
            held.readers -= 1
            if not held.whole:
                self.forget(lecture_id)

    def forget(self, lecture_id: UUID) -> None:
        """Makes room, unless somebody reads it."""
        if lecture_id in self._idle():
            self._drop([lecture_id])

    async def sweep(self) -> None:
        """Removes what no part needs any more."""
        if idle := self._idle():
            needed = await repository.needs_source(idle)
            self._drop([lecture_id for lecture_id in self._idle() if lecture_id not in needed])

    def close(self) -> None:
        self._drop(list(self._held))

    def _idle(self) -> list[UUID]:
        """Oldest first."""
        return [lecture_id for lecture_id, held in self._held.items() if not held.readers]

    def _drop(self, lecture_ids: list[UUID]) -> None:
        for lecture_id in lecture_ids:
            self._held.pop(lecture_id).remove()
