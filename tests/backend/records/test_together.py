"""Records made together: each as if it were alone, and for all of them a few statements."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

import pytest

from backend.records import log, service
from backend.records.domain import Title
from backend.records.issuing import issue_all, issue_with_others
from backend.records.keyring import Keyring
from backend.records.sequencer import HistoryDiffers, Sequencer, settle
from backend.records.tables import CompletionRecord, DueRecord, LogLeaf, LogProof
from backend.records.verdict.leaf import Kind, Leaf, timestamp
from backend.records.verdict.notes import NoteKey
from backend.records.verdict.proof import Proof, check_proof
from backend.records.verdict.tiles import Tile, pack_entries
from infra.clock import ManualClock
from infra.database import UnitOfWork
from infra.engine import DB
from infra.ids import uuid7
from infra.queue import WorkerContext
from infra.vault import Vault
from tests.backend.records.conftest import Someone, the_due
from tests.backend.records.making import START, some_facts
from tests.statements import counted

pytestmark = pytest.mark.usefixtures("database")


async def due_to(learner_id: UUID, clock: ManualClock, **changes: object) -> UUID:
    facts = some_facts(learner_id, **changes)
    await service.request_record(facts, clock())
    return (await the_due(learner_id, facts.revision)).id


async def made_of(due_ids: Sequence[UUID]) -> list[CompletionRecord]:
    return await CompletionRecord.objects().where(CompletionRecord.due.is_in(list(due_ids)))


@pytest.mark.usefixtures("unit")
async def test_each_becomes_what_it_would_alone(
    context: WorkerContext, someone: Someone, clock: ManualClock, vault: Vault
) -> None:
    twice, undefined = await someone("张三"), Title(zh="undefined", en="undefined")
    dues = {
        "valid": await due_to(await someone("李四"), clock),
        "demonstration": await due_to(await someone(method="null"), clock, demonstration=True),
        "waiting": await due_to(await someone(method=None), clock),
        "nobody": await due_to(UUID(int=99), clock),
        "undefined": await due_to(await someone(), clock, programme_title=undefined),
        "first": await due_to(twice, clock),
        "corrected": await due_to(twice, clock, revision=2),
    }
    await issue_all(context, list(dues.values()))
    await issue_all(context, list(dues.values()))
    await settle(context)
    rows = await DueRecord.select(DueRecord.id, DueRecord.state)
    states = {row["id"]: row["state"] for row in rows}
    assert {name: states[due] for name, due in dues.items()} == {
        **dict.fromkeys(["valid", "demonstration", "first", "corrected"], "issued"),
        **dict.fromkeys(["waiting", "nobody"], "waiting-for-identity"),
        "undefined": "quarantined",
    }
    found = {}
    for record in await made_of(list(dues.values())):
        verdict = await service.verdict_for_code(record.code, clock(), vault=vault)
        found[record.due] = (verdict.verdict, verdict.holder)
    assert {name: found.get(due) for name, due in dues.items() if due in found} == {
        "valid": ("valid", "李*"),
        "demonstration": ("valid", "王*明"),
        "first": ("superseded", "张*"),
        "corrected": ("valid", "张*"),
    }


@pytest.mark.usefixtures("unit")
async def test_ten_take_as_many_statements_as_two(
    context: WorkerContext, someone: Someone, clock: ManualClock
) -> None:
    asked = []
    for count in (2, 2, 10):  # the first time a list is opened
        dues = [await due_to(await someone(), clock) for _ in range(count)]
        async with counted() as statements:
            await issue_all(context, dues)
        assert len(await made_of(dues)) == count
        asked.append(len(statements))
    assert asked[2] <= asked[1] + 1  # a place that was taken is drawn again


async def test_two_makers_of_the_same_make_each_once(
    context: WorkerContext, someone: Someone, clock: ManualClock
) -> None:
    dues = [await due_to(await someone(), clock) for _ in range(6)]
    await asyncio.gather(
        issue_all(context, dues[:4]),
        issue_all(context, dues[:1:-1]),
        *(issue_with_others(context, due) for due in dues[:2]),
    )
    assert len(await made_of(dues)) == len(dues)
    await settle(context)


@pytest.mark.usefixtures("unit")
async def test_what_is_wrong_with_one_stops_no_other(
    context: WorkerContext, someone: Someone, clock: ManualClock
) -> None:
    broken, whole = [await due_to(await someone(), clock) for _ in range(2)]
    await DueRecord.update({DueRecord.facts: b"{"}).where(DueRecord.id == broken)
    await issue_with_others(context, whole)
    assert [record.due for record in await made_of([broken, whole])] == [whole]


@pytest.mark.usefixtures("unit")
async def test_a_job_makes_those_that_are_due_beside_it(
    context: WorkerContext, someone: Someone, clock: ManualClock
) -> None:
    dues = [await due_to(await someone(), clock) for _ in range(3)]
    await issue_with_others(context, dues[1])
    assert len(await made_of(dues)) == 3


# --- the log ----------------------------------------------------------------------------------


async def waiting(count: int) -> dict[UUID, Leaf]:
    leaves = {
        uuid7(): Leaf(type=Kind.EDITION, ts=timestamp(START), kid="", sha256="0" * 64, ref=str(n))
        for n in range(count)
    }
    async with UnitOfWork(DB):
        await log.append_all(leaves)
    return leaves


@pytest.mark.usefixtures("unit")
async def test_many_leaves_at_once_have_their_tiles_and_proofs(
    context: WorkerContext, keyring: Keyring, clock: ManualClock
) -> None:
    await settle(context)
    sequencer = await Sequencer.load(context.objects, keyring)
    leaves = await waiting(700)
    assert await sequencer.round(clock())
    assert not await sequencer.round(clock())
    key = NoteKey(sequencer._origin, keyring.log().public_key().public_bytes_raw())
    proofs = await LogProof.objects().where(LogProof.entry_id.is_in(list(leaves)))
    for row in proofs:
        proof = Proof.parse(row.proof)
        assert proof.entry == leaves[row.entry_id].entry
        assert check_proof(proof, key).size == row.tree_size
    places = {row.entry_id: row.leaf_index for row in proofs}
    assert sorted(leaves, key=places.__getitem__) == list(leaves)
    tile = Tile(None, 1, 256)
    bundle = await context.objects.get_bytes(f"log/{tile.path}")
    entries = {place: leaves[entry].entry for entry, place in places.items()}
    assert bundle == pack_entries(entries[place] for place in range(*tile.span))
    again = await Sequencer.load(context.objects, keyring)
    size = again._tree.size
    assert again._tree.root(size) == sequencer._tree.root(size)


@pytest.mark.usefixtures("unit")
async def test_a_log_with_a_gap_is_not_read(context: WorkerContext, keyring: Keyring) -> None:
    await waiting(3)
    await settle(context)
    last = await LogLeaf.objects().order_by(LogLeaf.leaf_index, ascending=False).first()
    assert last is not None
    beyond = {"leaf_index": last.leaf_index + 2, "entry_id": uuid7()}
    await LogLeaf.insert(LogLeaf(**{**last.to_dict(), **beyond}))
    with pytest.raises(HistoryDiffers):
        await Sequencer.load(context.objects, keyring)
