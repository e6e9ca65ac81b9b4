"""Exams over HTTP. No struct here has a field for a key, an explanation or an item's points earned:
what is not said before submission cannot be said by mistake. Practice has structs of its own."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from backend.assessment.domain import LAST_SITTING, MOST_ITEMS, SEQUENCES_A_SITTING, State
from backend.progress.schemas import Words
from courses.items.answers import Answer
from courses.items.shown import ShownItem

Position = Annotated[int, Meta(ge=1, le=MOST_ITEMS, description="Place on the paper, from 1.")]
SittingNumber = Annotated[int, Meta(ge=1, le=LAST_SITTING)]
Sequence = Annotated[int, Meta(ge=0, le=(LAST_SITTING + 1) * SEQUENCES_A_SITTING)]
Milliseconds = Annotated[int, Meta(ge=0, le=86_400_000)]


class AttemptRequest(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    enrolment_id: UUID
    device_id: UUID | None = None
    """The client's own, made once for an installation or a browser."""


class TakeOverRequest(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    device_id: UUID | None = None


class AnswerToSave(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """An empty answer clears what was saved."""

    position: Position
    sequence: Sequence
    """Counted up by the client for each change, from the attempt's `nextSequence` on."""
    answer: Answer
    spent_ms: Milliseconds | None = None
    """On this item so far."""


class AnswersRequest(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    sitting: SittingNumber
    """As the attempt was taken up on this device."""
    answers: Annotated[list[AnswerToSave], Meta(min_length=1, max_length=MOST_ITEMS)]


class SubmissionRequest(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """`answers`: those not yet saved, by the same rule; the others stand as saved."""

    sitting: SittingNumber
    answers: Annotated[list[AnswerToSave], Meta(max_length=MOST_ITEMS)] = []


class SaveVerdict(StrEnum):
    SAVED = "saved"
    OLDER = "older"
    """A later answer to this item is saved already, and stands."""
    REFUSED = "refused"
    """It does not fit the item, as `why` says; correct it and send it under a new sequence."""


class AnswerSaved(msgspec.Struct, rename="camel"):
    position: int
    sequence: int
    """As sent."""
    verdict: SaveVerdict
    flaw: str | None = None
    why: Words | None = None


class AnswersSaved(msgspec.Struct, rename="camel"):
    """In the order sent. What is `saved` is durable."""

    answers: list[AnswerSaved]
    server_time: datetime
    remaining_seconds: int


class Result(msgspec.Struct, rename="camel"):
    score: float | None
    """What counts; None while people still mark."""
    pass_mark: float
    passed: bool | None
    awaiting_marks: bool
    submitted_at: datetime
    record_due: bool
    """Whether this attempt brings the completion record."""
    failed_modules: list[str]
    """Of an attempt that failed: modules whose share of points lies below the pass mark's."""
    first_score: float | None = None
    """Where a correction has raised it since."""


class PastAttempt(msgspec.Struct, rename="camel"):
    id: UUID
    number: int
    state: State
    started_at: datetime
    ended_at: datetime | None
    score: float | None
    """What counts; None while it is open, or while people still mark."""
    passed: bool | None
    first_score: float | None
    """Where a correction has raised it since."""
    corrected_at: datetime | None


class PastAttempts(msgspec.Struct, rename="camel"):
    """Newest first; a learner has few."""

    items: list[PastAttempt]


class SavedAnswer(msgspec.Struct, rename="camel"):
    position: int
    sequence: int
    answer: Answer
    saved_at: datetime


class AttemptView(msgspec.Struct, rename="camel"):
    id: UUID
    enrolment_id: UUID
    number: int
    exam: str
    state: State
    started_at: datetime
    due_at: datetime
    server_time: datetime
    """To count down by, whatever the phone's clock says."""
    remaining_seconds: int
    extra_minutes: int
    """Given by decision; within `dueAt`."""
    pass_mark: float
    total_points: float
    items: list[ShownItem]
    answers: list[SavedAnswer]
    """As saved so far: an interrupted attempt goes on where it was, on any device."""
    sitting: int | None
    """Only where this request took the attempt up: to be sent along with answers."""
    next_sequence: int | None
    result: Result | None
    """None while the attempt is open."""
