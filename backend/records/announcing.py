"""What an instance says of itself before its first record: keys and status lists, in the log."""

from datetime import datetime

import msgspec

from backend.records import log, status
from backend.records.keyring import Keyring, ed25519_jwk, issuer_id, key_id, log_origin
from backend.records.keys import repository
from backend.records.keys.domain import KnownKey
from backend.records.tables import SigningKey
from backend.records.verdict.canonical import digest
from backend.records.verdict.jws import Jwk, members
from backend.records.verdict.leaf import Kind
from infra.audit import record_act
from infra.database import UnitOfWork
from infra.engine import DB
from infra.instance import public_url


class _Due(msgspec.Struct, frozen=True):
    """A key to announce under the present address."""

    purpose: str
    demonstration: bool
    jwk: Jwk
    signs_from: datetime | None = None


async def announce(keyring: Keyring, now: datetime) -> None:
    """Make sure every key in use is announced; safe to repeat, safe from several processes."""
    address = await public_url()
    if not await _missing(keyring, address):
        return
    async with UnitOfWork(DB):
        await repository.hold(alone=True)
        for due in await _missing(keyring, address):
            if due.purpose == "log":
                await _announce_log_key(due.jwk, address, now)
            else:
                await announced(
                    *(due.jwk, due.purpose, address, due.demonstration, now),
                    signs_from=due.signs_from,
                )
    # Without the lock on keys: a list is signed under its own lock, which comes after that one.
    for demonstration in keyring.kinds:
        await status.ensure_list(keyring, address, demonstration=demonstration, now=now)


async def _missing(keyring: Keyring, address: str) -> list[_Due]:
    """The log's own key comes first."""
    async with UnitOfWork(DB):
        known = await repository.known()
    log_key = [] if any(k.purpose == "log" for k in known) else [_log_key(keyring)]
    return log_key + [
        due
        for demonstration in keyring.kinds
        for purpose in ("record", "status")
        for due in _due(keyring, address, purpose, demonstration, known)
    ]


def _log_key(keyring: Keyring) -> _Due:
    return _Due("log", False, ed25519_jwk(keyring.log()))


def _due(
    keyring: Keyring, address: str, purpose: str, demonstration: bool, known: list[KnownKey]
) -> list[_Due]:
    """The first key of its purpose; under another address all those that have not ended."""
    ours = [k for k in known if (k.purpose, k.demonstration) == (purpose, demonstration)]
    if not ours:
        return [_Due(purpose, demonstration, keyring.jwk(purpose, demonstration=demonstration))]
    here = {key.thumbprint for key in ours if key.address == address}
    elsewhere = {k.thumbprint: k for k in ours if not k.ended and k.thumbprint not in here}
    return [
        _Due(purpose, demonstration, msgspec.json.decode(k.jwk, type=Jwk), k.signs_from)
        for k in elsewhere.values()
    ]


async def _announce_log_key(jwk: Jwk, address: str, now: datetime) -> None:
    """Once for all: the log keeps its name and key when the public address changes."""
    await _store(jwk, "log", log_origin(address), address, False, now, None)


async def announced(
    jwk: Jwk,
    purpose: str,
    address: str,
    demonstration: bool,
    now: datetime,
    *,
    signs_from: datetime | None,
) -> None:
    """In the caller's unit of work, which holds the keys alone."""
    issuer = issuer_id(address, demonstration=demonstration)
    await _store(jwk, purpose, issuer, address, demonstration, now, signs_from)


async def _store(
    jwk: Jwk,
    purpose: str,
    issuer: str,
    address: str,
    demonstration: bool,
    now: datetime,
    signs_from: datetime | None,
) -> None:
    kid = key_id(address, jwk)
    text = msgspec.json.encode(members(jwk)).decode()
    entry_id = await log.append(
        Kind.KEY_ADDED,
        at=now,
        kid=kid,
        sha256=digest(text.encode()),
        ref=f"{purpose}:{jwk.thumbprint}",
    )
    await SigningKey.insert(
        SigningKey(
            kid=kid,
            purpose=purpose,
            issuer=issuer,
            address=address,
            demonstration=demonstration,
            thumbprint=jwk.thumbprint,
            jwk=text,
            added_at=now,
            signs_from=signs_from,
            entry_id=entry_id,
        )
    )
    await record_act(
        "signing-key-announced",
        actor=None,
        subject=f"key:{jwk.thumbprint}",
        now=now,
        details={"purpose": purpose, "demonstration": demonstration},
    )
