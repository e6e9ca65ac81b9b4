"""A body's auditors with the training record behind each: who is current, who expires soon."""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from backend.certification_bodies import auditor_rows, repository
from backend.certification_bodies.auditing import grade_on, masked_number
from backend.certification_bodies.code_tables import trained_by
from backend.certification_bodies.domain import shanghai_day
from backend.certification_bodies.schemas import AuditorView
from backend.records.domain import masked_name
from backend.records.lookups import service as lookups
from backend.records.lookups.service import Standing
from infra.database import UnitOfWork
from infra.engine import DB
from infra.vault import Vault


class Rostered(msgspec.Struct, frozen=True, kw_only=True):
    auditor: AuditorView
    state: str
    """current | expiring | expired | withdrawn | none"""
    number: str | None
    valid_until: datetime | None


async def roster_of(
    vault: Vault,
    code: str,
    *,
    soon: timedelta,
    cursor: UUID | None,
    limit: int,
    now: datetime,
) -> tuple[list[Rostered], UUID | None]:
    """Those employed today and the next cursor. Four queries, however many. NoSuchBody."""
    today = shanghai_day(now)
    async with UnitOfWork(DB):
        body = await repository.body_by_code(code)
        found = await auditor_rows.employed_by(
            body.id, today, after=cursor or UUID(int=0), limit=limit + 1
        )
        rows = found[:limit]
        grades = await auditor_rows.grades_of([row.id for row in rows])
        people = [row.person for row in rows if row.person]
        standings = await lookups.standings(people, trained_by(today))
    shown = []
    for row in rows:
        standing = standings.get(row.person) if row.person else None
        auditor = AuditorView(
            id=row.id,
            name=masked_name(auditor_rows.name_of(vault, row)),
            registration_number=masked_number(auditor_rows.number_of(vault, row)),
            grade=grade_on(grades[row.id], today),
            employed_since=row.begins_on,
        )
        shown.append(_rostered(auditor, standing, soon, now))
    return shown, rows[-1].employment_id if len(found) > limit else None


def _rostered(
    auditor: AuditorView, standing: Standing | None, soon: timedelta, now: datetime
) -> Rostered:
    return Rostered(
        auditor=auditor,
        state=standing.state(now=now, soon=soon) if standing else "none",
        number=standing.number if standing else None,
        valid_until=standing.valid_until if standing else None,
    )
