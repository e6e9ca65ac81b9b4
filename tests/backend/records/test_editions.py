"""What a curriculum edition is, said once in the public log."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from backend import prepare
from backend.curriculum import service as curriculum
from backend.curriculum.repository import publish
from backend.records import service
from backend.records.sequencer import settle
from backend.records.tables import LogLeaf, LogPending
from backend.records.verdict.leaf import Kind, Leaf, parse_leaf
from infra.clock import ManualClock
from infra.queue import WorkerContext
from infra.settings import Settings
from tests.backend.records.making import START, a_hash

pytestmark = pytest.mark.usefixtures("database")


async def said(ref: str = "edition/") -> list[Leaf]:
    """Editions in the log, then those that wait, in their order."""
    kind = str(Kind.EDITION)
    placed = (
        await LogLeaf.select(LogLeaf.entry).where(LogLeaf.kind == kind).order_by(LogLeaf.leaf_index)
    )
    waiting = (
        await LogPending.select(LogPending.entry)
        .where(LogPending.kind == kind)
        .order_by(LogPending.position)
    )
    leaves = [parse_leaf(row["entry"]) for row in [*placed, *waiting]]
    return [leaf for leaf in leaves if leaf.ref.startswith(ref)]


@pytest.mark.usefixtures("unit")
async def test_a_start_logs_each_published_edition_and_a_second_start_nothing(
    settings: Settings, clock: ManualClock, context: WorkerContext
) -> None:
    prepared = await prepare.fill(settings, clock)
    first = await said()
    assert {(leaf.ref, leaf.sha256) for leaf in first} >= {
        (f"edition/{code}", sha256) for code, sha256 in prepared.editions.items()
    }
    clock.advance(3_600)
    await prepare.fill(settings, clock)
    await settle(context)
    await prepare.fill(settings, clock)
    assert await said() == first


@pytest.mark.usefixtures("unit")
async def test_editions_are_logged_in_the_order_of_their_publishing(
    settings: Settings, clock: ManualClock
) -> None:
    """Not of their codes: here the lower code comes later."""
    await prepare.fill(settings, clock)
    later = clock() + timedelta(hours=1)
    await publish("2025.9", a_hash("later"), b"{}", now=later)
    await prepare.fill(settings, clock)
    published = [code for code, _, _ in await curriculum.published_editions()]
    logged = [leaf.ref.removeprefix("edition/") for leaf in await said()]
    assert [code for code in logged if code in published] == published
    assert published[-2:] == ["2026.1", "2025.9"]


async def test_an_edition_is_logged_once_however_many_processes_start_at_once(
    context: WorkerContext,
) -> None:
    code = uuid4().hex[:12]

    async def start() -> bool:
        return await service.log_edition(code, sha256=a_hash(code), published_at=START)

    done = await asyncio.gather(*(start() for _ in range(6)))
    assert sorted(done) == [False] * 5 + [True]
    await settle(context)
    assert not await start()
    later = START + timedelta(days=1)
    assert not await service.log_edition(code, sha256=a_hash(code), published_at=later)
    (leaf,) = await said(f"edition/{code}")
    assert (leaf.sha256, leaf.ts, leaf.kid) == (a_hash(code), "2026-03-02T01:00:00Z", "")
