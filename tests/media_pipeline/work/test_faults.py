"""What a machine can lack for a while: nothing is lost, nothing is made twice."""

import asyncio
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from uuid import UUID

import pytest

from infra.local.objects import LocalObjects
from infra.local.postgres import LocalPostgres
from infra.queue import WorkerContext
from infra.settings import Settings
from media_pipeline.domain import State
from tests.media_pipeline.work.making import (
    assert_published_once_in_the_end,
    content_of,
    encoders,
    facts,
    reaches,
    row,
    starts,
    tasks_of,
    upload,
)
from tests.media_pipeline.work.networks import Network, NoNamespaces, network
from tests.media_pipeline.work.workers import IN_PIECES, PATIENT, StartWorker, Worker
from tests.waiting import condition


async def waits_for(lecture_id: UUID, code: str) -> None:
    async def there() -> bool:
        said = (await row(lecture_id))["waiting_for"]
        assert said is None or {"code", "zh", "en"} == set(said)
        return said is not None and said["code"] == code

    await condition(there, seconds=60)


async def encodes(worker: Worker) -> None:
    await condition(lambda: bool(encoders(worker)), seconds=60)


async def test_the_store_is_away_in_the_middle_of_a_job(
    context: WorkerContext, start_worker: StartWorker, local_objects: LocalObjects, moving: Path
) -> None:
    lecture_id = await upload(context.objects, content_of(moving))
    await encodes(start_worker(**IN_PIECES, **PATIENT))
    await asyncio.to_thread(local_objects.stop)
    await waits_for(lecture_id, "store-unreachable")
    await asyncio.to_thread(local_objects.start, local_objects.port)
    await reaches(lecture_id, State.PLAYABLE)
    await assert_published_once_in_the_end(context.objects, lecture_id)
    assert (await starts(lecture_id), (await row(lecture_id))["waiting_for"]) == (1, None)


async def test_the_database_is_started_again_in_the_middle_of_a_job(
    context: WorkerContext, start_worker: StartWorker, local_postgres: LocalPostgres, lesson: Path
) -> None:
    lecture_id = await upload(context.objects, content_of(lesson))
    await encodes(start_worker(**IN_PIECES, **PATIENT))
    await asyncio.to_thread(local_postgres.stop)
    await asyncio.to_thread(local_postgres.start, local_postgres.port)
    await reaches(lecture_id, State.PLAYABLE)
    await assert_published_once_in_the_end(context.objects, lecture_id)
    assert {task["starts"] for task in await tasks_of(lecture_id)} == {1}


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """128 MiB, as root may mount them."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=128m", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only root may mount a small disk")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """All the room that is left, however much others take of it meanwhile."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(bytes(1 << 16)):
            continue
    return filler


async def test_a_disk_that_fills_up_is_waited_for(
    context: WorkerContext, start_worker: StartWorker, small_disk: Path, moving: Path
) -> None:
    lecture_id = await upload(context.objects, content_of(moving))
    await encodes(start_worker(GUANBIAO_DATA_DIR=str(small_disk), **PATIENT))
    filler = fill(small_disk)
    await waits_for(lecture_id, "disk-full")
    await reaches(lecture_id, State.QUEUED)
    filler.unlink()
    await reaches(lecture_id, State.PLAYABLE)
    await assert_published_once_in_the_end(context.objects, lecture_id)
    assert (await starts(lecture_id), (await row(lecture_id))["waiting_for"]) == (1, None)


async def test_a_disk_too_small_for_a_lecture_is_not_tried_in_vain(
    context: WorkerContext, start_worker: StartWorker, small_disk: Path, moving: Path
) -> None:
    (small_disk / "filler").write_bytes(bytes(80 << 20))
    lecture_id = await upload(context.objects, content_of(moving))
    start_worker(GUANBIAO_DATA_DIR=str(small_disk), **PATIENT)
    await waits_for(lecture_id, "disk-full")
    larger = ["mount", "-o", "remount,size=512m", str(small_disk)]
    await asyncio.to_thread(subprocess.run, larger, check=True)
    await reaches(lecture_id, State.PLAYABLE)
    assert await starts(lecture_id) == 1


Cut = tuple[Callable[[], object], Callable[[], object]]


async def taken_over(
    context: WorkerContext, start_worker: StartWorker, lesson: Path, lost: Worker, cut: Cut
) -> None:
    """The first worker disappears in the middle of a chunk; when all is done it comes back."""
    disappear, come_back = cut
    lecture_id = await upload(context.objects, content_of(lesson))
    await condition(lambda: _runs_a_chunk(lecture_id), seconds=60)
    disappear()
    start_worker(**IN_PIECES)
    await reaches(lecture_id, State.PLAYABLE, seconds=180)
    before = await facts(lecture_id)
    come_back()
    await condition(lambda: not encoders(lost), seconds=30)
    await assert_published_once_in_the_end(context.objects, lecture_id)
    assert await facts(lecture_id) == before
    again = [task for task in await tasks_of(lecture_id) if task["starts"] == 2]
    assert len(again) == 1
    assert len({task["worker"] for task in await tasks_of(lecture_id)}) >= 1


async def _runs_a_chunk(lecture_id: UUID) -> bool:
    tasks = await tasks_of(lecture_id)
    return any(task["kind"] == "chunk" and task["state"] == "running" for task in tasks)


async def test_a_worker_that_freezes_and_wakes_up_later_changes_nothing(
    context: WorkerContext, start_worker: StartWorker, lesson: Path
) -> None:
    frozen = start_worker(**IN_PIECES)
    cut = (
        lambda: frozen.send_signal(signal.SIGSTOP),
        lambda: frozen.send_signal(signal.SIGCONT),
    )
    await taken_over(context, start_worker, lesson, frozen, cut)


@pytest.fixture
def elsewhere(settings: Settings) -> Iterator[Network]:
    try:
        with network(settings) as laid:
            yield laid
    except NoNamespaces as error:
        pytest.skip(f"no network namespaces here: {error}")


async def test_a_worker_cut_off_from_the_network_changes_nothing_when_it_is_back(
    context: WorkerContext, start_worker: StartWorker, lesson: Path, elsewhere: Network
) -> None:
    away = start_worker(through=elsewhere.through, **IN_PIECES, **elsewhere.environment)
    await taken_over(context, start_worker, lesson, away, (elsewhere.pull, elsewhere.plug))
