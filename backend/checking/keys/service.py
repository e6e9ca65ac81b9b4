"""Certifiers' keys: made and revoked by a body's managers or by administrators, shown once, asked
for by each request."""

import hashlib
import secrets
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from backend.accounts.domain import Caller, Role
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
from backend.checking.keys.schemas import CertifierKeyView, MadeCertifierKey, NewCertifierKey
from backend.checking.tables import CertifierKey
from infra.audit import record_act
from infra.database import UnitOfWork
from infra.engine import DB
from infra.ids import uuid7

_LISTED = 100


async def make(
    code: str, wanted: NewCertifierKey, *, by: Caller, now: datetime
) -> MadeCertifierKey:
    """NoSuchBody, OrganisationNotFound, TooManyKeys."""
    key = PREFIX + secrets.token_urlsafe(32)
    async with UnitOfWork(DB):
        await check_desk(code, by)
        if await repository.open_keys(code, now=now) >= MOST_KEYS:
            raise TooManyKeys
        row = _row(code, wanted, key, by.person_id, now)
        await repository.add(row)
        scopes = [str(s) for s in sorted(set(wanted.scopes))]
        await _note("certifier-key-made", row.id, by.person_id, now, body=code, scopes=scopes)
    return MadeCertifierKey(**msgspec.structs.asdict(_view(row)), key=key)


async def keys(code: str, *, by: Caller) -> list[CertifierKeyView]:
    async with UnitOfWork(DB):
        await check_desk(code, by)
        return [_view(row) for row in await repository.keys_of(code, limit=_LISTED)]


async def revoke(code: str, key_id: UUID, *, by: Caller, now: datetime) -> None:
    async with UnitOfWork(DB):
        await check_desk(code, by)
        if not await repository.revoke(code, key_id, by=by.person_id, now=now):
            raise NoSuchCertifierKey
        await _note("certifier-key-revoked", key_id, by.person_id, now, body=code)


async def check_desk(code: str, caller: Caller) -> None:
    """NoSuchBody, OrganisationNotFound. In the caller's unit of work."""
    keeper = Role.ADMINISTRATOR in caller.roles
    await bodies.check_desk(code, caller.person_id, keeper=keeper)


async def admit(key: str, scope: Scope, *, now: datetime) -> Key:
    """KeyNotValid, ScopeMissing, BodyNotInForce. Notes the use, once a minute."""
    if not key.startswith(PREFIX):
        raise KeyNotValid
    async with UnitOfWork(DB):
        found = admitted(await repository.by_hash(_sha256(key)), scope, now=now)
        await check_listed(found.body_code, now=now)
        if found.to_be_noted(now):
            await repository.note_use(found.id, now=now)
    return found


async def check_listed(code: str, *, now: datetime) -> None:
    """BodyNotInForce."""
    if await bodies.state_of(code, on=shanghai_day(now)) is not RegisterState.LISTED:
        raise BodyNotInForce


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
