"""`media.task`: one part of a long lecture, by any worker. The last to end calls for the join.

What a run makes lies under its own prefix, and the task's row names the run that counts: a worker
that was taken for dead and comes back disturbs nobody.
"""

import asyncio
from pathlib import Path
from uuid import UUID

import msgspec
import structlog
from pgqueuer.errors import RetryRequested

from infra.database import UnitOfWork
from infra.engine import DB
from infra.ids import uuid7
from infra.outage import until_back
from infra.queue import enqueue
from media_pipeline import repository as lectures
from media_pipeline.domain import TASK, Attempt, Failure, GaveUp, Lack
from media_pipeline.errors import DiskFull, Refused
from media_pipeline.running.scratch import scratch
from media_pipeline.running.tools import find_all
from media_pipeline.transcode import Prepared, encode_chunk, encode_voice
from media_pipeline.work import publishing, repository
from media_pipeline.work.domain import (
    Superseded,
    TaskKind,
    TaskRun,
    fault_of,
    innermost,
    join_of,
    lack_of,
)
from media_pipeline.work.join import SpoiltParts, join
from media_pipeline.work.lecture import fetched, hand_back, heard_out
from media_pipeline.work.report import Report
from media_pipeline.work.room import check_room, made_bytes
from media_pipeline.work.storing import Carrier, SpoiltPart
from media_pipeline.work.workshop import Workshop

PREPARED_PERCENT = 10
"""Of the whole lecture, when its tasks begin."""
STORED_FROM = 97.0
_log = structlog.get_logger(__name__)


async def do_task(shop: Workshop, task_id: UUID, *, priority: int) -> None:
    """`priority` of this job, for the join's. Raises RetryRequested where it may pass later."""
    run = await heard_out(
        lambda: _begin(shop, task_id), lambda begun: _put_back(begun, counted=False)
    )
    if run is None:
        await _give_up(task_id)
    else:
        await _begun(shop, run, priority)
    # Also where nothing was left to do: the one before may have died before he cleared up.
    lecture_id = run.attempt.lecture_id if run else await repository.lecture_of(task_id)
    if lecture_id:
        await publishing.tidy(shop.objects, lecture_id)


async def _begin(shop: Workshop, task_id: UUID) -> TaskRun | None:
    async with UnitOfWork(DB):
        return await repository.begin(task_id, uuid7(), worker=shop.name, now=shop.now())


async def _begun(shop: Workshop, run: TaskRun, priority: int) -> None:
    try:
        await _Doing(shop, run, priority).run()
    except asyncio.CancelledError:
        await hand_back(lambda: _put_back(run, counted=False))
        raise
    except Exception as bundle:
        await _not_done(shop, run, innermost(bundle), priority)
        await publishing.withdraw(shop.objects, run.prefix)
        if run.kind is TaskKind.JOIN:
            await publishing.withdraw(shop.objects, run.package_prefix)


async def _give_up(task_id: UUID) -> None:
    """Begun too often and never ended: it kills its workers."""
    async with UnitOfWork(DB):
        attempt = await repository.begun_too_often(task_id)
    if attempt is not None:
        failure = msgspec.structs.replace(Failure.of(GaveUp()), retryable=True)
        await _fail(attempt, failure)


async def _not_done(shop: Workshop, run: TaskRun, error: BaseException, priority: int) -> None:
    log = _log.bind(lecture=str(run.attempt.lecture_id), task=run.name, starts=run.starts)
    if isinstance(error, Superseded):
        log.warning("another run took over, or nobody wants it")
    elif isinstance(error, Refused):
        log.info("lecture refused", code=error.code)
        await _fail(run.attempt, Failure.of(error))
    elif lack := lack_of(error):
        log.warning("task waits", lack=lack.code)
        if isinstance(lack, DiskFull):
            shop.sources.forget(run.attempt.lecture_id)
        if await _put_back(run, counted=False, lack=Lack.of(lack)):
            raise RetryRequested(shop.lack_pause, lack.code) from error
    elif isinstance(error, SpoiltParts):
        log.warning("parts are made again", runs=[str(run_id) for run_id in error.run_ids])
        await _make_again(run, error, priority)
    elif run.last:
        log.error("task failed for good", exc_info=error)
        await _fail(run.attempt, Failure.of_machine(fault_of(error)))
    else:
        log.error("task failed", exc_info=error)
        if await _put_back(run, counted=True):
            raise RetryRequested(run.pause, str(error)) from error


