"""Taking an exam. Whoever changes an attempt has locked its row, so a repeat finds it done."""

import hashlib
from datetime import datetime
from uuid import UUID

from backend.assessment import repository, restudy
from backend.assessment.criteria import frozen
from backend.assessment.domain import (
    ExamNotOpen,
    Refusal,
    State,
    TimeIsUp,
    UnfitAnswer,
    check_may_start,
    due,
    is_over,
    needs_people,
)
from backend.assessment.exposure import service as exposure
from backend.assessment.extra_time import repository as extra_time
from backend.assessment.finishing import finish, finish_if_over
from backend.assessment.marking.barring import check_can_be_marked
from backend.assessment.papers import criterion_of, new_seed
from backend.assessment.repository import Attempt, Outline
from backend.assessment.saving import repository as saved_rows
from backend.assessment.saving.repository import OpenPaper, Saved
from backend.assessment.saving.service import Batch, judge, open_paper
from backend.assessment.schemas import AttemptView, PastAttempts, Result
from backend.assessment.views import result_of, view_of
from backend.curriculum import service as curriculum
from backend.progress import service as progress
from backend.progress.domain import CompletionFacts
from infra.database import KeyedWork, UnitOfWork
from infra.engine import DB
from infra.ids import uuid7

MOST_SHOWN = 50
"""Of a learner's attempts at one exam; after each three, modules are studied again."""


async def start(
    learner_id: UUID, enrolment_id: UUID, *, device_id: UUID | None = None, now: datetime
) -> tuple[AttemptView, bool]:
    """A new attempt, or the one still open, taken up by this device; and whether it is new."""
    found = await _open_or_new(learner_id, enrolment_id, device_id, now=now)
    if isinstance(found, Attempt):
        return view_of(found, [], now, taken_up=True), True
    return await take_up(found, learner_id, device_id=device_id, now=now), False


async def _open_or_new(
    learner_id: UUID, enrolment_id: UUID, device_id: UUID | None, *, now: datetime
) -> Attempt | UUID:
    """The new attempt, or the open one's id. One that ran out is handed in by the way, and stays
    so, even if another start is refused then."""
    async with KeyedWork(DB):
        outlines = await repository.outlines(enrolment_id, learner_id=learner_id)
        last = outlines[-1] if outlines else None
        if last is None or last.state is not State.OPEN:
            return await _begin(learner_id, enrolment_id, device_id, outlines, now=now)
        if not is_over(last.due_at, now=now):
            return last.id
        await finish_if_over(last.id, learner_id, now=now)
    async with KeyedWork(DB):
        outlines = await repository.outlines(enrolment_id, learner_id=learner_id)
        return await _begin(learner_id, enrolment_id, device_id, outlines, now=now)


async def _begin(
    learner_id: UUID,
    enrolment_id: UUID,
    device_id: UUID | None,
    outlines: list[Outline],
    *,
    now: datetime,
) -> Attempt | UUID:
    """Of one that another request began meanwhile, the id."""
    if outlines and outlines[-1].state is State.OPEN:
        return outlines[-1].id
    facts = await progress.completion_facts(enrolment_id, learner_id, now=now)
    check_may_start(repository.past(outlines), now=now)
    await restudy.check(outlines, learner_id, enrolment_id, now=now)
    attempt = await _drawn(learner_id, enrolment_id, facts, len(outlines) + 1, now)
    if await repository.add(attempt, device_id):
        ids = [item.id for item in attempt.criterion.items]
        await exposure.note(learner_id, attempt.id, attempt.edition, ids, now=now)
        return attempt
    return (await repository.outlines(enrolment_id, learner_id=learner_id))[-1].id


