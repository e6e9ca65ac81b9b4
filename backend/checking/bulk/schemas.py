"""Bulk checks as JSON."""

from datetime import datetime

from backend.checking.schemas import Out
from backend.records.domain import Title


class BulkAnswer(Out, frozen=True):
    position: int
    """From 1, in the order asked."""
    verdict: str
    meaning: Title
    number: str | None
    programme: str | None
    issued_at: datetime | None
    valid_until: datetime | None
    demonstration: bool


class BulkAnswers(Out, frozen=True):
    items: list[BulkAnswer]
    verified_at: datetime
