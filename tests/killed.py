"""A process that does one thing and kills itself when a statement, or a write, of it is done."""

import asyncio
import os
import signal
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import asyncpg

from infra.engine import DB, configure
from infra.objects import ObjectStore
from tests.forks import FORKS, ONE_AT_A_TIME

Work = Callable[..., Coroutine[Any, Any, Any]]
_PATIENCE_SECONDS = 60
_WRITES = ("INSERT", "UPDATE", "DELETE")


def killed(dsn: str, work: Work, *arguments: Any, after: str, **named: Any) -> bool:
    """Whether `work` got to a statement with `after` in it, and so was killed; False when it had
    nothing of the kind to do."""
    return _ends(dsn, {"last": after}, work, arguments, named)


def killed_at(
    write: int, folder: Path, dsn: str, work: Work, *arguments: Any, **named: Any
) -> str | None:
    """What was written last by `work`, which was killed when its n-th write was done (of rows, of
    objects by a `MortalStore`; a COMMIT is one); None when it had fewer."""
    told = folder / "killed-at"
    if not _ends(dsn, {"left": write, "told": told}, work, arguments, named):
        return None
    return told.read_text()


def _ends(dsn: str, fate: dict[str, Any], work: Work, arguments: Any, named: Any) -> bool:
    process = FORKS.Process(target=_do, args=(dsn, fate, work, arguments, named))
    with ONE_AT_A_TIME:
        process.start()
    process.join(_PATIENCE_SECONDS)
    assert process.exitcode in {0, -signal.SIGKILL}, process.exitcode
    return process.exitcode != 0


def _do(dsn: str, fate: dict[str, Any], work: Work, arguments: Any, named: Any) -> None:
    asyncio.run(_do_with(dsn, fate, work(*arguments, **named)))


async def _do_with(dsn: str, fate: dict[str, Any], work: Coroutine[Any, Any, Any]) -> None:
    configure(dsn)
    for name, value in fate.items():
        setattr(Mortal, name, value)
    await DB.start_connection_pool(min_size=1, max_size=1, connection_class=Mortal)
    await work


def wrote(what: str) -> None:
    """Of rows or objects, now."""
    Mortal.left -= 1
    if Mortal.left == 0:
        Mortal.told.write_text(what)
        os.kill(os.getpid(), signal.SIGKILL)


class MortalStore(ObjectStore):
    async def put_bytes(self, name: str, content: bytes, content_type: str) -> None:
        await super().put_bytes(name, content, content_type)
        wrote(f"PUT {name}")


class Mortal(asyncpg.Connection):  # type: ignore[misc]  # generic for its stubs alone
    """Dies when its last statement is done and before another is sent; those before the first that
    writes do not count. Or `left` writes from the beginning, a COMMIT that has something to keep
    among them, and leaves word of that in `told`."""

    last: str | None = None
    left = 0
    told: Path
    writing = False
    to_keep = False

    def _done(self, query: str) -> None:
        query = " ".join(query.replace('"', "").split())
        Mortal.writing = Mortal.writing or query.startswith(("INSERT", "UPDATE"))
        if Mortal.writing and self.last is not None and self.last in query:
            os.kill(os.getpid(), signal.SIGKILL)
        if query.startswith(_WRITES) or (query.startswith("COMMIT") and self.to_keep):
            Mortal.to_keep = not query.startswith("COMMIT")
            wrote(query)

    async def copy_records_to_table(self, table_name: str, **kwargs: Any) -> Any:
        answer = await super().copy_records_to_table(table_name, **kwargs)
        Mortal.to_keep = True
        wrote(f"COPY {table_name}")
        return answer

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
