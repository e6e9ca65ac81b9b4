"""Rows of share links. Inside an open `UnitOfWork`; a holder's are found by the holder."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from backend.checking.tables import ShareLink, ShareView
from infra.database import connection
from infra.ids import uuid7

_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('share-links:' || $1::text, 0))"
_OPEN = """
SELECT count(*) FROM share_link
WHERE holder = $1 AND revoked_at IS NULL AND expires_at > $2
"""
_VIEWS = """
SELECT l.id AS link, v.at FROM unnest($1::uuid[]) AS l(id) CROSS JOIN LATERAL (
    SELECT at FROM share_view WHERE link = l.id ORDER BY at DESC LIMIT $2
) v ORDER BY v.at DESC
"""
_SEEN = """
INSERT INTO share_view (id, link, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING
"""


async def open_links(holder: UUID, *, now: datetime) -> int:
    """Locked until the transaction ends: of two who make one at a time, one waits."""
    await connection().execute(_LOCK, str(holder))
    return int(await connection().fetchval(_OPEN, holder, now))


async def add(link: ShareLink) -> None:
    await ShareLink.insert(link)


async def links_of(holder: UUID, record_id: UUID, *, limit: int) -> list[ShareLink]:
    """Newest first."""
    return (
        await ShareLink.objects()
        .where(ShareLink.holder == holder, ShareLink.record_id == record_id)
        .order_by(ShareLink.created_at, ascending=False)
        .limit(limit)
    )


async def all_of(holder: UUID) -> list[ShareLink]:
    found = ShareLink.objects().where(ShareLink.holder == holder)
    return await found.order_by(ShareLink.created_at)


async def by_token(token_sha256: bytes) -> ShareLink | None:
    return await ShareLink.objects().get(ShareLink.token_sha256 == token_sha256)


async def revoke(holder: UUID, link_id: UUID, *, now: datetime) -> bool:
    """False where it is another's. Once revoked, the first time stands."""
    found = await ShareLink.exists().where(ShareLink.id == link_id, ShareLink.holder == holder)
    await ShareLink.update({ShareLink.revoked_at: now}).where(
        ShareLink.id == link_id, ShareLink.holder == holder, ShareLink.revoked_at.is_null()
    )
    return found


async def seen(link_id: UUID, at: datetime) -> None:
    await connection().execute(_SEEN, uuid7(), link_id, at)


async def views_of(links: Collection[UUID], *, most: int) -> dict[UUID, list[datetime]]:
    """The newest of each link, newest first."""
    found: dict[UUID, list[datetime]] = {link: [] for link in links}
    for row in await connection().fetch(_VIEWS, list(links), most):
        found[row["link"]].append(row["at"])
    return found


async def forget(holder: UUID) -> None:
    links = ShareLink.select(ShareLink.id).where(ShareLink.holder == holder)
    await ShareView.delete().where(
        ShareView.link.is_in([row["id"] for row in await links] or [holder])
    )
    await ShareLink.delete().where(ShareLink.holder == holder)
