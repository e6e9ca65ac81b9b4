"""Autosave: many requests' answers in one transaction, each judged on its own.

Durable when answered. The later sequence of an item stands, in whatever order and however often
answers arrive; a sitting that another device has taken over from saves nothing more.
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec
import structlog

from backend.assessment.domain import (
    AttemptClosed,
    Refusal,
    State,
    TakenOver,
    TimeIsUp,
    check_sequences,
    is_over,
    refusal,
    remaining_seconds,
)
from backend.assessment.repository import AttemptNotFound
from backend.assessment.saving import repository
from backend.assessment.saving.repository import OpenPaper, Place, Saved
from backend.assessment.schemas import AnswerSaved, AnswersSaved, AnswerToSave, SaveVerdict
from backend.progress.schemas import Words
from courses.items.answers import settled
from courses.items.lettering import from_paper, lettered
from infra.database import KeyedWork
from infra.engine import DB
from infra.errors import DomainError

_log = structlog.get_logger(__name__)
_POISON = (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError, OverflowError)
"""What one bad row does to a whole statement. A lost connection is everybody's and not among it."""


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """One request: judged at the time it was received, not committed."""

    learner_id: UUID
    attempt_id: UUID
    sitting: int
    received_at: datetime
    answers: list[AnswerToSave]


Outcome = AnswersSaved | DomainError
"""An error stands for its own request; the others of the group go on."""


async def commit(batches: list[Batch]) -> list[Outcome]:
    try:
        return await _commit(batches)
    except _POISON as error:
        if len(batches) == 1:
            _log.error("answers not stored", exc_info=error)
            raise
    return [outcome for batch in batches for outcome in await commit([batch])]


async def _commit(batches: list[Batch]) -> list[Outcome]:
    async with KeyedWork(DB):
        papers = await repository.lock((one.learner_id, one.attempt_id) for one in batches)
        judged = [_judged(papers.get((b.learner_id, b.attempt_id)), b) for b in batches]
        fitting = [one for found in judged for one in found.answers if isinstance(one, Saved)]
        stand = await repository.store(fitting)
    return [_outcome(*pair, stand) for pair in zip(batches, judged, strict=True)]


class _Judged(msgspec.Struct):
    """Of a request: each answer as it is to be kept, or why not; or an error for all of it."""

    answers: list[Saved | Refusal] = []
    error: DomainError | None = None
    due_at: datetime | None = None


def _judged(paper: OpenPaper | None, batch: Batch) -> _Judged:
    try:
        taken = open_paper(paper, batch)
        return _Judged(judge(taken, batch), due_at=taken.due_at)
    except DomainError as error:
        return _Judged(error=error)


def open_paper(paper: OpenPaper | None, batch: Batch) -> OpenPaper:
    """AttemptNotFound, AttemptClosed, TimeIsUp, TakenOver, SequenceAhead."""
    if paper is None:
        raise AttemptNotFound
    if paper.state is State.SUBMITTED:
        raise AttemptClosed
    if paper.state is State.EXPIRED or is_over(paper.due_at, now=batch.received_at):
        raise TimeIsUp
    if batch.sitting != paper.sitting:
        raise TakenOver
    check_sequences(paper.sitting, (one.sequence for one in batch.answers))
    return paper


def judge(paper: OpenPaper, batch: Batch) -> list[Saved | Refusal]:
    """In the order sent. Options come in the letters of the paper and are kept by their ids."""
    return [_kept(paper, batch, one) for one in batch.answers]


def _kept(paper: OpenPaper, batch: Batch, given: AnswerToSave) -> Saved | Refusal:
    item = paper.items[given.position - 1] if given.position <= len(paper.items) else None
    shown = item and msgspec.structs.replace(item, interaction=lettered(item.interaction))
    why = refusal(shown, given.answer)
    if why is not None:
        return why
    assert item is not None
    return Saved(
        paper.learner_id,
        paper.id,
        item.id,
        settled(from_paper(item.interaction, given.answer)),
        given.sequence,
        given.spent_ms,
        batch.received_at,
    )


def _outcome(batch: Batch, judged: _Judged, stand: Mapping[Place, int]) -> Outcome:
    if judged.error is not None:
        return judged.error
    assert judged.due_at is not None
    pairs = zip(batch.answers, judged.answers, strict=True)
    return AnswersSaved(
        answers=[_told(given, kept, stand) for given, kept in pairs],
        server_time=batch.received_at,
        remaining_seconds=remaining_seconds(judged.due_at, now=batch.received_at),
    )


def _told(given: AnswerToSave, kept: Saved | Refusal, stand: Mapping[Place, int]) -> AnswerSaved:
    if isinstance(kept, Refusal):
        why = Words(kept.zh, kept.en)
        return AnswerSaved(given.position, given.sequence, SaveVerdict.REFUSED, kept.flaw, why)
    stands = stand.get((kept.attempt_id, kept.item_id)) == kept.sequence
    verdict = SaveVerdict.SAVED if stands else SaveVerdict.OLDER
    return AnswerSaved(given.position, given.sequence, verdict)
