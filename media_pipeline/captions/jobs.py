"""The job that has a lecture's speech recognised. Safe to run twice: the same captions again are
no new version, and an author's are never replaced."""

import asyncio
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from pgqueuer import PgQueuer
from pgqueuer.errors import RetryRequested
from pgqueuer.models import Job

from infra.database import UnitOfWork, connection
from infra.engine import DB
from infra.errors import Conflict, Invalid, NotFound
from infra.outage import until_back
from infra.queue import WorkerContext, enqueue, payload_of
from infra.vault import Vault, place
from media_pipeline import repository as lectures
from media_pipeline import service as media
from media_pipeline.captions import languages, repository, service
from media_pipeline.captions.domain import NotRecognised, Origin
from media_pipeline.captions.errors import (
    NoSpeechHeard,
    NoTranscriber,
    NotYetPlayable,
    RecognitionFailed,
    UploadedCaptionsStand,
)
from media_pipeline.captions.recognise import transcriber
from media_pipeline.captions.soundtrack import wav
from media_pipeline.domain import LectureFacts, State
from media_pipeline.running.scratch import scratch
from media_pipeline.running.tools import find_all
from media_pipeline.tables import Lecture

TRANSCRIBE = "media.transcribe"
PRIORITY = -10  # after every lecture that waits to be seen at all
_TRIES = 3
_PAUSE = timedelta(minutes=1)
_log = structlog.get_logger(__name__)


async def ask(lecture_id: UUID, language: str, *, author_id: UUID, transcriber: str) -> str:
    """Queues the recognition, once; the language as it will be named. NoTranscriber,
    NotYetPlayable, UploadedCaptionsStand."""
    tag = languages.canonical(language)
    async with UnitOfWork(DB):
        lecture = await media.lecture_of(lecture_id, author_id=author_id)
        if not transcriber.strip():
            raise NoTranscriber
        if lecture.state is not State.PLAYABLE:
            raise NotYetPlayable
        await repository.hold_lecture(lecture_id)
        found = await repository.track(lecture_id, tag)
        if found is not None and found.origin is Origin.UPLOAD:
            raise UploadedCaptionsStand
        await repository.forget_failure(lecture_id, tag)
        if tag not in await asked_for(lecture_id):
            await _enqueue(lecture_id, tag)
    return tag


async def asked_for(lecture_id: UUID) -> list[str]:
    """Languages whose recognition is queued or running."""
    async with UnitOfWork(DB):
        rows = await connection().fetch(
            "SELECT payload FROM pgqueuer WHERE entrypoint = $1", TRANSCRIBE
        )
    payloads = [payload_of(row["payload"]) for row in rows]
    return sorted(str(p["language"]) for p in payloads if p.get("lecture_id") == str(lecture_id))


async def failures(lecture_id: UUID) -> list[NotRecognised]:
    """Recognitions that ended without captions, and were not asked for again."""
    return await repository.failures(lecture_id)


def register(queue: PgQueuer, context: WorkerContext) -> None:
    @queue.entrypoint(TRANSCRIBE, accepts_context=False)
    async def transcribe(job: Job) -> None:
        payload = payload_of(job.payload)
        lecture_id, language = UUID(str(payload["lecture_id"])), str(payload["language"])
        work = asyncio.create_task(transcribe_lecture(context, lecture_id, language))
        try:
            await _until_stopped(work, queue.shutdown)
        except asyncio.CancelledError:
            # The queue forgets a job whose task is cancelled: a new one takes its place.
            await asyncio.shield(_enqueue(lecture_id, language))
            raise
        failed = _judge(work, tries=job.attempts + 1)
        if failed is not None:
            kept = for_the_author(failed, language, now=context.clock())
            await until_back(lambda: _keep_failure(lecture_id, kept))


async def _until_stopped(work: "asyncio.Task[None]", stop: asyncio.Event) -> None:
    """A worker that is told to stop does not finish: recognising may take hours."""
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({work, stopping}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopping.cancel()
        if not work.done():
            work.cancel()
            await asyncio.wait({work})


def _judge(work: "asyncio.Task[None]", *, tries: int) -> BaseException | None:
    """What ended it for good, if it did not end well. RetryRequested where another time may do:
    the worker stopped, or the machine was at fault."""
    if work.cancelled():
        raise RetryRequested(timedelta(0), "the worker stops")
    error = work.exception()
    if error is None:
        return None
    final = isinstance(error, Invalid | Conflict | NotFound) or tries >= _TRIES
    _log.error("speech recognition failed", final=final, why=str(error), exc_info=error)
    if not final:
        raise RetryRequested(_PAUSE, str(error)) from error
    return error


def for_the_author(error: BaseException, language: str, *, now: datetime) -> NotRecognised:
    """Only what is in the lecture itself is told as it is: what a recogniser did or wrote is the
    operator's to mend, and stands in the log."""
    told = error if isinstance(error, Conflict) else RecognitionFailed()
    return NotRecognised(language, told.code, told.zh, str(told), now)


async def _keep_failure(lecture_id: UUID, failure: NotRecognised) -> None:
    async with UnitOfWork(DB):
        if await repository.hold_lecture(lecture_id):
            await repository.keep_failure(lecture_id, failure)


async def _enqueue(lecture_id: UUID, language: str) -> None:
    payload = {"lecture_id": str(lecture_id), "language": language}
    async with UnitOfWork(DB):
        await enqueue(TRANSCRIBE, payload, priority=PRIORITY)


async def transcribe_lecture(context: WorkerContext, lecture_id: UUID, language: str) -> None:
    """Raises what went wrong; nothing is stored then."""
    lecture = await lectures.lecture(lecture_id)
    if lecture is None or lecture.state is not State.PLAYABLE:
        raise NotYetPlayable
    try:
        text = await _recognised(context, lecture, language)
        put = await service.keep_found(
            lecture_id, language, text, origin=Origin.RECOGNISED, now=context.clock()
        )
    except UploadedCaptionsStand:
        _log.info("an author's captions came first", lecture=str(lecture_id), language=language)
        return
    _log.info("speech recognised", lecture=str(lecture_id), language=language, cues=put.cues)


async def _recognised(context: WorkerContext, lecture: LectureFacts, language: str) -> str:
    tools = await asyncio.to_thread(find_all)
    hears = await asyncio.to_thread(transcriber, context.settings.transcriber, tools)
    assert lecture.manifest is not None
    key = await _content_key(context, lecture)
    with scratch(context.settings.data_dir / "scratch") as folder:
        sound = await wav(context.objects, tools, lecture, folder, key=key)
        text = await hears.transcribe(
            sound, language=language, seconds=lecture.manifest.duration, folder=folder
        )
    if "-->" not in text:
        raise NoSpeechHeard
    return text


async def _content_key(context: WorkerContext, lecture: LectureFacts) -> bytes | None:
    """Lectures of the same content share a package, and only the one that made it has the key."""
    row = (
        await Lecture.select(Lecture.content_key)
        .where(
            Lecture.package_prefix == lecture.package_prefix,
            Lecture.content_key.is_not_null(),
        )
        .first()
    )
    if row is None:
        return None
    vault = await asyncio.to_thread(Vault.of, context.settings.keys)
    at = place(Lecture.content_key, str(lecture.package_prefix))
    return bytes.fromhex(vault.open(bytes(row["content_key"]), at))
