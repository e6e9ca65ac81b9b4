"""Second factors as JSON. Every text is bounded."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

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


# --- passkeys ---------------------------------------------------------------------------------

Label = Annotated[
    str,
    msgspec.Meta(
        min_length=1, max_length=40, pattern=r"^[^\s\x00-\x1f\x7f]+( [^\s\x00-\x1f\x7f]+)*$"
    ),
]
_Base64 = Annotated[str, msgspec.Meta(max_length=4096, pattern=r"^[A-Za-z0-9_-]+$")]
_Attestation = Annotated[str, msgspec.Meta(max_length=32768, pattern=r"^[A-Za-z0-9_-]+$")]


class AttestationResponse(msgspec.Struct):
    """What browsers add besides is not ours to judge."""

    client_data_json: _Base64 = msgspec.field(name="clientDataJSON")
    attestation_object: _Attestation = msgspec.field(name="attestationObject")


class AssertionResponse(msgspec.Struct, omit_defaults=True):
    client_data_json: _Base64 = msgspec.field(name="clientDataJSON")
    authenticator_data: _Base64 = msgspec.field(name="authenticatorData")
    signature: _Base64
    user_handle: _Base64 | None = msgspec.field(name="userHandle", default=None)


class NewCredential(msgspec.Struct, rename="camel"):
    id: _Base64
    raw_id: _Base64
    type: Literal["public-key"]
    response: AttestationResponse


class Assertion(msgspec.Struct, rename="camel"):
    id: _Base64
    raw_id: _Base64
    type: Literal["public-key"]
    response: AssertionResponse


class PasskeyChallenge(Output):
    challenge_id: UUID
    options: dict[str, Any]
    """For navigator.credentials, binary values as base64url (WebAuthn §5.1.8 and 5.1.9)."""


class NewPasskey(Input):
    challenge_id: UUID
    label: Label
    """What I shall know it by."""
    credential: NewCredential


class PasskeyAnswer(Input):
    challenge_id: UUID
    credential: Assertion


class PasskeySignIn(PasskeyAnswer):
    cookie: bool = False
    """True: the refresh token travels in an HttpOnly cookie and never in a body."""


class PasskeyName(Input):
    label: Label


class PasskeyAdded(NewToken, kw_only=True):
    id: UUID
    recovery_codes: list[str]
    """Ten with my first second factor, none else."""


class MyPasskey(Output):
    id: UUID
    label: str
    created_at: datetime
    last_used_at: datetime | None
    backed_up: bool
    """Synced by its maker's account: it survives a lost device."""
    perhaps_copied: bool


class MyPasskeys(Output):
    items: list[MyPasskey]


# --- sessions ---------------------------------------------------------------------------------


class MySession(Output):
    id: UUID
    device: str | None
    method: Literal["password", "code", "passkey", "oidc"]
    started_at: datetime
    last_used_at: datetime
    expires_at: datetime
    second_factor: bool
    current: bool


class MySessions(Output):
    items: list[MySession]
    next_cursor: UUID | None


class SessionsEnded(Output):
    ended: int
