"""Whatever dies, wherever it waits: one record, one event, one leaf, and a verdict of valid."""

import asyncio
from collections.abc import Coroutine, Generator
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from backend.records import service
from backend.records.domain import RecordFacts
from backend.records.issuing import issue
from backend.records.sequencer import settle
from backend.records.tables import (
    CompletionRecord,
    DueRecord,
    LogCheckpoint,
    LogLeaf,
    LogPending,
    RecordEvent,
)
from backend.records.verdict.leaf import Kind
from infra.clock import ManualClock
from infra.queue import WorkerContext
from infra.vault import Vault
from tests.backend.records.conftest import Someone, the_due
from tests.backend.records.making import some_facts

pytestmark = pytest.mark.usefixtures("database")
MOST = 80
WAITS = st.integers(1, MOST)
"""Making a record waits some 45 times, ordering the log some 70; beyond that nothing dies."""


class Dying:
    """Work that dies the n-th time it waits for database or store. A write that was under way may
    be done or not, as with a process that ends there."""

    def __init__(self, work: Coroutine[Any, Any, None], waits: int) -> None:
        self._work, self.left = work, waits

    def __await__(self) -> Generator[Any, Any, None]:
        inner, error = self._work.__await__(), None
        while True:
            try:
                waited_for = inner.send(None) if error is None else inner.throw(error)
            except StopIteration:
                return
            self.left -= 1
            if self.left == 0 and (task := asyncio.current_task()):
                task.cancel()
            try:
                error = yield waited_for
            except BaseException as raised:  # the cancelling, and what follows of it
                error = raised


async def dies(work: Coroutine[Any, Any, None], waits: int) -> bool:
    """Whether it did before it was done."""

    async def within() -> None:
        await Dying(work, waits)

    task = asyncio.create_task(within())
    await asyncio.wait([task])
    if not task.cancelled() and (error := task.exception()):
        assert "cancel" in f"{type(error)} {error}".lower(), error
    return task.cancelled()


async def counts(learner_id: UUID) -> dict[str, int]:
    records = await CompletionRecord.objects().where(CompletionRecord.learner_id == learner_id)
    ids, entries = [r.id for r in records], [r.entry_id for r in records]
    return {
        "due": await DueRecord.count().where(
            DueRecord.learner_id == learner_id, DueRecord.state == "issued"
        ),
        "records": len(records),
        "issued": await RecordEvent.count().where(
            RecordEvent.record.is_in(ids), RecordEvent.kind == "issued"
        ),
        "superseded": await RecordEvent.count().where(
            RecordEvent.record.is_in(ids), RecordEvent.kind == "superseded"
        ),
        "leaves": await LogLeaf.count().where(LogLeaf.entry_id.is_in(entries)),
        "waiting": await LogPending.count().where(LogPending.kind == Kind.ISSUED.value),
    }


async def verdicts(learner_id: UUID, vault: Vault, clock: ManualClock) -> list[str]:
    records = (
        await CompletionRecord.objects()
        .where(CompletionRecord.learner_id == learner_id)
        .order_by(CompletionRecord.revision)
    )
    now = clock()
    return [(await service.verdict_for_code(r.code, now, vault=vault)).verdict for r in records]


@given(
    deaths=st.lists(st.tuples(st.sampled_from(["issue", "settle", "race"]), WAITS), max_size=3),
    corrected=st.booleans(),
)
@settings(
    max_examples=6,
    deadline=None,
    phases=[Phase.generate],  # to shrink a story of deaths takes minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
async def test_wherever_workers_die_there_is_one_record_of_each_revision(
    context: WorkerContext,
    someone: Someone,
    clock: ManualClock,
    vault: Vault,
    deaths: list[tuple[str, int]],
    corrected: bool,
) -> None:
    learner_id = await someone()
    revisions = [1, 2] if corrected else [1]
    for revision in revisions:
        facts = some_facts(learner_id, revision=revision)
        await asyncio.gather(*(service.request_record(facts, clock()) for _ in range(2)))
        due = (await the_due(learner_id, revision)).id
        for what, waits in deaths:
            await die(what, waits, context, due, facts, clock)
        await asyncio.gather(issue(context, due), issue(context, due))
        await settle(context)
    count = len(revisions)
    assert await counts(learner_id) == {
        **dict.fromkeys(["due", "records", "issued", "leaves"], count),
        "superseded": count - 1,
        "waiting": 0,
    }
    assert await verdicts(learner_id, vault, clock) == ["superseded", "valid"][-count:]
    places = await LogLeaf.select(LogLeaf.leaf_index).order_by(LogLeaf.leaf_index)
    assert [row["leaf_index"] for row in places] == list(range(len(places)))
    last = await LogCheckpoint.objects().order_by(LogCheckpoint.tree_size, ascending=False).first()
    assert last is not None
    assert last.tree_size == len(places)


async def die(
    what: str,
    waits: int,
    context: WorkerContext,
    due: UUID,
    facts: RecordFacts,
    clock: ManualClock,
) -> None:
    if what == "issue":
        await dies(issue(context, due), waits)
    elif what == "settle":
        await issue(context, due)
        await dies(settle(context), waits)
    else:
        await asyncio.gather(
            dies(issue(context, due), waits),
            issue(context, due),
            service.request_record(facts, clock()),
        )


async def test_the_deaths_are_real_and_reach_every_step(
    context: WorkerContext, someone: Someone, clock: ManualClock
) -> None:
    """So that the test above does not pass because nothing died, or only at the beginning."""
    learner_id = await someone()
    await service.request_record(some_facts(learner_id), clock())
    due = await the_due(learner_id)
    issuing = Dying(issue(context, due.id), 10**6)
    await issuing
    making = 10**6 - issuing.left
    ordering = Dying(settle(context), 10**6)
    await ordering
    assert 20 < making < 140
    assert 10**6 - ordering.left > 20
    assert await dies(settle(context), 3)
