"""Identities end on their day: a worker looks every hour, and says so to the account."""

import asyncio
from contextlib import suppress
from datetime import datetime

import structlog

from backend.accounts import service as accounts
from backend.identity import repository
from infra.database import UnitOfWork
from infra.engine import DB
from infra.outage import AWAY
from infra.queue import WorkerContext

_log = structlog.get_logger(__name__)
_LOOK_AFTER_SECONDS = 3600.0
_BATCH = 200


async def run(context: WorkerContext, stop: asyncio.Event) -> None:
    """Until `stop`. Several workers share the work: each leaves what another one holds."""
    while not stop.is_set():
        with suppress(*AWAY):
            if count := await expire(context.clock()):
                _log.info("identities_expired", count=count)
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), _LOOK_AFTER_SECONDS)


async def expire(now: datetime) -> int:
    """How many ended. A batch is a transaction."""
    count = 0
    while True:
        async with UnitOfWork(DB):
            found = await repository.expired(now, _BATCH)
            for declaration_id, person_id in found:
                await accounts.clear_identity(person_id)
                await repository.note("expired", person_id, declaration_id, actor=None, now=now)
        count += len(found)
        if len(found) < _BATCH:
            return count
