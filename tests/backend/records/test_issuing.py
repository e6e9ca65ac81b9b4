"""From a due row to a record a stranger can check: once, whatever dies on the way."""

import asyncio
import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import jsonschema_rs
import jwt
import pytest

from backend.records import service
from backend.records.domain import Title
from backend.records.issuing import issue
from backend.records.keyring import Keyring
from backend.records.sequencer import NotLeading, Sequencer, leadership, settle, sweep
from backend.records.tables import CompletionRecord, DueRecord, LogLeaf, LogPending, RecordEvent
from backend.records.trusting import trust
from backend.records.verdict.bundle import read_bundle
from backend.records.verdict.verify import verify
from infra.clock import ManualClock
from infra.queue import WorkerContext
from infra.vault import Vault
from tests.backend.records.conftest import Issued, Someone, the_due, verify_person
from tests.backend.records.making import START, some_facts
from tests.backend.records.vectors import shared

pytestmark = pytest.mark.usefixtures("database")


async def verdict(record: CompletionRecord, vault: Vault, clock: ManualClock) -> str:
    return (await service.verdict_for_code(record.code, clock(), vault=vault)).verdict


@pytest.mark.usefixtures("unit")
async def test_a_due_record_becomes_a_valid_one(
    issued: Issued, vault: Vault, clock: ManualClock
) -> None:
    record = await issued()
    found = await service.verdict_for_code(record.code, clock(), vault=vault)
    assert found.verdict == "valid"
    assert all(check.ok for check in found.checks)
    assert (found.holder, found.class_hours) == ("王*明", 24.0)
    assert (found.demonstration, found.status.state) == (False, "issued")
    by_number = await service.verdict_for_code(record.number.lower(), clock(), vault=vault)
    assert by_number.record_id == found.record_id


@pytest.mark.usefixtures("unit")
async def test_a_demonstration_has_a_key_and_an_issuer_of_its_own(
    issued: Issued, someone: Someone, vault: Vault, clock: ManualClock
) -> None:
    real = await issued()
    demonstration = await issued(await someone(method="null"), demonstration=True)
    found = await service.verdict_for_code(demonstration.code, clock(), vault=vault)
    assert found.verdict == "valid"
    assert found.demonstration
    assert found.issuer.id.endswith("/issuers/demonstration")
    assert demonstration.kid != real.kid
    assert "演示 DEMONSTRATION" in payload(demonstration)["name"]
    assert "演示" not in payload(real)["name"]


def payload(record: CompletionRecord) -> dict[str, Any]:
    options: Any = {"verify_signature": False}
    return jwt.decode(record.jws, options=options)


@pytest.mark.usefixtures("unit")
async def test_the_credential_fits_the_public_schema_of_open_badges(issued: Issued) -> None:
    schema = shared("schemas/ob_v3p0_achievementcredential_schema.json")
    validator = jsonschema_rs.validator_for(json.loads(schema.read_text()))
    plain, ending = await issued(), await issued(valid_until=START + timedelta(days=3 * 365))
    yearly = await issued(kind="continuing-education", period="2026")
    assert "validUntil" not in payload(plain)
    for record in (plain, ending, yearly):
        validator.validate(payload(record))


@pytest.mark.usefixtures("unit")
async def test_pyjwt_verifies_what_we_signed(issued: Issued, keyring: Keyring) -> None:
    record = await issued()
    key = keyring.signer("record", demonstration=False).public_key()
    options: Any = {"verify_nbf": False}
    claims = jwt.decode(record.jws, key, algorithms=["ES256"], options=options)
    assert claims["iss"] == claims["issuer"]["id"]
    assert claims["credentialSubject"]["licenseNumber"] == record.number
    assert "score" not in json.dumps(claims)


@pytest.mark.usefixtures("unit")
async def test_a_record_waits_for_a_verified_identity_and_is_not_lost(
    context: WorkerContext, someone: Someone, clock: ManualClock, vault: Vault
) -> None:
    learner_id = await someone(method=None)
    await service.request_record(some_facts(learner_id), clock())
    due = await the_due(learner_id)
    await issue(context, due.id)
    mine = (await service.my_records(vault, learner_id, now=clock()))[0]
    assert (mine.state, mine.why_waiting) == ("waiting-for-identity", "identity-not-verified")
    await verify_person(vault, learner_id)
    await service.identity_verified(learner_id)
    await issue(context, due.id)
    await settle(context)
    assert (await service.my_records(vault, learner_id, now=clock()))[0].state == "issued"


@pytest.mark.usefixtures("unit")
async def test_an_identity_nobody_checked_is_good_for_a_demonstration_only(
    context: WorkerContext, someone: Someone, clock: ManualClock, vault: Vault
) -> None:
    learner_id = await someone(method="null")
    await service.request_record(some_facts(learner_id), clock())
    await issue(context, (await the_due(learner_id)).id)
    due = await the_due(learner_id)
    assert due.reason == "identity-verified-for-demonstration-only"
    await service.my_records(vault, learner_id, now=clock())  # a look makes no work
    assert (await the_due(learner_id)).state == "waiting-for-identity"
    await sweep(context)
    await issue(context, due.id)
    assert (await the_due(learner_id)).state == "waiting-for-identity"
    assert not await CompletionRecord.exists().where(CompletionRecord.learner_id == learner_id)


