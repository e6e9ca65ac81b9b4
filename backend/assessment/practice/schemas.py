"""Practice over HTTP. Items set aside for it are told everything about, once they are answered; the
exam's own never come here."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from backend.assessment.schemas import Position
from courses.items.answers import Answer
from courses.items.shown import ShownItem
from courses.items.solutions import Feedback


class PracticeRequest(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    enrolment_id: UUID
    count: Annotated[int, Meta(ge=1, le=20)] = 10


class PracticeAnswerRequest(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    position: Position
    answer: Answer


class PracticeFeedback(msgspec.Struct, rename="camel"):
    position: int
    answer: Answer
    """As it was given first: it is answered once."""
    feedback: Feedback


class PracticeView(msgspec.Struct, rename="camel"):
    id: UUID
    enrolment_id: UUID
    started_at: datetime
    items: list[ShownItem]
    answered: list[PracticeFeedback]
