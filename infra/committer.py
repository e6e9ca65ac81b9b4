"""Group commit: while one transaction commits, the next one's requests gather.

A flush begins as soon as the one before has returned; a fixed window would only add its length to
every answer. The task lives as long as there is work, so an idle process holds nothing. A stopping
server drains it (`close`): what was acknowledged is durable, what was not hears 503 and comes
again. Not shared between loops.
"""

import asyncio
import contextvars
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from infra.errors import Unavailable

Request = TypeVar("Request")
Answer = TypeVar("Answer")

WAITING_LIMIT = 4_000
"""Requests; at 5,000 a second less than a second's wait."""
GATHERED_LIMIT = 500
"""Events a transaction: beyond this, more rows a statement gain nothing and wait longer."""


class Stopping(Unavailable):
    """This server is being restarted; nothing was lost, send the same again shortly."""

    zh = "服务器正在重启，内容没有丢失，请稍后重新发送。"

    def __init__(self) -> None:
        super().__init__()
        self.headers["Retry-After"] = "2"


class TooManyWaiting(Unavailable):
    """More arrives at once than can be stored; nothing was lost, send the same again shortly."""

    zh = "上报过于集中，内容没有丢失，请稍后重新发送。"

    def __init__(self) -> None:
        super().__init__()
        self.headers["Retry-After"] = "2"


class Committer(Generic[Request, Answer]):
    """`commit` takes many requests into one transaction and answers them in order."""

    def __init__(
        self,
        commit: Callable[[list[Request]], Awaitable[list[Answer]]],
        *,
        weight: Callable[[Request], int] = lambda _: 1,
        waiting_limit: int = WAITING_LIMIT,
    ) -> None:
        """`weight`: how much a request adds to its transaction, in events."""
        self._commit = commit
        self._weight = weight
        self._limit = waiting_limit
        self._waiting: deque[tuple[Request, asyncio.Future[Answer]]] = deque()
        self._task: asyncio.Task[None] | None = None
        self._closed = False
        self._under_way: list[tuple[Request, asyncio.Future[Answer]]] = []

    async def submit(self, request: Request) -> Answer:
        """The answer, once durable. TooManyWaiting at once when the queue is full; Stopping."""
        if self._closed:
            raise Stopping
        if len(self._waiting) >= self._limit:
            raise TooManyWaiting
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((request, answer))
        if self._task is None:
            # An empty context: the transaction must be the committer's, not one request's.
            self._task = asyncio.create_task(self._drain(), context=contextvars.Context())
        return await answer

    async def close(self, *, grace_seconds: float) -> None:
        """Takes no more and commits what waits; what is not done in time hears Stopping, whether
        or not its transaction still gets through: sent again, it counts once."""
        self._closed = True
        if self._task is not None:
            await asyncio.wait([self._task], timeout=grace_seconds)
        left, self._waiting = list(self._waiting), deque()
        for _, future in (*self._under_way, *left):
            if not future.done():
                future.set_exception(Stopping())

    async def _drain(self) -> None:
        try:
            while self._waiting:
                await self._flush(self._gather())
        finally:
            self._task = None

    def _gather(self) -> list[tuple[Request, asyncio.Future[Answer]]]:
        """At least one, and the next ones as long as the limit is not passed."""
        gathered = [self._waiting.popleft()]
        room = GATHERED_LIMIT - self._weight(gathered[0][0])
        while self._waiting and (room := room - self._weight(self._waiting[0][0])) >= 0:
            gathered.append(self._waiting.popleft())
        return gathered

    async def _flush(self, gathered: list[tuple[Request, asyncio.Future[Answer]]]) -> None:
        self._under_way = gathered
        try:
            answers = await self._commit([request for request, _ in gathered])
        except Exception as error:  # every request of the group hears it; the task goes on
            for _, future in gathered:
                if not future.done():
                    future.set_exception(error)
            return
        for (_, future), answer in zip(gathered, answers, strict=True):
            if not future.done():  # else the client has gone
                future.set_result(answer)
