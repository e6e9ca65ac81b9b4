"""Who looked at whose data, when and why (PIPL, art. 44 and 51): the person may read it.

Call it where an answer shows another person's data, in the same `UnitOfWork` where there is one:
no look without its line. The same look on the same day is one line, so lists stay cheap.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta, timezone
from typing import NamedTuple
from uuid import UUID

import msgspec

from infra.database import UnitOfWork, connection
from infra.engine import DB
from infra.ids import uuid7
from infra.tables import ListAccess, PersonAccess

_SHANGHAI = timezone(timedelta(hours=8))
_NOTE = """
INSERT INTO person_access
    (id, person_id, actor_id, actor_role, organisation_id, what, purpose, at, on_day)
SELECT i, p, $3, $4, $5, $6, $7, $8, $9 FROM unnest($1::uuid[], $2::uuid[]) AS t(i, p)
ON CONFLICT ON CONSTRAINT person_access_once_a_day DO NOTHING
"""
_LISTS = """
SELECT DISTINCT l.id, l.at, l.actor_role, l.what, l.purpose, l.organisation_id
FROM list_access l
JOIN unnest($1::uuid[], $2::date[], $3::date[]) AS t(organisation, first, last)
  ON l.organisation_id = t.organisation AND l.on_day >= t.first
  AND l.on_day <= coalesce(t.last, l.on_day)
WHERE l.actor_id <> $4 AND ($5::uuid IS NULL OR l.id < $5)
ORDER BY l.id DESC LIMIT $6
"""


class Stay(NamedTuple):
    """When a person was on an organisation's list; `until` None: still."""

    organisation_id: UUID
    since: datetime
    until: datetime | None


class ListLook(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    at: datetime
    actor_role: str
    what: str
    purpose: str
    organisation_id: UUID


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
            day_of(now),
        )


async def note_list_access(
    organisation_id: UUID,
    *,
    actor_id: UUID,
    actor_role: str,
    what: str,
    purpose: str,
    now: datetime,
) -> None:
    """For masked lists that are paged through all day: one row a list, reader and day."""
    row = ListAccess(
        id=uuid7(),
        organisation_id=organisation_id,
        actor_id=actor_id,
        actor_role=actor_role,
        what=what,
        purpose=purpose[:200],
        at=now,
        on_day=day_of(now),
    )
    await ListAccess.insert(row).on_conflict(action="DO NOTHING")


async def list_looks(
    person_id: UUID, stays: Sequence[Stay], *, before: UUID | None = None, limit: int = 50
) -> list[ListLook]:
    """Newest first. By whole days: somebody who came at noon may be told of the morning's look,
    rather than not of the afternoon's."""
    if not stays:
        return []
    async with UnitOfWork(DB):
        rows = await connection().fetch(
            _LISTS,
            [stay.organisation_id for stay in stays],
            [day_of(stay.since) for stay in stays],
            [day_of(stay.until) if stay.until else None for stay in stays],
            person_id,
            before,
            limit,
        )
    return [msgspec.convert(dict(row), ListLook) for row in rows]


def day_of(moment: datetime) -> date:
    return moment.astimezone(_SHANGHAI).date()


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
