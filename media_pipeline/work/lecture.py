"""`media.process`: an uploaded file is judged and planned; a short lecture is then made at once,
a long one shared out as tasks to all workers.

Safe to run twice and to be killed anywhere: a start is counted before anything can crash, files go
under a prefix of this attempt alone, and the row is switched to them in one guarded update.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import msgspec
import structlog
from pgqueuer.errors import RetryRequested

from infra.database import UnitOfWork
from infra.engine import DB
from infra.ids import uuid7
from infra.outage import until_back
from infra.queue import enqueue
from media_pipeline import recognise, repository
from media_pipeline.captions import service as captions
from media_pipeline.captions.embedded import bring_along
from media_pipeline.domain import (
    TASK,
    Attempt,
    Failure,
    GaveUp,
    Lack,
    incoming_name,
    priority,
)
from media_pipeline.errors import DiskFull, Refused
from media_pipeline.plan import Wishes
from media_pipeline.recognise import SameContent
from media_pipeline.running.scratch import scratch
from media_pipeline.running.tools import Tools, find_all
from media_pipeline.transcode import (
    BEGINS,
    ENDS,
    Prepared,
    Step,
    encode_chunk,
    encode_voice,
    prepare,
)
from media_pipeline.work import publishing
from media_pipeline.work import repository as tasks
from media_pipeline.work.domain import (
    InTheMaking,
    Superseded,
    fault_of,
    innermost,
    lack_of,
    parts_of,
)
from media_pipeline.work.report import Report
from media_pipeline.work.room import check_room, made_bytes
from media_pipeline.work.sources import Held
from media_pipeline.work.storing import Carrier
from media_pipeline.work.workshop import Workshop

FACTOR = 1.2
"""Of a source's size: the file and what probing it needs."""
PUBLISHING = 99.0
HAND_BACK_SECONDS = 5.0
_log = structlog.get_logger(__name__)
Begun = TypeVar("Begun")


async def make_lecture(shop: Workshop, lecture_id: UUID, *, queued_at: datetime) -> None:
    """Raises RetryRequested where the same file may pass later."""
    attempt = await heard_out(
        lambda: repository.count_start(lecture_id, uuid7(), now=shop.now()),
        lambda begun: repository.put_back(begun, counted=False),
    )
    if attempt is None:
        given_up = msgspec.structs.replace(Failure.of(GaveUp()), retryable=True)
        await repository.give_up(lecture_id, given_up)
    else:
        await _begun(shop, attempt, queued_at)
    await publishing.tidy(shop.objects, lecture_id)


async def _begun(shop: Workshop, attempt: Attempt, queued_at: datetime) -> None:
    try:
        await _Making(shop, attempt, queued_at).run()
    except asyncio.CancelledError:
        await hand_back(lambda: repository.put_back(attempt, counted=False))
        raise
    except Exception as bundle:
        await _not_made(shop, attempt, innermost(bundle))
        await publishing.withdraw(shop.objects, attempt.prefix)


async def _not_made(shop: Workshop, attempt: Attempt, error: BaseException) -> None:
    log = _log.bind(lecture=str(attempt.lecture_id), attempt=attempt.number)
    if isinstance(error, Superseded):
        log.warning("another attempt took over")
    elif isinstance(error, Refused):
        log.info("lecture refused", code=error.code)
        failure = Failure.of(error)
        await until_back(lambda: repository.fail(attempt, failure))
    elif lack := lack_of(error):
        log.warning("lecture waits", lack=lack.code)
        if isinstance(lack, DiskFull):
            shop.sources.forget(attempt.lecture_id)
        said = Lack.of(lack)
        if await until_back(lambda: repository.put_back(attempt, counted=False, lack=said)):
            raise RetryRequested(shop.lack_pause, lack.code) from error
    else:
        log.error("attempt failed", exc_info=error)
        await _retry_or_fail(attempt, error)


async def _retry_or_fail(attempt: Attempt, error: BaseException) -> None:
    if attempt.last:
        failure = Failure.of_machine(fault_of(error))
        await until_back(lambda: repository.fail(attempt, failure))
    elif await until_back(lambda: repository.put_back(attempt, counted=True)):
        raise RetryRequested(attempt.pause, str(error)) from error


async def heard_out(
    begin: Callable[[], Awaitable[Begun | None]], put_back: Callable[[Begun], Awaitable[bool]]
) -> Begun | None:
    """What `begin` answers. A worker that is told to stop while it begins cannot know whether the
    database has heard: it waits for the answer, and hands back what it began."""
    beginning = asyncio.ensure_future(begin())
    try:
        return await asyncio.shield(beginning)
    except asyncio.CancelledError:
        await asyncio.wait({beginning}, timeout=HAND_BACK_SECONDS)
        answered = beginning.done() and not beginning.cancelled() and not beginning.exception()
        if answered and (begun := beginning.result()):
            await hand_back(lambda: put_back(begun))
        raise


