"""What an instance says of itself before its first record: keys and status lists, in the log."""

from datetime import datetime

import msgspec

from backend.records import log, status
from backend.records.keyring import Keyring, ed25519_jwk, issuer_id, key_id, log_origin
from backend.records.tables import SigningKey
from backend.records.verdict.canonical import digest
from backend.records.verdict.jws import Jwk, members
from backend.records.verdict.leaf import Kind
from infra.audit import record_act
from infra.database import UnitOfWork, connection
from infra.engine import DB
from infra.instance import public_url

_LOCK = 0x6B657973  # "keys"


async def announce(keyring: Keyring, now: datetime) -> None:
    """Make sure every key in use is announced; safe to repeat, safe from several processes."""
    address = await public_url()
    if not await _missing(keyring, address):
        return
    async with UnitOfWork(DB):
        await connection().execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
        for purpose, demonstration in await _missing(keyring, address):
            if purpose == "log":
                await _announce_log_key(keyring, address, now)
            else:
                jwk = keyring.jwk(purpose, demonstration=demonstration)
                await _announce(jwk, purpose, address, demonstration, now)
        for demonstration in keyring.kinds:
            await status.ensure_list(keyring, address, demonstration=demonstration, now=now)


async def _missing(keyring: Keyring, address: str) -> list[tuple[str, bool]]:
    """Purpose and demonstration of each key without its row; the log's own comes first."""
    known = await SigningKey.select(SigningKey.purpose, SigningKey.kid)
    kids = {row["kid"] for row in known}
    log_key = [] if any(row["purpose"] == "log" for row in known) else [("log", False)]
    return log_key + [
        (purpose, demonstration)
        for demonstration in keyring.kinds
        for purpose in ("record", "status")
        if key_id(address, keyring.jwk(purpose, demonstration=demonstration)) not in kids
    ]


async def _announce_log_key(keyring: Keyring, address: str, now: datetime) -> None:
    """Once for all: the log keeps its name and key when the public address changes."""
    await _store(ed25519_jwk(keyring.log()), "log", log_origin(address), address, False, now)


async def _announce(
    jwk: Jwk, purpose: str, address: str, demonstration: bool, now: datetime
) -> None:
    issuer = issuer_id(address, demonstration=demonstration)
    await _store(jwk, purpose, issuer, address, demonstration, now)


async def _store(
    jwk: Jwk, purpose: str, issuer: str, address: str, demonstration: bool, now: datetime
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
