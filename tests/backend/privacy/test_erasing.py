"""Erased: everything that was the person's is gone, and what was proved stays provable."""

from collections.abc import AsyncIterator, Awaitable
from datetime import timedelta
from uuid import UUID

import asyncpg
import msgspec
import pytest

from backend.accounts import privacy_facts as accounts_facts
from backend.accounts import repository as people
from backend.accounts import service as accounts
from backend.accounts.domain import Role, typed_login
from backend.accounts.tables import Person, PersonLogin
from backend.assessment.tables import ExamAttempt
from backend.organisations.service import organisations_of
from backend.organisations.tables import Membership
from backend.privacy import erasing, repository, service
from backend.privacy.areas import AREAS, Area
from backend.progress.tables import LearnerSeat
from backend.records import service as records
from backend.records.domain import ERASED_HOLDER
from backend.records.privacy_facts import EVIDENCE_KEPT
from backend.records.sequencer import settle
from backend.records.tables import CompletionRecord
from infra.clock import ManualClock
from infra.database import UnitOfWork
from infra.engine import DB
from infra.ids import uuid7
from infra.local.postgres import LocalPostgres
from infra.objects import ObjectStore
from infra.queue import WorkerContext
from infra.tables import AuditEntry
from infra.vault import Vault
from tests.backend.organisations.making import make_member, make_organisation
from tests.backend.progress.own_database import own_database
from tests.backend.records.conftest import Issued, Someone, context, issued, keyring, someone
from tests.one_connection import connection

__all__ = ["context", "issued", "keyring", "someone"]

THINK = timedelta(days=14)


@pytest.fixture(scope="module")
async def database(database: None, local_postgres: LocalPostgres) -> AsyncIterator[None]:
    """Of our own: what is signed years ahead must not be the newest where others verify today."""
    async with own_database(local_postgres, "erasing"):
        yield


async def person(vault: Vault, clock: ManualClock, login: str) -> UUID:
    return await accounts.add_person(
        vault,
        name="王小明",
        login=typed_login(login),
        password_hash="-",
        roles=[Role.LEARNER],
        demonstration=False,
        now=clock(),
    )


async def wished(person_id: UUID, clock: ManualClock) -> UUID:
    """A wish whose days to think are over."""
    wish = await service.ask_for_erasure(person_id, think=THINK, now=clock())
    clock.advance(THINK.total_seconds())
    return wish.id


async def test_a_learner_is_gone_and_the_login_is_free_again(
    database: None, vault: Vault, clock: ManualClock, object_store: ObjectStore
) -> None:
    login = f"{uuid7().hex}@example.org"
    me = await person(vault, clock, login)
    session = await people.add_session(me, now=clock(), expires_at=clock() + timedelta(days=30))
    await LearnerSeat.insert(
        LearnerSeat(
            learner_id=me, day=clock().date(), day_seconds=5, day_pending=0, check_in_seconds=9
        )
    )
    firm = await make_organisation(uuid7(), now=clock())
    member = await make_member(firm, me, now=clock())
    erasure = await wished(me, clock)
    assert await erasing.carry_out(object_store, erasure, now=clock())
    assert await organisations_of(me) == []
    assert await Membership.exists().where(Membership.id == member), "somebody was there"
    left = await Person.select().where(Person.id == me).first()
    assert left is not None
    assert left["erased_at"] == clock()
    assert (left["name_sealed"], left["password_hash"]) == (b"", "!")
    assert await accounts.session_ended(session)
    assert not await PersonLogin.exists().where(PersonLogin.person == me)
    assert not await LearnerSeat.exists().where(LearnerSeat.learner_id == me)
    for area in AREAS:
        found = msgspec.json.encode(await area.personal_data(vault, me)).decode()
        assert not any(secret in found for secret in ("王小明", login)), area.name
    assert await person(vault, clock, login) != me, "a recycled number signs up anew"
    entries = await AuditEntry.select(AuditEntry.act).where(AuditEntry.subject == f"person:{me}")
    assert [entry["act"] for entry in entries] == ["person-erased"]


