"""The trust files: announced keys, each with the place in the log from which it counts."""

import msgspec

from backend.records import repository
from backend.records.correcting_clock import clock_corrections
from backend.records.cosigning.repository import witnesses
from backend.records.keyring import NAMES
from backend.records.keys.domain import KnownKey
from backend.records.verdict.canonical import from_base64url
from backend.records.verdict.jws import Jwk
from backend.records.verdict.leaf import timestamp
from backend.records.verdict.notes import NoteKey
from backend.records.verdict.trust import Trust, TrustedIssuer, TrustedKey, TrustedLog
from infra.database import UnitOfWork
from infra.engine import DB


async def trust(*, real: bool, demonstration: bool) -> Trust:
    """Keys without a place in the log yet are left out: nothing rests on them so far."""
    keys = await repository.keys()
    return Trust(
        v=1,
        issuers=[
            _issuer(keys, issuer, is_demonstration)
            for issuer, is_demonstration in _issuers(keys)
            if (demonstration if is_demonstration else real)
        ],
        log=await _log(keys),
    )


async def served_trust(*, demonstration: bool) -> Trust:
    """With what the log says of its own clock, for who audits it."""
    pins = await trust(real=not demonstration, demonstration=demonstration)
    log = msgspec.structs.replace(pins.log, clock_corrections=await clock_corrections())
    return msgspec.structs.replace(pins, log=log)


def _issuers(keys: list[KnownKey]) -> list[tuple[str, bool]]:
    found = {(key.issuer, key.demonstration): None for key in keys if key.purpose == "record"}
    return list(found)


def _issuer(keys: list[KnownKey], issuer: str, demonstration: bool) -> TrustedIssuer:
    own = [key for key in keys if key.issuer == issuer]
    return TrustedIssuer(
        id=issuer,
        name=NAMES[demonstration],
        demonstration=demonstration,
        address=own[0].address,
        record_keys=_trusted(own, "record"),
        status_keys=_trusted(own, "status"),
    )


def _trusted(keys: list[KnownKey], purpose: str) -> list[TrustedKey]:
    return [
        TrustedKey(
            kid=key.kid,
            jwk=jwk_of(key),
            added_at=timestamp(key.added_at),
            from_index=key.from_index,
            retired_at=timestamp(key.retired_at) if key.retired_at else None,
            compromised_at_index=key.compromised_at_index,
        )
        for key in keys
        if key.purpose == purpose and key.from_index is not None
    ]


async def log_key() -> NoteKey:
    """LookupError before the first start."""
    key = next((key for key in await repository.keys() if key.purpose == "log"), None)
    if key is None:
        raise LookupError("the log's key was not announced yet")
    return _note_key(key)


def _note_key(key: KnownKey) -> NoteKey:
    return NoteKey(key.issuer, from_base64url(jwk_of(key).x))


async def _log(keys: list[KnownKey]) -> TrustedLog:
    """How many witnesses are enough is not for who is watched to say: whoever checks sets it."""
    key = _note_key(next(key for key in keys if key.purpose == "log"))
    async with UnitOfWork(DB):
        known = await witnesses()
    return TrustedLog(origin=key.name, key=key.text, witnesses=[one.vkey for one in known])


def jwk_of(key: KnownKey) -> Jwk:
    return msgspec.json.decode(key.jwk, type=Jwk)
