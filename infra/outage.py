"""When the database does not answer: what that looks like, and waiting until it does.

A restart or a cut line must not cost the work of an hour, so what a job has to say to the database
is said again until it is heard.
"""

import asyncio
import errno
import socket
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeVar

import asyncpg

from infra.errors import Unavailable

if TYPE_CHECKING:
    from asyncpg.connection import Connection

T = TypeVar("T")
AWAY = (
    *(OSError, asyncpg.PostgresConnectionError, asyncpg.InterfaceError),
    *(asyncpg.CannotConnectNowError, asyncpg.AdminShutdownError, asyncpg.CrashShutdownError),
    asyncpg.IdleInTransactionSessionTimeoutError,  # we froze, and are back
    asyncpg.InternalClientError,  # the same, where asyncpg has not read yet why its line was ended
)
PAUSE_SECONDS = 1.0
# A peer that is gone without a word is noticed within about this time, instead of a quarter of an
# hour: (option, value in seconds or, for the user timeout, milliseconds; probes are counted).
_LINE = (
    *(("TCP_USER_TIMEOUT", 10_000), ("TCP_KEEPIDLE", 5)),
    *(("TCP_KEEPINTVL", 3), ("TCP_KEEPCNT", 3)),
)
# What a failed connection says; None: several addresses were tried. Others speak of files.
_NETWORK = {
    *(None, errno.ECONNREFUSED, errno.ECONNRESET, errno.ECONNABORTED, errno.EPIPE),
    *(errno.ETIMEDOUT, errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EHOSTDOWN),
    errno.EADDRNOTAVAIL,
}


class DatabaseAway(Unavailable):
    """The database does not answer; nothing was lost, the work goes on when it does."""

    zh = "数据库暂时无法访问，数据没有丢失；恢复后会自动继续。"


def is_away(error: BaseException) -> bool:
    if isinstance(error, OSError) and not isinstance(error, (ConnectionError, socket.gaierror)):
        return error.errno in _NETWORK
    return isinstance(error, AWAY)


async def until_back(call: Callable[[], Awaitable[T]]) -> T:
    """The call's result, however long the database is away. It may have been heard though its
    answer was lost: the call must be such that saying it twice changes nothing more."""
    while True:
        try:
            return await call()
        except AWAY as error:
            if not is_away(error):
                raise
            await asyncio.sleep(PAUSE_SECONDS)


async def watch_line(connection: "Connection[Any]") -> None:
    """`init` of an asyncpg pool: asyncpg itself would wait for ever for a peer that vanished."""
    transport = connection._transport
    line = transport.get_extra_info("socket")
    if line is None or line.family not in {socket.AF_INET, socket.AF_INET6}:
        return
    line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _LINE:
        if hasattr(socket, name):  # absent on some systems
            line.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
