"""Who looked at whose data, when and why (PIPL, art. 44 and 51): the person may read it.

Call it where an answer shows another person's data, in the same `UnitOfWork` where there is one:
no look without its line. The same look on the same day is one line, so lists stay cheap.
"""

from collections.abc import Collection
from datetime import datetime, timedelta, timezone
from uuid import UUID

from infra.database import UnitOfWork, connection
from infra.engine import DB
from infra.ids import uuid7
from infra.tables import PersonAccess

_SHANGHAI = timezone(timedelta(hours=8))
_NOTE = """
INSERT INTO person_access
    (id, person_id, actor_id, actor_role, organisation_id, what, purpose, at, on_day)
SELECT i, p, $3, $4, $5, $6, $7, $8, $9 FROM unnest($1::uuid[], $2::uuid[]) AS t(i, p)
ON CONFLICT ON CONSTRAINT person_access_once_a_day DO NOTHING
"""


async def note_access(
    person_ids: UUID | Collection[UUID],
    *,
    actor_id: UUID,
    actor_role: str,
    what: str,
    purpose: str,
    now: datetime,
    organisation_id: UUID | None = None,
) -> None:
    """One statement, however many people a list shows. Looking at oneself is not noted.

    `actor_role`: a role, or a position such as "manager"; `what`: a stable word such as "name",
    "learning-records", "id-number"; `purpose`: why, in words the person may read (200 at most).
    """
    people = [person_ids] if isinstance(person_ids, UUID) else sorted(set(person_ids))
    others = [person for person in people if person != actor_id]
    if not others:
        return
    async with UnitOfWork(DB):
        await connection().execute(
            _NOTE,
            [uuid7() for _ in others],
            others,
            actor_id,
            actor_role,
            organisation_id,
            what,
            purpose[:200],
            now,
            now.astimezone(_SHANGHAI).date(),
        )


async def accesses_of(
    person_id: UUID, *, before: UUID | None = None, limit: int = 50
) -> list[PersonAccess]:
    """Newest first, older than the one named `before`."""
    mine = PersonAccess.person_id == person_id
    return (
        await PersonAccess.objects()
        .where(mine & (PersonAccess.id < before) if before else mine)
        .order_by(PersonAccess.id, ascending=False)
        .limit(limit)
    )
