"""A record's evidence, worked out again from the rows: the same, or the part is named."""

from collections.abc import Iterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest

from backend.assessment.earning import EvidenceGone, earned_again
from backend.assessment.explaining import explain
from backend.assessment.repository import AttemptNotFound, attempt
from backend.record_commands import told
from backend.records.deciding.correcting import correct
from backend.records.evidence.domain import Manifest, compared
from backend.records.issuing import issue
from backend.records.sequencer import settle
from backend.records.service import NoSuchRecord
from backend.records.tables import CompletionRecord, DueRecord
from backend.records.verdict.canonical import canonical
from infra.clock import ManualClock
from infra.database import UnitOfWork
from infra.engine import DB
from infra.ids import uuid7
from infra.objects import ObjectStore
from infra.queue import WorkerContext
from infra.settings import Settings
from infra.vault import Vault
from tests.backend.assessment.sitting import Examinee
from tests.backend.records.conftest import verify_person
from tests.backend.records.making import anybody
from tests.one_connection import connection


@pytest.fixture
async def record(
    examinee: Examinee,
    object_store: ObjectStore,
    clock: ManualClock,
    settings: Settings,
    vault: Vault,
) -> CompletionRecord:
    """Of somebody who failed once, waited, and passed."""
    learner = examinee.learner.person.id
    await verify_person(vault, learner, method="null")
    await examinee.submit(await examinee.start(), {})
    clock.advance(25 * 3600)
    passing = await examinee.start()
    await examinee.submit(passing, examinee.answers(passing, right=8))
    due = await DueRecord.objects().get(DueRecord.learner_id == learner)
    assert due is not None
    context = WorkerContext(objects=object_store, clock=clock, settings=settings)
    await issue(context, due.id)
    await settle(context)
    found = await CompletionRecord.objects().get(CompletionRecord.due == due.id)
    assert found is not None
    return found


async def wrong(record: CompletionRecord) -> list[str]:
    found = await explain(record.number)
    assert found.agrees == (not found.gone and all(part.agrees for part in found.parts))
    return [part.name for part in found.parts if not part.agrees]


@asynccontextmanager
async def honest_again() -> Any:
    await connection().execute("SAVEPOINT honest")
    yield
    await connection().execute("ROLLBACK TO SAVEPOINT honest")


async def test_the_rows_give_the_evidence_again_until_somebody_changes_one(
    record: CompletionRecord, examinee: Examinee
) -> None:
    found = await explain(record.number.lower())
    assert (found.agrees, found.gone, found.number) == (True, False, record.number)
    assert canonical(msgspec.to_builtins(found.manifest)) == bytes(record.evidence)
    earned = found.manifest.earned
    assert earned is not None
    (hours,), (failed, passed) = earned.hours, earned.attempts
    assert (hours.ref, hours.source, hours.kind) == ("M02-L01", "online", "awarded")
    assert earned.seconds_by_source == {"online": hours.seconds}
    assert [(failed.score, failed.passed), (passed.score, passed.passed)] == [
        ("0.00", False),
        ("80.00", True),
    ]
    assert failed.paper_sha256 != passed.paper_sha256
    assert "✓ 与证明一致" in told(found)
    for change, parts in changes(passed.attempt, failed.attempt):
        async with honest_again():
            await connection().execute(change)
            assert await wrong(record) == parts, change
    async with honest_again():
        await a_check_that_never_was(record)
        assert await wrong(record) == ["presence"]
        assert "在线确认" in told(await explain(record.number))


async def test_the_evidence_of_a_record_under_a_corrected_name_is_the_same(
    record: CompletionRecord,
    vault: Vault,
    clock: ManualClock,
    settings: Settings,
    object_store: ObjectStore,
) -> None:
    context = WorkerContext(objects=object_store, clock=clock, settings=settings)
    await verify_person(vault, record.learner_id, "张晓明")
    async with UnitOfWork(DB):
        await correct(
            vault,
            record.id,
            "姓名用字有误，予以更正",
            actor_id=uuid7(),
            now=clock(),
            same_person=anybody,
        )
    due = await DueRecord.objects().get(
        (DueRecord.learner_id == record.learner_id) & (DueRecord.revision == 2)
    )
    assert due is not None
    await issue(context, due.id)
    corrected = await CompletionRecord.objects().get(CompletionRecord.due == due.id)
    assert corrected is not None
    found = await explain(corrected.number)
    assert (found.agrees, found.manifest.facts.revision) == (True, 2)