async def hand_back(put_back: Callable[[], Awaitable[bool]]) -> None:
    """A worker that has to stop says so, but does not wait for a database that is away: who takes
    the job next finds the start counted, no more."""
    saying = asyncio.ensure_future(put_back())
    await asyncio.shield(asyncio.wait({saying}, timeout=HAND_BACK_SECONDS))
    if saying.done() and not saying.cancelled():
        saying.exception()


class _Making:
    def __init__(self, shop: Workshop, attempt: Attempt, queued_at: datetime) -> None:
        self._shop, self._attempt, self._queued_at = shop, attempt, queued_at
        self._report = Report(self._write, "download")
        self._carrier = Carrier(shop.objects, self._report)

    async def _write(self, step: str, percent: int, lack: Lack | None) -> bool:
        return await repository.progress(self._attempt, step, percent, lack=lack)

    async def run(self) -> None:
        wishes = await repository.wishes(self._attempt.lecture_id)
        with self._shop.sources.held(self._attempt.lecture_id) as held:
            path = await self._report.while_running(
                fetched(self._shop, self._carrier, self._attempt, held)
            )
            content = await self._report.while_running(held.sha256())
            if await self._is_known(content, wishes):
                return
            tools = await asyncio.to_thread(find_all)
            prepared = await self._report.while_running(self._prepared(tools, path, wishes))
            lecture_id, now = self._attempt.lecture_id, self._shop.now()
            texts = bring_along(tools, path, prepared.source, lecture_id, now=now)
            await self._report.while_running(texts)
            if len(prepared.plan.chunks) > 1:
                await self._share_out(prepared)
            else:
                await self._make_whole(tools, path, prepared)

    async def _is_known(self, sha256: str, wishes: Wishes) -> bool:
        """Whether the lecture now shows the package of another with the same content."""
        found = await until_back(lambda: recognise.claim_content(self._attempt, sha256, wishes))
        if found is None:
            return False
        if isinstance(found, SameContent):
            mine, other, now = self._attempt.lecture_id, found.lecture_id, self._shop.now()
            await until_back(lambda: captions.copy_embedded(other, mine, now=now))
            if await recognise.publish_same(self._attempt, found, now=now):
                return True
        raise InTheMaking

    async def _prepared(self, tools: Tools, path: Path, wishes: Wishes) -> Prepared:
        self._at(Step.PROBE)
        return await prepare(
            tools,
            path,
            wishes,
            lambda: self._at(Step.LOUDNESS),
            chunk_seconds=float(self._shop.settings.chunk_seconds),
        )

    async def _share_out(self, prepared: Prepared) -> None:
        attempt, duration = self._attempt, prepared.plan.duration
        first = priority(self._queued_at, duration)
        plan = msgspec.json.encode(prepared)

        async def share_out() -> bool:
            async with UnitOfWork(DB):
                if not await repository.keep_plan(attempt, plan):
                    return False
                await tasks.remove_others(attempt)
                for task_id in await tasks.add(attempt, parts_of(prepared.plan)):
                    await enqueue(TASK, {"task_id": str(task_id)}, priority=first)
            return True

        if not await until_back(share_out):
            raise Superseded

    async def _make_whole(self, tools: Tools, path: Path, prepared: Prepared) -> None:
        with scratch(self._shop.scratch) as work:
            made = self._made(tools, path, prepared, work)
            finished = await self._report.while_running(made)
            await publishing.publish(self._shop, self._attempt, self._attempt.prefix, finished)

    async def _made(
        self, tools: Tools, path: Path, prepared: Prepared, work: Path
    ) -> publishing.Finished:
        shop, plan = self._shop, prepared.plan
        self._at(Step.ENCODE)
        await asyncio.to_thread(check_room, work, made_bytes(plan, plan.duration))
        encoded = await asyncio.to_thread(make_folders, work)
        await encode_voice(tools, path, prepared, encoded, lambda _: None, shop.means)
        (chunk,) = plan.chunks
        await encode_chunk(tools, path, prepared, chunk, encoded, self._encoded, shop.means)
        finished = await publishing.packaged(tools, prepared, work, BEGINS, self._report)
        self._report.take("publish", PUBLISHING)
        await publishing.store(self._carrier, self._attempt.prefix, finished.package)
        return finished

    def _at(self, step: Step) -> None:
        self._report.take(step, BEGINS[step])

    def _encoded(self, fraction: float) -> None:
        begins, ends = BEGINS[Step.ENCODE], ENDS[Step.ENCODE]
        self._report.take(Step.ENCODE, begins + (ends - begins) * fraction)


async def fetched(shop: Workshop, carrier: Carrier, attempt: Attempt, held: Held) -> Path:
    """The uploaded file on this machine. Raises DiskFull before anything is fetched in vain."""
    name = incoming_name(attempt.lecture_id)

    async def fetch(path: Path) -> None:
        size = await carrier.size(name)
        await asyncio.to_thread(check_room, shop.scratch, int(size * FACTOR))
        await carrier.fetch(name, path, size)

    return await held.get(fetch)


def make_folders(work: Path) -> Path:
    """Those that `finish` expects; returns the one for what is encoded."""
    (work / "package").mkdir()
    (work / "encoded").mkdir()
    return work / "encoded"
