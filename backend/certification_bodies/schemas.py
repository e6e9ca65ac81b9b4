"""The area's JSON. Names and numbers leave it masked; nothing here carries one unmasked outwards
but to the person they belong to."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar.params import PathParameter

from backend.certification_bodies.domain import RegisterState

_LINE = r"^[^\s\x00-\x1f\x7f\ud800-\udfff]+( [^\s\x00-\x1f\x7f\ud800-\udfff]+)*$"
Code = Annotated[str, PathParameter(pattern=r"^[0-9A-HJ-NPQRTUWXY]{18}$")]
Line = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=_LINE)]
Reason = Annotated[str, msgspec.Meta(min_length=5, max_length=500, pattern=_LINE)]
PersonName = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=_LINE)]
TypedNumber = Annotated[str, msgspec.Meta(min_length=4, max_length=48, pattern=_LINE)]
GradeCode = Annotated[str, msgspec.Meta(min_length=1, max_length=16, pattern=r"^[a-z-]+$")]
Purpose = Literal["certification", "inspection", "complaint"]


class Input(msgspec.Struct, rename="camel", forbid_unknown_fields=True, kw_only=True):
    pass


class Output(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    pass


class NewBody(Input, kw_only=True):
    organisation_id: UUID
    name: Line | None = None
    """Filed under this name; left out: the organisation's."""
    effective_from: date
    reason: Reason
    document: Line


class NewEntry(Input, kw_only=True):
    state: Literal["listed", "suspended", "removed", "withdrawn"]
    """`withdrawn` only with `corrects`: that entry was wrong and nothing takes its place."""
    effective_from: date
    reason: Reason
    document: Line
    name: Line | None = None
    """A new filed name; left out: the one before."""
    corrects: UUID | None = None


class Status(Output, frozen=True, kw_only=True):
    state: RegisterState
    name: str
    effective_from: date
    reason: str
    document: str


class BodyStatus(Output, frozen=True, kw_only=True):
    code: str
    status: Status


class BodyList(Output, frozen=True, kw_only=True):
    items: list[BodyStatus]
    as_at: date
    known_at: datetime | None
    next_cursor: str | None


class Entry(Output, frozen=True, kw_only=True):
    """One line of the register, as recorded; a corrected one stays in sight."""

    id: UUID
    state: str
    name: str
    effective_from: date
    reason: str
    document: str
    recorded_at: datetime
    corrects: UUID | None
    corrected: bool


class DocumentView(Output, frozen=True, kw_only=True):
    id: UUID
    kind: Literal["rule", "commitment"]
    title: str
    version: str
    effective_from: date
    sha256: str
    media_type: str
    size_bytes: int
    filed_at: datetime
    url: str


class AuditorCounts(Output, frozen=True, kw_only=True):
    employed: int
    trained: int
    """With a training record in force; only those whose account is known can be counted."""


class BodyPage(Output, frozen=True, kw_only=True):
    code: str
    as_at: date
    known_at: datetime | None
    status: Status | None
    """None: not in the register on that day."""
    entries: list[Entry]
    documents: list[DocumentView]
    auditors: AuditorCounts


class NewAuditor(Input, kw_only=True):
    registration_number: TypedNumber
    name: PersonName
    grade: GradeCode
    grade_since: date
    employed_since: date
    person_id: UUID | None = None
    """The account of a member of this organisation, if the auditor has one here."""


class NewGrade(Input, kw_only=True):
    grade: GradeCode
    grade_since: date


class Departure(Input, kw_only=True):
    last_day: date


class AuditorView(Output, frozen=True, kw_only=True):
    id: UUID
    name: str
    registration_number: str
    grade: str | None
    employed_since: date


class AuditorList(Output, frozen=True, kw_only=True):
    items: list[AuditorView]
    next_cursor: UUID | None


class ArchiveQuery(Input, kw_only=True):
    registration_number: TypedNumber
    purpose: Purpose
    name: PersonName | None = None
    """What the auditor's card says; the answer tells whether it is the one entered."""


class GradeView(Output, frozen=True, kw_only=True):
    grade: str
    since: date


class EmploymentView(Output, frozen=True, kw_only=True):
    body: str
    """Its code."""
    name: str | None
    begins_on: date
    ends_on: date | None


class AuditorArchive(Output, frozen=True, kw_only=True):
    id: UUID
    name: str
    registration_number: str
    name_matches: bool | None
    grade: str | None
    grades: list[GradeView]
    employments: list[EmploymentView]
    trained: bool
    body_listed: bool
    """Whether the body that employs the auditor today is listed today."""


class GradeOffered(Output, frozen=True, kw_only=True):
    code: str
    title: dict[str, str]
    since: date


class GradeTable(Output, frozen=True, kw_only=True):
    items: list[GradeOffered]


class BodyRight(Output, frozen=True, kw_only=True):
    code: str
    state: RegisterState | None
    because: str
    """"auditor" or "member": what ties the person to the body."""


class BodyRights(Output, frozen=True, kw_only=True):
    """What the register says of the bodies a person works for, on one day."""

    on: date
    bodies: list[BodyRight]
    in_force: bool
    """True where one of them is listed: rights that hang on a body hold."""


Document = dict[str, Any]
