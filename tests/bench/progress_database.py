"""What PostgreSQL itself makes of a batch: its limit without HTTP, and the statements it counts."""

import asyncio
import time

import asyncpg

from backend.progress.heartbeats import repository as heartbeat_rows
from infra.clock import system_clock
from infra.local.postgres import LocalPostgres
from tests.bench.progress_learners import BEAT_SECONDS, LECTURE_SECONDS, Viewer

ROWS = 500
_BATCHES = 12
_AROUND = ("BEGIN", "COMMIT", 'SELECT ALL "sign_in_session"')
_COUNTED = """
SELECT query, calls FROM pg_stat_statements s JOIN pg_roles r ON r.oid = s.userid
WHERE r.rolname = 'guanbiao_app'
"""


async def bulk_rows_per_second(dsn: str, viewers: list[Viewer]) -> float:
    """Heartbeats a second when nobody asks over HTTP and nothing is judged: the same two
    statements, 500 learners each, one connection, every transaction committed."""
    groups = [viewers[at : at + ROWS] for at in range(0, len(viewers), ROWS)]
    database = await asyncpg.connect(dsn)
    try:
        await _batch(database, groups[0], 0)  # prepares the statements
        started = time.perf_counter()
        for number in range(_BATCHES):
            await _batch(database, groups[number % len(groups)], number)
        return _BATCHES * ROWS / (time.perf_counter() - started)
    finally:
        await database.close()


async def _batch(
    database: "asyncpg.Connection[asyncpg.Record]", viewers: list[Viewer], number: int
) -> None:
    people, sessions = [v.learner_id for v in viewers], [v.session_id for v in viewers]
    seconds, now = BEAT_SECONDS * (number + 1), system_clock()
    bits = ((1 << seconds) - 1).to_bytes((LECTURE_SECONDS + 7) // 8, "little")
    many = len(viewers)
    async with database.transaction():
        await database.fetch(heartbeat_rows._DESK, people, sessions)
        await database.execute(
            heartbeat_rows._STORE,
            *(people, sessions, [seconds] * many, [number + 1] * many, [now] * many),
            *([20_000] * many, [400_000_000] * many),
            *(people, [v.watch_id for v in viewers], [bits] * many, [seconds] * many),
            *([], [], [], [], [], []),
            *(people, [now.date()] * many, [seconds] * many, [seconds] * many, [100] * many),
            *([None] * many, [None] * many),
        )


class Statements:
    """Counted by PostgreSQL over all that the application's role sends."""

    def __init__(self, postgres: LocalPostgres) -> None:
        self._dsn = postgres.dsn("postgres")

    def forget(self) -> None:
        asyncio.run(self._forget())

    async def _forget(self) -> None:
        database = await asyncpg.connect(self._dsn)
        await database.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
        await database.execute("SELECT pg_stat_statements_reset()")
        await database.close()

    def a_batch(self) -> float:
        """Statements a transaction besides BEGIN and COMMIT, and the list of ended sign-ins, which
        a process reads every five seconds whatever comes."""
        return asyncio.run(self._a_batch())

    async def _a_batch(self) -> float:
        database = await asyncpg.connect(self._dsn)
        found = await database.fetch(_COUNTED)
        await database.close()
        batches = sum(row["calls"] for row in found if row["query"] == heartbeat_rows._DESK)
        asked = [row for row in found if not row["query"].startswith(_AROUND)]
        return float(sum(row["calls"] for row in asked) / batches)
