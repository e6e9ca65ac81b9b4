"""The area's JSON. Every text is bounded, so that nobody can make us hash a novel."""

from typing import Annotated
from uuid import UUID

import msgspec

from backend.accounts.domain import Role

_WORDS = r"^[^\s\x00-\x1f\x7f]+( [^\s\x00-\x1f\x7f]+)*$"
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=_WORDS)]
LoginText = Annotated[str, msgspec.Meta(min_length=1, max_length=254)]
NewPassword = Annotated[str, msgspec.Meta(min_length=10, max_length=128)]
TypedPassword = Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
TokenText = Annotated[str, msgspec.Meta(min_length=16, max_length=128)]


class Input(msgspec.Struct, rename="camel", forbid_unknown_fields=True, kw_only=True):
    pass


class NewPerson(Input):
    name: Name
    password: NewPassword
    email: LoginText | None = None
    phone: LoginText | None = None


class SignIn(Input):
    login: LoginText
    """E-mail address or mobile number."""
    password: TypedPassword
    cookie: bool = False
    """True: the refresh token travels in an HttpOnly cookie and never in a body."""


class RefreshRequest(Input):
    refresh_token: TokenText | None = None
    """Left out, the cookie is taken."""


class IdentityRequest(Input):
    name: Name


class Output(msgspec.Struct, rename="camel", kw_only=True, omit_defaults=True):
    pass


class PersonCreated(Output):
    id: UUID
    name: str
    roles: list[Role]


class Session(Output):
    access_token: str
    expires_in: int
    """Seconds."""
    refresh_token: str | msgspec.UnsetType = msgspec.UNSET
    """Absent when it travels in the cookie."""
    token_type: str = msgspec.field(default_factory=lambda: "Bearer")
    roles_waiting: list[Role] = []
    """Roles that this session may use after a second factor."""
    demonstration_code: str | msgspec.UnsetType = msgspec.UNSET
    """What a demonstration account's second factor shows now; its secret is published."""


class Identity(Output):
    verified: bool
    method: str | None = None


class SecondFactor(Output):
    enrolled: bool
    methods: list[str]


class Me(Output):
    id: UUID
    name: str
    roles: list[Role]
    roles_waiting: list[Role]
    """Mine as well, once this session has seen a second factor."""
    second_factor: SecondFactor
    identity: Identity
    demonstration: bool


class IdentityResult(Output):
    verified: bool
    method: str
    notice: dict[str, str] | None = None
    """In `zh` and `en`: what this check is worth, when that is less than it seems."""


class TokenKey(msgspec.Struct):
    kty: str
    crv: str
    x: str
    kid: str
    alg: str
    use: str


class TokenKeys(msgspec.Struct):
    keys: list[TokenKey]
