"""Integrity signals: noted by whoever sees something, reviewed by two people at least."""

from datetime import datetime
from typing import Any
from uuid import UUID

from backend.accounts.domain import Caller
from backend.oversight import repository
from backend.oversight.domain import (
    FoundAlready,
    NoSuchSignal,
    SecondPersonNeeded,
    SignalSource,
    SignalVerdict,
    SubjectKind,
)
from backend.oversight.regions import sight_of
from backend.oversight.tables import IntegritySignal, SignalReview
from infra.audit import record_act
from infra.database import UnitOfWork
from infra.engine import DB
from infra.ids import uuid7


async def note_signal(
    source: SignalSource,
    kind: SubjectKind,
    subject: str,
    *,
    strength: int,
    explanation: str,
    now: datetime,
    unit: str | None = None,
    by: UUID | None = None,
) -> UUID:
    """`strength` 1-100; `explanation` says what was seen, without a name or a number of a person.
    No `by`: a rule of ours saw it."""
    row = IntegritySignal(
        id=uuid7(),
        source=source,
        subject_kind=kind,
        subject=subject,
        reporting_unit=unit,
        strength=strength,
        explanation=explanation,
        noted_by=by,
        noted_at=now,
    )
    async with UnitOfWork(DB):
        await repository.add_signal(row)
    return row.id


async def seen_signals(
    caller: Caller, *, before: UUID | None, limit: int, now: datetime
) -> list[dict[str, Any]]:
    sight = await sight_of(caller, now=now)
    return await repository.signals(sight.units, before=before, limit=limit)


async def review(
    caller: Caller, signal_id: UUID, verdict: SignalVerdict, reason: str, *, now: datetime
) -> None:
    """Once each person, and never by who noted it; reviews stand beside one another."""
    async with UnitOfWork(DB):
        sight = await sight_of(caller, now=now)
        unit, noted_by = await repository.signal_place(signal_id)
        if not sight.covers(unit):
            raise NoSuchSignal
        if noted_by == caller.person_id:
            raise SecondPersonNeeded
        row = SignalReview(
            id=uuid7(),
            signal=signal_id,
            verdict=verdict,
            reason=reason,
            reviewer=caller.person_id,
            at=now,
        )
        if not await repository.add_review(row):
            raise FoundAlready
        await record_act(
            f"signal-{verdict}", actor=caller.person_id, subject=f"signal:{signal_id}", now=now
        )
