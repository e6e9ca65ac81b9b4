"""The marking desk: take the next answer, give marks, hand it back. The server says whose."""

from datetime import UTC, datetime, timedelta
from typing import cast
from uuid import UUID

from backend.accounts import service as accounts
from backend.accounts.domain import Role
from backend.assessment.marking import repository
from backend.assessment.marking.barring import barred
from backend.assessment.marking.deciding import decide_if_all_are_in
from backend.assessment.marking.domain import (
    LEASE,
    Because,
    EssayNotYours,
    LeaseOver,
    MarkedAlready,
    MarkState,
    agreed_points,
    check_percents,
    marks_wanted,
    tells,
)
from backend.assessment.marking.repository import Candidate, EssayRow, MarkRow
from backend.assessment.marking.schemas import (
    DeskView,
    EssayView,
    GivenView,
    LineView,
    ProgressView,
)
from backend.assessment.repository import lock_attempt
from courses.items.markers import rubric_points
from courses.items.marking import split
from infra.audit import record_act
from infra.database import UnitOfWork
from infra.engine import DB

COUNTED = 200
"""Answers waiting are counted up to here; the queue may be long."""
_BATCH = 50
_FIRST = (datetime(2000, 1, 1, tzinfo=UTC), UUID(int=0))
_SHANGHAI = timedelta(hours=8)


async def desk(marker: UUID, *, now: datetime) -> DeskView:
    today = (now + _SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0) - _SHANGHAI
    async with UnitOfWork(DB):
        held = await repository.held_by(marker, now=now)
        view = await _view(held, now) if held else None
        given = await repository.given_since(today, [marker])
        found = await repository.candidates(marker, after=_FIRST, now=now, limit=COUNTED)
        waiting = await _allowed(marker, found)
    return DeskView(view, len(waiting), COUNTED, given.get(marker, 0))


async def take_next(marker: UUID, *, now: datetime) -> EssayView | None:
    """The answer the marker holds already, or the oldest that he may mark. None: there is none."""
    async with UnitOfWork(DB):
        await repository.lock_marker(marker)
        held = await repository.held_by(marker, now=now) or await _take(marker, now)
        return await _view(held, now) if held else None


async def _take(marker: UUID, now: datetime) -> MarkRow | None:
    after = _FIRST
    while found := await repository.candidates(marker, after=after, now=now, limit=_BATCH):
        for one in await _allowed(marker, found):
            taken = await repository.take(one.id, marker, until=now + LEASE, now=now)
            if taken:
                return await repository.mark_of(taken, marker)
        after = found[-1].handed_in_at, found[-1].id
    return None


async def _allowed(marker: UUID, found: list[Candidate]) -> list[Candidate]:
    never = await barred(marker, {one.learner_id for one in found})
    return [one for one in found if one.learner_id not in never]


async def give(
    marker: UUID, mark_id: UUID, percents: dict[str, int], comment: str, *, now: datetime
) -> GivenView:
    """Once: the same again answers the same. EssayNotYours, LeaseOver, MarkedAlready,
    RubricNotMet."""
    async with UnitOfWork(DB):
        held, essay = await _locked(marker, mark_id)
        check_percents(essay.asked.essay, percents)
        points = rubric_points(essay.asked.essay, percents, essay.worth)
        if held.state is MarkState.GIVEN:
            if (held.percents, held.comment) != (percents, comment):
                raise MarkedAlready
            return GivenView(mark_id, float(points))
        await _check_still_held(marker, held, essay, now)
        await repository.give(mark_id, percents, points, comment, now=now)
        await _settle(essay, now)
        await _record("essay-marked", marker, essay, now)
    return GivenView(mark_id, float(points))


async def hand_back(marker: UUID, mark_id: UUID, because: Because, *, now: datetime) -> None:
    """It never comes back to this marker. Again changes nothing."""
    async with UnitOfWork(DB):
        held, essay = await _locked(marker, mark_id)
        if held.state is MarkState.GIVEN:
            raise MarkedAlready
        if held.state is MarkState.HELD:
            await repository.hand_back(mark_id, because, now=now)
            await _record("essay-returned", marker, essay, now)


async def _locked(marker: UUID, mark_id: UUID) -> tuple[MarkRow, EssayRow]:
    """The attempt is locked first, by everybody: of its last two marks, the second sees both."""
    mine = await repository.mark_of(mark_id, marker)
    if mine is None:
        raise EssayNotYours
    found = await repository.essay(mine.essay)
    await lock_attempt(found.attempt_id, learner_id=found.learner_id)
    essay = await repository.essay(mine.essay, lock=True)
    again = await repository.mark_of(mark_id, marker)  # as it is now that nobody else may write
    return cast(MarkRow, again), essay


async def _check_still_held(marker: UUID, held: MarkRow, essay: EssayRow, now: datetime) -> None:
    """Late, but nobody else has it: the work counts. Somebody who came to know the learner since
    is turned away."""
    if held.state is MarkState.RETURNED or await barred(marker, [essay.learner_id]):
        raise EssayNotYours
    others = [
        one
        for one in (await repository.marks_of([essay.id]))[essay.id]
        if one.id != held.id and (one.state is MarkState.GIVEN or one.expires_at > now)
    ]
    if essay.points is not None or len(others) >= essay.wanted:
        raise LeaseOver


async def _settle(essay: EssayRow, now: datetime) -> None:
    marks = (await repository.marks_of([essay.id]))[essay.id]
    given = [one.points for one in marks if one.points is not None]
    wanted = marks_wanted(given, essay.worth, essay.apart_percent)
    points = agreed_points(given, essay.worth, essay.apart_percent)
    await repository.settle(essay.id, wanted=wanted, points=points, now=now)
    if points is not None:
        await decide_if_all_are_in(essay.attempt_id, essay.learner_id, now=now)


async def _record(act: str, marker: UUID, essay: EssayRow, now: datetime) -> None:
    await record_act(
        act,
        actor=marker,
        subject=f"essay:{essay.id}",
        now=now,
        details={"attempt": str(essay.attempt_id), "item": essay.item_id},
    )


async def _view(held: MarkRow, now: datetime) -> EssayView:
    essay = await repository.essay(held.essay)
    asked = essay.asked.essay
    each = split(essay.worth, [line.weight for line in asked.rubric])
    lines = zip(asked.rubric, each, strict=True)
    return EssayView(
        id=held.id,
        expires_at=held.expires_at,
        server_time=now,
        case=essay.asked.case,
        stem=essay.asked.stem,
        model_answer=asked.model_answer or None,
        rubric=[LineView(line.id, line.text, float(points)) for line, points in lines],
        points=float(essay.worth),
        at_least=asked.at_least,
        at_most=asked.at_most,
        answer=essay.answer,
        tells=tells(essay.answer),
    )


async def progress(*, now: datetime) -> ProgressView:
    async with UnitOfWork(DB):
        third, waiting, oldest = await repository.waiting(most=COUNTED)
        markers = await accounts.people_in(Role.MARKER)
        given = await repository.given_since(now - timedelta(days=7), markers)
    return ProgressView(
        waiting=waiting,
        waiting_most=COUNTED,
        third_wanted=third,
        oldest_at=oldest,
        markers=len(markers),
        markers_at_work=len(given),
        given_last_week=sum(given.values()),
    )