async def _drawn(
    learner_id: UUID, enrolment_id: UUID, facts: CompletionFacts, number: int, now: datetime
) -> Attempt:
    if facts.missing is not None:
        raise ExamNotOpen(facts.missing.en, zh=facts.missing.zh)
    edition, seed = await curriculum.edition(facts.edition), new_seed()
    programme = edition.programme(facts.programme)
    standing = await exposure.standing(facts.edition, learner_id)
    criterion = criterion_of(edition, programme, seed, standing)
    if needs_people(criterion):
        await check_can_be_marked(learner_id)
    percent = await extra_time.percent_at(learner_id, now=now)
    due_at, extra = due(now, edition.exam(programme.exam).minutes, percent)
    return Attempt(
        id=uuid7(),
        learner_id=learner_id,
        enrolment_id=enrolment_id,
        number=number,
        exam_code=programme.exam,
        programme_code=programme.code,
        edition=facts.edition,
        edition_sha256=facts.edition_sha256,
        seed=seed,
        criterion=criterion,
        criterion_sha256=hashlib.sha256(frozen(criterion)).hexdigest(),
        extra_minutes=extra,
        started_at=now,
        due_at=due_at,
    )


async def take_up(
    attempt_id: UUID, learner_id: UUID, *, device_id: UUID | None, now: datetime
) -> AttemptView:
    """On this device, instead of the one before, which hears it when it next saves."""
    async with KeyedWork(DB):
        mine = await finish_if_over(attempt_id, learner_id, now=now)
        if mine.state is State.OPEN:
            mine = await repository.take_up(mine, device_id, now=now)
        mine = await repository.counted(mine)
        kept = await repository.kept_answers(mine)
    return view_of(mine, kept, now, taken_up=True)


async def history(learner_id: UUID, enrolment_id: UUID) -> PastAttempts:
    async with UnitOfWork(DB):
        found = await repository.history(enrolment_id, learner_id=learner_id, most=MOST_SHOWN)
    return PastAttempts(found)


async def attempt(attempt_id: UUID, learner_id: UUID, *, now: datetime) -> AttemptView:
    """The attempt as far as it is; one whose time ran out meanwhile is graded first."""
    async with KeyedWork(DB):
        mine = await repository.counted(await finish_if_over(attempt_id, learner_id, now=now))
        kept = await repository.kept_answers(mine)
    return view_of(mine, kept, now)


async def submit(batch: Batch) -> Result:
    """Hand in; a repeat gives the same answer. TimeIsUp once the saved answers were graded."""
    async with KeyedWork(DB):
        now = batch.received_at
        mine = await finish_if_over(batch.attempt_id, batch.learner_id, now=now)
        if mine.state is State.OPEN:
            await _store(mine, batch)
            mine = await finish(mine, State.SUBMITTED, now, now)
        else:
            mine = await repository.counted(mine)
    refuse_if_expired(mine)
    return result_of(mine)


async def _store(mine: Attempt, batch: Batch) -> None:
    """All of them or none: nobody hands in what would not count. TakenOver, UnfitAnswer."""
    paper = OpenPaper(
        mine.id, mine.learner_id, mine.state, mine.due_at, mine.sitting, mine.criterion.items
    )
    judged = judge(open_paper(paper, batch), batch)
    fitting = [one for one in judged if isinstance(one, Saved)]
    if len(fitting) < len(judged):
        raise _unfit(batch, judged)
    await saved_rows.store(fitting)


def _unfit(batch: Batch, judged: list[Saved | Refusal]) -> UnfitAnswer:
    why = {
        str(given.position): one
        for given, one in zip(batch.answers, judged, strict=True)
        if isinstance(one, Refusal)
    }
    position, first = next(iter(why.items()))
    return UnfitAnswer(
        f"Item {position}: {first.en}",
        zh=f"第 {position} 题：{first.zh}",
        fields={f"answers.{place}": one.flaw for place, one in why.items()},
    )


async def expired(batch: Batch) -> None:
    """Whoever saves too late hears what was graded: TimeIsUp."""
    async with KeyedWork(DB):
        late = await finish_if_over(batch.attempt_id, batch.learner_id, now=batch.received_at)
        mine = await repository.counted(late)
    refuse_if_expired(mine)


def refuse_if_expired(mine: Attempt) -> None:
    """Outside the transaction: what it graded stays."""
    if mine.state is not State.EXPIRED:
        return
    if mine.score is None:
        raise TimeIsUp(
            "The time is up. What was saved in time was handed in; people mark it now.",
            zh="考试时间已到，已按时保存的答案均已交卷，现由阅卷员评阅。",
        )
    raise TimeIsUp(
        f"The time is up. What was saved in time has been graded: {mine.score} points.",
        zh=f"考试时间已到，已按时保存的答案均已计分：{mine.score} 分。",
    )
