"""The worker: takes jobs from the queue, and keeps the public log's sequence beside them.

It may be killed at any moment. A job it held is taken again by another worker, or by its own
successor, once its heartbeat is `_HEARTBEAT` old; so every job is safe to run twice.
"""

import asyncio
import signal
from contextlib import suppress
from datetime import datetime, timedelta

import asyncpg
import structlog
from pgqueuer import PgQueuer

import backend.accounts.jobs
import backend.assessment.exam_signals.running
import backend.assessment.exposure.service
import backend.assessment.item_reports.working_out
import backend.assessment.overdue
import backend.checking.jobs
import backend.edition_rounds
import backend.identity.expiry
import backend.notices.sending
import backend.organisations.assignments.jobs
import backend.organisations.jobs
import backend.organisations.members.jobs
import backend.organisations.prints.jobs
import backend.plans.reminders
import backend.privacy.jobs
import backend.privacy.sweep
import backend.progress.signals
import backend.records.jobs
import backend.records.sequencer
import media_pipeline.captions.jobs
import media_pipeline.care.sweep
import media_pipeline.jobs
from backend.limits.service import forget_ended
from backend.logs import configure_logs
from backend.oversight.domain import SignalSource, SubjectKind
from backend.oversight.service import note_signal
from backend.progress.domain import Signal, SignalKind
from infra.clock import Clock, system_clock
from infra.engine import DB, configure
from infra.lasting import lasting_queue
from infra.objects import ObjectStore
from infra.outage import AWAY, watch_line
from infra.own_keys import check_keys
from infra.queue import WorkerContext
from infra.settings import Settings
from infra.vault import Vault
from media_pipeline.work.requeue import requeue_lost
from media_pipeline.work.room import at_once

_HEARTBEAT = timedelta(seconds=15)
_MESSAGES_AT_ONCE = 4
_POLL = timedelta(seconds=5)  # a job whose worker died sends no notice: somebody has to look
_RECORDS_AT_ONCE = 4
_PEOPLE_AT_ONCE = 1  # lists of staff keep a core busy for half a minute
_LOOK_AFTER_SECONDS = 60.0

_log = structlog.get_logger(__name__)


async def work(settings: Settings, clock: Clock = system_clock) -> None:
    """Until SIGTERM or SIGINT; jobs that are running are finished first.

    Raises KeysOfAnotherInstance."""
    configure_logs()
    configure(settings.database_url)
    await DB.start_connection_pool(min_size=1, max_size=settings.pool_size, init=watch_line)
    context = WorkerContext(
        objects=ObjectStore.from_url(settings.objects_url, settings.objects_public_url),
        clock=clock,
        settings=settings,
    )
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    try:
        await check_keys(Vault.of(settings.keys))
        await run_worker(context, stop)
    finally:
        await DB.close_connection_pool()


async def run_worker(context: WorkerContext, stop: asyncio.Event) -> None:
    """Work in this event loop, on Piccolo's open pool, until `stop` is set and jobs are done.

    Encoding, issuing, messages, recognising speech and lists of people have a queue manager each,
    so that a record never waits for a video or a slow gateway, nor a video for a recogniser that
    takes hours. Speech is left to workers that have a recogniser.
    """
    encoders = at_once(context.settings)
    url = context.settings.database_url
    async with asyncpg.create_pool(url, min_size=2, max_size=10, init=watch_line) as pool:
        media = lasting_queue(pool, at_once=encoders)
        records = lasting_queue(pool, at_once=_RECORDS_AT_ONCE)
        messages = lasting_queue(pool, at_once=_MESSAGES_AT_ONCE)
        hearing = lasting_queue(pool, at_once=1)
        people = lasting_queue(pool, at_once=_PEOPLE_AT_ONCE)
        shop = media_pipeline.jobs.register(media, context)
        backend.records.jobs.register(records, context)
        backend.privacy.jobs.register(records, context)
        backend.organisations.assignments.jobs.register(records, context)
        backend.accounts.jobs.register(messages, context)
        backend.organisations.members.jobs.register(messages, context)
        media_pipeline.captions.jobs.register(hearing, context)
        backend.organisations.jobs.register(people, context)
        backend.organisations.prints.jobs.register(people, context)
        backend.checking.jobs.register(people, context)
        async with asyncio.TaskGroup() as group:
            group.create_task(_run(media, encoders))
            group.create_task(_run(records, _RECORDS_AT_ONCE))
            group.create_task(_run(messages, _MESSAGES_AT_ONCE))
            group.create_task(_run(people, _PEOPLE_AT_ONCE))
            if context.settings.transcriber:
                group.create_task(_run(hearing, 1))
            group.create_task(backend.records.sequencer.run(context, stop))
            group.create_task(media_pipeline.care.sweep.run(context, stop))
            group.create_task(backend.privacy.sweep.run(context, stop))
            group.create_task(backend.identity.expiry.run(context, stop))
            group.create_task(backend.assessment.exposure.service.run(context, stop))
            group.create_task(backend.assessment.item_reports.working_out.run(context, stop))
            group.create_task(backend.assessment.exam_signals.running.run(context, stop))
            group.create_task(backend.plans.reminders.run(context, stop))
            group.create_task(backend.edition_rounds.run(context, stop))
            group.create_task(backend.assessment.overdue.run(context, stop))
            group.create_task(backend.notices.sending.run(context, stop))
            group.create_task(backend.progress.signals.run(context, _note, stop))
            group.create_task(_look_after(context, stop))
            _log.info("worker ready", encoders=encoders)
            await stop.wait()
            media.shutdown.set()
            records.shutdown.set()
            messages.shutdown.set()
            hearing.shutdown.set()
            people.shutdown.set()
        shop.close()
    _log.info("worker stopped")


async def _note(signal: Signal, *, now: datetime) -> None:
    """Learning is seen by oversight, and knows nothing of it."""
    shared = signal.kind is SignalKind.SHARED_DEVICE
    await note_signal(
        SignalSource.SHARED_DEVICE if shared else SignalSource.WATCHING,
        SubjectKind.PERSON,
        str(signal.learner_id),
        strength=signal.strength,
        explanation=f"{signal.kind}: {signal.explanation}",
        now=now,
    )


async def _run(queue: PgQueuer, jobs_at_once: int) -> None:
    """Without PgQueuer's scheduler, which would ask the database every second for nothing."""
    await queue.qm.run(
        dequeue_timeout=_POLL,
        batch_size=1,
        max_concurrent_tasks=max(
            2, jobs_at_once
        ),  # PgQueuer's least; the queue itself keeps to ours
        heartbeat_timeout=_HEARTBEAT,
        # PgQueuer 1.6 sends its first probe before it listens, and may wait for it in vain: that
        # must not end a worker. A listener that is truly lost costs `_POLL`, no more.
        shutdown_on_listener_failure=False,
    )


async def _look_after(context: WorkerContext, stop: asyncio.Event) -> None:
    """Finds work that has lost its job, drops counts of past minutes: at the start, and every
    minute."""
    while not stop.is_set():
        with suppress(*AWAY):
            await forget_ended(context.clock())
            if found := await requeue_lost(context.clock()):
                _log.warning("lost jobs queued anew", count=found)
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), _LOOK_AFTER_SECONDS)
