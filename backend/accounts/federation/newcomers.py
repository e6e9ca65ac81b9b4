"""Somebody whom a provider vouches for and who has no account yet, on the way to agreeing to one.

Nothing is kept of them here: what the provider said travels sealed in a cookie of their browser,
for as long as a way to the provider lasts, and is gone when they do not agree.
"""

from datetime import datetime

import msgspec
from cryptography.exceptions import InvalidTag

from backend.accounts.federation.domain import ATTEMPT_FOR, Proof
from backend.accounts.federation.errors import AttemptNotKnown
from backend.accounts.federation.line import Line
from infra.sealkeys import SealKeyMissing
from infra.vault import Vault

_PLACE = "cookie.newcomer"


class _Newcomer(msgspec.Struct, frozen=True):
    provider: str
    proof: Proof
    until: datetime


def sealed(vault: Vault, line: Line, proof: Proof, *, now: datetime) -> str:
    newcomer = _Newcomer(line.provider.name, proof, now + ATTEMPT_FOR)
    return vault.seal(msgspec.json.encode(newcomer).decode(), _PLACE).hex()


def opened(vault: Vault, text: str, *, now: datetime) -> tuple[str, Proof]:
    """The provider's name and what it proved. AttemptNotKnown for whatever we did not seal."""
    try:
        plain = vault.open(bytes.fromhex(text), _PLACE)
        newcomer = msgspec.json.decode(plain, type=_Newcomer)
    except (ValueError, InvalidTag, SealKeyMissing):
        raise AttemptNotKnown from None
    if newcomer.until <= now:
        raise AttemptNotKnown
    return newcomer.provider, newcomer.proof
