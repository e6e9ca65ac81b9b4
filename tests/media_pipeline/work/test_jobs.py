"""Lectures arrive once, whatever happens to the workers."""

import asyncio
from pathlib import Path

import msgspec
import pytest
from pgqueuer.errors import RetryRequested
from pgqueuer.models import Job

from infra.clock import system_clock
from infra.ids import uuid7
from infra.queue import WorkerContext
from media_pipeline import jobs, repository
from media_pipeline.domain import MAX_STARTS, PROCESS, State
from media_pipeline.work.workshop import Workshop
from tests.media_pipeline.work.making import (
    assert_published_once,
    assert_published_once_in_the_end,
    content_of,
    encoders,
    facts,
    jobs_end,
    jobs_of,
    reaches,
    starts,
    upload,
    upload_for_us_alone,
)
from tests.media_pipeline.work.workers import PATIENT, StartWorker
from tests.waiting import condition


async def test_an_upload_becomes_playable(context: WorkerContext, short: Path) -> None:
    lecture_id = await upload_for_us_alone(context.objects, content_of(short))
    await jobs.process_lecture(context, lecture_id)
    await assert_published_once(context.objects, lecture_id)
    lecture = await facts(lecture_id)
    assert (lecture.duration_seconds, lecture.percent, lecture.step) == (2, 100, None)
    assert lecture.manifest is not None
    assert {found.name for found in lecture.manifest.renditions} == {"240p", "audio"}


async def test_running_a_finished_job_again_changes_nothing(
    context: WorkerContext, short: Path
) -> None:
    lecture_id = await upload_for_us_alone(context.objects, content_of(short))
    await jobs.process_lecture(context, lecture_id)
    before = await facts(lecture_id)
    await jobs.process_lecture(context, lecture_id)
    assert await facts(lecture_id) == before
    await assert_published_once(context.objects, lecture_id)


async def test_a_bad_file_fails_with_what_to_do_and_is_not_tried_again(
    context: WorkerContext, short: Path
) -> None:
    content = content_of(short)
    lecture_id = await upload_for_us_alone(context.objects, content[: len(content) // 2])
    await jobs.process_lecture(context, lecture_id)
    lecture = await facts(lecture_id)
    assert lecture.state is State.FAILED
    assert lecture.failure is not None
    assert lecture.failure.code == "truncated"
    assert "完整" in lecture.failure.zh
    assert "in full" in lecture.failure.en
    assert await context.objects.list_names(f"incoming/{lecture_id}") == []


async def test_a_fault_of_the_machine_is_tried_three_times_with_longer_pauses(
    context: WorkerContext, short: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GUANBIAO_PACKAGER", "/nowhere")
    lecture_id = await upload_for_us_alone(context.objects, content_of(short))
    pauses = []
    for _ in range(MAX_STARTS - 1):
        with pytest.raises(RetryRequested) as retry:
            await jobs.process_lecture(context, lecture_id)
        pauses.append(retry.value.delay.total_seconds())
        assert (await facts(lecture_id)).state is State.QUEUED
    assert pauses == [10, 30]
    await jobs.process_lecture(context, lecture_id)
    failure = (await facts(lecture_id)).failure
    assert failure is not None
    assert (failure.code, failure.retryable) == ("tool-missing", True)
    assert await context.objects.list_names(f"incoming/{lecture_id}"), "the author's file is kept"


async def test_a_file_that_kills_its_worker_three_times_is_given_up(
    context: WorkerContext, short: Path
) -> None:
    lecture_id = await upload_for_us_alone(context.objects, content_of(short))
    for _ in range(MAX_STARTS):
        assert await repository.count_start(lecture_id, uuid7(), now=system_clock()), (
            "a start without an end"
        )
    await jobs.process_lecture(context, lecture_id)
    failure = (await facts(lecture_id)).failure
    assert failure is not None
    assert failure.code == "gave-up"


async def test_a_worker_taken_for_dead_publishes_nothing(
    context: WorkerContext, short: Path
) -> None:
    """Both run to their end, the first slower than its successor would like."""
    lecture_id = await upload_for_us_alone(context.objects, content_of(short))
    first = asyncio.create_task(jobs.process_lecture(context, lecture_id))
    await reaches(lecture_id, State.PROCESSING)
    second = asyncio.create_task(jobs.process_lecture(context, lecture_id))
    await asyncio.gather(first, second)
    await assert_published_once(context.objects, lecture_id)
    assert await starts(lecture_id) == 2


async def test_a_worker_told_to_stop_hands_its_job_back(
    context: WorkerContext, start_worker: StartWorker, moving: Path
) -> None:
    lecture_id = await upload(context.objects, content_of(moving))
    stopped = start_worker()
    await condition(lambda: bool(encoders(stopped)), seconds=60)
    stopped.terminate()
    assert await asyncio.to_thread(stopped.wait, 10) == 0
    assert (await facts(lecture_id)).state is State.QUEUED
    assert (await starts(lecture_id), await jobs_of(lecture_id)) == (0, 1)
    start_worker()
    await reaches(lecture_id, State.PLAYABLE)
    await assert_published_once_in_the_end(context.objects, lecture_id)


async def test_two_workers_share_the_lectures(
    context: WorkerContext, start_worker: StartWorker, short: Path
) -> None:
    lectures = [await upload(context.objects, content_of(short)) for _ in range(3)]
    start_worker(**PATIENT)
    start_worker(**PATIENT)
    for lecture_id in lectures:
        await reaches(lecture_id, State.PLAYABLE)
        await assert_published_once_in_the_end(context.objects, lecture_id)
        assert await starts(lecture_id) == 1


async def test_a_job_cancelled_with_its_worker_is_queued_anew(
    context: WorkerContext, moving: Path
) -> None:
    lecture_id = await upload_for_us_alone(context.objects, content_of(moving))
    never, shop, now = asyncio.Event(), Workshop(context), system_clock()
    job = Job.model_validate(
        {
            **dict.fromkeys(("created", "updated", "heartbeat", "execute_after"), now),
            **{"id": 1, "priority": 0, "status": "picked", "entrypoint": PROCESS},
            **{"payload": msgspec.json.encode({"lecture_id": lecture_id}), "headers": None},
            "queue_manager_id": None,
        }
    )
    running = asyncio.create_task(jobs.run_unless_stopped(never, shop, job))
    await reaches(lecture_id, State.PROCESSING)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    shop.close()
    assert (await facts(lecture_id)).state is State.QUEUED
    assert (await starts(lecture_id), await jobs_of(lecture_id)) == (0, 1)
    assert list((context.settings.data_dir / "scratch").glob("*")) == []  # if there is one yet


async def test_the_same_file_uploaded_thrice_is_encoded_once(
    context: WorkerContext, start_worker: StartWorker, short: Path
) -> None:
    content = content_of(short)
    lectures = [await upload(context.objects, content) for _ in range(3)]
    start_worker()
    start_worker()
    for lecture_id in lectures:
        await reaches(lecture_id, State.PLAYABLE)
    (prefix,) = {(await facts(lecture_id)).package_prefix for lecture_id in lectures}
    assert prefix is not None
    maker = prefix.split("/")[1]
    for lecture_id in lectures:
        await jobs_end(lecture_id)
        stored = await context.objects.list_names(f"lectures/{lecture_id}/")
        assert bool(stored) == (str(lecture_id) == maker)
    assert [await starts(lecture_id) for lecture_id in lectures] != [0, 0, 0]
