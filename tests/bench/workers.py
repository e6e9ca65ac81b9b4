"""One long lecture made by two workers, beside the same lecture made by one.

Each worker does one part at a time with as many threads as the machine has cores, so the single
one has both cores to itself. Workers are started before the clock is.
"""

import asyncio
import os
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

os.environ.setdefault("PICCOLO_CONF", "backend.piccolo_conf")

from infra.engine import DB, configure
from infra.local.postgres import OWNER, LocalPostgres
from infra.migrate import migrate
from infra.objects import ObjectStore
from infra.settings import Settings
from media_pipeline.domain import State
from tests.bench import servers
from tests.bench.rows import Row, row
from tests.media_pipeline import clips
from tests.media_pipeline.work.making import content_of, reaches, upload
from tests.media_pipeline.worker_process import GATE
from tests.waiting import condition

SECONDS, CHUNK_SECONDS = 480, 60
PATIENCE = 600
WORKER = [sys.executable, "-m", "tests.media_pipeline.worker_process"]


def measure() -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="guanbiao-bench-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        lecture = _recording(folder / "lecture.mp4")
        with servers.stores(folder) as (postgres, settings):
            one, two = asyncio.run(_walls(postgres, settings, lecture))
    name = "one long lecture, one worker / two workers"
    return [row(name, value=one, unit="s", floor=two, target="ratio >= 1.3")]


def _recording(path: Path) -> Path:
    """Slides as a screen recorder takes them, with a voice."""
    return clips.clip(path, picture=clips.STILL, size="1920x1080", rate="30", seconds=SECONDS)


async def _walls(postgres: LocalPostgres, settings: Settings, lecture: Path) -> tuple[float, float]:
    await migrate(postgres.dsn(OWNER))
    configure(settings.database_url)
    await DB.start_connection_pool(min_size=1, max_size=2)
    store = ObjectStore.from_url(settings.objects_url)
    await store.ensure_bucket()
    settings.data_dir.mkdir()
    walls = [await _wall(store, settings, lecture, count) for count in (1, 2)]
    await DB.close_connection_pool()
    return walls[0], walls[1]


async def _wall(store: ObjectStore, settings: Settings, lecture: Path, count: int) -> float:
    """Seconds from the moment the workers may begin until the lecture can be played."""
    lecture_id = await upload(store, content_of(lecture))
    gate = settings.data_dir / f"gate-{count}"
    with ExitStack() as stack:
        for number in range(count):
            name = settings.data_dir / f"{count}-{number}"
            stack.enter_context(servers.process(WORKER, _environment(settings, name, gate)))
        await condition(lambda: len([*gate.parent.glob(f"{gate.name}.*")]) == count, seconds=60)
        gate.touch()
        began = time.monotonic()
        await reaches(lecture_id, State.PLAYABLE, seconds=PATIENCE)
        return time.monotonic() - began


def _environment(settings: Settings, folder: Path, gate: Path) -> dict[str, str]:
    return {
        "DATABASE_URL": settings.database_url,
        "OBJECTS_URL": settings.objects_url,
        "GUANBIAO_DATA_DIR": str(folder),
        "GUANBIAO_CHUNK_SECONDS": str(CHUNK_SECONDS),
        "GUANBIAO_WORK_CONCURRENCY": "1",
        GATE: str(gate),
    }
