"""An exam day: everybody starts at once, saves every 15 seconds, hands in within a minute, and a
server is killed meanwhile. Papers in the shape of E3 (67 items).

`EXAM_PEOPLE=200` for a look. Floors: an ASGI server that only reads and answers, and the time that
issue and patience allow. The processes, PostgreSQL and the load share the cores.
"""

import asyncio
import os
import resource
import signal
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import ExitStack
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
import uvloop

os.environ.setdefault("PICCOLO_CONF", "backend.piccolo_conf")

from backend.accounts.tokens import AccessTokens
from backend.assessment.recompute import recompute
from backend.curriculum import service as curriculum
from backend.prepare import prepare
from courses.loader import canonical
from infra.clock import system_clock
from infra.engine import DB, configure
from infra.local.postgres import OWNER
from infra.settings import Settings
from tests.bench import servers
from tests.bench.examinees import Examinee, edition, fill
from tests.bench.load import requests_per_second
from tests.bench.progress import bare
from tests.bench.rows import Row, row

PEOPLE = int(os.environ.get("EXAM_PEOPLE", "3000"))
EVERY_SECONDS, TURNS = 15, 4
START_SECONDS, SUBMIT_SECONDS = 30.0, 60.0
_OPEN_FILES = 16_384

T = TypeVar("T")


def measure() -> list[Row]:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, _OPEN_FILES), most))
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="guanbiao-bench-")))
        folder.chmod(0o755)
        postgres, settings = stack.enter_context(servers.stores(folder))
        people = _run(_prepared(settings, postgres.dsn(OWNER)))
        log = stack.enter_context(tempfile.TemporaryFile())
        serving = stack.enter_context(servers.apis(settings, log=log))
        floor = stack.enter_context(bare())
        rows = _run(_day(people, floor, serving[0].pid))
        _run(_checked(settings, people))
    return rows


async def _prepared(settings: Settings, owner: str) -> list[Examinee]:
    prepared = await prepare(settings, system_clock)
    content = canonical(edition())
    digest = sha256(content).hexdigest()
    configure(settings.database_url)
    await DB.start_connection_pool(min_size=1, max_size=2)
    now = system_clock()
    await curriculum.publish("2026.9", digest, content, now=now + timedelta(seconds=1))
    await DB.close_connection_pool()
    await fill(owner, PEOPLE, digest, now)
    tokens = AccessTokens.of(settings.keys, prepared.public_url)
    url = f"http://127.0.0.1:{settings.port}"
    return [Examinee(number, tokens, url, now) for number in range(1, PEOPLE + 1)]


async def _day(people: list[Examinee], floor: str, victim: int) -> list[Row]:
    await asyncio.gather(*(one.connect() for one in people))
    starting = await _together(people, Examinee.start)
    first = await _together(people, lambda one: one.save(0))
    saving = await _together(people, lambda one: one.save(1))
    late = await _paced(people, victim)
    submitting = await _together(people, Examinee.submit)
    asgi = await _bare_rate(people, floor)
    print(
        f"{PEOPLE} people: started in {starting:.1f} s, first saves {first:.1f} s, then"
        f" {saving:.1f} s, {sum(one.broken for one in people)} requests cut off by the kill,"
        f" handed in in {submitting:.1f} s",
        file=sys.stderr,
    )
    return _rows(starting, saving, late, submitting, asgi)


def _rows(starting: float, saving: float, late: float, submitting: float, asgi: float) -> list[Row]:
    share = PEOPLE / 3000  # what is allowed is for three thousand

    def rate(name: str, seconds: float, target: float) -> Row:
        found = PEOPLE / seconds
        return row(name, value=found, unit="1/s", floor=asgi, target=f"value >= {target:g}")

    return [
        rate("exam starts / bare ASGI", starting, 100),
        row(
            f"{PEOPLE:,} starts at once / allowed",
            value=starting,
            unit="s",
            floor=START_SECONDS * share,
            target="ratio <= 1",
        ),
        rate("durable saves of answers / bare ASGI", saving, 400),
        row(
            f"saves each {EVERY_SECONDS} s, a process killed: slowest of 99 % / 5 s",
            value=late,
            unit="s",
            floor=5,
            target="ratio <= 1",
        ),
        rate("submissions, marked / bare ASGI", submitting, 50),
        row(
            f"{PEOPLE:,} submissions at once / allowed",
            value=submitting,
            unit="s",
            floor=SUBMIT_SECONDS * share,
            target="ratio <= 1",
        ),
    ]


async def _together(people: list[Examinee], act: Callable[[Examinee], Awaitable[None]]) -> float:
    began = time.perf_counter()
    await asyncio.gather(*(act(one) for one in people))
    return time.perf_counter() - began


async def _paced(people: list[Examinee], victim: int) -> float:
    """Everybody saves every 15 seconds, each in their own moment; in the middle of it one API
    process is killed. The 99th percentile of how long a save took, from when it was due."""
    taken: list[float] = []
    began = time.perf_counter() + 0.1

    async def sits(number: int, one: Examinee) -> None:
        for turn in range(TURNS):
            due = began + EVERY_SECONDS * (turn + number / len(people))
            await asyncio.sleep(due - time.perf_counter())
            await one.save(2 + turn)
            taken.append(time.perf_counter() - due)

    async def kills() -> None:
        await asyncio.sleep(EVERY_SECONDS * TURNS / 2)
        os.kill(victim, signal.SIGKILL)

    await asyncio.gather(kills(), *(sits(number, one) for number, one in enumerate(people)))
    return sorted(taken)[len(taken) * 99 // 100]


async def _bare_rate(people: list[Examinee], floor: str) -> float:
    body = {"sitting": 1, "answers": [{"position": 1, "sequence": 1, "answer": {"picked": ["A"]}}]}
    request = people[0].request("POST", "/v1/attempts/answers", body)
    return await requests_per_second(floor, lambda *_: request, connections=100, turns=50)


_KEPT = """
SELECT t.learner_id, a.item_id, a.sequence FROM attempt_answer a
JOIN exam_attempt t ON t.id = a.attempt_id
"""
_MARKED = "SELECT count(*) FROM exam_attempt WHERE state = 'submitted' AND score IS NOT NULL"


async def _checked(settings: Settings, people: list[Examinee]) -> None:
    """No acknowledged answer was lost, everybody has one mark, and each comes out the same."""
    database = await asyncpg.connect(settings.database_url)
    kept = {
        (row["learner_id"], row["item_id"]): row["sequence"] for row in await database.fetch(_KEPT)
    }
    marked = await database.fetchval(_MARKED)
    await database.close()
    for one in people:
        items: list[dict[str, Any]] = one.attempt["items"]
        for position, sequence in one.acknowledged.items():
            at = one.learner_id, items[position - 1]["id"]
            assert kept.get(at, 0) >= sequence, f"an acknowledged answer was lost: {at}"
    assert marked == len(people), f"{marked} marks of {len(people)}"
    configure(settings.database_url)
    await DB.start_connection_pool(min_size=1, max_size=2)
    found = await recompute()
    await DB.close_connection_pool()
    assert found.marked == len(people)
    assert found.differing == []


def _run(measured: Coroutine[Any, Any, T]) -> T:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(measured)
