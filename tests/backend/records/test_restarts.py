"""PostgreSQL goes away in the middle of issuing: each record that is due is made once, and nobody
has to lend a hand."""

import asyncio
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest

from backend.records import log, service
from backend.records.sequencer import CHECKPOINT
from backend.records.tables import CompletionRecord, LogLeaf, LogProof
from infra.clock import ManualClock
from infra.database import UnitOfWork
from infra.engine import DB
from infra.local.postgres import DATABASE, LocalPostgres
from infra.objects import ObjectStore
from infra.outage import is_away
from infra.settings import Settings
from tests.backend.records.conftest import Someone
from tests.backend.records.making import some_facts
from tests.forks import Forked
from tests.waiting import condition

DUE = 40
_BLOCKED = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock' AND query ~ $1
"""


@pytest.fixture
def worker(settings: Settings, database: None, tmp_path: Path) -> Iterator[None]:
    environment = {
        "DATABASE_URL": settings.database_url,
        "OBJECTS_URL": settings.objects_url,
        "GUANBIAO_DATA_DIR": str(tmp_path),
        "GUANBIAO_KEYS_DIR": str(settings.keys),
    }
    process = Forked(
        "tests.backend.records.worker_at_start",
        env={**os.environ, **environment},
        errors=tmp_path / "worker.log",
    )
    yield
    process.kill()
    process.wait(30)


async def start_again_before_it_writes(
    table: str, server: LocalPostgres, how: signal.Signals
) -> None:
    """The worker's transaction has done all until there, and waits for our lock."""
    connection = await asyncpg.connect(server.dsn("postgres", DATABASE))  # who sees what others ask

    async def waits() -> bool:
        await connection.execute("SELECT pg_stat_clear_snapshot()")  # a transaction looks once
        return bool(await connection.fetchval(_BLOCKED, table))

    try:
        await connection.execute(f"BEGIN; LOCK TABLE {table} IN EXCLUSIVE MODE")
        await condition(waits, seconds=20)
        os.kill(server.pid, how)
        await asyncio.to_thread(server.stop)
    finally:
        connection.terminate()
    await asyncio.to_thread(server.start, server.port)


async def proved(learner_id: UUID) -> int:
    """Records of somebody that are in the log with their proof; none while nobody can be asked."""
    try:
        records = await CompletionRecord.objects().where(CompletionRecord.learner_id == learner_id)
        entries = [record.entry_id for record in records] or [learner_id]
        return int(await LogProof.count().where(LogProof.entry_id.is_in(entries)))
    except Exception as error:
        if not is_away(error):
            raise
        return 0


@pytest.mark.usefixtures("worker")
@pytest.mark.parametrize(
    ("table", "how"),
    [
        pytest.param("record_event", signal.SIGQUIT, id="records are written; at once"),
        pytest.param("log_checkpoint", signal.SIGINT, id="leaves and tiles are written; in order"),
    ],
)
async def test_a_database_that_is_started_again_loses_no_record_and_doubles_none(
    table: str,
    how: signal.Signals,
    someone: Someone,
    clock: ManualClock,
    local_postgres: LocalPostgres,
    object_store: ObjectStore,
) -> None:
    learner_id = await someone()
    again = asyncio.create_task(start_again_before_it_writes(table, local_postgres, how))
    async with UnitOfWork(DB):
        for number in range(DUE):
            facts = some_facts(learner_id, programme_code=f"P{number}")
            await service.request_record(facts, clock())
    await again

    async def all_proved() -> bool:
        return await proved(learner_id) == DUE

    await condition(all_proved, seconds=60)
    records = await CompletionRecord.objects().where(CompletionRecord.learner_id == learner_id)
    assert len({record.due for record in records}) == len(records) == DUE
    assert len({(record.status_list, record.status_index) for record in records}) == DUE
    leaves = await LogLeaf.select(LogLeaf.leaf_index, LogLeaf.entry_id).order_by(LogLeaf.leaf_index)
    assert [row["leaf_index"] for row in leaves] == list(range(len(leaves)))
    newest = await log.latest_checkpoint()
    assert newest is not None
    assert (await object_store.get_bytes(CHECKPOINT)).decode() == newest.note
