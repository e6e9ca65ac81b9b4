"""What follows from a release without anybody asking: the edition's place in the public log, and
learners moved on when their last day has passed. Every few minutes, one worker at a time."""

import asyncio
from contextlib import suppress
from datetime import datetime
from functools import partial
from random import uniform

import msgspec
import structlog

from backend.curriculum.service import published_editions
from backend.notices import service as notices
from backend.progress.editions import service as carry_over
from backend.progress.editions.domain import came_along
from backend.records.service import log_edition
from infra.alone import alone
from infra.queue import WorkerContext

EVERY_SECONDS = 300.0
FIRST_AFTER_SECONDS = 20.0
_LOCK = 7_021_455_902_117_305
_SUBJECT = notices.Said("课程已更新版次", "Your course has a new edition")
_log = structlog.get_logger(__name__)


async def round_once(context: WorkerContext) -> carry_over.Swept:
    """Safe to repeat, and to be killed in the middle of."""
    async with alone(context.settings.database_url, _LOCK) as leading:
        if not leading:
            return carry_over.Swept()
        for code, sha256, published_at in await published_editions():
            await log_edition(code, sha256=sha256, published_at=published_at)
        now = context.clock()
        return await carry_over.sweep(tell=partial(_tell, now=now), now=now)


async def _tell(came: carry_over.Came, *, now: datetime) -> None:
    said = came_along(came.old.edition, came.what)
    notice = notices.Notice(
        person_id=came.to.learner_id,
        kind="edition",
        once=f"edition:{came.old.id}",
        subject=_SUBJECT,
        text=notices.Said(said.zh, said.en),
        link="/learn",
    )
    await notices.post([notice], now=now)


async def run(context: WorkerContext, stop: asyncio.Event) -> None:
    pause = uniform(1, 2) * FIRST_AFTER_SECONDS
    while not await _stopped(stop, pause):
        pause = EVERY_SECONDS
        try:
            swept = await round_once(context)
        except Exception:  # a database that is away must not end the worker
            _log.exception("edition round failed")
            continue
        if swept != carry_over.Swept():
            _log.info("edition round", **msgspec.structs.asdict(swept))


async def _stopped(stop: asyncio.Event, seconds: float) -> bool:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stop.wait()
    return stop.is_set()
