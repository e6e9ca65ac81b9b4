"""One long lecture made by two workers, beside the same lecture made by one, on two idle cores.

Workers as they are by default: each makes its parts on a core of its own (docs/decisions/0031). The
second row holds the two against a worker that divides every picture among all cores, as one could
without workers beside it. Each has a scratch folder of its own, and is started before the clock is.
"""

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Sequence
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

SECONDS = 480
PATIENCE = 600
DEFAULT: dict[str, str] = {}
ALL_CORES = {"GUANBIAO_PART_CORES": "0"}
WORKER = [sys.executable, "-m", "tests.media_pipeline.worker_process"]


def measure() -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="guanbiao-bench-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        lecture = _recording(folder / "lecture.mp4")
        with servers.stores(folder) as (postgres, settings):
            one, two, both = asyncio.run(_walls(postgres, settings, lecture))
    name = "one long lecture, one worker / two workers"
    shared = "the same, two workers / one with all cores"
    return [
        row(name, value=one, unit="s", floor=two, target="ratio >= 1.3"),
        row(shared, value=two, unit="s", floor=both, target="ratio <= 1.1"),
    ]


def _recording(path: Path) -> Path:
    """Slides as a screen recorder takes them, with a voice."""
    return clips.clip(path, picture=clips.STILL, size="1920x1080", rate="30", seconds=SECONDS)


async def _walls(postgres: LocalPostgres, settings: Settings, lecture: Path) -> list[float]:
    await migrate(postgres.dsn(OWNER))
    configure(settings.database_url)
    await DB.start_connection_pool(min_size=1, max_size=2)
    store = ObjectStore.from_url(settings.objects_url)
    await store.ensure_bucket()
    settings.data_dir.mkdir()
    crews = ([DEFAULT], [DEFAULT, DEFAULT], [ALL_CORES])
    walls = [await _wall(store, settings, lecture, crew) for crew in crews]
    await DB.close_connection_pool()
    return walls


async def _wall(
    store: ObjectStore, settings: Settings, lecture: Path, crew: Sequence[dict[str, str]]
) -> float:
    """Seconds from the moment the workers may begin until the lecture can be played. `crew`: what
    is set for each worker."""
    lecture_id = await upload(store, content_of(lecture))
    folder = Path(tempfile.mkdtemp(prefix="crew-", dir=settings.data_dir))
    gate = folder / "gate"
    with ExitStack() as stack:
        for number, own in enumerate(crew):
            environment = _environment(settings, folder / str(number), gate)
            stack.enter_context(servers.process(WORKER, {**environment, **own}))
        await condition(lambda: len([*folder.glob("gate.*")]) == len(crew), seconds=60)
        gate.touch()
        began = time.monotonic()
        await reaches(lecture_id, State.PLAYABLE, seconds=PATIENCE)
        return time.monotonic() - began


def _environment(settings: Settings, folder: Path, gate: Path) -> dict[str, str]:
    return {
        "DATABASE_URL": settings.database_url,
        "OBJECTS_URL": settings.objects_url,
        "GUANBIAO_DATA_DIR": str(folder),
        GATE: str(gate),
    }
