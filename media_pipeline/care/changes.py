"""What an author or an operator does to a lecture: another try, an end, its removal."""

from datetime import datetime
from uuid import UUID

import msgspec

from infra.database import UnitOfWork, connection
from infra.engine import DB
from infra.errors import Conflict, NotFound
from infra.objects import NoSuchObject, ObjectStore
from infra.queue import enqueue
from media_pipeline.domain import PROCESS, Failure, State, guessed_seconds, incoming_name, priority

_RETRY = """
UPDATE lecture SET state = 'queued', starts = 0, failure = NULL, step = NULL, percent = 0,
    attempt_id = NULL, waiting_for = NULL, begun_at = NULL, degraded = NULL, plan = NULL
WHERE id = $1 AND state = 'failed' AND (failure ->> 'retryable')::boolean RETURNING id
"""
_CANCEL = """
UPDATE lecture SET state = 'failed', failure = $2, attempt_id = NULL, waiting_for = NULL
WHERE id = $1 AND state IN ('queued', 'processing') RETURNING id
"""
_END_TASKS = """
UPDATE lecture_task SET state = 'failed', run_id = NULL
WHERE lecture_id = $1 AND state IN ('waiting', 'running')
"""
_FORGET_JOBS = """
DELETE FROM pgqueuer WHERE status = 'queued' AND entrypoint = $1
AND payload = convert_to('{"lecture_id":"' || $2 || '"}', 'UTF8')
"""


class NotFailed(Conflict):
    """Only a failed lecture can be tried again, and this one has not failed; just wait for it."""

    zh = "只有处理失败的视频才能重试；该视频并未失败，请等待处理完成。"


class FileAtFault(Conflict):
    """The file itself was refused, so trying again changes nothing; mend it and upload it anew."""

    zh = "问题出在文件本身，重试无济于事；请按提示修正文件后重新上传。"


class SourceGone(Conflict):
    """The uploaded file is no longer kept; upload it again."""

    zh = "已不再保留上传的文件；请重新上传。"


class NothingToCancel(Conflict):
    """This lecture is neither queued nor being processed; there is nothing to cancel."""

    zh = "该视频不在排队或处理中，无需取消。"


class Cancelled(Conflict):
    """Processing was cancelled; the file is kept for some time: try again or remove it."""

    zh = "已取消处理；文件会保留一段时间，可以重试，也可以删除。"


async def retry(
    objects: ObjectStore, lecture_id: UUID, *, now: datetime, author_id: UUID | None = None
) -> None:
    """NotFound, NotFailed, FileAtFault, SourceGone. The job is there when the row says so."""
    await _check_retryable(lecture_id, author_id)
    try:
        source = await objects.stat(incoming_name(lecture_id))
    except NoSuchObject as error:
        raise SourceGone from error
    async with UnitOfWork(DB):
        if not await connection().fetchval(_RETRY, lecture_id):
            raise NotFailed
        await connection().execute("DELETE FROM lecture_task WHERE lecture_id = $1", lecture_id)
        await forget_jobs(lecture_id)
        first = priority(now, guessed_seconds(source.size))
        await enqueue(PROCESS, {"lecture_id": str(lecture_id)}, priority=first)


async def cancel(lecture_id: UUID, *, author_id: UUID | None = None) -> None:
    """NotFound, NothingToCancel. Work that runs notices with its next report of progress."""
    failure = msgspec.structs.replace(Failure.of(Cancelled()), retryable=True)
    async with UnitOfWork(DB):
        await state_of(lecture_id, author_id)
        encoded = msgspec.json.encode(failure).decode()
        if not await connection().fetchval(_CANCEL, lecture_id, encoded):
            raise NothingToCancel
        await connection().execute(_END_TASKS, lecture_id)
        await forget_jobs(lecture_id)


async def rename(lecture_id: UUID, title: str, *, author_id: UUID) -> None:
    async with UnitOfWork(DB):
        await state_of(lecture_id, author_id)
        await connection().execute(
            "UPDATE lecture SET title = $2 WHERE id = $1", lecture_id, title.strip()
        )


async def forget_jobs(lecture_id: UUID) -> None:
    """Those nobody has begun: a second job would start an attempt of its own beside the first."""
    await connection().execute(_FORGET_JOBS, PROCESS, str(lecture_id))


async def state_of(lecture_id: UUID, author_id: UUID | None) -> State:
    """NotFound also for another author's. Needs an open `UnitOfWork`."""
    state = await connection().fetchval(
        "SELECT state FROM lecture WHERE id = $1 AND ($2::uuid IS NULL OR author_id = $2)",
        *(lecture_id, author_id),
    )
    if state is None:
        raise NotFound
    return State(state)


async def _check_retryable(lecture_id: UUID, author_id: UUID | None) -> None:
    async with UnitOfWork(DB):
        if await state_of(lecture_id, author_id) is not State.FAILED:
            raise NotFailed
        retryable = await connection().fetchval(
            "SELECT (failure ->> 'retryable')::boolean FROM lecture WHERE id = $1", lecture_id
        )
    if not retryable:
        raise FileAtFault
