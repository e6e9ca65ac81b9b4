"""Who looked at a person's data, as the person is told: role and organisation, never a name.

Two lists are one here: looks at lists and pages, and reveals of a document's number. Both are
numbered by time (UUIDv7), so one cursor serves both.
"""

from uuid import UUID

from backend.identity import service as identity
from backend.organisations import service as organisations
from backend.privacy.schemas import Accesses, AccessView
from infra.access_log import accesses_of


async def page(person_id: UUID, *, before: UUID | None, limit: int) -> Accesses:
    found = [
        *await _looks(person_id, before, limit + 1),
        *await _reveals(person_id, before, limit + 1),
    ]
    found.sort(key=lambda pair: pair[0], reverse=True)
    shown = found[:limit]
    return Accesses(
        items=[view for _, view in shown],
        next_cursor=shown[-1][0] if len(found) > limit else None,
    )


async def _looks(person_id: UUID, before: UUID | None, limit: int) -> list[tuple[UUID, AccessView]]:
    found = await accesses_of(person_id, before=before, limit=limit)
    names = await organisations.names_of({o for one in found if (o := one.organisation_id)})
    return [
        (
            one.id,
            AccessView(
                at=one.at,
                who=one.actor_role,
                what=one.what,
                purpose=one.purpose,
                organisation=names.get(one.organisation_id),
            ),
        )
        for one in found
    ]


async def _reveals(
    person_id: UUID, before: UUID | None, limit: int
) -> list[tuple[UUID, AccessView]]:
    found = await identity.reveals_of(person_id, before=before, limit=limit)
    return [
        (
            one.id,
            AccessView(at=one.at, who="administrator", what="id-number", purpose=one.purpose),
        )
        for one in found
    ]
