"""Durable heartbeats a second through real HTTP, beside a bare server and bare commits."""

import asyncio
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import asyncpg
import msgspec

os.environ.setdefault("PICCOLO_CONF", "backend.piccolo_conf")

from backend.accounts.domain import Role
from backend.accounts.tokens import AccessTokens
from backend.prepare import prepare
from backend.progress.domain import CHECK_AFTER_SECONDS
from backend.progress.tables import LearnerSeat, LessonWatch, PlaySession
from infra.clock import system_clock
from infra.database import UnitOfWork
from infra.engine import DB, configure
from infra.ids import uuid7
from infra.instance import public_url
from infra.local.ports import free_port
from infra.local.postgres import OWNER, LocalPostgres, binaries
from infra.settings import Settings
from infra.vault import Vault
from tests.bench import servers
from tests.bench.load import Request, post, requests_per_second
from tests.bench.rows import Row, interleaved, row
from tests.people import sign_in_someone

CONNECTIONS = 64
TURNS = 150
ROUNDS = 3
LESSON_SECONDS = 2700
LONGEST = CHECK_AFTER_SECONDS[1]  # more seconds than a viewer sends: no check comes in between
_COMMIT = """
\\set id random(1, 1000)
UPDATE bench_bitmap SET watched = repeat('x', 338)::bytea, seconds = seconds + 1 WHERE id = :id;
"""


class Viewer(msgspec.Struct):
    session_id: UUID
    authorization: str
    next_second: int = 0

    def heartbeat(self) -> bytes:
        """The next second of the lecture, so that every request has something to store."""
        self.next_second += 1
        return self.same_size(self.next_second - 1)

    def same_size(self, at: int) -> bytes:
        event = {
            "id": str(uuid7()),
            "playSessionId": str(self.session_id),
            "fromSecond": at,
            "toSecond": at + 1,
        }
        body = msgspec.json.encode({"events": [event]})
        return post("/v1/heartbeats", body, f"Authorization: {self.authorization}\r\n")


def measure() -> list[Row]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="guanbiao-bench-")))
        folder.chmod(0o755)
        postgres, settings = stack.enter_context(servers.stores(folder))
        viewers = asyncio.run(_prepare(settings))
        api = stack.enter_context(servers.api(settings)).url
        bare = stack.enter_context(_bare())
        asyncio.run(_make_bitmaps(postgres))
        ours, floor, commits = interleaved(
            lambda: _load(api, lambda number, _: viewers[number].heartbeat()),
            lambda: _load(bare, lambda number, turn: viewers[number].same_size(turn)),
            lambda: _pgbench(postgres, folder),
            rounds=ROUNDS,
        )
        _assert_stored(settings, viewers)
    beats = "durable heartbeats"
    return [
        row(f"{beats} / bare ASGI", value=ours, unit="1/s", floor=floor, target="value >= 5000"),
        row(f"{beats} / pgbench", value=ours, unit="1/s", floor=commits, target="ratio >= 1"),
    ]


def _load(url: str, request: Request) -> float:
    return asyncio.run(requests_per_second(url, request, connections=CONNECTIONS, turns=TURNS))


async def _prepare(settings: Settings) -> list[Viewer]:
    """People in the middle of a 45-minute lesson that they opened an hour ago."""
    await prepare(settings, system_clock)
    configure(settings.database_url)
    await DB.start_connection_pool(min_size=1, max_size=2)
    try:
        tokens = AccessTokens.of(settings.keys, await public_url())
        vault = Vault.of(settings.keys)
        async with UnitOfWork(DB):
            viewers = [await _viewer(vault, tokens) for _ in range(CONNECTIONS)]
    finally:
        await DB.close_connection_pool()
    return viewers


async def _viewer(vault: Vault, tokens: AccessTokens) -> Viewer:
    person = await sign_in_someone((Role.LEARNER,), vault=vault, tokens=tokens, clock=system_clock)
    now, watch_id, session_id = system_clock(), uuid7(), uuid7()
    await LearnerSeat(
        learner_id=person.id,
        active_play_session_id=session_id,
        day=now.date(),
        day_seconds=0,
        day_pending=0,
        check_in_seconds=LONGEST,
    ).save()
    await LessonWatch(
        id=watch_id,
        learner_id=person.id,
        enrolment_id=uuid7(),
        lesson_code="M02-L01",
        module_code="M02",
        lecture_id=uuid7(),
        duration_seconds=LESSON_SECONDS,
        credit_seconds=900,
        watched=bytes((LESSON_SECONDS + 7) // 8),
        watched_seconds=0,
        pending=bytes((LESSON_SECONDS + 7) // 8),
        pending_seconds=0,
        watched_percent=95,
        needs_questions=True,
        needs_reading_seconds=0,
        read_seconds=0,
    ).save()
    await PlaySession(
        id=session_id,
        learner_id=person.id,
        lesson_watch_id=watch_id,
        lecture_id=uuid7(),
        edition="2026.1",
        rate_percent=100,
        credited_seconds=0,
        started_at=now - timedelta(hours=1),
        clock_from=now - timedelta(hours=1),
        playlist_at=now,
        beats=0,
        beat_gap_ms=0,
        beat_gap_square=0,
    ).save()
    return Viewer(session_id, person.headers["Authorization"])


@contextmanager
def _bare() -> Iterator[str]:
    port = free_port()
    server = [sys.executable, "-m", "uvicorn", "tests.bench.bare:application", "--port", str(port)]
    options = ["--loop", "uvloop", "--http", "httptools", "--no-access-log"]
    with servers.process([*server, *options, "--log-level", "error"], {}):
        yield servers.answering(f"http://127.0.0.1:{port}", "/")


async def _make_bitmaps(postgres: LocalPostgres) -> None:
    database = await asyncpg.connect(postgres.dsn(OWNER))
    await database.execute(
        "CREATE TABLE bench_bitmap (id int PRIMARY KEY, watched bytea, seconds int);"
        "INSERT INTO bench_bitmap SELECT n, ''::bytea, 0 FROM generate_series(1, 1000) n"
    )
    await database.close()


def _pgbench(postgres: LocalPostgres, folder: Path) -> float:
    """Commits a second of the same database when every heartbeat is a transaction of its own."""
    script = folder / "commit.sql"
    script.write_text(_COMMIT)
    done = subprocess.run(
        [
            *(str(binaries() / "pgbench"), "-n", "-c", "16", "-j", "2", "-T", "3"),
            *("-f", str(script), postgres.dsn(OWNER)),
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    found = re.search(r"tps = ([0-9.]+)", done.stdout)
    assert found is not None, done.stdout
    return float(found[1])


def _assert_stored(settings: Settings, viewers: list[Viewer]) -> None:
    """Every acknowledged second is in the database, or the figure above is worth nothing."""

    async def read() -> dict[UUID, int]:
        database = await asyncpg.connect(settings.database_url)
        rows = await database.fetch("SELECT id, credited_seconds FROM play_session")
        await database.close()
        return {found["id"]: found["credited_seconds"] for found in rows}

    stored = asyncio.run(read())
    sent = TURNS * ROUNDS
    assert all(stored[viewer.session_id] == sent for viewer in viewers), "a heartbeat was lost"
