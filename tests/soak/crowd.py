"""Viewers as they are on the last day: a heartbeat every 20 seconds, in no step with each other,
presence checks answered by somebody who followed, what was not acknowledged sent again.

The crowd does not wait for answers before the next one's turn comes, so a slow server is not
spared: latencies are counted from the moment a request was due.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from backend.accounts.tokens import LIFETIME, AccessTokens
from backend.progress.bitmap import Bitmap
from infra.clock import system_clock
from infra.outage import AWAY
from tests.bench.progress_learners import BEAT_SECONDS, LECTURE_SECONDS, Viewer
from tests.soak.line import Answer, Cut, Line
from tests.soak.tally import Tally

LINES = 128
_AGAIN_SECONDS = 2.0
_PATIENCE_SECONDS, _LOOK_SECONDS = 90.0, 0.2
_EVENTS = 100  # a request
_OLDEST_TOKEN = LIFETIME - timedelta(minutes=2)


class Reel(msgspec.Struct):
    """A lecture as its viewer knows it: `acknowledged` must be in the database at the end."""

    played: int = 0
    owed: list[int] = []
    """First seconds of events that were played and not acknowledged, in order."""
    acknowledged: Bitmap = Bitmap()
    under_way: bool = False

    def judged(self, start: int, verdict: str) -> bool:
        """Whether it is one to live with: what waits for a check comes again when that is answered,
        and those behind it with it ("seek-ahead")."""
        if verdict in {"credited", "duplicate"}:
            self.owed.remove(start)
            self.acknowledged = self.acknowledged.set_range(start, start + BEAT_SECONDS)
            return True
        return verdict == "challenge-due" or start != self.owed[0]

    def plays_on(self) -> None:
        if self.played + BEAT_SECONDS <= LECTURE_SECONDS:
            self.owed.append(self.played)
            self.played += BEAT_SECONDS


class Watching(msgspec.Struct):
    viewer: Viewer
    online: Reel = msgspec.field(default_factory=Reel)
    offline: Reel = msgspec.field(default_factory=Reel)
    signed_in_at: datetime | None = None
    cursor: str = ""

    @property
    def waits(self) -> bool:
        return any(reel.owed or reel.under_way for reel in (self.online, self.offline))


Ask = Callable[[Line, Watching], Awaitable[None]]


class Crowd:
    """Bounded: LINES connections, one heartbeat of a viewer at a time."""

    def __init__(self, viewers: int, ports: list[int], tokens: AccessTokens, dsn: str) -> None:
        self.people = [Watching(Viewer(number)) for number in range(1, viewers + 1)]
        self.tally = Tally()
        self._tokens, self._ports = tokens, ports
        # One line for all: signing in to PostgreSQL costs more than what is asked.
        self._knows = asyncpg.create_pool(dsn, min_size=0, max_size=1)
        self._due: asyncio.Queue[tuple[str, float, Ask, Watching]] = asyncio.Queue()
        self._random = random.Random(1)

    async def watch(self, seconds: float, *, beat_every: float, syncs: float, homes: float) -> None:
        """Returns when all that was played is acknowledged, or 90 s after the end."""
        lines = [asyncio.create_task(self._serve(number)) for number in range(LINES)]
        await self._knows
        try:
            ends = time.perf_counter() + seconds
            async with asyncio.TaskGroup() as turns:
                turns.create_task(self._beats(beat_every, ends))
                turns.create_task(self._every("home", homes, self._home, ends))
                turns.create_task(self._every("sync", syncs * 2 / 3, self._sync, ends))
                turns.create_task(
                    self._every("hand-in", syncs / 3, self._hand_in, ends, self._packs)
                )
            await self._settled()
        finally:
            for line in lines:
                line.cancel()
            ended = await asyncio.gather(*lines, return_exceptions=True)
            self._knows.terminate()
        if broken := [one for one in ended if not isinstance(one, asyncio.CancelledError)]:
            raise ExceptionGroup("lines broke", [e for e in broken if isinstance(e, Exception)])

    async def _settled(self) -> None:
        for _ in range(int(_PATIENCE_SECONDS / _LOOK_SECONDS)):
            waiting = [person for person in self.people if person.waits]
            if not waiting:
                return
            for person in waiting:  # played while the one before was still on its way
                self._beat_soon(person, time.perf_counter())
            await asyncio.sleep(_LOOK_SECONDS)

    async def _beats(self, every: float, ends: float) -> None:
        """Everybody once in `every` seconds, one after the other."""
        due, apart = time.perf_counter(), every / len(self.people)
        while due < ends:
            for person in self.people:
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
                person.online.plays_on()
                self._beat_soon(person, due)
                due += apart

    def _beat_soon(self, person: Watching, due: float) -> None:
        if person.online.owed and not person.online.under_way:
            person.online.under_way = True
            self._due.put_nowait(("heartbeat", due, self._beat, person))

    async def _every(
        self,
        kind: str,
        rate: float,
        ask: Ask,
        ends: float,
        ready: Callable[[Watching], bool] = lambda _: True,
    ) -> None:
        due = time.perf_counter()
        while due < ends:
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            if ready(person := self._random.choice(self.people)):
                self._due.put_nowait((kind, due, ask, person))
            due += 1 / rate

    @staticmethod
    def _packs(person: Watching) -> bool:
        """Whether there is something to hand in that is not on its way already."""
        reel = person.offline
        if not reel.under_way:
            reel.plays_on()
            reel.under_way = bool(reel.owed)
            return reel.under_way
        return False

    async def _serve(self, number: int) -> None:
        line = Line(self._ports, number)
        try:
            while True:
                await self._one(line, *await self._due.get())
        finally:
            line.close()

    async def _one(self, line: Line, kind: str, due: float, ask: Ask, person: Watching) -> None:
        try:
            await ask(line, person)
        except (Cut, _ComeAgain, *AWAY, asyncpg.PostgresError) as error:
            self.tally.again[f"{kind}: {type(error).__name__.lstrip('_')}"] += 1
            asyncio.get_running_loop().call_later(
                _AGAIN_SECONDS, self._due.put_nowait, (kind, due, ask, person)
            )
        else:
            self.tally.took(kind, time.perf_counter() - due)

    async def _beat(self, line: Line, person: Watching) -> None:
        reel = person.online
        starts = reel.owed[:_EVENTS]
        body = msgspec.json.encode({"events": [person.viewer.event(at) for at in starts]})
        answer = await self._asked(line, person, "POST", "/v1/heartbeats", body)
        reel.under_way = False
        self._judged(reel, starts, answer["verdicts"])
        if (check := answer["presenceCheck"]) is not None:
            reel.under_way = True  # until it is answered
            self._due.put_nowait(("check", time.perf_counter(), self._answering(check), person))

    def _judged(self, reel: Reel, starts: list[int], verdicts: list[dict[str, Any]]) -> None:
        for start, verdict in zip(starts, verdicts, strict=True):
            if not reel.judged(start, verdict["verdict"]):
                said = f"{verdict['verdict']} {verdict.get('reason')}"
                self.tally.faults[f"verdict {said}"] += 1

    def _answering(self, check: str) -> Ask:
        async def answer(line: Line, person: Watching) -> None:
            path = f"/v1/presence-checks/{check}"
            shown = await self._asked(line, person, "GET", path)
            if shown["state"] == "open":
                body = msgspec.json.encode(
                    {"option": await self._right(person.viewer.learner_id, check)}
                )
                shown = await self._asked(line, person, "POST", f"{path}/answer", body)
            if shown["state"] != "passed":
                self.tally.faults[f"check {shown['state']}"] += 1
            person.online.under_way = False
            self._beat_soon(person, time.perf_counter())

        return answer

    async def _right(self, learner_id: UUID, check: str) -> str:
        """What somebody knows who read the lesson. No answer of the API says it."""
        asked = "SELECT answer FROM presence_check WHERE learner_id = $1 AND id = $2"
        return str(await self._knows.fetchval(asked, learner_id, UUID(check)))

    async def _home(self, line: Line, person: Watching) -> None:
        await self._asked(line, person, "GET", "/v1/home")

    async def _hand_in(self, line: Line, person: Watching) -> None:
        reel = person.offline
        starts = reel.owed[:_EVENTS]
        told = [person.viewer.offline_event(at) for at in starts]
        body = {
            "deviceId": str(person.viewer.device_id),
            "watched": [watched for watched, _ in told],
            "answered": [answered for _, answered in told],
        }
        answer = await self._asked(line, person, "POST", "/v1/sync", msgspec.json.encode(body))
        reel.under_way = False
        self._judged(reel, starts, answer["watched"])

    async def _sync(self, line: Line, person: Watching) -> None:
        query = f"?since={person.cursor}" if person.cursor else ""
        person.cursor = (await self._asked(line, person, "GET", f"/v1/sync{query}"))["cursor"]

    async def _asked(
        self, line: Line, person: Watching, method: str, path: str, body: bytes = b""
    ) -> Any:
        now = system_clock()
        if person.signed_in_at is None or now - person.signed_in_at > _OLDEST_TOKEN:
            person.viewer.signed_in(self._tokens, now)
            person.signed_in_at = now
        answer = await line.ask(method, path, person.viewer.authorization, body)
        return self._read(f"{method} {path[:13]}", answer)

    def _read(self, what: str, answer: Answer) -> Any:
        if answer.status == 200:
            return msgspec.json.decode(answer.body)
        if answer.status != 503:
            self.tally.faults[f"{what} {answer.status} {answer.body[:200]!r}"] += 1
        raise _ComeAgain


class _ComeAgain(Exception):
    """503, or an answer that counts as a fault."""
