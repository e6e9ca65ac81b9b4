"""Durable heartbeats a second through real HTTP, beside what else could take them.

Every request carries the next 20 seconds of one of 1,000 viewers, so each has something to store.
A connection for each of them: a deadline day has thousands. What is measured and what it is held
against have a process for each core, and share the cores with PostgreSQL and with the load itself.
Between the timed rounds everybody is set back to the beginning of the lecture, with 12 minutes to
the next presence check: none falls due within a round. `make soak` has them answered.
"""

import asyncio
import os
import resource
import sys
import tempfile
import time
from collections.abc import Coroutine, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any, TypeVar

import asyncpg
import uvloop

os.environ.setdefault("PICCOLO_CONF", "backend.piccolo_conf")

from backend.accounts.tokens import AccessTokens
from backend.prepare import prepare
from infra.clock import system_clock
from infra.committer import GATHERED_LIMIT, WAITING_LIMIT
from infra.local.ports import free_port
from infra.local.postgres import OWNER, LocalPostgres
from infra.settings import Settings
from tests.bench import servers
from tests.bench.load import latencies, post, requests_per_second
from tests.bench.progress_database import Statements, bulk_rows_per_second
from tests.bench.progress_learners import BEAT_SECONDS, LONGEST, Viewer, fill, renew
from tests.bench.progress_overload import Overload, overload
from tests.bench.rows import Row, interleaved, row

