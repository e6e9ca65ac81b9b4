"""JSON of members, departments, invitations and joining."""

from typing import Annotated
from uuid import UUID

import msgspec

from backend.accounts.schemas import Input, LoginText, Name, Output
from backend.organisations.domain import Duty, Kind, Position, State
from backend.organisations.members.invitations import Invited, Offer
from backend.organisations.members.shown import ExpectedView, MemberView, RequestView
from backend.organisations.schemas import WORDS

DepartmentName = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=WORDS)]
TokenText = Annotated[str, msgspec.Meta(min_length=16, max_length=128, pattern=r"^[\w-]+$")]


class MemberPage(Output):
    items: list[MemberView]
    next_cursor: UUID | None = None


class ExpectedPage(Output):
    items: list[ExpectedView]
    next_cursor: UUID | None = None


class MemberSearch(Input):
    name: Name
    cursor: UUID | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = 50


class MemberChange(Input):
    """The whole of what a manager decides about a member."""

    position: Position
    department_id: UUID | None = None
    duty: Duty | None = None


class NewDepartment(Input):
    name: DepartmentName
    parent_id: UUID | None = None


class DepartmentChange(Input):
    name: DepartmentName


class DepartmentView(Output, kw_only=True):
    id: UUID
    parent_id: UUID | None = None
    depth: int
    name: str


class Departments(Output):
    items: list[DepartmentView]


class NewInvitation(Input):
    login: LoginText | None = None
    """E-mail address or mobile number: only its owner can accept. Without one, whoever has the
    link can, once."""
    position: Position = Position.MEMBER
    department_id: UUID | None = None


class Appointment(Input):
    login: LoginText
    """E-mail address or mobile number of the manager to be."""


class InvitationMade(Output):
    invitation: Invited
    token: str
    """Told this once."""
    sent: bool
    """False: no message goes out, so pass the link /invitations/{token} on."""


class InvitationPage(Output):
    items: list[Invited]
    next_cursor: UUID | None = None


class Token(Input):
    token: TokenText


class Offers(Output):
    items: list[Offer]


class JoinCodeWish(Input):
    open: bool
    """False: nobody can join by code until one is made again."""
    needs_approval: bool = True


class JoinCodeView(Output, kw_only=True):
    code: str | None = None
    needs_approval: bool


class JoinCode(Input):
    code: Annotated[str, msgspec.Meta(min_length=1, max_length=32, pattern=WORDS)]


class RequestPage(Output):
    items: list[RequestView]
    next_cursor: UUID | None = None


class Decision(Input):
    approve: bool


class Place(Output, kw_only=True):
    """Where the caller is."""

    id: UUID
    name: str
    code: str
    kind: Kind
    reporting_unit: str
    state: State
    position: Position
    duty: str | None = None
    department_id: UUID | None = None


class Places(Output):
    items: list[Place]


class Joined(Output):
    organisation_id: UUID
    organisation: str
    joined: bool
    """False: a manager looks at it first."""
