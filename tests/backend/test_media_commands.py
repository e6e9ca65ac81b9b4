"""`guanbiao media` as an operator types it, against real rows and a real bucket."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from subprocess import CompletedProcess
from uuid import UUID

import msgspec
import pytest

from backend.lectures.tables import LectureAssignment
from backend.media_lines import length, size, swept_line, total_line
from infra.clock import system_clock
from infra.ids import uuid7
from infra.queue import WorkerContext
from infra.settings import Settings
from media_pipeline.care.sweep import Swept
from media_pipeline.domain import Lack, State
from tests.infra.up import environment, guanbiao, help_of
from tests.media_pipeline.care import rows
from tests.media_pipeline.care.conftest import context

__all__ = ["context"]

COMMANDS = ("list", "show", "retry", "cancel", "purge", "sweep")
OLD = timedelta(days=2000)  # older than what other tests date back
Media = Callable[..., "asyncio.Future[CompletedProcess[str]]"]


@pytest.fixture
def media(settings: Settings, tmp_path: Path) -> Media:
    env = environment(
        DATABASE_URL=settings.database_url,
        OBJECTS_URL=settings.objects_url,
        GUANBIAO_DATA_DIR=str(tmp_path / "none"),
    )
    return lambda *words: asyncio.ensure_future(
        asyncio.to_thread(guanbiao, "media", *map(str, words), env=env)
    )


def document(done: CompletedProcess[str]) -> object:
    assert done.returncode == 0, done.stderr
    return msgspec.json.decode(done.stdout)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_teaches_by_example(command: str) -> None:
    assert f"guanbiao media {command}" in help_of("media", command)


def test_without_an_instance_the_reason_is_one_line(tmp_path: Path) -> None:
    done = guanbiao("media", "list", "--data", str(tmp_path))
    assert (done.returncode, "Traceback" in done.stderr) == (3, False)
    assert "guanbiao up" in done.stderr


async def test_lectures_are_listed_by_state_with_what_they_wait_for(
    media: Media, context: WorkerContext
) -> None:
    lack = msgspec.json.encode(Lack("disk-full", "磁盘已满", "Disk full")).decode()
    queued = await rows.lecture(State.QUEUED, rows.an_id(), waiting_for=lack)
    failed = await rows.lecture(State.FAILED, rows.an_id(salt=1), title="第二课")
    said = [line for line in (await media("list")).stdout.splitlines() if rows.OURS in line]
    assert [line[:36] for line in said] == [str(failed), str(queued)]
    assert "machine-fault (retryable)" in said[0]
    assert "第二课" in said[0]
    assert "disk-full" in said[1]
    some = document(await media("list", "--state", "queued", "--json"))
    assert isinstance(some, list)
    waits = {one["id"]: one["waiting_for"] for one in some}
    assert waits[str(queued)]["code"] == "disk-full"
    assert str(failed) not in waits


async def test_one_lecture_is_shown_with_tasks_files_and_who_shares_it(
    media: Media, context: WorkerContext
) -> None:
    one, other, attempt = rows.an_id(), rows.an_id(salt=1), rows.an_id(salt=2)
    prefix = f"lectures/{one}/{attempt}/"
    for lecture_id in (one, other):
        await rows.lecture(
            State.PLAYABLE,
            lecture_id,
            package_prefix=prefix,
            source_sha256="ab",
            attempt_id=attempt,
        )
    await rows.task(one, attempt, 0, state="done", percent=100, worker="北京-1")
    await rows.put(context.objects, f"{prefix}master.m3u8")
    found = document(await media("show", one, "--json"))
    assert isinstance(found, dict)
    assert found["shared_with"] == [str(other)]
    assert found["files"][prefix] == {"objects": 1, "bytes": 5}
    assert [(task["kind"], task["worker"]) for task in found["tasks"]] == [("chunk", "北京-1")]
    assert [lesser["rule"] for lesser in found["shortcomings"]] == ["Apple 7.6"]
    said = (await media("show", one)).stdout
    assert "[Apple 7.6] × 2: 720p/00003.m4s lasts 2.000 s" in said
    assert "chunk-0  done  100 %  starts 0  北京-1" in said
    assert (await media("show", uuid7())).returncode == 2


async def test_a_lecture_is_cancelled_and_tried_again(media: Media, context: WorkerContext) -> None:
    lecture_id = await rows.lecture(State.QUEUED, rows.an_id())
    assert (await media("cancel", lecture_id)).returncode == 0
    gone = await media("retry", lecture_id)
    assert (gone.returncode, "重新上传" in gone.stderr) == (2, True)
    await rows.source(context.objects, lecture_id)
    assert (await media("retry", lecture_id)).returncode == 0
    found = document(await media("show", lecture_id, "--json"))
    assert isinstance(found, dict)
    assert (found["state"], found["behind"]) == ("queued", 0)


async def test_a_purge_says_first_what_it_would_remove_and_spares_what_lessons_showed(
    media: Media, context: WorkerContext
) -> None:
    when = system_clock() - OLD
    failed = await rows.lecture(State.FAILED, rows.an_id(OLD), created_at=when)
    await rows.source(context.objects, failed)
    unshown = await rows.lecture(State.PLAYABLE, rows.an_id(OLD, 1), playable_at=when)
    shown = await rows.lecture(State.PLAYABLE, rows.an_id(OLD, 2), playable_at=when)
    await assign(shown)
    rules = ("--failed-older-than", 1500, "--unassigned-older-than", 1500)
    assert document(await media("purge", *rules, "--json")) == {
        "removed": False,
        "lectures": [
            {"id": str(failed), "objects": 1, "bytes": 5},
            {"id": str(unshown), "objects": 0, "bytes": 0},
        ],
    }
    refused = await media("purge", shown, "--yes")
    assert (refused.returncode, "学习记录" in refused.stderr) == (2, True)
    assert "已清除 · removed: 2" in (await media("purge", *rules, "--yes")).stdout
    left = document(await media("list", "--json"))
    assert isinstance(left, list)
    assert [one["id"] for one in left if rows.OURS in one["id"]] == [str(shown)]


async def assign(lecture_id: UUID) -> None:
    row = LectureAssignment(
        id=uuid7(),
        lesson_code="M99-L99",  # of no edition: the row is never removed, and others learn here
        demonstration=False,
        lecture_id=lecture_id,
        assigned_by=rows.AUTHOR,
        assigned_at=system_clock(),
    )
    await LectureAssignment.insert(row)


async def test_a_sweep_says_what_it_removed(media: Media, context: WorkerContext) -> None:
    await rows.put(context.objects, f"work/{rows.an_id(OLD)}/chunk-0/720p.mp4")
    swept = document(await media("sweep", "--json"))
    assert isinstance(swept, dict)
    assert (swept["work"], swept["bytes"]) == (1, 5)


def test_sizes_and_lengths_are_told_as_people_say_them() -> None:
    assert [size(count) for count in (5, 2048, 3 << 30, 5 << 50)] == [
        *("5 B", "2.0 KiB", "3.0 GiB", "5120.0 TiB")
    ]
    assert [length(seconds) for seconds in (59, 3725)] == ["0:00:59", "1:02:05"]


def test_what_was_not_done_is_not_told_as_done() -> None:
    assert "--yes" in total_line([], removed=False)
    assert "nothing to remove" in swept_line(Swept())
    assert "5 B" in swept_line(Swept(work=1, objects=1, bytes=5))
