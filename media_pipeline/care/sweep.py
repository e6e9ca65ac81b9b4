"""Orphans in the bucket: what a killed process left, found and removed while work goes on.

One worker at a time sweeps (advisory lock), an hour apart. Names are listed by the page and rows
asked by the page, so memory stays small however many objects there are; a round looks into so many
lectures' folders, and the next one goes on from there.
"""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterable
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from random import uniform
from typing import Any

import asyncpg
import msgspec
import structlog

from infra.errors import Conflict
from infra.objects import NoSuchObject, ObjectStore
from infra.queue import WorkerContext
from media_pipeline.care import needs
from media_pipeline.care.files import Freed, remove_files, remove_folder
from media_pipeline.care.names import Named, orphans, read
from media_pipeline.domain import incoming_name
from media_pipeline.uploading.service import sweep_expired

EVERY_SECONDS = 3600.0
FIRST_AFTER_SECONDS = 60.0
LECTURES_A_ROUND = 20_000
KEEP_FAILED = timedelta(days=30)
_FAILED_AT_ONCE = 100
_LISTINGS_AT_ONCE = 8
_LOCK = 5_046_118_339_871_023
_log = structlog.get_logger(__name__)


class AlreadySweeping(Conflict):
    """Another worker sweeps at this moment; ask again in a few minutes."""

    zh = "另一进程正在清理，请几分钟后再试。"


class Swept(msgspec.Struct):
    """What a round removed. `expired`: uploads left alone for too long; `whole`: the round came
    to the end of the bucket."""

    expired: int = 0
    sources: int = 0
    packages: int = 0
    work: int = 0
    multiparts: int = 0
    kept_too_long: int = 0
    objects: int = 0
    bytes: int = 0
    whole: bool = True

    def add(self, freed: Freed) -> None:
        self.objects += freed.objects
        self.bytes += freed.bytes

    @property
    def nothing(self) -> bool:
        return not (self.objects or self.multiparts or self.kept_too_long or self.expired)


class Sweeper:
    """`after`: the lecture folder at which the last round had looked at enough."""

    def __init__(self, objects: ObjectStore, *, lectures: int = LECTURES_A_ROUND) -> None:
        self._objects, self._lectures = objects, lectures
        self._after = ""

    async def round(self, now: datetime) -> Swept:
        swept = Swept(expired=await sweep_expired(self._objects, now))
        await self._stop_keeping(swept, now)
        await self._sources(swept, now)
        await self._work(swept, now)
        await self._multiparts(swept, now)
        await self._packages(swept, now)
        return swept

    async def _stop_keeping(self, swept: Swept, now: datetime) -> None:
        while ids := await needs.stop_keeping(now - KEEP_FAILED, limit=_FAILED_AT_ONCE):
            for lecture_id in ids:
                swept.add(await remove_folder(self._objects, incoming_name(lecture_id)))
            swept.kept_too_long += len(ids)

    async def _sources(self, swept: Swept, now: datetime) -> None:
        async for page in self._objects.pages("incoming/"):
            sizes = {info.name: info.size for info in page}
            found = await self._orphans(sizes, now)
            swept.add(
                await remove_files(self._objects, {one.name: sizes[one.name] for one in found})
            )
            swept.sources += len(found)

    async def _work(self, swept: Swept, now: datetime) -> None:
        async for page in self._objects.pages("work/", deep=False):
            await self._remove(await self._orphans((info.name for info in page), now), swept)

    async def _packages(self, swept: Swept, now: datetime) -> None:
        looked_at, after, self._after = 0, self._after, ""
        async for page in self._objects.pages("lectures/", deep=False):
            lectures = [info.name for info in page if info.name > after]
            for start in range(0, len(lectures), _LISTINGS_AT_ONCE):
                some = lectures[start : start + _LISTINGS_AT_ONCE]
                await self._look_into(some, swept, now)
                looked_at += len(some)
                if looked_at >= self._lectures:
                    self._after, swept.whole = some[-1], False
                    return

    async def _look_into(self, folders: list[str], swept: Swept, now: datetime) -> None:
        inside = await asyncio.gather(*(self._inside(folder) for folder in folders))
        names = (name for found in inside for name in found)
        await self._remove(await self._orphans(names, now), swept)

    async def _inside(self, folder: str) -> list[str]:
        pages = self._objects.pages(folder, deep=False)
        return [info.name async for page in pages for info in page]

    async def _multiparts(self, swept: Swept, now: datetime) -> None:
        for prefix in ("incoming/", "work/", "lectures/"):
            async for page in self._objects.open_multiparts(prefix):
                left = {one.name for one in await self._orphans((o.name for o in page), now)}
                for one in page:
                    named = read(one.name)
                    if named and named.name in left:
                        with suppress(NoSuchObject):
                            await self._objects.multipart_abort(one.name, one.upload)
                        swept.multiparts += 1

    async def _remove(self, found: list[Named], swept: Swept) -> None:
        for one in found:
            freed = await remove_folder(self._objects, one.name)
            swept.add(freed)
            if freed.objects:  # some stores list a folder for a while after its last file went
                swept.packages += one.kind == "package"
                swept.work += one.kind == "work"

    async def _orphans(self, names: Iterable[str], now: datetime) -> list[Named]:
        ours = [named for name in names if (named := read(name)) is not None]
        return orphans(ours, await needs.needed_of(ours), now=now)


async def sweep_once(context: WorkerContext, sweeper: Sweeper | None = None) -> Swept:
    """AlreadySweeping where another process is at it."""
    async with _alone(context.settings.database_url):
        return await (sweeper or Sweeper(context.objects)).round(context.clock())


async def run(context: WorkerContext, stop: asyncio.Event) -> None:
    """A round soon after the start and every hour, until `stop`."""
    sweeper, pause = Sweeper(context.objects), uniform(1, 2) * FIRST_AFTER_SECONDS
    while not await _stopped(stop, pause):
        pause = EVERY_SECONDS
        try:
            swept = await _until(stop, sweep_once(context, sweeper))
        except AlreadySweeping:
            continue
        except Exception:  # a store or database that is away must not end the worker
            _log.exception("sweep failed")
            continue
        if swept is not None and not swept.nothing:
            _log.info("swept", **msgspec.structs.asdict(swept))


@asynccontextmanager
async def _alone(dsn: str) -> AsyncIterator[None]:
    """A connection of its own holds the lock: it ends with the process, however that ends."""
    held: asyncpg.Connection[asyncpg.Record] = await asyncpg.connect(dsn)
    try:
        if not await held.fetchval("SELECT pg_try_advisory_lock($1)", _LOCK):
            raise AlreadySweeping
        yield
    finally:
        await held.close()


async def _stopped(stop: asyncio.Event, seconds: float) -> bool:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stop.wait()
    return stop.is_set()


async def _until(stop: asyncio.Event, work: Coroutine[Any, Any, Swept]) -> Swept | None:
    """None when the worker is told to stop first: a round may be left at any point."""
    running, stopping = asyncio.create_task(work), asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
        return running.result() if running.done() else None
    finally:
        for task in (running, stopping):
            task.cancel()
        await asyncio.wait({running, stopping})
