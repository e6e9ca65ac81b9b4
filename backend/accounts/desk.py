"""What signing in uses besides the database."""

from dataclasses import dataclass

from backend.accounts.messages import Messages
from backend.accounts.passwords import Passwords
from backend.accounts.tokens import AccessTokens
from infra.consents import Agreement
from infra.vault import Vault


@dataclass(frozen=True)
class Desk:
    vault: Vault
    tokens: AccessTokens
    passwords: Passwords
    demo: bool
    messages: Messages | None
    """None: no gateway is connected."""
    providers: frozenset[str] = frozenset()
    """Identity providers that people may come from now."""
    agreements: tuple[Agreement, ...] = ()
    """What whoever makes an account agrees to."""


@dataclass(frozen=True)
class Visit:
    """Where a request comes from, as far as we look."""

    address: str
    device: str
    """What its owner will know it by, like "Chrome · Android"."""
