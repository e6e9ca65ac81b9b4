"""Exams over HTTP. No struct here has a field for a key, an explanation or an item's points earned:
what is not said before submission cannot be said by mistake."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec

from backend.assessment.domain import State
from courses.items.answers import Answer
from courses.items.shown import ShownItem

ItemId = Annotated[str, msgspec.Meta(max_length=64)]
Answers = Annotated[dict[ItemId, Answer], msgspec.Meta(max_length=200)]


class AttemptRequest(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    enrolment_id: UUID


class SubmissionRequest(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """Answers here replace those saved for the same items; the others stand as saved."""

    answers: Answers = msgspec.field(default_factory=dict)


class AnswerRequest(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    answer: Answer


class Result(msgspec.Struct, rename="camel"):
    score: float
    pass_mark: float
    passed: bool
    submitted_at: datetime
    record_due: bool
    """Whether this attempt brings the completion record."""


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
    pass_mark: float
    total_points: float
    items: list[ShownItem]
    answers: dict[str, Answer]
    """As saved so far: an interrupted attempt goes on where it was, on any device."""
    result: Result | None
    """None while the attempt is open."""


class AnswerSaved(msgspec.Struct, rename="camel"):
    item_id: str
    answer: Answer
    saved_at: datetime
