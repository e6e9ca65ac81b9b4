"""Another try, an end, a removal: what rows, queue and bucket hold afterwards."""

from datetime import timedelta
from uuid import UUID

import pytest

from infra.clock import system_clock
from infra.database import UnitOfWork
from infra.engine import DB
from infra.errors import Conflict, NotFound
from infra.objects import ObjectStore
from infra.queue import WorkerContext, enqueue
from media_pipeline import repository
from media_pipeline.care import changes
from media_pipeline.care.changes import (
    FileAtFault,
    NotFailed,
    NothingToCancel,
    SourceGone,
    cancel,
    retry,
)
from media_pipeline.care.files import Freed
from media_pipeline.care.purge import Shown, failed_before, purge, unassigned_before
from media_pipeline.care.removal import remove
from media_pipeline.care.standing import standing_of, standings_in, standings_of_author
from media_pipeline.domain import PROCESS, Attempt, State
from media_pipeline.tables import LectureTask
from tests.media_pipeline.care import rows
from tests.one_connection import connection

OLD = timedelta(days=2000)  # older than what other tests date back


async def jobs_of(lecture_id: UUID) -> int:
    query = "SELECT count(*) FROM pgqueuer WHERE position($1::bytea in payload) > 0"
    async with UnitOfWork(DB):
        found = await connection().fetchval(query, str(lecture_id).encode())
    return int(found)


async def queue(lecture_id: UUID, priority: int = 0) -> None:
    async with UnitOfWork(DB):
        await enqueue(PROCESS, {"lecture_id": str(lecture_id)}, priority=priority)


async def a_failed_one(store: ObjectStore) -> UUID:
    lecture_id = await rows.lecture(State.FAILED, rows.an_id(), starts=3, step="encode", percent=40)
    await rows.source(store, lecture_id)
    return lecture_id


async def test_another_try_begins_anew_with_one_job(context: WorkerContext) -> None:
    lecture_id = await a_failed_one(context.objects)
    await rows.task(lecture_id, rows.an_id(), 0)
    await queue(lecture_id)  # one that a dying worker may have left
    await retry(context.objects, lecture_id, now=system_clock())
    found = await standing_of(lecture_id)
    assert found is not None
    assert (found.state, found.starts, found.percent, found.failure) == ("queued", 0, 0, None)
    assert (found.step, found.attempt_id, found.tasks) == (None, None, None)
    assert await jobs_of(lecture_id) == 1


@pytest.mark.parametrize(
    ("state", "values", "kept", "error"),
    [
        (State.PLAYABLE, {}, True, NotFailed),
        (State.QUEUED, {}, True, NotFailed),
        (State.FAILED, {"failure": rows.REFUSED}, True, FileAtFault),
        (State.FAILED, {}, False, SourceGone),
    ],
)
async def test_another_try_is_refused_with_the_reason(
    context: WorkerContext,
    state: State,
    values: dict[str, object],
    kept: bool,
    error: type[Conflict],
) -> None:
    lecture_id = await rows.lecture(state, rows.an_id(), **values)
    if kept:
        await rows.source(context.objects, lecture_id)
    with pytest.raises(error):
        await retry(context.objects, lecture_id, now=system_clock())
    assert await jobs_of(lecture_id) == 0


async def test_work_that_is_cancelled_finds_that_it_is_nobody_s(context: WorkerContext) -> None:
    attempt = Attempt(rows.an_id(), rows.an_id(salt=1), 1)
    lecture_id = attempt.lecture_id
    await rows.lecture(State.PROCESSING, lecture_id, attempt_id=attempt.id)
    assert await repository.progress(attempt, "encode", 40)
    for number, state in enumerate(("waiting", "running", "done")):
        await rows.task(lecture_id, attempt.id, number, state=state, run_id=attempt.id)
    await queue(lecture_id)
    await cancel(lecture_id)
    assert not await repository.progress(attempt, "encode", 50)
    found = await standing_of(lecture_id)
    assert found is not None
    assert found.failure is not None
    assert (found.state, found.failure.code, found.retryable) == ("failed", "cancelled", True)
    query = LectureTask.select(LectureTask.state).where(LectureTask.lecture_id == lecture_id)
    tasks = await query.order_by(LectureTask.number)
    assert [task["state"] for task in tasks] == ["failed", "failed", "done"]
    assert await jobs_of(lecture_id) == 0
    with pytest.raises(NothingToCancel):
        await cancel(lecture_id)


