"""The object store is full, broken or cut off while the log is ordered: nothing is lost, no
checkpoint is shown whose tiles are not there, and all goes on by itself."""

import asyncio
from collections.abc import Iterator
from uuid import UUID

import pytest

from backend import doctor
from backend.logs import configure_logs
from backend.records import log, service
from backend.records.domain import NoSuchRecord
from backend.records.issuing import issue
from backend.records.sequencer import CHECKPOINT, run, settle
from backend.records.tables import CompletionRecord
from backend.records.trusting import log_key
from backend.records.verdict.merkle import leaf_hash
from backend.records.verdict.notes import open_checkpoint
from backend.records.verdict.tiles import TreeHashes, tiles_of, unpack_entries
from infra.clock import ManualClock
from infra.local.objects import LocalObjects
from infra.objects import ObjectStore, StoreFull, StoreUnreachable
from infra.queue import WorkerContext
from infra.vault import Vault
from tests.backend.records.conftest import Someone, the_due
from tests.backend.records.making import some_facts
from tests.refusing import Refusal, RefusingStore, refusing
from tests.waiting import condition

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(scope="module")
def door(local_objects: LocalObjects) -> Iterator[RefusingStore]:
    with refusing(local_objects.url) as server:
        yield server


@pytest.fixture
def through(context: WorkerContext, door: RefusingStore) -> Iterator[WorkerContext]:
    objects = ObjectStore.from_url(door.url)
    yield WorkerContext(objects=objects, clock=context.clock, settings=context.settings)
    door.refuses = lambda _method, _path: None


@pytest.fixture
async def due(someone: Someone, context: WorkerContext, clock: ManualClock) -> UUID:
    """A record that waits for its place, after all others have theirs."""
    await settle(context)
    learner_id = await someone()
    await service.request_record(some_facts(learner_id), clock())
    due = (await the_due(learner_id)).id
    await issue(context, due)
    return due


async def verdict(due: UUID, vault: Vault, clock: ManualClock) -> str:
    record = await CompletionRecord.objects().get(CompletionRecord.due == due)
    assert record is not None
    return (await service.verdict_for_code(record.code, clock(), vault=vault)).verdict


async def assert_whole(objects: ObjectStore, note: str) -> None:
    """All tiles of this checkpoint are in the store, and give its root."""
    head, tree = open_checkpoint(note, await log_key()), TreeHashes()
    tiles = {t: await objects.get_bytes(f"log/{t.path}") for t in tiles_of(head.size)}
    for tile, content in tiles.items():
        for entry in unpack_entries(content) if tile.level is None else []:
            tree.append(leaf_hash(entry))
    assert tree.root(head.size) == head.root
    assert all(tree.tile(t) == content for t, content in tiles.items() if t.level is not None)


async def assert_shown_is_whole(objects: ObjectStore) -> None:
    newest = await log.latest_checkpoint()
    assert newest is not None
    for note in (newest.note, (await objects.get_bytes(CHECKPOINT)).decode()):
        await assert_whole(objects, note)


@pytest.mark.parametrize("part", ["/log/tile/entries/", "/log/tile/0/", "/log/checkpoint"])
@pytest.mark.parametrize("refusal", ["full", "broken", "cut off"])
async def test_what_the_store_refuses_is_not_shown_and_written_when_it_takes_it(
    part: str,
    refusal: Refusal,
    door: RefusingStore,
    through: WorkerContext,
    due: UUID,
    vault: Vault,
    clock: ManualClock,
) -> None:
    door.refuses = lambda method, path: refusal if method == "PUT" and part in path else None
    with pytest.raises(StoreFull if refusal == "full" else StoreUnreachable):
        await settle(through)
    await assert_shown_is_whole(through.objects)
    if part == "/log/checkpoint":  # the row is what readers are shown
        assert await verdict(due, vault, clock) == "valid"
    else:
        with pytest.raises(NoSuchRecord):
            await verdict(due, vault, clock)
    door.refuses = lambda _method, _path: None
    await settle(through)
    assert await verdict(due, vault, clock) == "valid"
    await assert_shown_is_whole(through.objects)


async def test_a_sequencer_waits_for_room_and_the_operator_is_told(
    door: RefusingStore,
    through: WorkerContext,
    due: UUID,
    vault: Vault,
    clock: ManualClock,
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure_logs()
    said: list[str] = []

    def told() -> bool:
        said.append(capsys.readouterr().err)
        return "the log stands still" in said[-1]

    async def proved() -> bool:
        try:
            return await verdict(due, vault, clock) == "valid"
        except NoSuchRecord:
            return False

    door.refuses = lambda method, _path: "full" if method in {"PUT", "POST"} else None
    stop = asyncio.Event()
    running = asyncio.create_task(run(through, stop))
    await condition(told)
    assert "Traceback" not in "".join(said)
    waits = await asyncio.to_thread(doctor.public_log, through.settings.database_url)
    store = await asyncio.to_thread(doctor.object_store, door.url)
    assert [(f.name, f.state) for f in (waits, store)] == [("log", "wrong"), ("objects", "wrong")]
    assert "no room" in store.found
    door.refuses = lambda _method, _path: None
    await condition(proved)
    stop.set()
    await running
    for check, url in (
        (doctor.public_log, through.settings.database_url),
        (doctor.object_store, door.url),
    ):
        assert (await asyncio.to_thread(check, url)).state == "ok"