async def _make_again(run: TaskRun, spoilt: SpoiltParts, priority: int) -> None:
    """The spoilt parts alone, and after them a new join. Each part has its own starts, so a store
    that spoils whatever it is given ends the lecture after a few."""

    async def make_again() -> None:
        async with UnitOfWork(DB):
            if not await repository.is_current(run.attempt, locked=True):
                return
            if not await repository.drop_join(run):
                return
            waiting = await repository.make_again(run.attempt, spoilt.run_ids)
            if len(waiting) < len(spoilt.run_ids):
                await _fail_now(run.attempt, Failure.of_machine(SpoiltPart()))
                return
            for task_id in waiting:
                await enqueue(TASK, {"task_id": str(task_id)}, priority=priority)

    await until_back(make_again)


async def _fail(attempt: Attempt, failure: Failure) -> None:
    """The lecture fails; what else of it runs notices within a second."""

    async def fail() -> None:
        async with UnitOfWork(DB):
            await _fail_now(attempt, failure)

    await until_back(fail)


async def _fail_now(attempt: Attempt, failure: Failure) -> None:
    if await lectures.fail(attempt, failure):
        await repository.fail_all(attempt)


async def _put_back(run: TaskRun, *, counted: bool, lack: Lack | None = None) -> bool:
    async def put_back() -> bool:
        async with UnitOfWork(DB):
            done = await repository.put_back(run, counted=counted)
            if done and lack is not None:
                await repository.stand_still(run.attempt, lack)
        return done

    return await until_back(put_back)


class _Doing:
    def __init__(self, shop: Workshop, run: TaskRun, priority: int) -> None:
        self._shop, self._run, self._priority = shop, run, priority
        self._report = Report(self._write, "join" if run.kind is TaskKind.JOIN else "encode")
        self._carrier = Carrier(shop.objects, self._report)

    async def _write(self, step: str, percent: int, lack: Lack | None) -> bool:
        async with UnitOfWork(DB):
            wanted = await repository.progress(
                self._run, step, percent, prepared=PREPARED_PERCENT, lack=lack
            )
        return bool(wanted)

    async def run(self) -> None:
        plan = await lectures.kept_plan(self._run.attempt)
        if plan is None:
            raise Superseded
        prepared = msgspec.json.decode(plan, type=Prepared)
        if self._run.kind is TaskKind.JOIN:
            await join(self._shop, self._run, prepared, self._report, self._carrier)
        else:
            await self._report.while_running(self._make_part(prepared))
            await self._end()

    async def _make_part(self, prepared: Prepared) -> None:
        shop, attempt = self._shop, self._run.attempt
        with shop.sources.held(attempt.lecture_id) as held, scratch(shop.scratch) as folder:
            path = await fetched(shop, self._carrier, attempt, held)
            await self._encode(path, prepared, folder)
            self._report.take("encode", STORED_FROM)
            await self._carrier.leave(self._run.prefix, folder)

    async def _encode(self, path: Path, prepared: Prepared, folder: Path) -> None:
        tools, means = await asyncio.to_thread(find_all), self._shop.means_of_a_part
        if self._run.kind is TaskKind.SOUND:
            await encode_voice(tools, path, prepared, folder, self._encoded, means)
            return
        chunk = prepared.plan.chunks[self._run.number]
        end = chunk.ends_at if chunk.ends_at is not None else prepared.plan.duration
        needed = made_bytes(prepared.plan, float(end) - float(chunk.starts_at))
        await asyncio.to_thread(check_room, folder, needed)
        await encode_chunk(tools, path, prepared, chunk, folder, self._encoded, means)

    def _encoded(self, fraction: float) -> None:
        self._report.take("encode", STORED_FROM * fraction)

    async def _end(self) -> None:
        run = self._run

        async def end() -> bool:
            async with UnitOfWork(DB):
                if not await repository.is_current(run.attempt, locked=True):
                    return False
                if not await repository.end(run, now=self._shop.now()):
                    return False
                await self._call_for_join()
            return True

        # Said twice, where the first answer was lost, the second says no.
        if not await until_back(end) and not await until_back(lambda: repository.ended(run)):
            raise Superseded

    async def _call_for_join(self) -> None:
        attempt = self._run.attempt
        weights = await repository.weights_when_all_are_done(attempt)
        if weights is not None:
            for task_id in await repository.add(attempt, [join_of(weights)]):
                await enqueue(TASK, {"task_id": str(task_id)}, priority=self._priority)
