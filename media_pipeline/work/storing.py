"""Files between this machine and the store: whole, checked, and patient with a short absence."""

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

import msgspec

from infra.objects import NoSuchObject, ObjectStore, StoreUnreachable
from media_pipeline.errors import MachineFault, TimedOut
from media_pipeline.packaging.manifest import CONTENT_TYPES
from media_pipeline.work.domain import StoredFile
from media_pipeline.work.report import Report

T = TypeVar("T")
AT_ONCE = 4
PATIENCE_SECONDS = 60.0
PAUSE_SECONDS = 2.0
SLOWEST = 200_000  # bytes a second
LAST_FILE_SECONDS = 10.0
LISTING = "files.json"
OCTETS = "application/octet-stream"


class SpoiltPart(MachineFault):
    """A part that another worker left in the store is not what it wrote down; it is made again."""

    zh = "其他机器留下的分段与记录不符；系统会重新生成。"


class Carrier:
    """Every call waits out a short absence of the store and says so; longer ones are its error."""

    def __init__(self, objects: ObjectStore, report: Report) -> None:
        self._objects, self._report = objects, report

    async def size(self, name: str) -> int:
        return (await self._patiently(lambda: self._objects.stat(name))).size

    async def fetch(self, name: str, path: Path, size: int) -> None:
        """Raises SpoiltPart where there is more or less of it than `size`."""
        async with _bounded(size):
            await self._patiently(lambda: self._objects.download(name, path))
        if size_of(path) != size:
            raise SpoiltPart

    async def store(self, prefix: str, folder: Path, files: Sequence[tuple[str, str]]) -> None:
        """`files`: paths relative to `folder` and their content types."""
        turn = asyncio.Semaphore(AT_ONCE)

        async def put(path: str, content_type: str) -> None:
            async with turn:
                await self._put(prefix + path, folder / path, content_type)

        async with asyncio.TaskGroup() as group:
            for path, content_type in files:
                group.create_task(put(path, content_type))

    async def leave(self, prefix: str, folder: Path) -> None:
        """All files of a folder, for `collect`; the list of them comes last."""
        files = await asyncio.to_thread(_described, folder)
        await self.store(prefix, folder, [(file.path, OCTETS) for file in files])
        listing = msgspec.json.encode(files)
        await self._patiently(
            lambda: self._objects.put_bytes(prefix + LISTING, listing, CONTENT_TYPES[".json"])
        )

    async def listed(self, prefix: str) -> list[StoredFile]:
        """Raises SpoiltPart."""
        try:
            listing = await self._patiently(lambda: self._objects.get_bytes(prefix + LISTING))
            return msgspec.json.decode(listing, type=list[StoredFile])
        except (NoSuchObject, msgspec.MsgspecError) as error:
            raise SpoiltPart from error

    async def collect(self, prefix: str, files: Sequence[StoredFile], folder: Path) -> None:
        """Raises SpoiltPart."""
        for file in files:
            path = folder / file.path
            try:
                await self.fetch(prefix + file.path, path, file.size)
            except NoSuchObject as error:
                raise SpoiltPart from error
            if await asyncio.to_thread(sha256_of, path) != file.sha256:
                raise SpoiltPart

    async def _put(self, name: str, path: Path, content_type: str) -> None:
        async with _bounded(size_of(path)):
            await self._patiently(
                lambda: _to_its_end(self._objects.put_file(name, path, content_type))
            )

    async def _patiently(self, call: Callable[[], Awaitable[T]]) -> T:
        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                result = await call()
            except StoreUnreachable as error:
                if time.monotonic() > until:
                    raise
                self._report.lacking(error)
                await asyncio.sleep(PAUSE_SECONDS)
            else:
                self._report.lacking(None)
                return result


@asynccontextmanager
async def _bounded(size: int) -> AsyncIterator[None]:
    """As long as `size` bytes may take on a bad line. TimedOut after that."""
    try:
        async with asyncio.timeout(2 * PATIENCE_SECONDS + size / SLOWEST):
            yield
    except TimeoutError as error:
        raise TimedOut from error


async def _to_its_end(storing: Awaitable[None]) -> None:
    """A thread cannot be stopped: one that goes on after its job was cancelled would store a file
    that nobody knows of."""
    task = asyncio.ensure_future(storing)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task}, timeout=LAST_FILE_SECONDS)
        if task.done() and not task.cancelled():
            task.exception()
        raise


async def remove_all(objects: ObjectStore, prefix: str, *, keep: Collection[str] = ()) -> None:
    """All under `prefix` but what lies under one of `keep`."""
    for name in await objects.list_names(prefix):
        if not name.startswith(tuple(keep)):
            await objects.remove(name)


def size_of(path: Path) -> int:
    return path.stat().st_size


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _described(folder: Path) -> list[StoredFile]:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return [
        StoredFile(path.relative_to(folder).as_posix(), path.stat().st_size, sha256_of(path))
        for path in paths
    ]
