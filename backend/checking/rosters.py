"""A body's roster as JSON: for its systems, which have a key, and for its people, at the desk."""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from backend.certification_bodies import service as bodies
from backend.checking.schemas import Roster, RosterEntry, RosterState
from infra.vault import Vault


async def roster_of(
    vault: Vault,
    body_code: str,
    *,
    within_days: int,
    states: Collection[str],
    cursor: UUID | None,
    limit: int,
    now: datetime,
) -> Roster:
    """NoSuchBody."""
    rows, more = await bodies.roster_of(
        vault,
        body_code,
        soon=timedelta(days=within_days),
        states=states,
        cursor=cursor,
        limit=limit,
        now=now,
    )
    return Roster(
        items=[
            RosterEntry(
                id=row.auditor.id,
                name=row.auditor.name,
                registration_number=row.auditor.registration_number,
                grade=row.auditor.grade,
                employed_since=row.auditor.employed_since,
                state=RosterState(row.state),
                number=row.number,
                valid_until=row.valid_until,
            )
            for row in rows
        ],
        next_cursor=more,
    )
