"""Parts on their way to the store, while the next one comes in."""

import asyncio
import mmap
from collections import deque
from collections.abc import Awaitable, Callable

from media_pipeline.uploading.domain import PART_BYTES

IN_FLIGHT = 2
"""Parts under way beside the one that fills: at most 15 MiB of memory an upload, whatever its
length, and 10 where the line is slower than the store."""


class PartBuffer:
    """Room for one part, outside the allocator's heap: it would keep what it once was given."""

    def __init__(self) -> None:
        self._view = memoryview(mmap.mmap(-1, PART_BYTES, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS))
        self._filled = 0

    @property
    def content(self) -> memoryview:
        return self._view[: self._filled]

    @property
    def full(self) -> bool:
        return self._filled == PART_BYTES

    def __len__(self) -> int:
        return self._filled

    def take(self, chunk: memoryview) -> memoryview:
        """Copies what fits and returns the rest."""
        end = min(self._filled + len(chunk), PART_BYTES)
        taken = end - self._filled
        self._view[self._filled : end] = chunk[:taken]
        self._filled = end
        return chunk[taken:]

    def clear(self) -> None:
        self._filled = 0

    def free(self) -> None:
        """At once, or when the last thread that reads it ends; not when cycles are looked for."""
        self._view, self._filled = memoryview(b""), 0


class Parts:
    """`put` stores a numbered part and returns its ETag; `stored` hears of the ETags in order."""

    def __init__(
        self,
        put: Callable[[int, memoryview], Awaitable[str]],
        stored: Callable[[str], Awaitable[None]],
    ) -> None:
        self._put, self._stored = put, stored
        self._under_way = deque[asyncio.Task[None]]()
        self._empty: list[PartBuffer] = []

    async def send(self, number: int, full: PartBuffer) -> PartBuffer:
        """Takes a full buffer and gives an empty one, when at most IN_FLIGHT are under way.

        Raises what went wrong with an earlier part.
        """
        while len(self._under_way) >= IN_FLIGHT:
            await self._first()
        before = self._under_way[-1] if self._under_way else None
        self._under_way.append(asyncio.create_task(self._carry(number, full, before)))
        return self._empty.pop() if self._empty else PartBuffer()

    async def arrived(self) -> None:
        """Until every part is stored and heard of."""
        while self._under_way:
            await self._first()

    async def end(self) -> None:
        """Gives up what is still under way, and the memory."""
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)
        self._under_way.clear()
        for buffer in self._empty:
            buffer.free()

    async def _first(self) -> None:
        await asyncio.shield(self._under_way[0])
        self._under_way.popleft()

    async def _carry(
        self, number: int, full: PartBuffer, before: "asyncio.Task[None] | None"
    ) -> None:
        etag = await self._put(number, full.content)
        full.clear()
        self._empty.append(full)
        if before is not None:
            await before
        await self._stored(etag)
