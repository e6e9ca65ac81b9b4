"""One long lecture made by two workers, beside the same lecture made by one.

Each worker is a machine of its own with one core: bound to it, with a scratch folder of its own. On
one machine a worker already keeps both cores busy, so a second one can win little there: the last
row says how little (docs/decisions/0007). Workers are started before the clock is.
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

SECONDS, CHUNK_SECONDS = 480, 60
PATIENCE = 600
WORKER = [sys.executable, "-m", "tests.media_pipeline.worker_process"]


def measure() -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="guanbiao-bench-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        lecture = _recording(folder / "lecture.mp4")
        with servers.stores(folder) as (postgres, settings):
            one, two, both = asyncio.run(_walls(postgres, settings, lecture))
    name = "one long lecture, one worker / two workers, a core each"
    shared = "the same, one worker with both cores / two with a core each"
    return [
        row(name, value=one, unit="s", floor=two, target="ratio >= 1.3"),
        row(shared, value=both, unit="s", floor=two, target="ratio >= 1.3"),
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
    first, second = sorted(os.sched_getaffinity(0))[:2]
    crews = ([{first}], [{first}, {second}], [{first, second}])
    walls = [await _wall(store, settings, lecture, crew) for crew in crews]
    await DB.close_connection_pool()
    return walls


async def _wall(
    store: ObjectStore, settings: Settings, lecture: Path, crew: Sequence[set[int]]
) -> float:
    """Seconds from the moment the workers may begin until the lecture can be played. `crew`: the
    cores of each worker."""
    lecture_id = await upload(store, content_of(lecture))
    folder = Path(tempfile.mkdtemp(prefix="crew-", dir=settings.data_dir))
    gate = folder / "gate"
    with ExitStack() as stack:
        for number, cores in enumerate(crew):
            bound = ["taskset", "-c", ",".join(map(str, sorted(cores))), *WORKER]
            environment = _environment(settings, folder / str(number), gate)
            stack.enter_context(servers.process(bound, environment))
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
        "GUANBIAO_CHUNK_SECONDS": str(CHUNK_SECONDS),
        "GUANBIAO_WORK_CONCURRENCY": "1",
        GATE: str(gate),
    }