def changes(passed: object, failed: object) -> Iterator[tuple[str, list[str]]]:
    """What somebody may do to the rows, and the parts that show it."""
    update = "UPDATE exam_attempt SET"
    yield f"{update} score = 95 WHERE id = '{passed}'", ["attempts", "score"]
    yield f"{update} score = 59 WHERE id = '{failed}'", ["attempts"]
    yield f"DELETE FROM exam_attempt WHERE id = '{failed}'", ["attempts"]
    yield f"{update} evidence = 'x' WHERE id = '{passed}'", ["attempts"]
    yield (
        f"{update} evidence = 'x', evidence_sha256 = encode(sha256('x'), 'hex')"
        f" WHERE id = '{passed}'",
        ["attempts", "evidence"],
    )
    yield (
        f"{update} ended_at = ended_at - interval '1 day', started_at = '2026-01-01'"
        f" WHERE id = '{passed}'",
        ["exam_passed_at"],
    )
    yield f"{update} edition_sha256 = '' WHERE id = '{passed}'", []


async def a_check_that_never_was(record: CompletionRecord) -> None:
    await connection().execute(
        "INSERT INTO presence_check (id, learner_id, enrolment_id, lesson_watch_id, lesson_code,"
        " issued_at, delivered_at, question, answer, wrong_tries, outcome, resolved_at)"
        " SELECT $1, learner_id, enrolment_id, id, lesson_code, '2026-01-01', '2026-01-01', '{}',"
        " 'A', 0, 'passed', '2026-01-01' FROM lesson_watch WHERE learner_id = $2",
        uuid7(),
        record.learner_id,
    )


async def test_a_manifest_that_says_something_else_differs_in_that_part(
    record: CompletionRecord,
) -> None:
    """The ledger lets nobody change a row, so here it is the manifest that lies about it."""
    manifest = msgspec.json.decode(record.evidence, type=Manifest)
    earned = manifest.earned
    assert earned is not None
    more = msgspec.structs.replace(earned.hours[0], seconds=earned.hours[0].seconds + 1)
    unknown = msgspec.structs.replace(earned.hours[0], entry=uuid7())
    facts = msgspec.structs.replace(manifest.facts, rules_sha256="0" * 64, hours_seconds=1)
    for lie, parts in [
        (replaced(manifest, earned, hours=(more,)), ["hours"]),
        (replaced(manifest, earned, hours=()), ["seconds_by_source", "hours_by_module"]),
        (replaced(manifest, earned, hours=(unknown,)), ["hours", "seconds_by_source"]),
        (replaced(manifest, earned, seconds_by_source={"offline": 900}), ["seconds_by_source"]),
        (msgspec.structs.replace(manifest, facts=facts), ["hours_seconds", "rules_sha256"]),
    ]:
        found = compared(lie, *await earned_again(lie))
        assert {*parts} <= {part.name for part in found if not part.agrees}, parts


def replaced(manifest: Manifest, earned: Any, **changes: Any) -> Manifest:
    return msgspec.structs.replace(manifest, earned=msgspec.structs.replace(earned, **changes))


async def test_what_comes_later_changes_nothing_and_what_is_erased_is_said_to_be_gone(
    record: CompletionRecord, examinee: Examinee, clock: ManualClock
) -> None:
    clock.advance(5 * 86400)
    await connection().execute(
        "INSERT INTO ledger_entry (id, learner_id, kind, source, class_session_id, module_code,"
        " seconds, evidence, evidence_sha256, completed_at, counts_on)"
        " VALUES ($1, $2, 'awarded', 'class-session', $1, 'M02', 2700, 'x', 'x', $3, '2026-03-02')",
        uuid7(),
        record.learner_id,
        clock(),
    )
    assert await wrong(record) == []
    await connection().execute("DELETE FROM exam_attempt WHERE learner_id = $1", record.learner_id)
    found = await explain(record.number)
    assert (found.agrees, found.gone) == (False, True)
    assert [part.name for part in found.parts if part.agrees] == ["manifest", "facts"]
    assert "数据行已不存在" in told(found)
    with pytest.raises(NoSuchRecord):
        await explain("GB-2026-0000-0000-1")
    async with UnitOfWork(DB):
        with pytest.raises(AttemptNotFound):
            await attempt(uuid7(), learner_id=record.learner_id)
    with pytest.raises(EvidenceGone):
        await earned_again(msgspec.structs.replace(found.manifest, earned=None))
