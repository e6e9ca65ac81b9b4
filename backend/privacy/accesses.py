"""Who looked at a person's data, as the person is told: role and organisation, never a name.

Three lists are one here: looks at the person, at an organisation's list while the person was on it,
and reveals of a document's number. All are numbered by time (UUIDv7), so one cursor serves them.
"""

from collections.abc import Sequence
from uuid import UUID

from backend.identity import service as identity
from backend.organisations import service as organisations
from backend.privacy.schemas import Accesses, AccessView
from infra.access_log import ListLook, accesses_of, list_looks
from infra.tables import PersonAccess


async def page(person_id: UUID, *, before: UUID | None, limit: int) -> Accesses:
    found = [
        *await _looks(person_id, before, limit + 1),
        *await _lists(person_id, before, limit + 1),
        *await _reveals(person_id, before, limit + 1),
    ]
    found.sort(key=lambda pair: pair[0], reverse=True)
    shown = found[:limit]
    return Accesses(
        items=[view for _, view in shown],
        next_cursor=shown[-1][0] if len(found) > limit else None,
    )


async def _looks(person_id: UUID, before: UUID | None, limit: int) -> list[tuple[UUID, AccessView]]:
    return await _views(await accesses_of(person_id, before=before, limit=limit))


async def _lists(person_id: UUID, before: UUID | None, limit: int) -> list[tuple[UUID, AccessView]]:
    stays = await organisations.stays_of(person_id)
    return await _views(await list_looks(person_id, stays, before=before, limit=limit))


async def _views(found: Sequence[PersonAccess | ListLook]) -> list[tuple[UUID, AccessView]]:
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