VIEWERS = 1_000
MANY = 1_000_000
CONNECTIONS = 1_000
TURNS = 30
ROUNDS = 3
_INTRODUCTIONS = 6
_HALF_LOAD_SECONDS = 5
_MOST_TURNS = (LONGEST // BEAT_SECONDS - 1) * (VIEWERS // CONNECTIONS)  # without a check
_AT_ONCE = 6_000
_STILL_SECONDS = 4.0
_OPEN_FILES = 16_384
_FRESH_SECONDS = 300  # tokens live for ten minutes

T = TypeVar("T")


class Instance:
    """A database with `learners` people in the middle of a lecture, VIEWERS of them watching now,
    spread over all of it."""

    def __init__(self, postgres: LocalPostgres, settings: Settings, learners: int) -> None:
        self.postgres, self.settings = postgres, settings
        each = learners // VIEWERS
        self.viewers = [Viewer(each * number) for number in range(1, VIEWERS + 1)]
        self._signed_in = float("-inf")
        self.fill_seconds = _run(self._prepare(learners))

    async def _prepare(self, learners: int) -> float:
        prepared = await prepare(self.settings, system_clock)
        self._tokens = AccessTokens.of(self.settings.keys, prepared.public_url)
        database = await asyncpg.connect(self.postgres.dsn(OWNER))
        started = time.perf_counter()
        await fill(database, learners, system_clock(), enrolled=False)
        await database.close()
        return time.perf_counter() - started

    def heartbeat(self, number: int, turn: int) -> bytes:
        viewer = self._turn(number, turn)
        return post("/v1/heartbeats", viewer.next_beat(), viewer.authorization)

    def same_size(self, number: int, turn: int) -> bytes:
        """For a server that stores nothing: nobody gets any further."""
        viewer = self._turn(number, turn)
        body = viewer.next_beat()
        viewer.beats -= 1
        return post("/v1/heartbeats", body, viewer.authorization)

    def _turn(self, number: int, turn: int) -> Viewer:
        """A connection has viewers of its own: nobody's heartbeats overtake each other."""
        return self.viewers[number + turn % (VIEWERS // CONNECTIONS) * CONNECTIONS]

    def load(self, url: str, turns: int = TURNS) -> float:
        """Heartbeats a second, each of them looked for in the database afterwards."""
        self.renew()
        found = _run(requests_per_second(url, self.heartbeat, connections=CONNECTIONS, turns=turns))
        _run(self._assert_stored())
        return found

    def p99_ms(self, url: str, rate: float) -> float:
        self.renew()
        turns = min(int(rate * _HALF_LOAD_SECONDS) // CONNECTIONS, _MOST_TURNS)
        taken = _run(
            latencies(url, self.heartbeat, connections=CONNECTIONS, rate=rate, turns=turns)
        )
        _run(self._assert_stored())
        return sorted(taken)[len(taken) * 99 // 100] * 1000

    def overload(self, url: str) -> Overload:
        """Six heartbeats of everybody at once, all of the same seconds: they count once."""
        self.renew()
        first = [viewer.next_beat() for viewer in self.viewers]
        requests = [
            post("/v1/heartbeats", body, viewer.authorization)
            for _ in range(_AT_ONCE // VIEWERS)
            for viewer, body in zip(self.viewers, first, strict=True)
        ]
        found = _run(
            overload(url, requests, self.postgres.dsn(OWNER), still_seconds=_STILL_SECONDS)
        )
        _run(self._assert_stored())
        assert found.accepted == _AT_ONCE
        return found

    def renew(self) -> None:
        async def again() -> None:
            database = await asyncpg.connect(self.postgres.dsn(OWNER))
            await renew(database, [viewer.learner_id for viewer in self.viewers])
            await database.close()

        _run(again())
        stale = time.perf_counter() - self._signed_in > _FRESH_SECONDS
        self._signed_in = time.perf_counter() if stale else self._signed_in
        for viewer in self.viewers:
            viewer.beats = 0
            if stale:
                viewer.signed_in(self._tokens, system_clock())

    async def _assert_stored(self) -> None:
        database = await asyncpg.connect(self.postgres.dsn(OWNER))
        rows = await database.fetch(
            "SELECT learner_id, pending_seconds FROM lesson_watch"
            " WHERE learner_id = ANY($1::uuid[]) AND pending_seconds > 0",
            [viewer.learner_id for viewer in self.viewers],
        )
        await database.close()
        stored = {one["learner_id"]: one["pending_seconds"] for one in rows}
        sent = {v.learner_id: v.beats * BEAT_SECONDS for v in self.viewers if v.beats}
        assert stored == sent, "a heartbeat was lost, or counted twice"


def measure() -> list[Row]:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, _OPEN_FILES), most))
    with ExitStack() as stack:
        small, large = (_instance(stack, learners) for learners in (VIEWERS, MANY))
        print(f"{MANY:,} learners made in {large.fill_seconds:.0f} s", file=sys.stderr)
        log = stack.enter_context(tempfile.TemporaryFile())  # slow answers are to be expected
        ours, ours_large = (
            stack.enter_context(servers.apis(i.settings, log=log))[0].url for i in (small, large)
        )
        single = stack.enter_context(_beside(small, "tests.bench.progress_single", log))
        floor = stack.enter_context(bare())
        for instance, url in ((small, ours), (large, ours_large), (small, single)):
            # Tokens are checked for the first time, statements prepared: several times, because
            # each process must have seen each viewer.
            for _ in range(_INTRODUCTIONS):
                instance.load(url, VIEWERS // CONNECTIONS)
        small.load(ours)  # each pooled connection asks once what the types are that a batch sends
        statements = Statements(small.postgres)
        statements.forget()
        small.load(ours)
        batch = statements.a_batch()
        rates = interleaved(
            lambda: small.load(ours),
            lambda: large.load(ours_large),
            lambda: small.load(single, TURNS // 5),
            lambda: _run(
                requests_per_second(floor, small.same_size, connections=CONNECTIONS, turns=TURNS)
            ),
            lambda: _bulk(small),
            rounds=ROUNDS,
        )
        p99 = small.p99_ms(ours, rates[0] / 2)
        with servers.api(_elsewhere(small), log=log) as alone:
            over = small.overload(alone.url)
    return [*_rows(rates, p99, batch), *_overload_rows(over)]


def _rows(rates: list[float], p99: float, statements: float) -> list[Row]:
    ours, large, single, bare, bulk = rates
    beats = "durable heartbeats"
    return [
        row(f"{beats} / bare ASGI", value=ours, unit="1/s", floor=bare, target="value >= 5000"),
        row(
            f"{beats} / a transaction each",
            value=ours,
            unit="1/s",
            floor=single,
            target="ratio >= 10",
        ),
        row(f"{beats} / SQL in bulk", value=ours, unit="1/s", floor=bulk, target="ratio >= 0.25"),
        row("the same at half load, p99", value=p99, unit="ms", floor=100, target="value <= 100"),
        row(
            f"{beats}, {VIEWERS:,} / {MANY:,} learners",
            value=ours,
            unit="1/s",
            floor=large,
            target="ratio <= 1.3",
        ),
        row(
            "statements a batch, besides BEGIN and COMMIT",
            value=statements,
            unit="",
            floor=2,
            target="ratio <= 1",
        ),
    ]


def _overload_rows(found: Overload) -> list[Row]:
    what = f"{_AT_ONCE:,} at once, database still for {_STILL_SECONDS:g} s"
    return [
        row(
            f"{what}: told to come again / more than may wait",
            value=found.refused,
            unit="",
            floor=_AT_ONCE - WAITING_LIMIT - GATHERED_LIMIT,
            target="ratio >= 1",
        ),
        row(
            "the same: last one durable after its return / patience of a phone",
            value=found.done_after,
            unit="s",
            floor=30,
            target="ratio <= 1",
        ),
    ]


def _instance(stack: ExitStack, learners: int) -> Instance:
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="guanbiao-bench-")))
    folder.chmod(0o755)
    return Instance(*stack.enter_context(servers.stores(folder)), learners)


@contextmanager
def _beside(instance: Instance, module: str, log: IO[bytes]) -> Iterator[str]:
    """Another server on the same database."""
    with servers.apis(_elsewhere(instance), (module,), log) as serving:
        yield serving[0].url


def _elsewhere(instance: Instance) -> Settings:
    return instance.settings.model_copy(update={"port": free_port()})


def _bulk(instance: Instance) -> float:
    instance.renew()
    return _run(bulk_rows_per_second(instance.settings.database_url, instance.viewers))


def _run(measured: Coroutine[Any, Any, T]) -> T:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(measured)


@contextmanager
def bare() -> Iterator[str]:
    port = free_port()
    server = [sys.executable, "-m", "uvicorn", "tests.bench.bare:application", "--port", str(port)]
    cores = str(len(os.sched_getaffinity(0)))
    options = ["--loop", "uvloop", "--http", "httptools", "--no-access-log", "--workers", cores]
    with servers.process([*server, *options, "--log-level", "error"], {}):
        yield servers.answering(f"http://127.0.0.1:{port}", "/")
