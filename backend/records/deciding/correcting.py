"""Correcting the name on a record: a new record takes the old one's place; nothing is edited."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import UUID

import msgspec
from piccolo.columns import And

from backend.accounts import service as accounts
from backend.records import repository
from backend.records.deciding.domain import (
    AnotherPerson,
    CorrectionUnderWay,
    HolderUnverified,
    NothingToCorrect,
    check_decision,
    check_none_open,
)
from backend.records.deciding.repository import open_proposal_of
from backend.records.deciding.service import state_of_record
from backend.records.domain import RecordFacts, checked_reason
from backend.records.evidence.domain import Earning
from backend.records.requesting import ISSUE, request_record
from backend.records.tables import CompletionRecord, DueRecord
from infra.audit import record_act
from infra.database import UnitOfWork
from infra.engine import DB
from infra.queue import enqueue
from infra.vault import Vault, place


class _Manifest(msgspec.Struct):
    earned: Earning | None = None


SamePerson = Callable[[UUID, datetime], Awaitable[bool]]
"""Whether this account is verified by the same document now as at that moment."""


async def correct(
    vault: Vault,
    record_id: UUID,
    reason: str,
    *,
    actor_id: UUID,
    now: datetime,
    same_person: SamePerson,
) -> int:
    """The revision that will take this record's place within seconds.

    Same facts, same evidence; the name is the one that the holder's identity is verified with now.
    Who took an account over gets none of its records: `same_person`, in this unit of work.
    """
    text = checked_reason(reason)
    async with UnitOfWork(DB):
        record = await repository.record_by_id(record_id)
        await repository.lock_record(record)
        await check_correctable(vault, record, actor_id, now, same_person)
        revision = record.revision + 1
        await _request(record, revision, text, now)
        await record_act(
            "record-corrected",
            actor=actor_id,
            subject=f"record:{record_id}",
            now=now,
            details={"revision": revision},
        )
    return revision


async def check_correctable(
    vault: Vault, record: CompletionRecord, actor_id: UUID, now: datetime, same_person: SamePerson
) -> None:
    """A new record must not get round a revocation that waits for its second person."""
    state = await state_of_record(record.id)
    check_decision("superseded", state, holder=record.learner_id, deciders=[actor_id])
    check_none_open(await open_proposal_of(record.id))
    await _check_none_under_way(record)
    await _check_name(vault, record, now)
    if not await same_person(record.learner_id, record.issued_at):
        raise AnotherPerson


async def _check_none_under_way(record: CompletionRecord) -> None:
    if await DueRecord.exists().where(
        _same_round(msgspec.json.decode(record.facts, type=RecordFacts)),
        DueRecord.revision > record.revision,
        DueRecord.state.is_in(["due", "waiting-for-identity"]),
    ):
        raise CorrectionUnderWay


def _same_round(facts: RecordFacts) -> And:
    """Of another year, or after a revocation, it is another record."""
    year = DueRecord.period
    of_year = year.is_null() if facts.period is None else year == facts.period
    return And(
        (DueRecord.learner_id == facts.learner_id) & (DueRecord.edition == facts.edition),
        (DueRecord.programme == facts.programme_code) & of_year & (DueRecord.round == facts.round),
    )


async def _check_name(vault: Vault, record: CompletionRecord, now: datetime) -> None:
    holder = await accounts.holder_of(vault, record.learner_id)
    if not holder.verified_at(now):
        raise HolderUnverified
    sealed = place(CompletionRecord.holder_sealed, record.id)
    if record.holder_sealed and vault.open(record.holder_sealed, sealed) == holder.name:
        raise NothingToCorrect


async def _request(record: CompletionRecord, revision: int, reason: str, now: datetime) -> None:
    """One that was put aside is taken up again."""
    facts = msgspec.json.decode(record.facts, type=RecordFacts)
    facts = msgspec.structs.replace(facts, revision=revision)
    earning = msgspec.json.decode(record.evidence, type=_Manifest).earned
    if await request_record(facts, now, earning=earning, because=reason):
        return
    again = (
        await DueRecord.update(
            {DueRecord.state: "due", DueRecord.reason: None, DueRecord.because: reason}
        )
        .where(
            _same_round(facts),
            DueRecord.revision == revision,
            DueRecord.state == "quarantined",
        )
        .returning(DueRecord.id)
    )
    if not again:
        raise CorrectionUnderWay
    await enqueue(ISSUE, {"due_id": str(again[0]["id"])})
