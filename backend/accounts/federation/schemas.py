from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from backend.accounts.agreeing import Agreed
from backend.accounts.federation.domain import Title


class FederationProvider(msgspec.Struct, rename="camel"):
    name: str
    title: Title


class FederationProviders(msgspec.Struct):
    providers: list[FederationProvider]


class BeginFederation(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    return_to: Annotated[str, msgspec.Meta(min_length=1, max_length=200)] = "/learn"
    """A path on this site to come back to."""


class FederationBegun(msgspec.Struct, rename="camel"):
    """Send this browser to `authorizationUrl`; the cookie of this answer lets it come back."""

    authorization_url: str


class EnterAsNewcomer(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    agreed: Agreed
    """The notices that the person was shown and agreed to: all that an account needs."""
    cookie: Literal[True] = True
    """The refresh token never travels in a body here."""


class LinkedIdentity(msgspec.Struct, rename="camel"):
    id: UUID
    provider: str
    linked_at: datetime
    last_used_at: datetime | None


class LinkedIdentities(msgspec.Struct):
    identities: list[LinkedIdentity]
