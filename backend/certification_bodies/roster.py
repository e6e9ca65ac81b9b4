"""A body's auditors with the training record behind each: who is current, who expires soon."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from uuid import UUID

import msgspec

from backend.certification_bodies import auditor_rows, repository
from backend.certification_bodies.auditing import grade_on, masked_number
from backend.certification_bodies.auditor_rows import EmployedAuditor
from backend.certification_bodies.code_tables import GRADES, trained_by
from backend.certification_bodies.domain import shanghai_day
from backend.certification_bodies.schemas import AuditorView
from backend.records.domain import masked_name
from backend.records.lookups import service as lookups
from backend.records.lookups.service import Standing
from infra.database import UnitOfWork
from infra.engine import DB
from infra.vault import Vault

STATES = ("current", "expiring", "expired", "withdrawn", "none")
"""Of an auditor: a record in force, one that ends soon, an ended one, one that was revoked or
suspended, or none known here."""
_FIRST = UUID(int=0)
_LOOKED_AT, _TIMES = 200, 10
"""Where states are chosen, one answer looks at 2,000 auditors at most."""


class Rostered(msgspec.Struct, frozen=True, kw_only=True):
    auditor: AuditorView
    state: str
    """One of `STATES`."""
    number: str | None
    valid_until: datetime | None


Found = tuple[EmployedAuditor, Standing | None, str]


async def roster_of(
    vault: Vault,
    code: str,
    *,
    soon: timedelta,
    cursor: UUID | None,
    limit: int,
    now: datetime,
    states: Collection[str] = (),
) -> tuple[list[Rostered], UUID | None]:
    """Those employed today, of these `states` alone where some are named, and the next cursor.

    Of few in a large body an answer may hold less than `limit`, and a cursor that leads on.
    NoSuchBody.
    """
    today = shanghai_day(now)
    async with UnitOfWork(DB):
        body = await repository.body_by_code(code)
        found, after, more = list[Found](), cursor or _FIRST, True
        size = _LOOKED_AT if states else limit + 1
        for _ in range(_TIMES if states else 1):
            batch = await _batch(body.id, today, after, size)
            for row, standing in batch:
                if len(found) == limit:
                    break
                after = row.employment_id
                state = standing.state(now=now, soon=soon) if standing else "none"
                if not states or state in states:
                    found.append((row, standing, state))
            more = bool(batch) and (len(batch) == size or after != batch[-1][0].employment_id)
            if len(found) == limit or not more:
                break
        grades = await auditor_rows.grades_of([row.id for row, _, _ in found])
    shown = [_rostered(vault, one, grade_on(grades[one[0].id], today)) for one in found]
    return shown, after if more else None


async def _batch(
    body: UUID, today: date, after: UUID, size: int
) -> list[tuple[EmployedAuditor, Standing | None]]:
    rows = await auditor_rows.employed_by(body, today, after=after, limit=size)
    people = [row.person for row in rows if row.person]
    standings = await lookups.standings(people, trained_by(today))
    return [(row, standings.get(row.person) if row.person else None) for row in rows]


def _rostered(vault: Vault, found: Found, grade: str | None) -> Rostered:
    row, standing, state = found
    return Rostered(
        auditor=AuditorView(
            id=row.id,
            name=masked_name(auditor_rows.name_of(vault, row)),
            registration_number=masked_number(auditor_rows.number_of(vault, row)),
            grade=grade,
            employed_since=row.begins_on,
        ),
        state=state,
        number=standing.number if standing else None,
        valid_until=standing.valid_until if standing else None,
    )


def grade_titles() -> dict[str, str]:
    """By code, in both languages, as workbooks say them."""
    return {grade.code: f"{grade.zh} {grade.en}" for grade in GRADES}
