"""A process that does one thing and kills itself when a statement of it is done."""

import asyncio
import os
import signal
from collections.abc import Callable, Coroutine
from typing import Any

import asyncpg

from infra.engine import DB, configure
from tests.forks import FORKS, ONE_AT_A_TIME

Work = Callable[..., Coroutine[Any, Any, Any]]
_PATIENCE_SECONDS = 60


def killed(dsn: str, work: Work, *arguments: Any, after: str, **named: Any) -> bool:
    """Whether `work` got to a statement with `after` in it, and so was killed; False when it had
    nothing of the kind to do."""
    process = FORKS.Process(target=_do, args=(dsn, after, work, arguments, named))
    with ONE_AT_A_TIME:
        process.start()
    process.join(_PATIENCE_SECONDS)
    assert process.exitcode in {0, -signal.SIGKILL}, process.exitcode
    return process.exitcode != 0


def _do(dsn: str, after: str, work: Work, arguments: Any, named: Any) -> None:
    asyncio.run(_do_with(dsn, after, work(*arguments, **named)))


async def _do_with(dsn: str, after: str, work: Coroutine[Any, Any, Any]) -> None:
    configure(dsn)
    Mortal.last = after
    await DB.start_connection_pool(min_size=1, max_size=1, connection_class=Mortal)
    await work


class Mortal(asyncpg.Connection):  # type: ignore[misc]  # generic for its stubs alone
    """Dies when its last statement is done and before another is sent; those before the first that
    writes do not count."""

    last = ""
    writing = False

    def _done(self, query: str) -> None:
        query = " ".join(query.replace('"', "").split())
        Mortal.writing = Mortal.writing or query.startswith(("INSERT", "UPDATE"))
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
