"""Two at once, one of them held up at the worst moment: what is decided and made stays single.

Rows are committed, each worker has a connection of its own; locks of the test hold them up.
"""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Generator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from backend.records import aside, log, privacy_facts, repository, service, status
from backend.records.domain import AlreadyDecided
from backend.records.events import history
from backend.records.issuing import issue, issue_with_others
from backend.records.keyring import Keyring
from backend.records.sequencer import CHECKPOINT, Sequencer, settle
from backend.records.tables import CompletionRecord, DueRecord, LogLeaf
from infra.clock import ManualClock
from infra.database import UnitOfWork, connection
from infra.engine import DB
from infra.queue import WorkerContext
from infra.vault import Vault
from tests import waiting
from tests.backend.records.conftest import Issued, Someone, the_due, verify_person
from tests.backend.records.making import a_hash, some_facts

pytestmark = pytest.mark.usefixtures("database")
_WAITING = """
SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
    AND wait_event_type = 'Lock' AND (wait_event = 'advisory') = $1
"""


async def blocked(context: WorkerContext, count: int, *, on_rows: bool = False) -> None:
    """So many wait for a lock; seen by a connection of its own, for a transaction sees it once."""
    watcher = await asyncpg.connect(context.settings.database_url)

    async def are() -> bool:
        return int(await watcher.fetchval(_WAITING, not on_rows)) >= count

    try:
        await waiting.condition(are)
    finally:
        await watcher.close()


@asynccontextmanager
async def held_up(context: WorkerContext, record: CompletionRecord) -> AsyncIterator[None]:
    """Two who decide about this record are let go on together when both wait for its list."""
    locked, go = asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        async with UnitOfWork(DB):
            await status.lock(record.status_list)
            locked.set()
            await go.wait()

    holding = asyncio.create_task(hold())
    await locked.wait()
    try:
        yield
        await blocked(context, 2)
    finally:
        go.set()
        await holding


async def proposed(
    vault: Vault, record: CompletionRecord, proposer: UUID, clock: ManualClock
) -> UUID:
    made = await service.propose_revocation(
        vault, record.id, "替考，经查实", proposer_id=proposer, now=clock()
    )
    return made.id


async def test_a_record_is_revoked_or_corrected_where_both_come_at_once(
    issued: Issued,
    someone: Someone,
    keyring: Keyring,
    clock: ManualClock,
    context: WorkerContext,
    vault: Vault,
) -> None:
    """Two ends would make every audit of the log fail for good."""
    record, one = await issued(), await someone()
    proposal, second = await proposed(vault, record, one, clock), await someone()
    await service.request_record(some_facts(record.learner_id, revision=2), clock())
    due_id = (await the_due(record.learner_id, 2)).id

    async def approve() -> None:
        await service.approve_revocation(keyring, proposal, approver_id=second, now=clock())

    async with held_up(context, record):
        tasks = [asyncio.create_task(work) for work in (approve(), issue(context, due_id))]
    ended = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(one is None or isinstance(one, AlreadyDecided) for one in ended), ended
    kinds = [event.kind for event in await history(record.id)]
    assert len(kinds) == 2, kinds
    await settle(context)
    found = await service.verdict_for_code(record.code, clock(), vault=vault)
    assert found.verdict == kinds[-1]


async def test_of_two_who_propose_at_once_the_second_is_sent_to_the_first_s(
    issued: Issued, someone: Someone, clock: ManualClock, context: WorkerContext, vault: Vault
) -> None:
    record, people = await issued(), [await someone() for _ in range(2)]
    async with held_up(context, record):
        tasks = [asyncio.create_task(proposed(vault, record, p, clock)) for p in people]
    ended = await asyncio.gather(*tasks, return_exceptions=True)
    assert sorted(type(one).__name__ for one in ended) == ["RevocationPending", "UUID"]


