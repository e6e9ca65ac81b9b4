"""The job that makes an uploaded lecture playable.

Safe to run twice and to be killed anywhere: a start is counted before anything can crash, files go
under a prefix of this attempt alone, and the row is switched to them in one guarded update.
"""

import asyncio
import hashlib
from collections.abc import Awaitable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
import structlog
from pgqueuer import PgQueuer
from pgqueuer.errors import RetryRequested
from pgqueuer.models import Job

from infra.database import UnitOfWork
from infra.engine import DB
from infra.ids import uuid7
from infra.objects import ObjectStore
from infra.queue import WorkerContext, enqueue, payload_of
from media_pipeline import repository, service
from media_pipeline.domain import (
    PROCESS,
    Attempt,
    Failure,
    GaveUp,
    Published,
    RenditionFacts,
    incoming_name,
    lecture_folder,
    whole_seconds,
)
from media_pipeline.errors import MachineFault, Refused
from media_pipeline.packaging.manifest import CONTENT_TYPES, MANIFEST, Manifest, Package
from media_pipeline.running.scratch import scratch
from media_pipeline.transcode import transcode

REPORT_SECONDS = 1.0
UPLOADS_AT_ONCE = 4
BOOKKEEPING_PAUSE = timedelta(seconds=10)
_log = structlog.get_logger(__name__)


class Superseded(Exception):
    """Another attempt began meanwhile; this one must leave no trace."""


def register(queue: PgQueuer, context: WorkerContext) -> None:
    @queue.entrypoint(PROCESS, accepts_context=False)
    async def process(job: Job) -> None:
        lecture_id = UUID(str(payload_of(job.payload)["lecture_id"]))
        await run_unless_stopped(queue.shutdown, context, lecture_id)


async def run_unless_stopped(stop: asyncio.Event, context: WorkerContext, lecture_id: UUID) -> None:
    """A worker that is told to stop hands its job back at once instead of finishing it."""
    running = asyncio.create_task(process_lecture(context, lecture_id))
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
    except asyncio.CancelledError:
        await _cancelled(running)
        # The queue forgets a job whose task is cancelled: a new one takes its place.
        await asyncio.shield(_enqueue_again(lecture_id))
        raise
    finally:
        stopping.cancel()
    if not running.done():
        await _cancelled(running)
        raise RetryRequested(timedelta(0), "the worker stops")
    try:
        await running
    except RetryRequested:
        raise
    except Exception as error:
        # Not the attempt failed but its book-keeping: the queue would drop the job for good.
        _log.exception("job failed", lecture=str(lecture_id))
        raise RetryRequested(BOOKKEEPING_PAUSE, str(error)) from error


async def _enqueue_again(lecture_id: UUID) -> None:
    async with UnitOfWork(DB):
        await enqueue(PROCESS, {"lecture_id": str(lecture_id)})


async def _cancelled(task: "asyncio.Task[None]") -> None:
    task.cancel()
    await asyncio.wait({task})


async def process_lecture(context: WorkerContext, lecture_id: UUID) -> None:
    """Raises RetryRequested where the same file may pass later."""
    attempt = await _begin(lecture_id)
    if attempt is None:
        await _tidy(context.objects, lecture_id)
        return
    log = _log.bind(lecture=str(lecture_id), attempt=attempt.number)
    try:
        await _work(context, attempt)
    except Refused as refusal:
        log.info("lecture refused", code=refusal.code)
        await repository.fail(attempt, Failure.of(refusal))
    except Superseded:
        log.warning("another attempt took over")
        await _remove_all(context.objects, attempt.prefix)
        return
    except asyncio.CancelledError:
        await asyncio.shield(repository.put_back(attempt, counted=False))
        raise
    except Exception as error:
        log.exception("attempt failed")
        await _retry_or_fail(context, attempt, error)
    await _tidy(context.objects, lecture_id)


async def _begin(lecture_id: UUID) -> Attempt | None:
    """Counts the start. None where nothing is left to do, or nothing more shall be tried."""
    attempt = await repository.count_start(lecture_id, uuid7())
    if attempt is None:
        given_up = msgspec.structs.replace(Failure.of(GaveUp()), retryable=True)
        await repository.give_up(lecture_id, given_up)
    return attempt


