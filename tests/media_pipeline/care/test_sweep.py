"""The sweep over a real bucket and real rows."""

import asyncio
from datetime import timedelta

import asyncpg
import pytest

from infra.clock import system_clock
from infra.queue import WorkerContext
from media_pipeline import repository
from media_pipeline.care import sweep
from media_pipeline.care.sweep import AlreadySweeping, Sweeper, Swept, sweep_once
from media_pipeline.domain import State
from tests import waiting
from tests.media_pipeline.care import rows

LONG = timedelta(days=2)


async def everything(context: WorkerContext) -> set[str]:
    return set().union(*[await rows.names(context.objects, prefix) for prefix in rows.PREFIXES])


async def test_what_rows_name_stays_and_everything_else_that_is_old_goes(
    context: WorkerContext,
) -> None:
    store = context.objects
    uploading, queued, failed, refused, lost = (rows.an_id(LONG, salt) for salt in range(5))
    await rows.lecture(State.UPLOADING, uploading)
    await rows.lecture(State.QUEUED, queued)
    await rows.lecture(State.FAILED, failed)
    await rows.lecture(State.FAILED, refused, failure=rows.REFUSED)
    shown, sharer = rows.an_id(LONG, 10), rows.an_id(LONG, 11)
    await rows.lecture(State.PLAYABLE, shown)
    removed_one = f"lectures/{rows.an_id(LONG, 12)}/{rows.an_id(LONG, 13)}/"
    await rows.lecture(State.PLAYABLE, sharer, package_prefix=removed_one)
    working, attempt = rows.an_id(LONG, 14), rows.an_id(LONG, 15)
    await rows.lecture(State.PROCESSING, working, attempt_id=attempt)
    joining = rows.an_id(LONG, 16)
    await rows.task(working, attempt, 0, kind="join", run_id=joining)
    young = rows.an_id()
    kept = [
        await rows.put(store, f"lectures/{working}/{joining}/master.m3u8"),
        *[await rows.source(store, one) for one in (uploading, queued, failed)],
        await rows.put(store, f"incoming/{uploading}.tail-7"),
        await rows.put(store, f"lectures/{shown}/{shown}/master.m3u8"),
        await rows.put(store, f"{removed_one}720p/00001.m4s"),
        await rows.put(store, f"lectures/{working}/{attempt}/720p/00001.m4s"),
        await rows.put(store, f"work/{attempt}/chunk-0/720p.mp4"),
        await rows.source(store, young),
        await rows.put(store, f"lectures/{shown}/{young}/master.m3u8"),
        await rows.put(store, f"work/{young}/plan.json"),
        await rows.put(store, "lectures/of-cafe/else.txt"),
    ]
    for name in (
        *(f"incoming/{refused}", f"incoming/{lost}", f"incoming/{lost}.tail-9"),
        f"lectures/{shown}/{rows.an_id(LONG, 20)}/720p/00001.m4s",
        f"lectures/{lost}/{rows.an_id(LONG, 21)}/master.m3u8",
        f"work/{rows.an_id(LONG, 22)}/sound-0/audio.mp4",
    ):
        await rows.put(store, name)
    swept = await sweep_once(context)
    assert await everything(context) == set(kept)
    assert swept == Swept(sources=3, packages=2, work=1, objects=6, bytes=30)
    assert (await sweep_once(context)).nothing


async def test_open_multiparts_without_an_unfinished_upload_are_aborted(
    context: WorkerContext,
) -> None:
    store = context.objects
    growing, lost, young = rows.an_id(LONG, 1), rows.an_id(LONG, 2), rows.an_id()
    await rows.lecture(State.UPLOADING, growing)
    kept = set()
    for lecture_id in (growing, young):
        name = f"incoming/{lecture_id}"
        kept.add((name, await store.multipart_begin(name, "text/plain")))
    for name in (f"incoming/{lost}", f"work/{lost}/chunk-1/720p.mp4"):
        await store.multipart_begin(name, "text/plain")
    swept = await sweep_once(context)
    assert swept.multiparts == 2
    left = {
        (one.name, one.upload)
        for prefix in rows.PREFIXES
        async for page in store.open_multiparts(prefix)
        for one in page
        if any(str(ours) in one.name for ours in (growing, lost, young))
    }
    assert left == kept
    for name, upload in left:
        await store.multipart_abort(name, upload)


async def test_a_failed_lecture_s_file_is_kept_for_thirty_days(context: WorkerContext) -> None:
    now, old, young = system_clock(), rows.an_id(LONG, 1), rows.an_id(LONG, 2)
    await rows.lecture(State.FAILED, old, begun_at=now - timedelta(days=31))
    created, begun = now - timedelta(days=40), now - timedelta(days=29)
    await rows.lecture(State.FAILED, young, created_at=created, begun_at=begun)
    for one in (old, young):
        await rows.source(context.objects, one)
    swept = await sweep_once(context)
    assert (swept.kept_too_long, swept.objects) == (1, 1)
    assert await everything(context) == {f"incoming/{young}"}
    facts = await repository.lecture(old)
    assert facts is not None
    assert facts.failure is not None
    assert not facts.failure.retryable


async def test_a_round_that_looked_at_enough_is_gone_on_with_by_the_next(
    context: WorkerContext,
) -> None:
    for salt in range(10):
        lecture = rows.an_id(LONG, salt)
        await rows.put(context.objects, f"lectures/{lecture}/{rows.an_id(LONG, 20)}/a.m4s")
        await rows.put(context.objects, f"lectures/{lecture}/{lecture}/kept.m4s")
        await rows.lecture(State.PLAYABLE, lecture)
    sweeper = Sweeper(context.objects, lectures=1)
    rounds = [await sweeper.round(context.clock())]
    while not rounds[-1].whole:
        rounds.append(await sweeper.round(context.clock()))
    found = [swept.packages for swept in rounds]
    assert sum(found) == 10
    assert len(rounds) > 1
    assert max(found) <= sweep._LISTINGS_AT_ONCE


async def test_one_at_a_time(context: WorkerContext) -> None:
    other = await asyncpg.connect(context.settings.database_url)
    await other.execute("SELECT pg_advisory_lock($1)", sweep._LOCK)
    with pytest.raises(AlreadySweeping):
        await sweep_once(context)
    await other.close()
    await waiting.condition(lambda: _sweeps(context))


async def _sweeps(context: WorkerContext) -> bool:
    """The server frees a lock a moment after its holder is gone."""
    try:
        await sweep_once(context)
    except AlreadySweeping:
        return False
    return True


async def test_a_worker_sweeps_by_itself_and_stops_when_told(
    context: WorkerContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep, "FIRST_AFTER_SECONDS", 0.01)
    await rows.put(context.objects, f"work/{rows.an_id(LONG)}/plan.json")
    stop = asyncio.Event()
    running = asyncio.create_task(sweep.run(context, stop))

    async def clean() -> bool:
        return not await everything(context)

    await waiting.condition(clean)
    stop.set()
    await asyncio.wait_for(running, 30)
