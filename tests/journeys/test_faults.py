"""Journeys of real clips that go on while parts of the instance are killed under them; and one
that ends at its beginning."""

import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import pytest

from infra.objects import ObjectStore
from tests.forks import Forked
from tests.journeys.clips import packaged, unlike_any
from tests.journeys.terminal import Demo, Ended, video
from tests.live import Live
from tests.waiting import condition

_ENCODING = "SELECT id FROM lecture WHERE state = 'processing' AND step = 'encode' AND title = $1"
_WATCHING = "SELECT count(*) FROM play_session WHERE credited_seconds > 0 AND closed_at IS NULL"
SLOW = 90
REFUSED = 2


@pytest.fixture
async def database(live: Live) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(live.running.environment["DATABASE_URL"])
    yield connection
    await connection.close()


@contextmanager
def another_worker(live: Live) -> Iterator[None]:
    environment = {**os.environ, **live.running.environment}
    process = Forked("backend.cli", "worker", env=environment, errors=Path(os.devnull))
    try:
        yield
    finally:
        process.terminate()
        process.wait(30)


def kill(live: Live, part: str) -> None:
    os.kill(live.running.pids[part], signal.SIGKILL)


async def published(live: Live, lecture_id: str) -> set[str]:
    """Attempts of a lecture that left anything in the object store."""
    store = ObjectStore.from_url(live.running.environment["OBJECTS_URL"])
    return {name.split("/")[2] for name in await store.list_names(f"lectures/{lecture_id}/")}


def assert_valid(ended: Ended) -> None:
    assert (ended.exit_code, ended.outcome.get("verdict")) == (0, "valid"), ended.said


async def test_a_lecture_arrives_once_though_its_worker_is_killed_while_encoding(
    live: Live, database: asyncpg.Connection, tmp_path: Path
) -> None:
    clip = unlike_any("bigbuckbunny.mp4", tmp_path)
    demo = Demo("--url", live.base_url, *video(clip))

    async def encoding() -> bool:
        return await database.fetchval(_ENCODING, clip.stem) is not None

    await condition(encoding, seconds=SLOW)
    kill(live, "worker")
    ended = demo.end()
    assert_valid(ended)
    assert len(await published(live, ended.outcome["lecture"]["id"])) == 1


async def test_a_learner_loses_nothing_though_the_api_is_killed_while_watching(
    live: Live, database: asyncpg.Connection
) -> None:
    before = await database.fetchval(_WATCHING)
    demo = Demo("--url", live.base_url, *video(packaged("bikes.mp4")))

    async def watching() -> bool:
        return bool(await database.fetchval(_WATCHING) > before)

    await condition(watching, seconds=SLOW)
    kill(live, "api")
    assert_valid(demo.end())


async def test_two_workers_share_the_work_and_publish_each_lecture_once(
    live: Live, tmp_path: Path
) -> None:
    with another_worker(live):
        names = ("bikes.mp4", "carphone_pristine.mp4")
        clips = [unlike_any(name, tmp_path) for name in names]
        ends = [demo.end() for demo in [Demo("--url", live.base_url, *video(c)) for c in clips]]
    for ended in ends:
        assert_valid(ended)
        assert len(await published(live, ended.outcome["lecture"]["id"])) == 1
    assert len({ended.outcome["record"]["number"] for ended in ends}) == len(clips)


def test_a_text_file_named_mp4_is_refused_with_the_reason(live: Live, tmp_path: Path) -> None:
    fake = tmp_path / "讲座 notes.mp4"
    fake.write_text("not a video at all\n" * 500)
    ended = Demo("--url", live.base_url, *video(fake)).end()
    assert (ended.exit_code, ended.outcome["error"]) == (REFUSED, "not-a-video"), ended.said
    assert "MP4" in ended.said
