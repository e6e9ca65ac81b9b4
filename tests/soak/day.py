"""The last day before a deadline on one machine, with the accidents that such a day has."""

import asyncio
import os
import signal
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import TypeVar

import asyncpg
import msgspec

from backend.accounts.tokens import AccessTokens
from backend.prepare import prepare
from infra.clock import system_clock
from infra.local.ports import free_port
from infra.local.postgres import OWNER, LocalPostgres
from infra.settings import Settings
from tests.bench import servers
from tests.bench.progress_learners import fill, take_along
from tests.soak.cpu import Cores
from tests.soak.crowd import Crowd
from tests.soak.evidence import Evidence, gathered
from tests.soak.tally import Tally

T = TypeVar("T")
Say = Callable[[str], None]
_KILL_AT, _RESTART_AT = 0.4, 0.65  # of the whole time
_DOWN_SECONDS = 3.0
_MINUTE = 60.0


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """A viewer's heartbeat says 20 seconds were played, however often it comes: a short day has
    them come faster. All opened their lesson an hour ago, so the clock allows for it."""

    viewers: int = 15_400
    seconds: float = 600
    beat_every: float = 20
    syncs_per_second: float = 300
    """A third of them hand in what was watched offline; the others ask what changed."""
    homes_per_second: float = 30


class Outcome(msgspec.Struct, frozen=True):
    evidence: Evidence
    tally: Tally
    errors: list[str]
    """What the API processes logged as errors of their own."""

    @property
    def clean(self) -> bool:
        return self.evidence.clean and not self.tally.faults


class _Site:
    """PostgreSQL and two API processes, which come and go."""

    def __init__(self, stack: ExitStack) -> None:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="guanbiao-soak-")))
        folder.chmod(0o755)
        self._stack = stack
        self.postgres: LocalPostgres
        self.settings: Settings
        self.postgres, self.settings = stack.enter_context(servers.stores(folder))
        self.ports = [self.settings.port, free_port()]
        self._serving: dict[int, int] = {}
        self.log = folder / "api.log"
        self._said = stack.enter_context(self.log.open("ab"))

    async def open(self, plan: Plan) -> AccessTokens:
        prepared = await prepare(self.settings, system_clock)
        database = await asyncpg.connect(self.postgres.dsn(OWNER))
        await fill(database, plan.viewers, system_clock(), enrolled=True)
        await take_along(database, plan.viewers, system_clock())
        # In the middle of watching: some will be asked at once, nobody later than in 12 minutes.
        await database.execute("UPDATE learner_seat SET check_in_seconds = 1 + random() * 719")
        await database.close()
        for port in self.ports:
            await asyncio.to_thread(self._serve, port)
        return AccessTokens.of(self.settings.keys, prepared.public_url)

    def _serve(self, port: int) -> None:
        settings = self.settings.model_copy(update={"port": port})
        self._serving[port] = self._stack.enter_context(servers.api(settings, log=self._said)).pid

    def cores(self) -> Cores:
        return Cores(
            api=lambda: self._serving.values(),
            postgres=lambda: [self.postgres.pid] if self.postgres.alive() else [],
        )

    async def lose_a_process(self) -> None:
        port = self.ports[0]
        os.kill(self._serving[port], signal.SIGKILL)
        await asyncio.sleep(_DOWN_SECONDS)
        await asyncio.to_thread(self._serve, port)

    async def restart_postgres(self) -> None:
        await asyncio.to_thread(self.postgres.stop)
        await asyncio.to_thread(self.postgres.start, self.postgres.port)


async def spend(plan: Plan, say: Say) -> Outcome:
    with ExitStack() as stack:
        site = await asyncio.to_thread(_Site, stack)
        tokens = await site.open(plan)
        say(f"{plan.viewers:,} viewers, {len(site.ports)} API processes, one machine")
        dsn = site.postgres.dsn(OWNER)
        crowd = Crowd(plan.viewers, site.ports, tokens, dsn)
        async with _accidents(site, plan, say), _lines(crowd.tally, site.cores(), say):
            await crowd.watch(
                plan.seconds,
                beat_every=plan.beat_every,
                syncs=plan.syncs_per_second,
                homes=plan.homes_per_second,
            )
        errors = [line for line in site.log.read_text().splitlines() if '"level": "error"' in line]
        return Outcome(await gathered(dsn, crowd.people), crowd.tally, errors)


@asynccontextmanager
async def _accidents(site: _Site, plan: Plan, say: Say) -> AsyncIterator[None]:
    async def happen() -> None:
        await asyncio.sleep(plan.seconds * _KILL_AT)
        say("kill -9 of an API process")
        await site.lose_a_process()
        await asyncio.sleep(max(0.0, plan.seconds * (_RESTART_AT - _KILL_AT) - _DOWN_SECONDS))
        began = time.perf_counter()
        await site.restart_postgres()
        say(f"PostgreSQL was restarted, away for {time.perf_counter() - began:.1f} s")

    task = asyncio.create_task(happen())
    yield
    await task  # a day on which they did not happen is none


@asynccontextmanager
async def _lines(tally: Tally, cores: Cores, say: Say) -> AsyncIterator[None]:
    async def every_minute() -> None:
        minute = 0
        while True:
            await asyncio.sleep(_MINUTE)
            minute += 1
            say(f"minute {minute}: {tally.line(_MINUTE)}; cores: {cores.line()}")

    task = asyncio.create_task(every_minute())
    try:
        yield
    finally:
        task.cancel()
