"""Rows of passkeys and of the challenges they answer."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from backend.accounts.factors.tables import Passkey, PasskeyChallenge
from infra.ids import uuid7

_SWEPT_AT_ONCE = 100


class LockedPasskey(msgspec.Struct, frozen=True):
    id: UUID
    person_id: UUID
    public_key: bytes
    sign_count: int
    copied: bool


class PasskeyRow(msgspec.Struct, frozen=True):
    id: UUID
    label_sealed: bytes
    backed_up: bool
    created_at: datetime
    last_used_at: datetime | None
    copied_at: datetime | None


async def add_challenge(
    challenge: bytes, purpose: str, session_id: UUID | None, *, expires_at: datetime, now: datetime
) -> UUID:
    """Sweeps a few that nobody answered, so that the table stays as small as its traffic."""
    await PasskeyChallenge.raw(
        "DELETE FROM passkey_challenge WHERE id IN"
        " (SELECT id FROM passkey_challenge WHERE expires_at < {} LIMIT {}"
        " FOR UPDATE SKIP LOCKED)",
        now,
        _SWEPT_AT_ONCE,
    )
    row = PasskeyChallenge(
        id=uuid7(),
        challenge=challenge,
        purpose=purpose,
        session_id=session_id,
        expires_at=expires_at,
    )
    await PasskeyChallenge.insert(row)
    return row.id


async def take_challenge(
    challenge_id: UUID, purpose: str, session_id: UUID | None, *, now: datetime
) -> bytes | None:
    """Gone with the first who asks, for its own purpose and session alone."""
    whose = (
        PasskeyChallenge.session_id.is_null()
        if session_id is None
        else PasskeyChallenge.session_id == session_id
    )
    rows = (
        await PasskeyChallenge.delete()
        .where(
            PasskeyChallenge.id == challenge_id,
            PasskeyChallenge.purpose == purpose,
            PasskeyChallenge.expires_at > now,
            whose,
        )
        .returning(PasskeyChallenge.challenge)
    )
    return bytes(rows[0]["challenge"]) if rows else None


async def add(passkey: Passkey) -> bool:
    """False when somebody has registered it already."""
    added = await Passkey.insert(passkey).on_conflict(
        target=Passkey.credential_id, action="DO NOTHING"
    )
    return bool(added)


async def credential_ids(person_id: UUID) -> Sequence[bytes]:
    rows = await Passkey.select(Passkey.credential_id).where(Passkey.person == person_id)
    return [bytes(row["credential_id"]) for row in rows]


async def lock(credential_id: bytes) -> LockedPasskey | None:
    row = (
        await Passkey.select()
        .where(Passkey.credential_id == credential_id)
        .first()
        .lock_rows("UPDATE")
    )
    if row is None:
        return None
    return LockedPasskey(
        row["id"],
        row["person"],
        bytes(row["public_key"]),
        row["sign_count"],
        row["copied_at"] is not None,
    )


async def mark_used(passkey_id: UUID, sign_count: int, *, now: datetime) -> None:
    await Passkey.update({Passkey.sign_count: sign_count, Passkey.last_used_at: now}).where(
        Passkey.id == passkey_id
    )


async def mark_copied(passkey_id: UUID, *, now: datetime) -> None:
    await Passkey.update({Passkey.copied_at: now}).where(Passkey.id == passkey_id)


async def list_of(person_id: UUID) -> list[PasskeyRow]:
    """Twenty at most, the newest first."""
    rows = (
        await Passkey.select(
            Passkey.id,
            Passkey.label_sealed,
            Passkey.backed_up,
            Passkey.created_at,
            Passkey.last_used_at,
            Passkey.copied_at,
        )
        .where(Passkey.person == person_id)
        .order_by(Passkey.id, ascending=False)
    )
    return [msgspec.convert(row, PasskeyRow) for row in rows]


async def rename(passkey_id: UUID, person_id: UUID, label_sealed: bytes) -> bool:
    renamed = (
        await Passkey.update({Passkey.label_sealed: label_sealed})
        .where(Passkey.id == passkey_id, Passkey.person == person_id)
        .returning(Passkey.id)
    )
    return bool(renamed)


async def remove(passkey_id: UUID, person_id: UUID) -> bool:
    removed = (
        await Passkey.delete()
        .where(Passkey.id == passkey_id, Passkey.person == person_id)
        .returning(Passkey.id)
    )
    return bool(removed)
