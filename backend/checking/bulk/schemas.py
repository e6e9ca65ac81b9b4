"""Bulk checks as JSON."""

from datetime import datetime
from uuid import UUID

from backend.checking.bulk.domain import State
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


class BulkCheckView(Out, frozen=True):
    id: UUID
    state: State
    rows: int
    """Checked so far."""
    percent: int
    created_at: datetime
    finished_at: datetime | None
    verdicts: dict[str, int]
    """Once done: how many rows have which."""
    refused: Title | None
    """Why the file was not taken."""
    refused_line: int | None
    """Where in the file, counted from 1, where that is known."""


class BulkChecks(Out, frozen=True):
    items: list[BulkCheckView]
    """Of the last week, newest first, 20 at most."""