@pytest.mark.parametrize("at_once", [False, True], ids=["in turn", "at once"])
async def test_the_newest_revision_stands_whichever_was_made_first(
    at_once: bool,
    someone: Someone,
    context: WorkerContext,
    clock: ManualClock,
    vault: Vault,
) -> None:
    learner_id, order = await someone(), [3, 1, 2]
    for revision in order:
        await service.request_record(some_facts(learner_id, revision=revision), clock())
    dues = [(await the_due(learner_id, revision)).id for revision in order]
    if at_once:
        await asyncio.gather(*(issue(context, due) for due in dues))
    else:
        for due in dues:
            await issue(context, due)
    await settle(context)
    records = (
        await CompletionRecord.objects()
        .where(CompletionRecord.learner_id == learner_id)
        .order_by(CompletionRecord.revision)
    )
    found = [await service.verdict_for_code(r.code, clock(), vault=vault) for r in records]
    assert [one.verdict for one in found] == ["superseded"] * (len(order) - 1) + ["valid"]
    assert {one.superseded_by for one in found[:-1]} == {records[-1].number}


@pytest.mark.parametrize("made_meanwhile", [False, True], ids=["not made", "made by another"])
async def test_who_is_verified_while_a_worker_puts_the_record_aside_gets_it(
    made_meanwhile: bool,
    someone: Someone,
    context: WorkerContext,
    clock: ManualClock,
    vault: Vault,
) -> None:
    """The worker saw nobody verified, and is held up before it writes that down."""
    learner_id = await someone(method=None)
    await service.request_record(some_facts(learner_id), clock())
    due = await the_due(learner_id)
    locked = asyncio.Event()

    async def slow() -> None:
        await locked.wait()
        await issue(context, due.id)

    worker = asyncio.create_task(slow())
    async with UnitOfWork(DB):
        row = "SELECT FROM due_record WHERE id = $1 FOR NO KEY UPDATE"
        await connection().execute(row, due.id)
        locked.set()
        await blocked(context, 1, on_rows=True)
        await verify_person(vault, learner_id)
        if made_meanwhile:
            await issue(context, due.id)
    await service.identity_verified(learner_id)
    await worker
    assert (await the_due(learner_id)).state == "issued"
    await settle(context)
    (mine,) = await service.my_records(vault, learner_id, now=clock())
    assert mine.state == "issued"
    await privacy_facts.erase_person(learner_id, now=clock())  # a record's due row stays


class Stopped:
    """Work that stands still before its n-th step, as by SIGSTOP, until it is let go."""

    def __init__(self, work: Coroutine[Any, Any, object], waits: int) -> None:
        self._work, self.left = work, waits
        self.stands, self.go = asyncio.Event(), asyncio.Event()

    async def run(self) -> None:
        await self

    def __await__(self) -> Generator[Any, Any, None]:
        inner, error = self._work.__await__(), None
        while True:
            self.left -= 1
            if self.left == 0:
                self.stands.set()
                yield from self.go.wait().__await__()
            try:
                waited_for = inner.send(None) if error is None else inner.throw(error)
            except StopIteration:
                return
            try:
                error = yield waited_for
            except BaseException as raised:
                error = raised


