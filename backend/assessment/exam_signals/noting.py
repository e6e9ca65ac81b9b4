"""What an exam day showed becomes signals of oversight, each once in each region concerned."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from math import log10
from uuid import UUID

import msgspec

from backend.assessment.exam_signals.reading import DayRead, Sat
from backend.assessment.statistics.signals import Kind, Signal
from backend.organisations import service as organisations
from backend.oversight.domain import SignalSource, SubjectKind
from backend.oversight.service import note_signal
from infra.database import connection
from infra.ids import uuid7

_SOURCES = {
    Kind.TWIN_ANSWERS: SignalSource.TWIN_ANSWERS,
    Kind.TOO_FAST: SignalSource.ANSWER_TIMES,
    Kind.FOREKNOWLEDGE: SignalSource.FOREKNOWLEDGE,
    Kind.SHARED_DEVICE: SignalSource.SHARED_DEVICE,
    Kind.EXPOSED_ITEM: SignalSource.EXPOSED_ITEM,
}
_SHARED = 40
"""As strong as one device for several people's watching."""
_WEAKEST, _STRONGEST = 40, 90
_LONGEST = 1000
_SUBJECT = 64
_KNOWN = "SELECT FROM exam_signal WHERE key = $1 AND reporting_unit = $2"
_ADD = """
INSERT INTO exam_signal (id, key, reporting_unit, kind, attempt_ids, signal_id, noted_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""


class Noted(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    kind: Kind
    signal: UUID
    unit: str | None
    attempts: list[UUID]
    explanation: str


async def note(
    exam: str, edition: str, read: DayRead, signals: Sequence[Signal], *, now: datetime
) -> list[Noted]:
    """In the caller's unit of work, which is the only one that notes: see `running`."""
    people = {read.sat[n].learner_id for signal in signals for n in signal.attempts}
    units = await organisations.units_of(people) if people else {}
    noted = []
    for signal in signals:
        sat = sorted((read.sat[n] for n in signal.attempts), key=lambda one: one.started_at)
        if len(sat) > 1 and len({one.learner_id for one in sat}) == 1:
            continue  # who is enrolled twice agrees with nobody else
        key = _key(exam, edition, signal, sat)
        concerned = {unit for one in sat for unit in units.get(one.learner_id, ())}
        for unit in sorted(concerned) or [""]:
            there = [one for one in sat if not unit or unit in units.get(one.learner_id, ())]
            if await connection().fetchrow(_KNOWN, key, unit) is None:
                noted.append(await _note(signal, key, unit, there, sat, now))
    return noted


async def _note(
    signal: Signal, key: str, unit: str, there: list[Sat], sat: list[Sat], now: datetime
) -> Noted:
    """`there`: those of the region, the first of whom the signal is about."""
    of_item = signal.kind is Kind.EXPOSED_ITEM
    ids = [one.id for one in sat]
    said = explanation(signal, ids)
    made = await note_signal(
        _SOURCES[signal.kind],
        SubjectKind.ITEM if of_item else SubjectKind.ATTEMPT,
        signal.items[0][:_SUBJECT] if of_item else str(there[0].id),
        strength=strength(signal),
        explanation=said,
        now=now,
        unit=unit or None,
    )
    await connection().execute(_ADD, uuid7(), key, unit, signal.kind, ids, made, now)
    return Noted(kind=signal.kind, signal=made, unit=unit or None, attempts=ids, explanation=said)


def _key(exam: str, edition: str, signal: Signal, sat: list[Sat]) -> str:
    papers = sorted(str(one.id) for one in sat)
    about = [signal.kind, exam, edition, *signal.items, *papers]
    return hashlib.sha256("\n".join(about).encode()).hexdigest()


def strength(signal: Signal) -> int:
    """Of a device what is usual; of all else ten for each power of ten below what may be expected
    of honest people."""
    if signal.kind is Kind.SHARED_DEVICE:
        return _SHARED
    rare = -10 * log10(max(signal.expected, 1e-12))
    return int(min(max(_WEAKEST, 30 + rare), _STRONGEST))


def explanation(signal: Signal, attempts: Sequence[UUID]) -> str:
    """In both languages, with the papers as far as there is room."""
    said = f"{signal.kind}: {signal.zh} {signal.en}"[:_LONGEST]
    if not attempts:
        return said
    room = (_LONGEST - len(said) - len(" 答卷 papers: … +9999")) // len(f"{attempts[0]}, ")
    named = ", ".join(map(str, attempts[: max(room, 0)]))
    more = f" … +{len(attempts) - room}" if len(attempts) > room else ""
    return f"{said} 答卷 papers: {named}{more}" if room > 0 else said
