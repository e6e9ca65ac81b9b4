"""Rows of auditors, their grades and their employments."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

import asyncpg
import msgspec

from backend.certification_bodies.auditing import (
    AccountOfAnotherAuditor,
    AuditorOfAnotherAccount,
    Employment,
    GradeGiven,
    NoSuchAuditor,
)
from backend.certification_bodies.tables import Auditor, AuditorEmployment, AuditorGrade
from infra.database import connection
from infra.ids import uuid7
from infra.vault import Vault, place

_OF_BODY = """
SELECT e.id AS employment_id, a.id, a.registration_sealed, a.name_sealed, a.person, e.begins_on
FROM auditor_employment e JOIN auditor a ON a.id = e.auditor
WHERE e.body = $1 AND e.begins_on <= $2 AND (e.ends_on IS NULL OR e.ends_on >= $2)
  AND e.id > $3
ORDER BY e.id LIMIT $4
"""
_PEOPLE_OF_BODY = """
SELECT a.person FROM auditor_employment e JOIN auditor a ON a.id = e.auditor
WHERE e.body = $1 AND e.begins_on <= $2 AND (e.ends_on IS NULL OR e.ends_on >= $2)
"""


class AuditorRow(msgspec.Struct, frozen=True):
    id: UUID
    registration_sealed: bytes | None
    name_sealed: bytes | None
    person: UUID | None


class EmployedAuditor(msgspec.Struct, frozen=True):
    employment_id: UUID
    id: UUID
    registration_sealed: bytes | None
    name_sealed: bytes | None
    person: UUID | None
    begins_on: date


async def lock_by_number(index: bytes) -> AuditorRow | None:
    return await _locked(Auditor.registration_index == index)


async def by_number(index: bytes) -> AuditorRow | None:
    row = await Auditor.select(*_AUDITOR).where(Auditor.registration_index == index).first()
    return _row(row) if row else None


async def by_person(person_id: UUID) -> AuditorRow | None:
    row = await Auditor.select(*_AUDITOR).where(Auditor.person == person_id).first()
    return _row(row) if row else None


_AUDITOR = (Auditor.id, Auditor.registration_sealed, Auditor.name_sealed, Auditor.person)


async def _locked(condition: object) -> AuditorRow | None:
    row = (
        await Auditor.select(*_AUDITOR)
        .where(condition)  # type: ignore[arg-type]
        .first()
        .lock_rows("UPDATE")
    )
    return _row(row) if row else None


def _row(row: dict[str, object]) -> AuditorRow:
    return msgspec.convert(row, AuditorRow)


async def add(vault: Vault, index: bytes, number: str, name: str, *, now: datetime) -> None:
    """Of two who come at once one enters it; both then lock the same row."""
    new = uuid7()
    await Auditor.insert(
        Auditor(
            id=new,
            registration_index=index,
            registration_sealed=vault.seal(number, place(Auditor.registration_sealed, new)),
            name_sealed=vault.seal(name, place(Auditor.name_sealed, new)),
            entered_at=now,
        )
    ).on_conflict(target=Auditor.registration_index, action="DO NOTHING")


def name_of(vault: Vault, row: "AuditorRow | EmployedAuditor") -> str:
    """Empty once erased."""
    sealed = row.name_sealed
    return vault.open(sealed, place(Auditor.name_sealed, row.id)) if sealed else ""


def number_of(vault: Vault, row: "AuditorRow | EmployedAuditor") -> str:
    """Empty once erased."""
    sealed = row.registration_sealed
    return vault.open(sealed, place(Auditor.registration_sealed, row.id)) if sealed else ""


_LINK = """
UPDATE auditor SET person = $2 WHERE id = $1 AND (person IS NULL OR person = $2) RETURNING id
"""


async def link(auditor_id: UUID, person_id: UUID) -> None:
    """A new employer must not hand a number, and the training behind it, to somebody else."""
    try:
        async with connection().transaction():
            linked = await connection().fetchval(_LINK, auditor_id, person_id)
    except asyncpg.UniqueViolationError as error:
        raise AccountOfAnotherAuditor from error
    if linked is None:
        raise AuditorOfAnotherAccount


async def add_grade(
    auditor_id: UUID, given: GradeGiven, *, entered_by: UUID, now: datetime
) -> None:
    await AuditorGrade.insert(
        AuditorGrade(
            id=uuid7(),
            auditor=auditor_id,
            grade=given.grade,
            since=given.since,
            entered_by=entered_by,
            entered_at=now,
        )
    )


async def grades_of(ids: Collection[UUID]) -> dict[UUID, list[GradeGiven]]:
    found: dict[UUID, list[GradeGiven]] = defaultdict(list)
    if ids:
        rows = (
            await AuditorGrade.select()
            .where(AuditorGrade.auditor.is_in(list(ids)))
            .order_by(AuditorGrade.id)
        )
        for row in rows:
            found[row["auditor"]].append(GradeGiven(row["grade"], row["since"]))
    return found


async def add_employment(
    auditor_id: UUID, employment: Employment, *, entered_by: UUID, now: datetime
) -> UUID:
    row = AuditorEmployment(
        id=uuid7(),
        auditor=auditor_id,
        body=employment.body,
        begins_on=employment.begins_on,
        entered_by=entered_by,
        entered_at=now,
    )
    await AuditorEmployment.insert(row)
    return row.id


async def employments_of(auditor_id: UUID) -> list[Employment]:
    rows = (
        await AuditorEmployment.select()
        .where(AuditorEmployment.auditor == auditor_id)
        .order_by(AuditorEmployment.begins_on)
    )
    return [Employment(row["body"], row["begins_on"], row["ends_on"]) for row in rows]


async def lock_employed(auditor_id: UUID, body_id: UUID) -> tuple[UUID, Employment]:
    """(id, employment) of an auditor whom this body employs; another body's is not found."""
    await _locked(Auditor.id == auditor_id)
    row = (
        await AuditorEmployment.select()
        .where(
            AuditorEmployment.auditor == auditor_id,
            AuditorEmployment.body == body_id,
            AuditorEmployment.ends_on.is_null(),
        )
        .first()
    )
    if row is None:
        raise NoSuchAuditor
    return row["id"], Employment(row["body"], row["begins_on"])


async def end_employment(
    employment_id: UUID, last_day: date, *, ended_by: UUID | None, now: datetime
) -> None:
    await AuditorEmployment.update(
        {
            AuditorEmployment.ends_on: last_day,
            AuditorEmployment.ended_by: ended_by,
            AuditorEmployment.ended_at: now,
        }
    ).where(AuditorEmployment.id == employment_id)


async def employed_by(body_id: UUID, on: date, *, after: UUID, limit: int) -> list[EmployedAuditor]:
    rows = await connection().fetch(_OF_BODY, body_id, on, after, limit)
    return [msgspec.convert(dict(row), EmployedAuditor) for row in rows]


async def people_of(body_id: UUID, on: date) -> list[UUID | None]:
    """The accounts of all whom the body employs that day; None for who has none."""
    return [row["person"] for row in await connection().fetch(_PEOPLE_OF_BODY, body_id, on)]


async def forget(auditor_id: UUID, *, now: datetime) -> None:
    await Auditor.update(
        {
            Auditor.registration_index: None,
            Auditor.registration_sealed: None,
            Auditor.name_sealed: None,
            Auditor.person: None,
            Auditor.erased_at: now,
        }
    ).where(Auditor.id == auditor_id)
