"""Second factors as JSON. Every text is bounded."""

from typing import Annotated, Literal

import msgspec

from backend.accounts.domain import Role
from backend.accounts.schemas import Input, Output

CodeText = Annotated[str, msgspec.Meta(min_length=6, max_length=32)]


class Code(Input):
    code: CodeText
    """What the authenticator shows, or a recovery code."""


class ResetReason(Input):
    reason: Literal["device-lost", "device-stolen", "device-broken", "codes-lost", "suspicion"]


class NewToken(Output):
    """The refresh token stays as it is: its session has the roles now."""

    access_token: str
    expires_in: int
    """Seconds."""
    roles: list[Role]
    token_type: str = msgspec.field(default_factory=lambda: "Bearer")


class NewAuthenticator(Output):
    secret: str
    """Base32, for apps that cannot read the picture."""
    uri: str
    """otpauth://totp/…"""
    qr: str
    """The same as a picture: a data address of an SVG."""


class RecoveryCodes(Output):
    recovery_codes: list[str]
    """Shown this once. Each stands in for the authenticator, once."""


class Confirmed(NewToken, kw_only=True):
    recovery_codes: list[str]


class MySecondFactor(Output):
    methods: list[str]
    recovery_codes_left: int
