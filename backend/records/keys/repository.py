"""Rows of announced keys with what became of them. Inside an open `UnitOfWork`."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from backend.records.keys.domain import KnownKey
from backend.records.tables import KeyEvent
from infra.database import connection
from infra.ids import uuid7

_LOCK = 0x6B657973  # "keys"
# Until its leaf has a place, a compromise counts from the log's end: too early rather than late.
_KNOWN = """
SELECT k.kid, k.purpose, k.issuer, k.address, k.demonstration, k.thumbprint, k.jwk, k.added_at,
    k.signs_from, a.leaf_index AS from_index, r.at AS retired_at, c.at AS compromised_at,
    CASE WHEN c.kid IS NOT NULL THEN coalesce(c.at_index, l.leaf_index,
        (SELECT max(tree_size) FROM log_checkpoint), 0) END AS compromised_at_index
FROM signing_key k
LEFT JOIN log_leaf a ON a.entry_id = k.entry_id
LEFT JOIN key_event r ON r.kid = k.kid AND r.kind = 'retired'
LEFT JOIN key_event c ON c.kid = k.kid AND c.kind = 'compromised'
LEFT JOIN log_leaf l ON l.entry_id = c.entry_id
"""
_ALL = f"{_KNOWN} ORDER BY k.added_at, k.kid"
_OF = f"{_KNOWN} WHERE k.address = $1 AND k.purpose = $2 AND k.demonstration = $3"
_MAY_SIGN = """
SELECT EXISTS (SELECT FROM signing_key WHERE kid = $1)
    AND NOT EXISTS (SELECT FROM key_event WHERE kid = $1)
"""


async def hold(*, alone: bool = False) -> None:
    """Until the transaction ends no key ends while another process signs with it. Take it before
    the lock of a status list."""
    shared = "" if alone else "_shared"
    await connection().execute(f"SELECT pg_advisory_xact_lock{shared}($1)", _LOCK)


async def known() -> list[KnownKey]:
    """Oldest first."""
    return _keys(await connection().fetch(_ALL))


async def known_at(address: str, purpose: str, *, demonstration: bool) -> list[KnownKey]:
    return _keys(await connection().fetch(_OF, address, purpose, demonstration))


def _keys(rows: list[Any]) -> list[KnownKey]:
    return msgspec.convert([dict(row) for row in rows], list[KnownKey])


async def may_sign(kid: str) -> bool:
    return bool(await connection().fetchval(_MAY_SIGN, kid))


async def end(
    kid: str, kind: str, *, at: datetime, at_index: int | None, document: bytes, entry_id: UUID
) -> None:
    row = KeyEvent(
        id=uuid7(),
        kid=kid,
        kind=kind,
        at=at,
        at_index=at_index,
        document=document,
        entry_id=entry_id,
    )
    await KeyEvent.insert(row)
