"""An instance whose learners have earned a record each, and what its parts take of processors."""

import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import psutil

os.environ.setdefault("PICCOLO_CONF", "backend.piccolo_conf")

from backend.accounts.tables import Person
from backend.prepare import prepare
from backend.records.domain import RecordFacts
from backend.records.drafting import frozen
from backend.records.evidence.domain import (
    CountedAttempt,
    CountedHours,
    Earning,
    LessonPresence,
)
from infra.clock import system_clock
from infra.engine import DB, configure
from infra.ids import uuid7
from infra.local.postgres import OWNER, LocalPostgres
from infra.objects import ObjectStore
from infra.queue import WorkerContext
from infra.settings import Settings
from infra.vault import Vault, place
from tests.backend.records.making import a_hash, some_facts
from tests.bench import servers
from tests.soak.cpu import seconds

SCALE = float(os.environ.get("RECORDS_SCALE", "1"))
_LESSONS = 30
_PEOPLE = [
    *("id", "name_sealed", "password_hash", "demonstration"),
    *("identity_method", "identity_verified_at", "created_at"),
]
_DUES = [
    *("id", "learner_id", "programme", "edition", "revision"),
    *("facts", "earning", "demonstration", "state", "requested_at"),
]


def scaled(count: int, least: int) -> int:
    return max(least, int(count * SCALE))


@dataclass(frozen=True)
class Site:
    postgres: LocalPostgres
    settings: Settings

    @property
    def owner(self) -> str:
        return self.postgres.dsn(OWNER)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.settings.port}"

    @property
    def context(self) -> WorkerContext:
        objects = ObjectStore.from_url(self.settings.objects_url)
        return WorkerContext(objects=objects, clock=system_clock, settings=self.settings)

    def spent(self) -> float:
        """Seconds of processors, of this process and all that it started, PostgreSQL among them."""
        started = psutil.Process().children()
        return time.process_time() + sum(seconds(one.pid) for one in started)


@contextmanager
def site() -> Iterator[Site]:
    with tempfile.TemporaryDirectory(prefix="guanbiao-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with servers.stores(folder) as (postgres, settings):
            yield Site(postgres, settings)


@asynccontextmanager
async def open_pool(site: Site) -> AsyncIterator[None]:
    """Prepared, which a second time costs nothing."""
    await prepare(site.settings, system_clock)
    configure(site.settings.database_url)
    await DB.start_connection_pool(min_size=1, max_size=8)
    try:
        yield
    finally:
        await DB.close_connection_pool()


@contextmanager
def running(site: Site) -> Iterator[None]:
    """API processes, one for each core, and a worker."""
    environment = {
        "DATABASE_URL": site.settings.database_url,
        "OBJECTS_URL": site.settings.objects_url,
        "GUANBIAO_DATA_DIR": str(site.settings.data_dir),
        "GUANBIAO_PORT": str(site.settings.port),
    }
    worker = [sys.executable, "-m", "backend.cli", "worker"]
    with ExitStack() as stack:
        log = stack.enter_context(tempfile.TemporaryFile())
        stack.enter_context(servers.apis(site.settings, log=log))
        stack.enter_context(servers.process(worker, environment, log))
        yield


async def learners(site: Site, count: int) -> list[UUID]:
    """People whose identity was verified at a counter."""
    vault, now, ids = Vault.of(site.settings.keys), system_clock(), [uuid7() for _ in range(count)]
    rows = [
        (one, vault.seal("王小明", place(Person.name_sealed, one)), "-", False, "counter", now, now)
        for one in ids
    ]
    await copied(site, "person", _PEOPLE, rows)
    return ids


async def dues(site: Site, people: Iterable[UUID]) -> list[UUID]:
    """A record that is due to each, as the pass of an exam leaves it, but without its job."""
    now, rows = system_clock(), []
    for learner_id in people:
        facts, earning = earned(learner_id, now)
        of = learner_id, facts.programme_code, facts.edition, facts.revision
        rows.append((uuid7(), *of, frozen(facts), frozen(earning), False, "due", now))
    await copied(site, "due_record", _DUES, rows)
    return [row[0] for row in rows]


def earned(learner_id: UUID, now: datetime) -> tuple[RecordFacts, Earning]:
    """Of 24 class hours in 30 lessons, with the exam passed at the second attempt."""
    modules = [f"M{number:02d}" for number in range(1, 7)]
    hours = tuple(
        CountedHours(
            entry=uuid7(),
            ref=f"{modules[n % 6]}-L{n:02d}",
            module=modules[n % 6],
            source="online",
            kind="awarded",
            seconds=2160,
            evidence_sha256=a_hash(f"hours {n}"),
        )
        for n in range(_LESSONS)
    )
    presence = tuple(LessonPresence(lesson=one.ref, passed=3, missed=0) for one in hours)
    attempts = tuple(
        CountedAttempt(
            attempt=uuid7(),
            number=number,
            paper_sha256=a_hash(f"paper {number}"),
            score=f"{score}.00",
            passed=score >= 60,
            evidence_sha256=a_hash(f"answers {number}"),
        )
        for number, score in ((1, 51), (2, 83))
    )
    facts = some_facts(learner_id, hours_by_module=dict.fromkeys(modules, 5 * 2160))
    by_source = {"online": _LESSONS * 2160}
    return facts, Earning(
        enrolment=uuid7(),
        at=now.isoformat(),
        hours=hours,
        seconds_by_source=by_source,
        presence=presence,
        attempts=attempts,
    )


async def copied(
    site: Site, table: str, columns: list[str], rows: Iterable[tuple[Any, ...]]
) -> None:
    database = await asyncpg.connect(site.owner)
    try:
        await database.copy_records_to_table(table, columns=columns, records=rows)
        await database.execute(f"VACUUM (ANALYZE) {table}")
    finally:
        await database.close()
