"""Certifiers' keys: made and revoked by administrators, shown once, asked for by each request."""

import hashlib
import secrets
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from backend.certification_bodies import service as bodies
from backend.certification_bodies.domain import RegisterState, shanghai_day
from backend.checking.keys import repository
from backend.checking.keys.domain import (
    MOST_KEYS,
    PREFIX,
    BodyNotInForce,
    Key,
    KeyNotValid,
    NoSuchCertifierKey,
    Scope,
    TooManyKeys,
    admitted,
)
from backend.checking.keys.schemas import (
    CertifierKeyView,
    MadeCertifierKey,
    NewCertifierKey,
    Roster,
    RosterEntry,
)
from backend.checking.tables import CertifierKey
from infra.audit import record_act
from infra.database import UnitOfWork
from infra.engine import DB
from infra.ids import uuid7
from infra.vault import Vault

_LISTED = 100


async def make(
    code: str, wanted: NewCertifierKey, *, actor: UUID, now: datetime
) -> MadeCertifierKey:
    """NoSuchBody, TooManyKeys."""
    key = PREFIX + secrets.token_urlsafe(32)
    async with UnitOfWork(DB):
        await bodies.state_of(code, on=shanghai_day(now))
        if await repository.open_keys(code, now=now) >= MOST_KEYS:
            raise TooManyKeys
        row = _row(code, wanted, key, actor, now)
        await repository.add(row)
        scopes = [str(s) for s in sorted(set(wanted.scopes))]
        await _note("certifier-key-made", row.id, actor, now, body=code, scopes=scopes)
    return MadeCertifierKey(**msgspec.structs.asdict(_view(row)), key=key)


async def keys(code: str, *, now: datetime) -> list[CertifierKeyView]:
    async with UnitOfWork(DB):
        await bodies.state_of(code, on=shanghai_day(now))
        return [_view(row) for row in await repository.keys_of(code, limit=_LISTED)]


async def revoke(code: str, key_id: UUID, *, actor: UUID, now: datetime) -> None:
    async with UnitOfWork(DB):
        if not await repository.revoke(code, key_id, by=actor, now=now):
            raise NoSuchCertifierKey
        await _note("certifier-key-revoked", key_id, actor, now, body=code)


async def admit(key: str, scope: Scope, *, now: datetime) -> Key:
    """KeyNotValid, ScopeMissing, BodyNotInForce. Notes the use, once a minute."""
    if not key.startswith(PREFIX):
        raise KeyNotValid
    async with UnitOfWork(DB):
        found = admitted(await repository.by_hash(_sha256(key)), scope, now=now)
        state = await bodies.state_of(found.body_code, on=shanghai_day(now))
        if state is not RegisterState.LISTED:
            raise BodyNotInForce
        if found.to_be_noted(now):
            await repository.note_use(found.id, now=now)
    return found


async def roster(
    vault: Vault, key: Key, *, within_days: int, cursor: UUID | None, limit: int, now: datetime
) -> Roster:
    """The auditors of the key's own body, whatever is asked."""
    rows, more = await bodies.roster_of(
        vault, key.body_code, soon=timedelta(days=within_days), cursor=cursor, limit=limit, now=now
    )
    return Roster(
        items=[
            RosterEntry(
                id=row.auditor.id,
                name=row.auditor.name,
                registration_number=row.auditor.registration_number,
                grade=row.auditor.grade,
                employed_since=row.auditor.employed_since,
                state=row.state,
                number=row.number,
                valid_until=row.valid_until,
            )
            for row in rows
        ],
        next_cursor=more,
    )


def _sha256(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()


def _row(code: str, wanted: NewCertifierKey, key: str, actor: UUID, now: datetime) -> CertifierKey:
    return CertifierKey(
        id=uuid7(),
        body_code=code,
        label=wanted.label,
        key_sha256=_sha256(key),
        may_verify=Scope.VERIFY in wanted.scopes,
        may_read_roster=Scope.ROSTER in wanted.scopes,
        may_send_bulk=Scope.BULK in wanted.scopes,
        created_at=now,
        created_by=actor,
        expires_at=now + timedelta(days=wanted.days),
    )


def _view(row: CertifierKey) -> CertifierKeyView:
    return CertifierKeyView(
        id=row.id,
        label=row.label,
        scopes=sorted(repository.scopes_of(row)),
        created_at=row.created_at,
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
        revoked_at=row.revoked_at,
    )


async def _note(
    act: str, key_id: UUID, actor: UUID, now: datetime, **details: str | list[str]
) -> None:
    await record_act(act, actor=actor, subject=f"certifier-key:{key_id}", now=now, details=details)
