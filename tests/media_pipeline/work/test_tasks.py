"""The parts of a long lecture, run here and now without the queue."""

import asyncio
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from pgqueuer.errors import RetryRequested

from infra.clock import system_clock
from infra.database import UnitOfWork
from infra.engine import DB
from infra.ids import uuid7
from infra.objects import ObjectStore
from infra.queue import WorkerContext
from media_pipeline import jobs
from media_pipeline.domain import MAX_STARTS, TASK, Attempt, State
from media_pipeline.tables import Lecture
from media_pipeline.work import repository
from media_pipeline.work.domain import TaskKind, TaskRun, join_of
from media_pipeline.work.requeue import requeue_lost
from media_pipeline.work.storing import LISTING
from media_pipeline.work.task import do_task
from media_pipeline.work.workshop import Workshop
from tests.media_pipeline.work.making import (
    assert_published_once,
    content_of,
    facts,
    jobs_of,
    row,
    starts,
    tasks_of,
    upload_for_us_alone,
)
from tests.one_connection import connection
from tests.waiting import condition


@pytest.fixture
def in_pieces(context: WorkerContext) -> WorkerContext:
    usual = context.settings
    settings = usual.model_copy(update={"chunk_seconds": 12, "encode_threads": 1, "part_cores": 0})
    return WorkerContext(objects=context.objects, clock=context.clock, settings=settings)


@pytest.fixture
async def shared(in_pieces: WorkerContext, lesson: Path) -> UUID:
    """A lecture that was prepared and shared out; nobody has begun a part."""
    lecture_id = await upload_for_us_alone(in_pieces.objects, content_of(lesson))
    await jobs.process_lecture(in_pieces, lecture_id)
    return lecture_id


async def ids(lecture_id: UUID, *, kind: str | None = None) -> list[UUID]:
    tasks = await tasks_of(lecture_id)
    return [task["id"] for task in tasks if kind in {None, task["kind"]}]


async def begun(task_id: UUID) -> TaskRun:
    async with UnitOfWork(DB):
        run = await repository.begin(task_id, uuid7(), worker="test", now=system_clock())
    assert run is not None
    return run


async def test_a_lecture_is_shared_out_once_though_its_job_comes_again(
    in_pieces: WorkerContext, shared: UUID
) -> None:
    before = await tasks_of(shared)
    assert [(task["kind"], task["state"]) for task in before] == [
        *[("chunk", "waiting")] * (len(before) - 1),
        ("sound", "waiting"),
    ]
    await jobs.process_lecture(in_pieces, shared)
    assert await tasks_of(shared) == before
    assert await jobs_of(shared) == len(before) > 3


async def test_parts_that_end_together_call_for_one_join_which_has_the_spoilt_made_again(
    in_pieces: WorkerContext, shared: UUID
) -> None:
    """In the store one part's file is cut short and another's list is gone: only these two begin
    once more, and then a new join."""
    shop, objects = Workshop(in_pieces), in_pieces.objects
    await asyncio.gather(*(do_task(shop, task, priority=7) for task in await ids(shared)))
    (join,) = await ids(shared, kind="join")
    assert await priorities(join) == [7]
    before = {(task["kind"], task["number"]): task for task in await tasks_of(shared)}
    await spoil(objects, before["chunk", 1], before["chunk", 2])
    await do_task(shop, join, priority=7)
    waiting = [task for task in await tasks_of(shared) if task["state"] == "waiting"]
    assert [(task["kind"], task["number"]) for task in waiting] == [("chunk", 1), ("chunk", 2)]
    assert (await facts(shared)).state is State.PROCESSING
    for task in waiting:
        assert 7 in await priorities(task["id"])
        await do_task(shop, task["id"], priority=7)
    await do_task(shop, *await ids(shared, kind="join"), priority=7)
    shop.close()
    await assert_published_once(objects, shared)
    after = {(task["kind"], task["number"]): task["run_id"] for task in await tasks_of(shared)}
    again = {key for key, run_id in after.items() if run_id != before[key]["run_id"]}
    assert again == {("chunk", 1), ("chunk", 2), ("join", 0)}
    assert await starts(shared) == 1, "the lecture itself began once"
    assert list((in_pieces.settings.data_dir / "scratch").iterdir()) == []


async def spoil(objects: ObjectStore, cut: dict[str, Any], listless: dict[str, Any]) -> None:
    def folder(task: dict[str, Any]) -> str:
        return f"work/{task['attempt_id']}/{task['kind']}-{task['number']}/{task['run_id']}/"

    (film, *_) = [name for name in await objects.list_names(folder(cut)) if name.endswith(".mp4")]
    await objects.put_bytes(film, (await objects.get_bytes(film))[:-1], "video/mp4")
    await objects.remove(folder(listless) + LISTING)


async def priorities(task_id: UUID) -> list[int]:
    """Of the task's jobs."""
    async with UnitOfWork(DB):
        queued = await connection().fetch(
            "SELECT priority FROM pgqueuer WHERE convert_from(payload, 'UTF8') LIKE $1",
            f"%{task_id}%",
        )
    return [row["priority"] for row in queued]


