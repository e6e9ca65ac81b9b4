"""A wrong name on a record is corrected for the same person, not for who took the account over."""

import pytest

from backend.records import service as records
from backend.records.issuing import issue
from backend.records.sequencer import settle
from backend.records.tables import CompletionRecord
from infra.objects import ObjectStore
from infra.queue import WorkerContext
from infra.settings import Settings
from tests.backend.identity.conftest import World, new_number
from tests.backend.records.conftest import the_due
from tests.backend.records.making import some_facts

REASON = {"reason": "姓名用字有误，予以更正"}


@pytest.fixture
def context(world: World, settings: Settings, object_store: ObjectStore) -> WorkerContext:
    return WorkerContext(objects=object_store, clock=world.clock, settings=settings)


async def made(world: World, context: WorkerContext, revision: int = 1) -> CompletionRecord:
    due = await the_due(world.member.id, revision)
    await issue(context, due.id)
    await settle(context)
    record = await CompletionRecord.objects().get(CompletionRecord.due == due.id)
    assert record is not None
    return record


async def test_the_name_is_corrected_by_the_document_of_then_and_by_no_other(
    world: World, number: str, context: WorkerContext
) -> None:
    await world.verified(world.member, number, "王小明")
    await records.request_record(some_facts(world.member.id), world.clock())
    record = await made(world, context)
    path = f"/v1/records/{record.id}/corrections"
    world.clock.advance(3_600)
    await world.verified(world.member, new_number(), "张三")
    refused = await world.post(world.first, path, **REASON)
    assert (refused.status_code, refused.json()["code"]) == (409, "another-person")
    world.clock.advance(3_600)
    await world.verified(world.member, number, "王晓明")
    accepted = await world.post(world.first, path, **REASON)
    assert (accepted.status_code, accepted.json()["revision"]) == (202, 2)
    new = await made(world, context, revision=2)
    old = (await world.api.get(f"/v1/verifications/{record.code}")).json()
    assert (old["verdict"], old["supersededBy"]) == ("superseded", new.number)
