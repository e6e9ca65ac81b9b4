"""A process that moves learners on and kills itself when a step is done."""

import asyncio
import os
import signal
from datetime import datetime
from multiprocessing import get_context
from typing import Any

import asyncpg

from backend.progress.editions import service as carry_over
from infra.engine import DB, configure

_FORKS = get_context("forkserver")
_FORKS.set_forkserver_preload([__name__])  # imports once, then each process is quick to start
_PATIENCE_SECONDS = 60


def swept_and_killed(dsn: str, *, after: str, now: datetime) -> bool:
    """Whether it got to a statement with `after` in it, and so was killed; False when it had
    nothing of the kind to do."""
    process = _FORKS.Process(target=_sweep, args=(dsn, after, now))
    process.start()
    process.join(_PATIENCE_SECONDS)
    assert process.exitcode in {0, -signal.SIGKILL}, process.exitcode
    return process.exitcode != 0


def _sweep(dsn: str, after: str, now: datetime) -> None:
    asyncio.run(_sweep_with(dsn, after, now))


async def _sweep_with(dsn: str, after: str, now: datetime) -> None:
    configure(dsn)
    Mortal.last = after
    await DB.start_connection_pool(min_size=1, max_size=1, connection_class=Mortal)
    await carry_over.sweep(now=now)


class Mortal(asyncpg.Connection):  # type: ignore[misc]  # generic for its stubs alone
    """Dies when its last statement is done and before another is sent; those before the first that
    writes do not count."""

    last = ""
    writing = False

    def _done(self, query: str) -> None:
        query = " ".join(query.replace('"', "").split())
        Mortal.writing = Mortal.writing or query.startswith("INSERT")
        if Mortal.writing and self.last in query:
            os.kill(os.getpid(), signal.SIGKILL)

    async def execute(self, query: str, *args: Any, **kwargs: Any) -> Any:
        answer = await super().execute(query, *args, **kwargs)
        self._done(query)
        return answer

    async def fetch(self, query: str, *args: Any, **kwargs: Any) -> Any:
        answer = await super().fetch(query, *args, **kwargs)
        self._done(query)
        return answer

    async def fetchval(self, query: str, *args: Any, **kwargs: Any) -> Any:
        answer = await super().fetchval(query, *args, **kwargs)
        self._done(query)
        return answer