async def test_a_record_stays_provable_without_its_holder_s_name(
    issued: Issued,
    someone: Someone,
    context: WorkerContext,
    vault: Vault,
    clock: ManualClock,
) -> None:
    me = await someone()
    record = await issued(me)
    erasure = await wished(me, clock)
    assert await erasing.carry_out(context.objects, erasure, now=clock())
    await settle(context)
    shown = await records.verdict_for_code(record.code, clock(), vault=vault)
    assert (shown.holder, shown.verdict) == (ERASED_HOLDER, "valid")
    wish = await repository.latest_erasure(me)
    assert wish is not None
    assert wish.kept_until == record.issued_at + EVIDENCE_KEPT
    assert (await sealed(record.id))[:1] != b"", "kept for the time of evidence, and not shown"
    for change in ("holder_sealed = '\\x00'", "number = 'x'", "holder_sealed = '', number = ''"):
        with pytest.raises((asyncpg.RestrictViolationError, asyncpg.InsufficientPrivilegeError)):
            await tampered(record.id, change)
    clock.advance((EVIDENCE_KEPT + timedelta(days=1)).total_seconds())
    assert await erasing.forget_kept(now=clock()) == 1
    assert await sealed(record.id) == b""
    later = await CompletionRecord.objects().get(CompletionRecord.id == record.id)
    assert later is not None
    assert later.jws == record.jws
    assert await erasing.forget_kept(now=clock()) == 0


async def tampered(record_id: UUID, change: str) -> None:
    """As the application could, if it pretended to seal names anew."""
    async with UnitOfWork(DB):
        await connection().execute("SET LOCAL guanbiao.resealing = 'on'")
        await connection().execute(
            f"UPDATE completion_record SET {change} WHERE id = $1", record_id
        )


async def sealed(record_id: UUID) -> bytes:
    row = (
        await CompletionRecord.select(CompletionRecord.holder_sealed)
        .where(CompletionRecord.id == record_id)
        .first()
    )
    assert row is not None
    return bytes(row["holder_sealed"])


@pytest.mark.parametrize("broken_after", range(len(AREAS)))
async def test_killed_anywhere_it_is_carried_on(
    unit: None, vault: Vault, clock: ManualClock, object_store: ObjectStore, broken_after: int
) -> None:
    me = await person(vault, clock, f"{uuid7().hex}@example.org")
    erasure = await wished(me, clock)

    def dies(person_id: UUID, *, now: object) -> Awaitable[None]:
        raise ConnectionError

    last = Area("-", "-", AREAS[0].personal_data, dies)
    with pytest.raises(ConnectionError):
        await erasing.carry_out(
            object_store, erasure, now=clock(), areas=[*AREAS[:broken_after], last]
        )
    wish = await repository.latest_erasure(me)
    assert wish is not None
    assert wish.state == "running"
    assert not await repository.cancel_erasure(me, now=clock()), "it has begun"
    assert erasure in await repository.due_erasures(now=clock())
    assert await erasing.carry_out(object_store, erasure, now=clock())
    assert not await erasing.carry_out(object_store, erasure, now=clock()), "once is enough"
    assert await accounts_facts.is_erased(me)


async def test_nobody_is_erased_early_nor_with_a_role_that_came_meanwhile(
    unit: None, vault: Vault, clock: ManualClock, object_store: ObjectStore
) -> None:
    me = await person(vault, clock, f"{uuid7().hex}@example.org")
    wish = await service.ask_for_erasure(me, think=THINK, now=clock())
    assert not await erasing.carry_out(object_store, wish.id, now=clock())
    clock.advance(THINK.total_seconds())
    await people.add_roles(me, [Role.REVIEWER], now=clock())
    assert not await erasing.carry_out(object_store, wish.id, now=clock())
    await people.remove_role(me, Role.REVIEWER)
    assert await erasing.carry_out(object_store, wish.id, now=clock())


async def test_failed_attempts_go_and_passed_ones_stay_as_evidence(
    unit: None, vault: Vault, clock: ManualClock, object_store: ObjectStore
) -> None:
    me = await person(vault, clock, f"{uuid7().hex}@example.org")
    for number, passed in ((1, False), (2, True)):
        await ExamAttempt.insert(attempt(me, number, passed, clock))
    await erasing.carry_out(object_store, await wished(me, clock), now=clock())
    rows = await ExamAttempt.select(ExamAttempt.number).where(ExamAttempt.learner_id == me)
    assert rows == [{"number": 2}]


def attempt(person_id: UUID, number: int, passed: bool, clock: ManualClock) -> ExamAttempt:
    return ExamAttempt(
        id=uuid7(),
        learner_id=person_id,
        enrolment_id=UUID(int=1),
        number=number,
        exam_code="E3",
        programme_code="IA-E",
        edition="2026.1",
        edition_sha256="0" * 64,
        seed=bytes(32),
        criterion=b"{}",
        criterion_sha256="0" * 64,
        extra_minutes=0,
        sitting=1,
        started_at=clock(),
        due_at=clock(),
        state="submitted",
        ended_at=clock(),
        score=80 if passed else 10,
        passed=passed,
        evidence=b"{}",
        evidence_sha256="0" * 64,
    )
