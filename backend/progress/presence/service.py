"""Presence checks: delivered once, answered within the minute, and what follows from the answer."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from backend.curriculum import service as curriculum
from backend.progress import repository
from backend.progress.domain import (
    ANSWER_GRACE_SECONDS,
    ANSWER_SECONDS,
    ANSWER_TRIES,
    CHECK_AFTER_SECONDS,
)
from backend.progress.hours import service as hours
from backend.progress.presence import questions
from backend.progress.presence import repository as presence_rows
from backend.progress.presence.questions import Question
from backend.progress.presence.repository import Check, Pending
from backend.progress.repository import LockedSeat, Watch
from backend.progress.schemas import (
    Lost,
    PresenceCheckView,
    PresenceOption,
    PresenceQuestion,
    PresenceState,
    Words,
)
from infra.database import KeyedWork
from infra.engine import DB
from infra.errors import Conflict

_MINUTE = timedelta(seconds=ANSWER_SECONDS)
_PATIENCE = _MINUTE + timedelta(seconds=ANSWER_GRACE_SECONDS)


class AskFirst(Conflict):
    """Fetch this presence check before you answer it."""

    zh = "请先获取本次在线确认的题目，再作答。"


def draw_interval() -> int:
    """Seconds to be granted before the next check; never shown."""
    shortest, longest = CHECK_AFTER_SECONDS
    return shortest + secrets.randbelow(longest - shortest + 1)


async def deliver(learner_id: UUID, check_id: UUID, *, now: datetime) -> PresenceCheckView:
    """The question, drawn and its minute begun at the first call; the same one at every other."""
    async with KeyedWork(DB):
        seat = await repository.lock_seat(learner_id)
        check = await presence_rows.check_of(learner_id, check_id)
        if check.outcome is not None:
            return _ended(check)
        if check.question is None:
            question = await _draw(check)
            await presence_rows.deliver(check, question, now)
            check = msgspec.structs.replace(check, question=question, delivered_at=now)
        elif _late(check, now):
            return await _miss(check, seat, now)
    return _open(check, now)


async def answer(
    learner_id: UUID, check_id: UUID, option: str, *, now: datetime
) -> PresenceCheckView:
    """Passed, missed, or still open after a first wrong answer. AskFirst."""
    async with KeyedWork(DB):
        seat = await repository.lock_seat(learner_id)
        check = await presence_rows.check_of(learner_id, check_id)
        if check.outcome is not None:
            return _ended(check)
        if check.question is None:
            raise AskFirst
        if _late(check, now):
            return await _miss(check, seat, now)
        if option == check.question.right:
            return await _pass(check, seat, now)
        if check.wrong_tries + 1 >= ANSWER_TRIES:
            return await _miss(check, seat, now)
        await presence_rows.count_wrong_try(check)
    return _open(msgspec.structs.replace(check, wrong_tries=check.wrong_tries + 1), now)


async def _draw(check: Check) -> Question:
    mine = await repository.enrolment(check.enrolment_id, learner_id=check.learner_id)
    edition = await curriculum.edition(mine.edition)
    every = [lesson for module in edition.modules for lesson in module.lessons]
    return questions.question(edition.lesson(check.lesson_code), every, secrets.randbelow)


def _late(check: Check, now: datetime) -> bool:
    return check.delivered_at is not None and now > check.delivered_at + _PATIENCE


async def _pass(check: Check, seat: LockedSeat, now: datetime) -> PresenceCheckView:
    learner_id = check.learner_id
    waiting = await presence_rows.pending(learner_id)
    joined = [msgspec.structs.replace(one, state=one.state.joined()) for one in waiting]
    await presence_rows.settle(learner_id, joined)
    await _go_on(check, seat, passed=True, lost=[], now=now)
    await hours.award(learner_id, _ripe(joined), now=now)
    return _ended(msgspec.structs.replace(check, outcome=PresenceState.PASSED))


async def _miss(check: Check, seat: LockedSeat, now: datetime) -> PresenceCheckView:
    waiting = await presence_rows.pending(check.learner_id)
    lost = tuple(_lost(one) for one in waiting)
    dropped = [msgspec.structs.replace(one, state=one.state.dropped()) for one in waiting]
    await presence_rows.settle(check.learner_id, dropped)
    await _go_on(check, seat, passed=False, lost=lost, now=now)
    return _ended(msgspec.structs.replace(check, outcome=PresenceState.MISSED, lost=lost))


async def _go_on(
    check: Check, seat: LockedSeat, *, passed: bool, lost: Sequence[Lost], now: datetime
) -> None:
    """The check is closed, the next one drawn, and the session's clock runs again."""
    assert check.delivered_at is not None
    reaction = (now - check.delivered_at) // timedelta(milliseconds=1)
    in_time = None if _late(check, now) else reaction
    await presence_rows.close(check, passed=passed, lost=lost, reaction_ms=in_time, now=now)
    day = msgspec.structs.replace(seat.seat, day=seat.seat.day.at(now))
    after = day.passed(draw_interval()) if passed else day.missed(draw_interval())
    await presence_rows.put_seat(check.learner_id, after)
    if seat.active_play_session_id is not None:
        await presence_rows.resume_session(
            check.learner_id, seat.active_play_session_id, issued=check.issued_at, now=now
        )


async def join_at_the_lesson_s_end(
    learner_id: UUID, lectures: Sequence[Watch], seat: LockedSeat, *, now: datetime
) -> None:
    """Its check questions were passed: whoever had seen the lecture by then was there. Not while a
    check is open, or answering them would evade it; its own answer does the same later."""
    if seat.seat.open_check is not None:
        return
    ids = {lecture.id for lecture in lectures}
    waiting = [one for one in await presence_rows.pending(learner_id) if one.id in ids]
    seen = [one for one in waiting if one.state.covered]
    joined = [msgspec.structs.replace(one, state=one.state.joined()) for one in seen]
    if joined:
        await presence_rows.settle(learner_id, joined)
        day = seat.seat.day.settled(sum(one.state.pending.seconds for one in seen))
        await presence_rows.put_seat(learner_id, msgspec.structs.replace(seat.seat, day=day))
    ripe = [watch.id for watch in lectures if watch.counts]
    await hours.award(learner_id, [*ripe, *_ripe(joined)], now=now)


def _ripe(watches: Sequence[Pending]) -> list[UUID]:
    """Lectures seen far enough that counts; `hours.award` asks for the questions."""
    return [one.id for one in watches if one.state.counts]


def _lost(watch: Pending) -> Lost:
    spans = watch.state.pending.spans()
    return Lost(watch.lesson_code, spans[0][0], watch.state.pending.seconds)


def _open(check: Check, now: datetime) -> PresenceCheckView:
    """It was delivered, and is not answered."""
    question, delivered_at = check.question, check.delivered_at
    assert question is not None
    assert delivered_at is not None
    left = (delivered_at + _MINUTE - now) // timedelta(seconds=1)
    return PresenceCheckView(
        id=check.id,
        lesson=check.lesson_code,
        state=PresenceState.OPEN,
        question=PresenceQuestion(
            Words(question.zh, question.en),
            [PresenceOption(one.id, one.text) for one in question.options],
        ),
        seconds_left=max(0, min(left, ANSWER_SECONDS)),
        tries_left=ANSWER_TRIES - check.wrong_tries,
    )


def _ended(check: Check) -> PresenceCheckView:
    return PresenceCheckView(
        id=check.id,
        lesson=check.lesson_code,
        state=PresenceState(check.outcome or ""),
        lost=list(check.lost),
    )
