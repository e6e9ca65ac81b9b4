"""Items seen most often of late rest: counted by a worker, read by every draw."""

import asyncio
import hashlib
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from backend.assessment.domain import Drawn
from backend.assessment.exposure import repository
from courses.papers.exposure import Seen
from infra.database import UnitOfWork
from infra.engine import DB
from infra.outage import AWAY
from infra.queue import WorkerContext

LATELY = timedelta(days=30)
_EVERY_SECONDS = 600.0
_MOST_KEPT = 16
_known: dict[str, dict[str, int]] = {}
"""Counts by hash, as they never change: the newest of a few editions."""


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """What has been seen, and the hash by which the common part of it is found again."""

    lately_sha256: str = ""
    seen: Seen = Seen()


UNSEEN = Standing()


async def standing(edition: str, learner_id: UUID) -> Standing:
    """In the caller's transaction; one statement, but for a count this process has not met."""
    sha256, by_learner = await repository.standing(edition, learner_id)
    lately = await counts(sha256) if sha256 else {}
    return Standing(lately_sha256=sha256, seen=Seen(lately=lately, by_learner=by_learner))


async def standing_of(drawn: Drawn) -> Standing:
    """What a paper was drawn by, to draw it again."""
    lately = await counts(drawn.lately_sha256) if drawn.lately_sha256 else {}
    seen = Seen(lately=lately, by_learner=drawn.by_learner)
    return Standing(lately_sha256=drawn.lately_sha256, seen=seen)


async def counts(sha256: str) -> dict[str, int]:
    """Of a count kept; what a paper that names it was drawn by."""
    if sha256 not in _known:
        if len(_known) >= _MOST_KEPT:
            _known.clear()
        _known[sha256] = await repository.counts(sha256)
    return _known[sha256]


async def note(
    learner_id: UUID, attempt_id: UUID, edition: str, item_ids: Sequence[str], *, now: datetime
) -> None:
    """A paper was drawn, in the caller's transaction."""
    await repository.note(learner_id, attempt_id, edition, item_ids, now=now)


async def forget(learner_id: UUID) -> None:
    await repository.forget(learner_id)


async def run(context: WorkerContext, stop: asyncio.Event) -> None:
    """Until `stop`. Several workers share the work: each leaves what another one does."""
    while not stop.is_set():
        with suppress(*AWAY):
            await count_anew(context.clock())
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), _EVERY_SECONDS)


async def count_anew(now: datetime) -> list[str]:
    """Editions of which a new count was kept: those with papers drawn since the last one."""
    async with UnitOfWork(DB):
        if not await repository.mine_alone():
            return []
        found = await repository.stale(now - LATELY)
        for edition in found:
            counted = await repository.count(edition, since=now - LATELY, until=now)
            content = msgspec.json.encode(counted, order="sorted")
            sha256 = hashlib.sha256(content).hexdigest()
            await repository.keep(edition, content, sha256, now=now)
    return found
