"""The area's JSON. Days are China's; hours in seconds, 2,700 a class hour."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec

from backend.organisations.assignments.domain import NAMED_LIMIT, Audience, Counts, State

Code = Annotated[str, msgspec.Meta(min_length=1, max_length=16)]
Named = Annotated[list[UUID], msgspec.Meta(max_length=NAMED_LIMIT)]
Days = Annotated[int, msgspec.Meta(ge=1, le=3650)]
Grace = Annotated[int, msgspec.Meta(ge=0, le=3650)]


class Words(msgspec.Struct, frozen=True):
    zh: str
    en: str


class NewAssignment(msgspec.Struct, rename="camel", forbid_unknown_fields=True, kw_only=True):
    programme: Code
    compulsory: bool = True
    """What is voluntary is never late."""
    audience: Audience = Audience.EVERYONE
    departments: Named = []
    """For the audience `departments`; those below them are meant too."""
    members: Named = []
    """For the audience `members`: ids of memberships, as the list of members has them."""
    due_on: date | None = None
    """The last day in time."""
    due_days: Days | None = None
    """Days after joining, or after the assignment for who had joined before."""
    grace_days: Grace = 30
    """With `dueOn`: whoever joins after the assignment has at least so many days."""


class AssignmentView(msgspec.Struct, rename="camel", kw_only=True):
    id: UUID
    programme: str
    title: Words
    compulsory: bool
    audience: Audience
    departments: list[UUID]
    members: int
    """How many members it names."""
    due_on: date | None
    due_days: int | None
    grace_days: int
    assigned_at: datetime
    withdrawn_at: datetime | None


class AssignmentList(msgspec.Struct, rename="camel"):
    items: list[AssignmentView]
    next_cursor: UUID | None


class MyAssignment(msgspec.Struct, rename="camel", kw_only=True):
    """What an organisation asks of its member. To enrol stays the member's own act."""

    id: UUID
    organisation_id: UUID
    organisation: str
    programme: str
    title: Words
    compulsory: bool
    assigned_at: datetime
    due_on: date | None
    state: State


class MyAssignments(msgspec.Struct):
    items: list[MyAssignment]


class AssignmentCounts(msgspec.Struct, rename="camel", kw_only=True):
    assignment: AssignmentView
    counts: Counts


class DepartmentCounts(msgspec.Struct, rename="camel", kw_only=True):
    """A department with all below it."""

    id: UUID | None
    """None: members of the department shown who are in none of those below it."""
    name: str | None
    counts: Counts
    seconds: int


class MonthHours(msgspec.Struct):
    month: str
    """`2026-03`."""
    seconds: int


class Dashboard(msgspec.Struct, rename="camel", kw_only=True):
    as_at: datetime | None
    """None until it was worked out for the first time."""
    refreshing: bool
    """A newer one is being worked out; ask again in some seconds."""
    people: int
    """Members of the whole organisation."""
    expected: int
    """Listed by an import and without an account yet; counted nowhere else."""
    department_id: UUID | None
    overall: Counts
    """Members by their state over all compulsory assignments together."""
    assignments: list[AssignmentCounts]
    departments: list[DepartmentCounts]
    months: list[MonthHours]


class MemberStanding(msgspec.Struct, rename="camel", kw_only=True):
    membership_id: UUID
    name: str | None
    """Whole: the manager knows whom the organisation employs. None: not known to it."""
    contact: str | None
    """Masked."""
    department_id: UUID | None
    department: str | None
    state: State
    due_on: date | None
    begun_on: date | None
    done_on: date | None


class MemberStandings(msgspec.Struct, rename="camel"):
    as_at: datetime | None
    items: list[MemberStanding]
    next_cursor: UUID | None