async def test_a_sequencer_that_was_stopped_and_goes_on_beside_another_changes_nothing(
    someone: Someone, context: WorkerContext, clock: ManualClock, keyring: Keyring, vault: Vault
) -> None:
    """Its lock is gone, as when its connection was cut while it stood; another has led since. In
    the last steps of a round the checkpoint is read, then written."""

    async def round_with_a_record() -> tuple[UUID, Coroutine[Any, Any, bool]]:
        learner_id = await someone()
        await settle(context)
        sequencer = await Sequencer.load(context.objects, keyring)
        await service.request_record(some_facts(learner_id), clock())
        await issue(context, (await the_due(learner_id)).id)
        return learner_id, sequencer.round(clock())

    whole = Stopped((await round_with_a_record())[1], 10**6)
    await whole
    last = 10**6 - whole.left
    for steps in (3, last // 2, last - 4, last - 2, last - 1, last):
        learner_id, work = await round_with_a_record()
        stopped = Stopped(work, steps)
        first = asyncio.create_task(stopped.run())
        await asyncio.wait_for(stopped.stands.wait(), 20)
        said = a_hash(f"{learner_id}")
        await service.log_edition(f"e-{learner_id}", sha256=said, published_at=clock())
        other = asyncio.create_task(settle(context))
        waits_for_first = asyncio.create_task(blocked(context, 1, on_rows=True))
        await asyncio.wait([other, waits_for_first], return_when=asyncio.FIRST_COMPLETED)
        waits_for_first.cancel()
        stopped.go.set()
        await asyncio.gather(first, other, return_exceptions=True)
        stored = await context.objects.get_bytes(CHECKPOINT)
        newest = await log.latest_checkpoint()
        assert newest is not None
        assert stored.decode() == newest.note
        await settle(context)
        (mine,) = await service.my_records(vault, learner_id, now=clock())
        assert mine.state == "issued"
    places = await LogLeaf.select(LogLeaf.leaf_index).order_by(LogLeaf.leaf_index)
    assert [row["leaf_index"] for row in places] == list(range(len(places)))


@pytest.mark.usefixtures("unit")
async def test_those_who_wait_keep_nobody_else_from_a_lost_record(
    someone: Someone, context: WorkerContext, clock: ManualClock
) -> None:
    lost, unverified = await someone(), await someone(method=None)
    await service.request_record(some_facts(lost), clock())
    for number in range(60):
        facts = some_facts(unverified, programme_code=f"P{number}")
        await service.request_record(facts, clock() + timedelta(seconds=number))
    await DueRecord.update({DueRecord.state: "waiting-for-identity"}).where(
        DueRecord.learner_id == unverified
    )
    clock.advance(300)
    assert (await the_due(lost)).id in await repository.overdue(clock())


@pytest.mark.usefixtures("unit")
async def test_a_year_of_continuing_education_is_completed_once_and_the_next_year_again(
    someone: Someone, context: WorkerContext, clock: ManualClock
) -> None:
    learner_id = await someone()
    for edition, year in (("2026.1", "2026"), ("2026.2", "2026"), ("2027.1", "2027")):
        facts = some_facts(
            learner_id,
            programme_code="CE-AUD",
            kind="continuing-education",
            edition=edition,
            period=year,
        )
        for _ in range(2):
            await service.request_record(facts, clock())
    dues = await DueRecord.objects().where(DueRecord.learner_id == learner_id)
    assert sorted((due.edition, due.period) for due in dues) == [
        ("2026.1", "2026"),
        ("2027.1", "2027"),
    ]
    for due in dues:
        await issue(context, due.id)
    assert await CompletionRecord.count().where(CompletionRecord.learner_id == learner_id) == 2


@pytest.mark.usefixtures("unit")
async def test_what_cannot_be_signed_is_put_aside_until_somebody_put_it_right(
    someone: Someone, context: WorkerContext, clock: ManualClock, vault: Vault
) -> None:
    nobody, older = await someone("undefined undefined"), await someone()
    for learner_id in (nobody, older):
        await service.request_record(some_facts(learner_id), clock())
    await DueRecord.update({DueRecord.facts: b'{"from": "another release"}'}).where(
        DueRecord.learner_id == older
    )
    for learner_id in (nobody, older):
        due = await the_due(learner_id)
        await issue(context, due.id)
        assert due.id in {one.id for one in await aside.put_aside()}
        (mine,) = await repository.learners_dues(learner_id)
        assert mine.state == "quarantined"
        await aside.try_again(due.id, now=clock())
        with pytest.raises(aside.NothingPutAside):
            await aside.try_again(due.id, now=clock())
        assert (await the_due(learner_id)).state == "due"
    await verify_person(vault, nobody, "王小明")
    await issue(context, (await the_due(nobody)).id)
    assert (await the_due(nobody)).state == "issued"


@pytest.mark.usefixtures("unit")
async def test_whose_place_is_taken_is_put_aside_and_the_others_are_made(
    issued: Issued, someone: Someone, context: WorkerContext, clock: ManualClock
) -> None:
    """Nothing of ours makes such rows; they failed for ever, and were told nowhere."""
    record, other = await issued(), await someone()
    await service.request_record(some_facts(record.learner_id, revision=2), clock())
    await service.request_record(some_facts(other), clock())
    again, forged = await the_due(record.learner_id), await the_due(record.learner_id, 2)
    await DueRecord.update({DueRecord.state: "due"}).where(DueRecord.id == again.id)
    await DueRecord.update({DueRecord.facts: again.facts}).where(DueRecord.id == forged.id)
    await issue_with_others(context, again.id)
    told = {one.id: one.reason for one in await aside.put_aside()}
    assert told[again.id] == f"{record.number} stands in its place already"
    assert told[forged.id] == "facts of another record: the row was changed by hand"
    assert (await the_due(other)).state == "issued"
    assert await CompletionRecord.count().where(CompletionRecord.due.is_in([again.id])) == 1
