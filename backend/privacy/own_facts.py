"""What this area keeps of a person itself: consents, exports, erasures, who looked."""

from datetime import datetime
from typing import Any
from uuid import UUID

from backend.organisations import service as organisations
from backend.privacy.tables import Erasure, Export
from infra.access_log import list_looks
from infra.tables import ConsentEvent, PersonAccess
from infra.vault import Vault

_ACCESSES = 10_000


async def personal_data(vault: Vault, person_id: UUID) -> dict[str, Any]:
    del vault
    return {
        "consents": await _consents(person_id),
        "accesses": await _accesses(person_id),
        "exports": await Export.select(Export.requested_at.as_alias("requestedAt"), Export.state)
        .where(Export.person_id == person_id)
        .order_by(Export.requested_at),
        "erasures": await Erasure.select(
            Erasure.requested_at.as_alias("requestedAt"), Erasure.state
        )
        .where(Erasure.person_id == person_id)
        .order_by(Erasure.requested_at),
    }


async def _consents(person_id: UUID) -> list[dict[str, Any]]:
    row = ConsentEvent
    return (
        await row.select(row.purpose, row.version, row.given, row.at)
        .where(row.person_id == person_id)
        .order_by(row.id)
    )


async def _accesses(person_id: UUID) -> list[dict[str, Any]]:
    """Six months of them at most: older ones are gone."""
    row = PersonAccess
    found: list[dict[str, Any]] = (
        await row.select(row.at, row.actor_role.as_alias("who"), row.what, row.purpose)
        .where(row.person_id == person_id)
        .order_by(row.id, ascending=False)
        .limit(_ACCESSES)
    )
    stays = await organisations.stays_of(person_id)
    lists = [
        {"at": one.at, "who": one.actor_role, "what": one.what, "purpose": one.purpose}
        for one in await list_looks(person_id, stays, limit=_ACCESSES)
    ]
    return sorted([*found, *lists], key=lambda one: one["at"], reverse=True)


async def erase_person(person_id: UUID, *, now: datetime) -> None:
    """Files of exports become unreadable at once and go with the next sweep. Consents and the
    erasure itself stay under the random id: they prove that we were allowed to, and did."""
    await Export.update(
        {Export.state: "removed", Export.key_sealed: None, Export.expires_at: now}
    ).where(Export.person_id == person_id, Export.state != "removed")
