"""Who looked at a person's data, as the person is told: role and organisation, never a name."""

from uuid import UUID

from backend.organisations import service as organisations
from backend.privacy.schemas import Accesses, AccessView
from infra.access_log import accesses_of


async def page(person_id: UUID, *, before: UUID | None, limit: int) -> Accesses:
    found = await accesses_of(person_id, before=before, limit=limit + 1)
    shown = found[:limit]
    names = await organisations.names_of({o for one in shown if (o := one.organisation_id)})
    return Accesses(
        items=[
            AccessView(
                at=one.at,
                who=one.actor_role,
                what=one.what,
                purpose=one.purpose,
                organisation=names.get(one.organisation_id),
            )
            for one in shown
        ],
        next_cursor=shown[-1].id if len(found) > limit else None,
    )
