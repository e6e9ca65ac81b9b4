"""The real worker beside the API's functions, on committed rows: what happens by itself."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import asyncpg
import pytest

from backend.records import repository, service
from backend.records.domain import NoSuchRecord
from backend.records.keyring import Keyring
from backend.records.tables import CompletionRecord
from backend.records.verdict.jws import parse
from backend.records.verdict.status_list import Bits, parse_status
from backend.worker import run_worker
from infra.clock import ManualClock
from infra.database import UnitOfWork
from infra.engine import DB
from infra.instance import public_url
from infra.queue import WorkerContext
from infra.vault import Vault
from tests import waiting
from tests.backend.records.conftest import Issued, Someone, verify_person
from tests.backend.records.making import some_facts

NEW_ADDRESS = "https://records.example.org"


@pytest.fixture
async def worker(database: None, context: WorkerContext) -> AsyncIterator[None]:
    stop = asyncio.Event()
    running = asyncio.create_task(run_worker(context, stop))
    yield
    stop.set()
    await running


async def the_record(learner_id: UUID, vault: Vault, clock: ManualClock) -> CompletionRecord:
    async def shown() -> bool:
        return (await service.my_records(vault, learner_id, now=clock()))[0].state == "issued"

    await waiting.condition(shown, seconds=20)
    record = await CompletionRecord.objects().get(CompletionRecord.learner_id == learner_id)
    assert record is not None
    return record


@pytest.mark.usefixtures("worker")
async def test_a_request_becomes_a_valid_record_and_a_revocation_its_public_list(
    someone: Someone, keyring: Keyring, vault: Vault, clock: ManualClock
) -> None:
    learner_id = await someone()
    await service.request_record(some_facts(learner_id), clock())
    record = await the_record(learner_id, vault, clock)
    assert (await service.verdict_for_code(record.code, clock(), vault=vault)).verdict == "valid"
    one, other = await someone(), await someone()
    proposal = await service.propose_revocation(
        vault, record.id, "替考，经查实", proposer_id=one, now=clock()
    )
    await service.approve_revocation(keyring, proposal.id, approver_id=other, now=clock())

    async def published() -> bool:
        found = await repository.published_list(record.status_list, "revocation")
        assert found is not None
        address = f"{await public_url()}/status/revocation/{record.status_list}"
        issuer = f"{await public_url()}/issuers/platform"
        claims = parse_status(
            parse(found.jws).payload, address=address, issuer=issuer, purpose="revocation"
        )
        return Bits.decode(claims.credential_subject.encoded_list)[record.status_index]

    await waiting.condition(published, seconds=20)
    assert (await service.verdict_for_code(record.code, clock(), vault=vault)).verdict == "revoked"


@pytest.mark.usefixtures("worker")
async def test_a_waiting_record_is_made_once_its_holder_is_verified(
    someone: Someone, vault: Vault, clock: ManualClock
) -> None:
    learner_id = await someone(method=None)
    await service.request_record(some_facts(learner_id), clock())

    async def waits() -> bool:
        mine = (await service.my_records(vault, learner_id, now=clock()))[0]
        return mine.state == "waiting-for-identity"

    await waiting.condition(waits, seconds=20)
    await verify_person(vault, learner_id)
    record = await the_record(learner_id, vault, clock)
    assert (await service.verdict_for_code(record.code, clock(), vault=vault)).verdict == "valid"


@pytest.mark.usefixtures("unit")
async def test_records_survive_a_change_of_the_public_address(
    issued: Issued, vault: Vault, clock: ManualClock
) -> None:
    before = await issued()
    await service.change_public_address(NEW_ADDRESS, clock())
    after = await issued()
    verdicts = [
        await service.verdict_for_code(record.code, clock(), vault=vault)
        for record in (before, after)
    ]
    assert [found.verdict for found in verdicts] == ["valid", "valid"]
    assert after.kid.startswith(NEW_ADDRESS)
    assert not before.kid.startswith(NEW_ADDRESS)
    assert verdicts[1].issuer.id.startswith(NEW_ADDRESS)
    assert after.status_list != before.status_list


@pytest.mark.usefixtures("unit")
async def test_rows_of_the_log_refuse_to_be_changed(issued: Issued) -> None:
    record = await issued()
    for statement in (
        f"UPDATE completion_record SET number = 'x' WHERE id = '{record.id}'",
        f"DELETE FROM record_event WHERE record = '{record.id}'",
        "DELETE FROM log_leaf",
        "UPDATE log_checkpoint SET note = ''",
    ):
        with pytest.raises(asyncpg.PostgresError):
            async with UnitOfWork(DB):
                await CompletionRecord.raw(statement)


async def test_a_record_nobody_made_is_not_found(
    database: None, vault: Vault, clock: ManualClock
) -> None:
    with pytest.raises(NoSuchRecord):
        await service.verdict_for_code("0000000000000", clock(), vault=vault)
