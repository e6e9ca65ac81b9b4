"""Releasing an edition over HTTP."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec

from backend.curriculum.domain import DraftState
from backend.curriculum.hours_schemas import ClosedProgramme
from courses.comparison import Change, Part
from courses.format import Bilingual

LessonCode = Annotated[str, msgspec.Meta(pattern=r"^[A-Z][A-Z0-9-]{1,15}$")]


class DraftCard(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    id: UUID
    code: str
    sha256: str
    handed_in_at: datetime
    state: DraftState


class DraftList(msgspec.Struct, rename="camel", frozen=True):
    """The newest hundred."""

    items: list[DraftCard]


class ReleaseProposal(msgspec.Struct, rename="camel", forbid_unknown_fields=True, kw_only=True):
    edition: Annotated[str, msgspec.Meta(min_length=1, max_length=16)]
    sha256: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
    finish_until: date
    """Last day, Asia/Shanghai, to finish under the edition before."""
    editorial: Annotated[list[LessonCode], msgspec.Meta(max_length=1000)] = []
    """Lessons whose difference leaves what is learned as it was: their hours go along."""


class ReleaseDecision(msgspec.Struct, rename="camel", forbid_unknown_fields=True, kw_only=True):
    release: bool
    reason: Annotated[str, msgspec.Meta(max_length=500)] = ""
    """Needed for a refusal."""


class ReleaseCard(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    id: UUID
    edition: str
    sha256: str
    instead_of: str
    finish_until: date
    editorial: tuple[str, ...]
    state: str
    proposed_by: UUID
    proposed_at: datetime
    decided_by: UUID | None
    decided_at: datetime | None
    reason: str | None


class ReleaseList(msgspec.Struct, rename="camel", frozen=True):
    items: list[ReleaseCard]
    next: UUID | None


class LessonDifference(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    code: str
    before: str | None
    title: Bilingual
    change: Change
    parts: tuple[Part, ...]


class DraftPage(DraftCard, rename="camel", frozen=True, kw_only=True):
    instead_of: str
    """The edition in use, with which it is compared."""
    same: int
    """Lessons that nothing is said of below."""
    lessons: list[LessonDifference]
    not_open: list[ClosedProgramme]
    """Programmes that nobody could finish, or even begin, with the lectures of now."""


class ReleasePage(ReleaseCard, rename="camel", frozen=True, kw_only=True):
    same: int
    """Lessons that nothing is said of below."""
    lessons: list[LessonDifference]
    not_open: list[ClosedProgramme]
    """Programmes that nobody could finish, or even begin, with the lectures of now."""