async def _retry_or_fail(context: WorkerContext, attempt: Attempt, error: Exception) -> None:
    if attempt.last:
        fault = error if isinstance(error, MachineFault) else MachineFault()
        await repository.fail(attempt, Failure.of_machine(fault))
        return
    if await repository.put_back(attempt, counted=True):
        raise RetryRequested(attempt.pause, str(error)) from error
    await _remove_all(context.objects, attempt.prefix)


async def _work(context: WorkerContext, attempt: Attempt) -> None:
    with scratch(context.settings.data_dir / "scratch") as folder:
        report = Report(attempt)
        source = folder / "source"
        await context.objects.download(incoming_name(attempt.lecture_id), source)
        await repository.set_source_sha256(attempt, await asyncio.to_thread(_sha256, source))
        package = await report.while_running(
            transcode(source, folder / "package", on_progress=report.take, scratch=folder)
        )
        report.take("publish", 99)
        await report.while_running(_store(context.objects, attempt, package))
        await _publish(context, attempt, package.manifest)


async def _publish(context: WorkerContext, attempt: Attempt, manifest: Manifest) -> None:
    published = await repository.publish(
        attempt,
        summary(manifest),
        duration_seconds=whole_seconds(manifest.duration),
        now=context.clock(),
    )
    if not published:
        raise Superseded


def summary(manifest: Manifest) -> Published:
    return Published(
        format=manifest.format,
        duration=manifest.duration,
        master=manifest.master,
        poster=manifest.poster,
        renditions=tuple(
            RenditionFacts(found.name, found.width, found.height, found.bandwidth)
            for found in manifest.renditions
        ),
    )


async def _store(objects: ObjectStore, attempt: Attempt, package: Package) -> None:
    """Every file under the attempt's own prefix, a few at a time."""
    turn = asyncio.Semaphore(UPLOADS_AT_ONCE)

    async def put(path: str, content_type: str) -> None:
        async with turn:
            await objects.put_file(attempt.prefix + path, package.folder / path, content_type)

    files = [(file.path, file.content_type) for file in package.manifest.files]
    files.append((MANIFEST, CONTENT_TYPES[".json"]))
    async with asyncio.TaskGroup() as group:
        for path, content_type in files:
            group.create_task(put(path, content_type))


async def _tidy(objects: ObjectStore, lecture_id: UUID) -> None:
    """Leaves the published package and nothing else; keeps an upload that may still be needed."""
    lecture = await repository.lecture(lecture_id)
    if lecture is None or not lecture.state.ended:
        return
    if lecture.failure is None or not lecture.failure.retryable:
        await service.remove_incoming(objects, lecture_id)
    await _remove_all(objects, lecture_folder(lecture_id), keep=lecture.package_prefix)


async def _remove_all(objects: ObjectStore, prefix: str, *, keep: str | None = None) -> None:
    for name in await objects.list_names(prefix):
        if keep is None or not name.startswith(keep):
            await objects.remove(name)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Report:
    """Writes how far an attempt is, at most once a second, and notices when it was superseded."""

    def __init__(self, attempt: Attempt) -> None:
        self._attempt = attempt
        self._seen = self._written = ("download", 0)

    def take(self, step: str, percent: float) -> None:
        self._seen = (str(step), int(percent))

    async def while_running(self, work: Awaitable[Any]) -> Any:
        """The work's own result or error; Superseded ends the work."""
        running = asyncio.ensure_future(work)
        try:
            while not running.done():
                await self._write()
                await asyncio.wait({running}, timeout=REPORT_SECONDS)
        except BaseException:
            running.cancel()
            await asyncio.wait({running})
            raise
        return await running

    async def _write(self) -> None:
        if self._seen == self._written:
            return
        self._written = self._seen
        try:
            current = await repository.progress(self._attempt, *self._seen)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            _log.warning("progress was not written", exc_info=True)
            return
        if not current:
            raise Superseded
