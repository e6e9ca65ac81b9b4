"""Work that is cancelled or whose lecture is removed ends within a report and leaves nothing."""

import asyncio
from pathlib import Path
from uuid import UUID

from infra.clock import system_clock
from infra.objects import ObjectStore
from infra.queue import WorkerContext
from media_pipeline import jobs
from media_pipeline.care import changes
from media_pipeline.care.removal import remove
from media_pipeline.domain import State
from tests.media_pipeline.work.making import (
    assert_published_once,
    content_of,
    facts,
    reaches,
    says_step,
    upload_for_us_alone,
)


async def left(objects: ObjectStore, lecture_id: UUID) -> list[str]:
    work = [name for name in await objects.list_names("work/") if str(lecture_id) in name]
    return work + await objects.list_names(f"lectures/{lecture_id}/")


async def test_cancelled_work_ends_and_may_be_tried_again(
    context: WorkerContext, moving: Path
) -> None:
    lecture_id = await upload_for_us_alone(context.objects, content_of(moving))
    working = asyncio.create_task(jobs.process_lecture(context, lecture_id))
    await says_step(lecture_id, "encode")
    await changes.cancel(lecture_id)
    await asyncio.wait_for(working, 30)
    failure = (await facts(lecture_id)).failure
    assert failure is not None
    assert failure.code == "cancelled"
    assert await left(context.objects, lecture_id) == []
    await changes.retry(context.objects, lecture_id, now=system_clock())
    await jobs.process_lecture(context, lecture_id)
    await reaches(lecture_id, State.PLAYABLE)
    await assert_published_once(context.objects, lecture_id)


async def test_a_lecture_removed_while_it_is_made_leaves_nothing(
    context: WorkerContext, moving: Path
) -> None:
    lecture_id = await upload_for_us_alone(context.objects, content_of(moving))
    working = asyncio.create_task(jobs.process_lecture(context, lecture_id))
    await says_step(lecture_id, "encode")
    await remove(context.objects, lecture_id)
    await asyncio.wait_for(working, 30)
    assert await left(context.objects, lecture_id) == []
    assert await context.objects.list_names(f"incoming/{lecture_id}") == []
