"""The life of signing keys: announced, signing, retired or compromised; each step is a leaf.

The log's own key stays for the life of the log: who follows the log knows it by that key.
"""

from datetime import datetime

from backend.records import log
from backend.records.announcing import announced
from backend.records.keyring import Keyring
from backend.records.keys import repository
from backend.records.keys.domain import (
    OVERLAP,
    KeyEnded,
    KnownKey,
    LastKey,
    NoSigningKey,
    NoSuchSigningKey,
    NotAnIndex,
    in_order,
)
from backend.records.verdict.canonical import canonical, digest
from backend.records.verdict.leaf import Kind, key_ref, timestamp
from infra.audit import record_act
from infra.database import UnitOfWork
from infra.engine import DB

_KINDS = {"retired": Kind.KEY_RETIRED, "compromised": Kind.KEY_COMPROMISED}


async def listed() -> list[KnownKey]:
    """All keys ever announced, the log's among them, oldest first."""
    async with UnitOfWork(DB):
        return await repository.known()


async def rotate(
    keyring: Keyring, purpose: str, *, demonstration: bool, at_once: bool = False, now: datetime
) -> KnownKey:
    """A new key, public from now on under every address of this instance; it signs when caches
    have learned of it, or at once. Retire the old one after that."""
    async with UnitOfWork(DB):
        await repository.hold(alone=True)
        return await _rotate(
            keyring, purpose, demonstration, now if at_once else now + OVERLAP, now
        )


async def _rotate(
    keyring: Keyring, purpose: str, demonstration: bool, signs_from: datetime, now: datetime
) -> KnownKey:
    known = [
        key
        for key in await repository.known()
        if (key.purpose, key.demonstration) == (purpose, demonstration)
    ]
    if not known:
        raise NoSigningKey
    jwk = keyring.make(purpose, demonstration=demonstration)
    for address in dict.fromkeys(key.address for key in known):
        await announced(jwk, purpose, address, demonstration, now, signs_from=signs_from)
    return next(
        key for key in reversed(await repository.known()) if key.thumbprint == jwk.thumbprint
    )


async def retire(keyring: Keyring, thumbprint: str, *, reason: str, now: datetime) -> None:
    """It signs no more; what it has signed goes on being good. LastKey, KeyEnded."""
    async with UnitOfWork(DB):
        await repository.hold(alone=True)
        keys = await _to_end(thumbprint)
        if not await _another(keyring, keys[0], now, begun=True):
            raise LastKey
        for key in keys:
            await _end(key, "retired", None, reason, now)


async def compromise(
    keyring: Keyring, thumbprint: str, *, reason: str, at_index: int | None = None, now: datetime
) -> KnownKey | None:
    """Nothing that it signed counts from that index of the log on, by default from here; records
    before it stay good. The new key, where there was no other to go on with."""
    async with UnitOfWork(DB):
        await repository.hold(alone=True)
        keys = await _to_end(thumbprint, retired_too=True)
        if at_index is not None:
            await _check_index(keys, at_index)
        for key in keys:
            await _end(key, "compromised", at_index, reason, now)
        first = keys[0]
        if await _another(keyring, first, now, begun=False):
            return None
        return await _rotate(keyring, first.purpose, first.demonstration, now, now)


async def _to_end(thumbprint: str, *, retired_too: bool = False) -> list[KnownKey]:
    """The key under each of its addresses."""
    keys = [
        key
        for key in await repository.known()
        if key.thumbprint == thumbprint and key.purpose != "log"
    ]
    if not keys:
        raise NoSuchSigningKey
    if any(key.compromised_at or (key.retired_at and not retired_too) for key in keys):
        raise KeyEnded
    return keys


async def _another(keyring: Keyring, ending: KnownKey, now: datetime, *, begun: bool) -> bool:
    """Whether somebody else signs in its place."""
    known = await repository.known_at(
        ending.address, ending.purpose, demonstration=ending.demonstration
    )
    return any(
        keyring.private(key.purpose, key.thumbprint, demonstration=key.demonstration)
        for key in in_order(known, now=now)
        if key.thumbprint != ending.thumbprint and (key.begins <= now or not begun)
    )


async def _check_index(keys: list[KnownKey], at_index: int) -> None:
    last = await log.latest_checkpoint()
    first = min((key.from_index or 0) for key in keys)
    if not first <= at_index < (last.tree_size if last else 0):
        raise NotAnIndex


async def _end(key: KnownKey, kind: str, at_index: int | None, reason: str, now: datetime) -> None:
    said = {"v": 1, "kid": key.kid, "event": kind, "at": timestamp(now), "reason": reason}
    document = canonical(said | ({"atIndex": at_index} if at_index is not None else {}))
    entry_id = await log.append(
        _KINDS[kind],
        at=now,
        kid=key.kid,
        sha256=digest(document),
        ref=key_ref(_KINDS[kind], key.thumbprint, at_index),
    )
    await repository.end(
        key.kid, kind, at=now, at_index=at_index, document=document, entry_id=entry_id
    )
    await record_act(
        f"signing-key-{kind}",
        actor=None,
        subject=f"key:{key.thumbprint}",
        now=now,
        details={"purpose": key.purpose, "index": at_index},
    )
