"""What this area keeps of a person: told to the person, and taken away."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from backend.checking.bulk.files import forget_old as forget_old_files
from backend.checking.sharing import repository
from backend.checking.tables import ShareLink
from infra.database import UnitOfWork
from infra.engine import DB
from infra.retention import Kept
from infra.vault import Vault, place

__all__ = ["RETENTION", "erase_person", "forget_old_files", "personal_data"]
_MONTH = timedelta(days=30)
RETENTION = [
    Kept(
        kind="views-of-share-links",
        table="share_view",
        old="EXISTS (SELECT FROM share_link l WHERE l.id = t.link AND l.expires_at < $1)",
        keep=_MONTH,
        why="the holder may look up when an ended link was opened",
    ),
    Kept(
        kind="share-links",
        table="share_link",
        old="t.expires_at < $1",
        keep=_MONTH,
        why="the holder may look up what an ended link showed",
    ),
]


async def personal_data(vault: Vault, person_id: UUID) -> dict[str, Any]:
    async with UnitOfWork(DB):
        found = await repository.all_of(person_id)
        views = await repository.views_of([link.id for link in found], most=1_000)
    return {"shareLinks": [_link(vault, link, views[link.id]) for link in found]}


def _link(vault: Vault, link: ShareLink, views: list[datetime]) -> dict[str, Any]:
    shown = vault.open(link.shown_sealed, place(ShareLink.shown_sealed, link.id))
    return {
        "record": link.number,
        "shows": msgspec.json.decode(shown),
        "createdAt": link.created_at,
        "expiresAt": link.expires_at,
        "revokedAt": link.revoked_at,
        "openedAt": views,
    }


async def erase_person(person_id: UUID, *, now: datetime) -> None:
    """All of it: a link of somebody erased leads nowhere. Safe to repeat."""
    del now
    async with UnitOfWork(DB):
        await repository.forget(person_id)
