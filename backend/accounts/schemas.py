"""The area's JSON. Every text is bounded, so that nobody can make us hash a novel."""

from typing import Annotated
from uuid import UUID

import msgspec

from backend.accounts.agreeing import Agreed
from backend.accounts.codes.domain import Purpose
from backend.accounts.domain import Role

_WORDS = r"^[^\s\x00-\x1f\x7f]+( [^\s\x00-\x1f\x7f]+)*$"
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=_WORDS)]
LoginText = Annotated[str, msgspec.Meta(min_length=1, max_length=254)]
NewPassword = Annotated[str, msgspec.Meta(min_length=10, max_length=128)]
TypedPassword = Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
CodeText = Annotated[str, msgspec.Meta(min_length=1, max_length=16)]
TokenText = Annotated[str, msgspec.Meta(min_length=16, max_length=128)]


class Input(msgspec.Struct, rename="camel", forbid_unknown_fields=True, kw_only=True):
    pass


class CodeRequest(Input):
    login: LoginText
    purpose: Purpose
    """`link` needs an access token: the login is then linked to that person's account."""


class NewPerson(Input):
    name: Name
    code_id: UUID
    code: CodeText
    """What was sent to the e-mail address or number: it proves that it is theirs."""
    password: NewPassword | None = None
    """Left out, the person signs in by code."""
    email: LoginText | None = None
    phone: LoginText | None = None
    agreed: Agreed = []
    """The notices that the person was shown and agreed to: all that an account needs."""
    cookie: bool = False


class SignIn(Input):
    login: LoginText
    """E-mail address or mobile number."""
    password: TypedPassword | None = None
    code_id: UUID | None = None
    code: CodeText | None = None
    """With its id, in the place of the password."""
    cookie: bool = False
    """True: the refresh token travels in an HttpOnly cookie and never in a body."""


class NewPasswordRequest(Input):
    """Proved by the present password, or by a fresh code of purpose `recovery`."""

    password: NewPassword
    current_password: TypedPassword | None = None
    login: LoginText | None = None
    """Which of your logins the code went to."""
    code_id: UUID | None = None
    code: CodeText | None = None


class Recovery(Input):
    login: LoginText
    code_id: UUID
    code: CodeText
    password: NewPassword
    cookie: bool = False


class NewLogin(Input):
    login: LoginText
    code_id: UUID
    code: CodeText
    """Of purpose `link`, sent to the new login."""


class RefreshRequest(Input):
    refresh_token: TokenText | None = None
    """Left out, the cookie is taken."""


class Output(msgspec.Struct, rename="camel", kw_only=True, omit_defaults=True):
    pass


class Shown(Output):
    """A message as it would have been sent; nothing sends it on a demonstration."""

    zh: str
    en: str


class CodeSent(Output):
    """The same for every login, whether it has an account or not."""

    code_id: UUID
    expires_in: int
    """Seconds."""
    resend_in: int
    """Seconds until another code may be asked for."""
    demonstration_code: str | msgspec.UnsetType = msgspec.UNSET
    demonstration_message: Shown | msgspec.UnsetType = msgspec.UNSET


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


class PersonCreated(Output):
    id: UUID
    name: str
    roles: list[Role]
    session: Session
    """Whoever signed up is signed in."""


class MyLogin(Output):
    id: UUID
    kind: str
    masked: str
    proved: bool
    """A code that was sent there came back."""


class MyLogins(Output):
    items: list[MyLogin]
    password: bool
    """One is set."""


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


class TokenKey(msgspec.Struct):
    kty: str
    crv: str
    x: str
    kid: str
    alg: str
    use: str


class TokenKeys(msgspec.Struct):
    keys: list[TokenKey]
