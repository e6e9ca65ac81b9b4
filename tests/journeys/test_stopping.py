"""A server that is told to stop in the middle of heartbeats: what it has acknowledged is kept."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import httpx
import pytest

from backend.demo.client import Person
from backend.progress.bitmap import Bitmap
from infra.ids import uuid7
from infra.local.ports import free_port
from tests.bench.servers import answering
from tests.browser.people import PASSWORD
from tests.forks import Forked
from tests.live import Live
from tests.waiting import condition

VIEWERS = 6
TOLD = 5  # times that a viewer tells each second: a client that is not sure repeats itself
ENOUGH = 20  # acknowledged heartbeats, before the server is told to stop
PATIENCE = 20  # seconds for a stop: twice what a server allows itself
_EARLIER = """
UPDATE play_session SET clock_from = clock_from - interval '10 minutes'
WHERE id = $1::uuid RETURNING lesson_watch_id, learner_id
"""
_SEEN = "SELECT watched, pending FROM lesson_watch WHERE id = $1 AND learner_id = $2"


@contextmanager
def another_api(live: Live) -> Iterator[tuple[str, Forked]]:
    """Its address and its process; the instance's own goes on."""
    port = free_port()
    environment = {**os.environ, **live.running.environment, "GUANBIAO_PORT": str(port)}
    # The secrets of other ways in are the instance's own.
    environment.pop("GUANBIAO_FEDERATION_FILE", None)
    process = Forked("backend.cli", "api", env=environment, errors=Path(os.devnull))
    try:
        yield answering(f"http://127.0.0.1:{port}", "/healthz"), process
    finally:
        process.kill()
        process.wait()


class Viewer:
    """Reports a lecture second by second, one request after the other."""

    def __init__(self, live: Live) -> None:
        with httpx.Client(base_url=live.base_url) as http:
            me = Person(http).sign_up("李新来", f"{uuid7().hex}@example.org", PASSWORD)
            enrolment = me.post("/v1/enrolments", programme="DEMO")["id"]
            session = me.post("/v1/play-sessions", enrolmentId=enrolment, lesson="M02-L01")
            http.get(session["playlistUrl"])
        self.session, self.headers = session["id"], me.headers
        self.seconds = int(session["durationSeconds"])
        self.events = [
            {"id": str(uuid7()), "playSessionId": self.session, "fromSecond": n, "toSecond": n + 1}
            for n in range(self.seconds)
        ]
        self.acknowledged = 0

    async def report_until_it_goes(self, api: httpx.AsyncClient) -> None:
        """All but the last second, which is for another server. What was told is told again and
        again, so that requests arrive to the end and a fast machine has some left to tell."""
        for event in self.events[:-1]:
            for turn in range(TOLD):
                if not await self._tell(api, event):
                    return
                self.acknowledged += turn == 0
        while await self._tell(api, self.events[-2]):
            pass

    async def report_the_rest(self, api: httpx.AsyncClient) -> None:
        for event in self.events[self.acknowledged :]:
            assert await self._tell(api, event)

    async def _tell(self, api: httpx.AsyncClient, event: dict[str, object]) -> bool:
        """Whether it was acknowledged; not by a server that stops or has gone."""
        try:
            answer = await api.post(
                "/v1/heartbeats", json={"events": [event]}, headers=self.headers
            )
        except httpx.TransportError:
            return False
        if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
            return False
        (verdict,) = answer.json()["verdicts"]
        assert verdict["verdict"] in {"credited", "duplicate"}, verdict
        return True


@pytest.fixture
async def database(live: Live) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(live.running.environment["DATABASE_URL"])
    yield connection
    await connection.close()


async def test_what_a_stopping_server_acknowledged_is_kept_and_the_rest_counts_once(
    live: Live, database: asyncpg.Connection
) -> None:
    with another_api(live) as (url, process):
        viewers = [Viewer(live) for _ in range(VIEWERS)]
        watches = [await database.fetchrow(_EARLIER, viewer.session) for viewer in viewers]

        async def seen() -> list[set[int]]:
            rows = [await database.fetchrow(_SEEN, *watch) for watch in watches]
            spans = [(Bitmap.of(r["watched"]) | Bitmap.of(r["pending"])).spans() for r in rows]
            return [{n for start, end in found for n in range(start, end)} for found in spans]

        async with httpx.AsyncClient(base_url=url, timeout=PATIENCE) as api:
            reports = asyncio.gather(*(viewer.report_until_it_goes(api) for viewer in viewers))
            await condition(
                lambda: sum(viewer.acknowledged for viewer in viewers) >= ENOUGH,
                seconds=PATIENCE,
                pause=0.005,
            )
            process.send_signal(signal.SIGTERM)
            await asyncio.wait_for(reports, PATIENCE)
        await asyncio.to_thread(process.wait, PATIENCE)
        for viewer, kept in zip(viewers, await seen(), strict=True):
            assert set(range(viewer.acknowledged)) <= kept <= set(range(viewer.acknowledged + 1))
        async with httpx.AsyncClient(base_url=live.base_url, timeout=PATIENCE) as api:
            await asyncio.gather(*(viewer.report_the_rest(api) for viewer in viewers))
        assert await seen() == [set(range(viewer.seconds)) for viewer in viewers]
