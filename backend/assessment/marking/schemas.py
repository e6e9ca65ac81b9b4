"""The marking desk over HTTP. Nothing here has a place for who wrote an answer, nor for what
another marker gave."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec

from backend.assessment.marking.domain import Because, Tell
from courses.items.interactions import OptionId
from courses.items.rich_text import RichText

Percents = Annotated[
    dict[OptionId, Annotated[int, msgspec.Meta(ge=0, le=100)]], msgspec.Meta(max_length=20)
]


class MarksRequest(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    percents: Percents
    """Per cent of each line of the rubric, by its id."""
    comment: Annotated[str, msgspec.Meta(max_length=2000)] = ""
    """For the learner, when all marks are in."""


class ReturnRequest(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    because: Because


class LineView(msgspec.Struct, rename="camel"):
    id: str
    text: RichText
    points: float


class EssayView(msgspec.Struct, rename="camel"):
    """An answer held by the caller."""

    id: UUID
    expires_at: datetime
    server_time: datetime
    case: RichText | None
    stem: RichText
    model_answer: RichText | None
    rubric: list[LineView]
    points: float
    at_least: int
    at_most: int
    answer: str
    """As typed."""
    tells: list[Tell]
    """What in it looks like a name, a number or an address: not to be used."""


class TakenView(msgspec.Struct, rename="camel"):
    essay: EssayView | None
    """None: there is nothing that the caller may mark now."""


class DeskView(msgspec.Struct, rename="camel"):
    held: EssayView | None
    waiting: int
    """Answers that this caller may mark; counted up to `waitingMost`."""
    waiting_most: int
    given_today: int


class GivenView(msgspec.Struct, rename="camel"):
    id: UUID
    points: float


class ProgressView(msgspec.Struct, rename="camel"):
    waiting: int
    """Answers not agreed on, counted up to `waitingMost`."""
    waiting_most: int
    third_wanted: int
    oldest_at: datetime | None
    markers: int
    markers_at_work: int
    """Who gave a mark in the last seven days."""
    given_last_week: int


class MarkedEssays(msgspec.Struct, rename="camel"):
    decided: bool
    """Whether all essays of the attempt are marked: points are told then, not before."""
    essays: "list[MarkedEssay]"


class MarkedEssay(msgspec.Struct, rename="camel"):
    """What a learner is told of an essay. Rubrics stay the examiners'."""

    item_id: str
    part_id: str | None
    worth: float
    points: float | None
    """None while it is being marked."""
    comments: list[str]
    """When all marks of the attempt are in; nobody is told who wrote them."""