async def test_another_author_s_lecture_is_not_found(context: WorkerContext) -> None:
    lecture_id, other = await a_failed_one(context.objects), UUID(int=2)
    with pytest.raises(NotFound):
        await retry(context.objects, lecture_id, now=system_clock(), author_id=other)
    with pytest.raises(NotFound):
        await cancel(lecture_id, author_id=other)
    with pytest.raises(NotFound):
        await changes.rename(lecture_id, "新标题", author_id=other)
    assert await standing_of(lecture_id, author_id=other) is None


async def test_a_removed_lecture_leaves_nothing(context: WorkerContext) -> None:
    store, lecture_id = context.objects, rows.an_id()
    await rows.lecture(State.PROCESSING, lecture_id, attempt_id=lecture_id)
    multipart = await store.multipart_begin(f"incoming/{lecture_id}", "text/plain")
    await rows.upload(lecture_id, multipart)
    await rows.task(lecture_id, lecture_id, 0)
    await queue(lecture_id)
    for name in (f"lectures/{lecture_id}/{lecture_id}/a", f"work/{lecture_id}/sound-0/a"):
        await rows.put(store, name)
    await rows.source(store, lecture_id)
    would = await purge(store, lecture_id, protected=[], really=False, now=system_clock())
    assert would == rows.purged(lecture_id, 3)
    assert await remove(store, lecture_id) == Freed(3, 15)
    assert await standing_of(lecture_id) is None
    assert not await LectureTask.exists().where(LectureTask.lecture_id == lecture_id)
    assert await jobs_of(lecture_id) == 0
    assert [page async for page in store.open_multiparts(f"incoming/{lecture_id}")] == []
    with pytest.raises(NotFound):
        await remove(store, lecture_id)


async def test_a_package_that_two_lectures_show_goes_with_the_second(
    context: WorkerContext,
) -> None:
    store, first, second = context.objects, rows.an_id(), rows.an_id(salt=1)
    prefix = f"lectures/{first}/{first}/"
    for one in (first, second):
        await rows.lecture(State.PLAYABLE, one, package_prefix=prefix, source_sha256="ab")
    name = await rows.put(store, f"{prefix}master.m3u8")
    found = await standing_of(second)
    assert found is not None
    assert found.shared
    assert await remove(store, first) == Freed()
    assert await rows.names(store, prefix) == {name}
    assert await remove(store, second) == Freed(1, 5)


async def test_what_lessons_showed_is_never_purged(context: WorkerContext) -> None:
    now = system_clock()
    shown, unshown, fresh = (rows.an_id(OLD, salt) for salt in range(3))
    for one, when in ((shown, now - OLD), (unshown, now - OLD), (fresh, now)):
        await rows.lecture(State.PLAYABLE, one, playable_at=when)
    failed = await rows.lecture(State.FAILED, rows.an_id(OLD, 4), created_at=now - OLD)
    long_ago = now - timedelta(days=1500)
    assert await unassigned_before(long_ago, protected=[shown]) == [unshown]
    assert await failed_before(long_ago, protected=[shown]) == [failed]
    with pytest.raises(Shown):
        await purge(context.objects, shown, protected=[shown], really=True, now=now)


async def test_percent_comes_from_the_tasks_of_the_present_attempt(context: WorkerContext) -> None:
    lecture_id, attempt = rows.an_id(), rows.an_id(salt=1)
    await rows.lecture(State.PROCESSING, lecture_id, attempt_id=attempt, percent=10)
    await rows.task(lecture_id, attempt, 0, weight=3, percent=100, state="done")
    await rows.task(lecture_id, attempt, 1, weight=1, percent=0)
    await rows.task(lecture_id, rows.an_id(OLD), 2, weight=100, percent=0, state="failed")
    found = await standing_of(lecture_id)
    assert found is not None
    assert found.tasks is not None
    assert (found.tasks.count, found.tasks.done, found.tasks.share) == (2, 1, 0.75)
    assert found.overall_percent == 77


async def test_a_queued_lecture_knows_how_many_come_before_it(context: WorkerContext) -> None:
    ids = [await rows.lecture(State.QUEUED, rows.an_id(salt=salt)) for salt in range(3)]
    for lecture_id, priority in zip(ids, (-10, -5, -10), strict=True):
        await queue(lecture_id, priority)
    behind = {found.id: found.behind for found in await standings_in([State.QUEUED], limit=100)}
    assert [behind[lecture_id] for lecture_id in ids] == [1, 0, 2]
    newest = await standings_of_author(rows.AUTHOR, before=None, limit=2)
    assert [found.id for found in newest] == sorted(ids, reverse=True)[:2]
