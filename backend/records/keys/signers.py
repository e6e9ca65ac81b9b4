"""Whoever signs asks here for the key of the moment."""

from datetime import datetime

import msgspec

from backend.records.keyring import Keyring, NoDemonstrationHere, SigningKey
from backend.records.keys import repository
from backend.records.keys.domain import NoSigningKey, in_order
from infra.database import UnitOfWork
from infra.engine import DB


class Signer(msgspec.Struct, frozen=True):
    key: SigningKey
    kid: str


async def signer(
    keyring: Keyring, purpose: str, address: str, *, demonstration: bool, now: datetime
) -> Signer:
    """The key that signs now, among those whose private half is here. NoSigningKey. What it signs
    counts only if it still may when that is stored: `repository.hold`, `repository.may_sign`."""
    if demonstration and not keyring.demo:
        raise NoDemonstrationHere
    async with UnitOfWork(DB):
        known = await repository.known_at(address, purpose, demonstration=demonstration)
    for one in in_order(known, now=now):
        key = keyring.private(purpose, one.thumbprint, demonstration=demonstration)
        if key is not None:
            return Signer(key, one.kid)
    raise NoSigningKey
