"""Rows of certifiers' keys. Inside an open `UnitOfWork`; a body's are found by its code."""

from datetime import datetime
from typing import Any
from uuid import UUID

from backend.checking.keys.domain import NOTED_EVERY, Key, Scope
from backend.checking.tables import CertifierKey
from infra.database import connection

_OPEN = """
SELECT count(*) FROM certifier_key
WHERE body_code = $1 AND revoked_at IS NULL AND expires_at > $2
"""
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('certifier-keys:' || $1::text, 0))"
_NOTED = """
UPDATE certifier_key SET last_used_at = $2
WHERE id = $1 AND (last_used_at IS NULL OR last_used_at <= $3)
"""


async def open_keys(body_code: str, *, now: datetime) -> int:
    """Locked until the transaction ends."""
    await connection().execute(_LOCK, body_code)
    return int(await connection().fetchval(_OPEN, body_code, now))


async def add(row: CertifierKey) -> None:
    await CertifierKey.insert(row)


async def keys_of(body_code: str, *, limit: int) -> list[CertifierKey]:
    """Newest first."""
    return (
        await CertifierKey.objects()
        .where(CertifierKey.body_code == body_code)
        .order_by(CertifierKey.id, ascending=False)
        .limit(limit)
    )


async def by_hash(key_sha256: bytes) -> Key | None:
    row = await CertifierKey.objects().get(CertifierKey.key_sha256 == key_sha256)
    return as_key(row) if row else None


def as_key(row: CertifierKey) -> Key:
    return Key(
        id=row.id,
        body_code=row.body_code,
        scopes=scopes_of(row),
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        last_used_at=row.last_used_at,
    )


def scopes_of(row: CertifierKey) -> frozenset[Scope]:
    given = {
        Scope.VERIFY: row.may_verify,
        Scope.ROSTER: row.may_read_roster,
        Scope.BULK: row.may_send_bulk,
    }
    return frozenset(scope for scope, may in given.items() if may)


async def note_use(key_id: UUID, *, now: datetime) -> None:
    await connection().execute(_NOTED, key_id, now, now - NOTED_EVERY)


async def revoke(body_code: str, key_id: UUID, *, by: UUID, now: datetime) -> bool:
    """False where this body has no such key in force."""
    changed: list[dict[str, Any]] = (
        await CertifierKey.update({CertifierKey.revoked_at: now, CertifierKey.revoked_by: by})
        .where(
            CertifierKey.id == key_id,
            CertifierKey.body_code == body_code,
            CertifierKey.revoked_at.is_null(),
        )
        .returning(CertifierKey.id)
    )
    return bool(changed)
