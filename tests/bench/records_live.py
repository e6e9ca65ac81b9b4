"""A running instance: from the pass to the proof, from a decision to the list, and its public page
and API under load."""

import asyncio
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

import httpx
import msgspec

from backend.records import service
from backend.records.keyring import Keyring
from backend.records.verdict.jws import parse
from backend.records.verdict.status_list import Bits, StatusClaims
from infra.clock import system_clock
from infra.database import UnitOfWork, connection
from infra.engine import DB
from infra.ids import uuid7
from tests.bench.load import Request, latencies, requests_per_second
from tests.bench.records_site import Site, earned, learners, scaled
from tests.bench.rows import Row, row
from tests.waiting import condition

PASSES, PASSES_A_SECOND = scaled(300, 20), 20
DECISIONS = scaled(50, 5)
ASKED, CONNECTIONS, ASKED_A_SECOND = scaled(1_500, 200), 20, 50
_LOOKED_EVERY = 0.02
_PATIENCE = 30.0
_PROVED = """
SELECT c.learner_id FROM completion_record c JOIN log_proof p ON p.entry_id = c.entry_id
WHERE c.learner_id = ANY($1::uuid[])
"""
_SOME = """
SELECT id, code, status_list, status_index FROM completion_record
WHERE NOT demonstration ORDER BY id LIMIT $1
"""


@dataclass(frozen=True)
class Some:
    id: UUID
    code: str
    status_list: int
    status_index: int


async def live_rows(site: Site) -> list[Row]:
    some = await _some(1_000)
    proved = slowest_of_99(await _passes(site))
    decided = slowest_of_99(await _decisions(site, some[:DECISIONS]))
    seconds = "slowest of 99 %, 50 a second asked / two seconds"
    asked = [
        row(f"{name}: {seconds}", value=value, unit="s", floor=2, target="value <= 0.3")
        for name, value in await _asked(site, some)
    ]
    return [
        row(
            f"{PASSES_A_SECOND} passes a second, from pass to proof: slowest of 99 % / 2 s",
            value=proved,
            unit="s",
            floor=2,
            target="value <= 2",
        ),
        row(
            f"from a decision to the public list: slowest of {DECISIONS} / 2 s",
            value=decided,
            unit="s",
            floor=2,
            target="value <= 2",
        ),
        *asked,
    ]


def slowest_of_99(taken: Sequence[float]) -> float:
    return sorted(taken)[len(taken) * 99 // 100]


async def _some(count: int) -> list[Some]:
    async with UnitOfWork(DB):
        return [Some(**dict(row)) for row in await connection().fetch(_SOME, count)]


# --- from pass to proof -----------------------------------------------------------------------


async def _passes(site: Site) -> list[float]:
    """Seconds from the beginning of the transaction that asks for a record until it can be
    checked. The first one wakes the worker and is not counted."""
    people = await learners(site, PASSES + 1)
    await _until_proved({people[0]: await _passed(people[0])})
    waiting: dict[UUID, float] = {}
    watching = asyncio.create_task(_until_proved(waiting, PASSES))
    begin = time.perf_counter()
    for number, learner_id in enumerate(people[1:]):
        await asyncio.sleep(begin + number / PASSES_A_SECOND - time.perf_counter())
        waiting[learner_id] = await _passed(learner_id)
    return await watching


async def _passed(learner_id: UUID) -> float:
    began, now = time.perf_counter(), system_clock()
    facts, earning = earned(learner_id, now)
    await service.request_record(facts, now, earning=earning)
    return began


async def _until_proved(waiting: dict[UUID, float], count: int = 1) -> list[float]:
    taken: list[float] = []
    async with asyncio.timeout(_PATIENCE + PASSES / PASSES_A_SECOND):
        while len(taken) < count:
            async with UnitOfWork(DB):
                found = await connection().fetch(_PROVED, list(waiting))
            now = time.perf_counter()
            taken += [now - waiting.pop(row["learner_id"]) for row in found]
            await asyncio.sleep(_LOOKED_EVERY)
    return taken


# --- from a decision to the list --------------------------------------------------------------


async def _decisions(site: Site, some: Sequence[Some]) -> list[float]:
    keyring, taken = Keyring.of(site.settings), []
    async with httpx.AsyncClient(base_url=site.url) as client:
        for one in some:
            began, now = time.perf_counter(), system_clock()
            reason = "measured: from a decision to its list"
            await service.suspend(keyring, one.id, reason, actor_id=uuid7(), now=now)
            await condition(partial(_is_suspended, client, one), seconds=_PATIENCE)
            taken.append(time.perf_counter() - began)
    return taken


async def _is_suspended(client: httpx.AsyncClient, one: Some) -> bool:
    answer = await client.get(f"/status/suspension/{one.status_list}")
    claims = msgspec.json.decode(
        parse(answer.raise_for_status().content).payload, type=StatusClaims
    )
    return Bits.decode(claims.credential_subject.encoded_list)[one.status_index]


# --- asked by many ----------------------------------------------------------------------------


async def _asked(site: Site, some: Sequence[Some]) -> list[tuple[str, float]]:
    found = []
    for name, path in (("page of a record", "/v/{}"), ("verdict by API", "/v1/verifications/{}")):
        request, turns = _getting(path, some), ASKED // CONNECTIONS
        taken = await latencies(
            site.url, request, connections=CONNECTIONS, rate=ASKED_A_SECOND, turns=turns
        )
        most = await requests_per_second(
            site.url, request, connections=CONNECTIONS, turns=turns // 3
        )
        middle = sorted(taken)[len(taken) // 2]
        print(f"  {name}: half in {middle:.3f} s, {most:.0f}/s at the most", file=sys.stderr)
        found.append((name, slowest_of_99(taken)))
    return found


def _getting(path: str, some: Sequence[Some]) -> Request:
    def request(connection: int, turn: int) -> bytes:
        one = some[(connection * 131 + turn) % len(some)]
        return f"GET {path.format(one.code)} HTTP/1.1\r\nHost: bench\r\n\r\n".encode()

    return request