@pytest.mark.parametrize("method", ["null", "counter"])
@pytest.mark.usefixtures("unit")
async def test_a_demonstration_never_rests_on_the_real_issuer(
    method: str, issued: Issued, someone: Someone, context: WorkerContext, clock: ManualClock
) -> None:
    """However well its holder is known: to who pins the real issuer it is a stranger's."""
    record = await issued(await someone(method=method), demonstration=True)
    _, content = await service.public_bundle(context.objects, record.code, clock())
    verdicts = [
        verify(read_bundle(content), pins, clock()).verdict
        for pins in (
            await trust(real=True, demonstration=False),
            await trust(real=False, demonstration=True),
        )
    ]
    assert verdicts == ["untrusted-key", "valid"]
    claims = payload(record)
    assert claims["iss"] == claims["issuer"]["id"]
    assert claims["iss"].endswith("/issuers/demonstration")


@pytest.mark.usefixtures("unit")
async def test_where_there_are_no_demonstrations_none_is_signed(
    context: WorkerContext, someone: Someone, clock: ManualClock
) -> None:
    settings = context.settings.model_copy(update={"demo": False})
    serious = WorkerContext(objects=context.objects, clock=clock, settings=settings)
    learner_id = await someone()
    await service.request_record(some_facts(learner_id, demonstration=True), clock())
    await issue(serious, (await the_due(learner_id)).id)
    assert (await the_due(learner_id)).state == "quarantined"
    assert not await CompletionRecord.exists().where(CompletionRecord.learner_id == learner_id)


@pytest.mark.usefixtures("unit")
async def test_a_record_for_undefined_is_put_aside_and_never_signed(
    context: WorkerContext, someone: Someone, clock: ManualClock
) -> None:
    learner_id = await someone()
    title = Title(zh="undefined", en="undefined")
    await service.request_record(some_facts(learner_id, programme_title=title), clock())
    await issue(context, (await the_due(learner_id)).id)
    assert (await the_due(learner_id)).state == "quarantined"
    assert not await CompletionRecord.exists().where(CompletionRecord.learner_id == learner_id)


@pytest.mark.usefixtures("unit")
async def test_a_record_is_not_found_before_it_is_in_the_log(
    context: WorkerContext, someone: Someone, clock: ManualClock, vault: Vault
) -> None:
    learner_id = await someone()
    await service.request_record(some_facts(learner_id), clock())
    await issue(context, (await the_due(learner_id)).id)
    record = await CompletionRecord.objects().get(CompletionRecord.learner_id == learner_id)
    assert record is not None
    with pytest.raises(service.NoSuchRecord):
        await service.verdict_for_code(record.code, clock(), vault=vault)
    assert (await service.my_records(vault, learner_id, now=clock()))[0].state == "due"


# --- exactly once -----------------------------------------------------------------------------


async def count_of(learner_id: UUID) -> tuple[int, int, int]:
    """Records, their issue events, and their leaves, placed or waiting."""
    records = await CompletionRecord.objects().where(CompletionRecord.learner_id == learner_id)
    ids = [record.id for record in records] or [UUID(int=0)]
    entries = [record.entry_id for record in records] or [UUID(int=0)]
    events = await RecordEvent.count().where(RecordEvent.record.is_in(ids))
    leaves = await LogLeaf.count().where(LogLeaf.entry_id.is_in(entries))
    waiting = await LogPending.count().where(LogPending.entry_id.is_in(entries))
    return len(records), events, leaves + waiting


async def test_however_often_the_rule_fires_there_is_one_record(
    context: WorkerContext, someone: Someone, clock: ManualClock, vault: Vault
) -> None:
    """Committed rows, many connections: five requests at once, then eight workers at once."""
    learner_id = await someone()
    facts = some_facts(learner_id)
    await asyncio.gather(*(service.request_record(facts, clock()) for _ in range(5)))
    assert await DueRecord.count().where(DueRecord.learner_id == learner_id) == 1
    due = await the_due(learner_id)
    await asyncio.gather(*(issue(context, due.id) for _ in range(8)))
    await issue(context, due.id)
    await settle(context)
    assert await count_of(learner_id) == (1, 1, 1)
    record = await CompletionRecord.objects().get(CompletionRecord.due == due.id)
    assert record is not None
    assert await verdict(record, vault, clock) == "valid"


# --- one order --------------------------------------------------------------------------------


async def test_only_one_process_orders_the_log(context: WorkerContext) -> None:
    async with leadership(context.settings.database_url):
        with pytest.raises(NotLeading):
            await settle(context)
    await settle(context)


async def test_two_orders_at_once_cannot_both_be_written(
    context: WorkerContext, someone: Someone, clock: ManualClock, keyring: Keyring
) -> None:
    """Even if the lock were lost: the second finds the places taken and changes nothing."""
    await settle(context)
    first = await Sequencer.load(context.objects, keyring)
    second = await Sequencer.load(context.objects, keyring)
    for turn in range(2):
        learner_id = await someone()
        await service.request_record(some_facts(learner_id), clock())
        await issue(context, (await the_due(learner_id)).id)
        if turn == 0:
            assert await first.round(clock())
    with pytest.raises(asyncpg.UniqueViolationError):
        await second.round(clock())
    await settle(context)
    places = await LogLeaf.select(LogLeaf.leaf_index).order_by(LogLeaf.leaf_index)
    assert [row["leaf_index"] for row in places] == list(range(len(places)))