async def test_a_store_that_spoils_whatever_it_is_given_ends_the_lecture(
    in_pieces: WorkerContext, shared: UUID
) -> None:
    attempt = UUID(str((await row(shared))["attempt_id"]))
    for task_id in await ids(shared):
        for _ in range(MAX_STARTS - 1):
            await begun(task_id)
        async with UnitOfWork(DB):
            assert await repository.end(await begun(task_id), now=system_clock())
            await repository.add(Attempt(attempt, shared, 1), [join_of([1])])
    shop = Workshop(in_pieces)
    await do_task(shop, *await ids(shared, kind="join"), priority=0)
    failure = (await facts(shared)).failure
    assert failure is not None
    assert (failure.code, failure.retryable) == ("spoilt-part", True)
    assert await in_pieces.objects.list_names(f"incoming/{shared}"), "the author's file is kept"


async def test_a_run_that_was_taken_over_is_told_so_whatever_it_says(shared: UUID) -> None:
    (task_id, *_) = await ids(shared)
    first, second = await begun(task_id), await begun(task_id)
    async with UnitOfWork(DB):
        assert not await repository.progress(first, "encode", 50, prepared=10, lack=None)
        assert not await repository.end(first, now=system_clock())
        assert not await repository.put_back(first, counted=True)
        assert await repository.progress(second, "encode", 50, prepared=10, lack=None)
        assert await repository.end(second, now=system_clock())
    assert not await repository.ended(first)
    assert await repository.ended(second)


async def test_a_part_that_kills_its_workers_fails_its_lecture(
    in_pieces: WorkerContext, shared: UUID
) -> None:
    (task_id, *_) = await ids(shared)
    for _ in range(MAX_STARTS):
        await begun(task_id)
    shop = Workshop(in_pieces)
    await do_task(shop, task_id, priority=0)
    failure = (await facts(shared)).failure
    assert failure is not None
    assert (failure.code, failure.retryable) == ("gave-up", True)
    assert {task["state"] for task in await tasks_of(shared)} == {"failed"}


async def test_a_machine_s_fault_is_tried_three_times_and_then_ends_the_whole_lecture(
    in_pieces: WorkerContext, shared: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GUANBIAO_PACKAGER", "/nowhere")
    (task_id, *others) = await ids(shared)
    shop, pauses = Workshop(in_pieces), []
    for _ in range(MAX_STARTS - 1):
        with pytest.raises(RetryRequested) as retry:
            await do_task(shop, task_id, priority=0)
        pauses.append(retry.value.delay.total_seconds())
    assert pauses == [10, 30]
    await do_task(shop, task_id, priority=0)
    failure = (await facts(shared)).failure
    assert failure is not None
    assert (failure.code, failure.retryable) == ("tool-missing", True)
    await do_task(shop, others[0], priority=0)
    assert {task["state"] for task in await tasks_of(shared)} == {"failed"}
    assert await in_pieces.objects.list_names(f"incoming/{shared}"), "the author's file is kept"


async def test_a_cancelled_lecture_s_running_part_stops_and_leaves_nothing(
    in_pieces: WorkerContext, shared: UUID
) -> None:
    shop = Workshop(in_pieces)
    (chunk, *_) = await ids(shared, kind="chunk")
    running = asyncio.create_task(do_task(shop, chunk, priority=0))

    async def runs() -> bool:
        return any(task["state"] == "running" for task in await tasks_of(shared))

    await condition(runs)
    await Lecture.update(
        {
            Lecture.state: State.FAILED,
            Lecture.attempt_id: None,
            Lecture.failure: '{"code": "cancelled", "zh": "已取消", "en": "Cancelled"}',
        }
    ).where(Lecture.id == shared)
    await running
    shop.close()
    for task in await tasks_of(shared):
        assert await in_pieces.objects.list_names(f"work/{task['attempt_id']}/") == []
    assert await jobs_of(shared) == len(await tasks_of(shared)), "they will find nothing to do"


async def test_work_that_has_lost_its_jobs_gets_new_ones_once(
    in_pieces: WorkerContext, shared: UUID, short: Path
) -> None:
    waiting = await upload_for_us_alone(in_pieces.objects, content_of(short))
    async with UnitOfWork(DB):
        await connection().execute("DELETE FROM pgqueuer WHERE entrypoint = $1", TASK)
    assert await requeue_lost(system_clock()) >= 1 + len(await tasks_of(shared))
    assert await requeue_lost(system_clock()) == 0
    assert await jobs_of(waiting) == 1
    assert await jobs_of(shared) == len(await tasks_of(shared))


async def test_a_source_is_fetched_once_for_all_parts_and_goes_with_the_last(
    in_pieces: WorkerContext, shared: UUID
) -> None:
    shop = Workshop(in_pieces)
    sources, *parts = [in_pieces.settings.data_dir / "scratch", *await ids(shared)]
    await do_task(shop, parts[0], priority=0)
    await shop.sources.sweep()
    (kept,) = sources.rglob("source")
    before = kept.stat()
    for part in parts[1:]:
        await shop.sources.sweep()
        await do_task(shop, part, priority=0)
        assert kept.stat().st_mtime_ns == before.st_mtime_ns
    await shop.sources.sweep()
    assert list(sources.iterdir()) == []
    assert TaskKind.JOIN in {task["kind"] for task in await tasks_of(shared)}
