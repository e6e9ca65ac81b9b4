"""The home screen in one call, and the days learners set for themselves."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from uuid import UUID

from backend.notices import service as notices
from backend.organisations.assignments import service as assignments
from backend.organisations.assignments.domain import State
from backend.organisations.assignments.schemas import MyAssignment
from backend.plans import repository
from backend.plans.domain import Course, Step, checked_day, day_of, earliest, next_step
from backend.plans.schemas import (
    Home,
    HomeAssignment,
    HomeEnrolment,
    NextStep,
    PlanView,
    Watching,
    Words,
    YearHours,
)
from backend.progress import service as progress
from backend.progress.service import AtHome, Going
from backend.records import service as records
from backend.records.domain import Earned
from infra.database import KeyedWork, UnitOfWork
from infra.engine import DB


async def home(person_id: UUID, *, now: datetime) -> Home:
    """A fixed number of statements, however much the learner has under way."""
    async with KeyedWork(DB):
        learning = await progress.at_home(person_id, now=now)
        asked = (await assignments.my_assignments(person_id, now=now)).items
        known = await records.rounds([person_id], [one.programme for one in learning.going])
        plans = await repository.plans_of(person_id)
        unread = (await notices.unread(person_id)).unread
    today = day_of(now)
    every = [_enrolment(one, asked, plans, known, today) for one in learning.going]
    newest = {one.enrolment_id for one in learning.going if one.newest}
    ended = _ended(learning, known)
    shown = [one for one in every if one.id in newest or one.id not in ended]
    shown.sort(key=lambda e: (e.finished, e.due_on or date.max))
    return Home(
        today=today,
        next=_next(learning, shown, ended, asked),
        enrolments=shown,
        assignments=_not_begun(asked, shown),
        hours=YearHours(learning.year, learning.year_seconds),
        unread=unread,
        watching=_watching(learning),
    )


def _ended(learning: AtHome, known: Sequence[Earned]) -> set[UUID]:
    """Enrolments whose exam was passed, whatever became of the record."""
    return {
        one.enrolment_id
        for one in learning.going
        if progress.record_of(known, one.programme, one.of_round)
    }


def _enrolment(
    one: Going,
    asked: Sequence[MyAssignment],
    plans: dict[UUID, date],
    known: Sequence[Earned],
    today: date,
) -> HomeEnrolment:
    record = progress.record_of(known, one.programme, one.of_round)
    days = [a.due_on for a in asked if a.programme == one.programme and a.state is not State.DONE]
    own = next((plans[id_] for id_ in (one.enrolment_id, *one.older) if id_ in plans), None)
    done, due = record is not None and not record.revoked, earliest([*days, own])
    return HomeEnrolment(
        id=one.enrolment_id,
        programme=one.programme,
        title=Words(one.title.zh, one.title.en),
        edition=one.edition,
        period=one.of_round.period,
        anew=progress.anew(record, over=one.over) if one.newest else None,
        percent=one.percent,
        earned_seconds=one.earned_seconds,
        required_seconds=one.required_seconds,
        missing=Words(one.missing.zh, one.missing.en) if one.missing else None,
        finished=done,
        due_on=due,
        finish_by=own,
        overdue=not done and due is not None and due < today,
    )


def _not_begun(
    asked: Sequence[MyAssignment], shown: Sequence[HomeEnrolment]
) -> list[HomeAssignment]:
    """What may be begun anew is not."""
    taken = {one.programme for one in shown if one.anew is None}
    return [
        HomeAssignment(
            id=one.id,
            programme=one.programme,
            title=Words(one.title.zh, one.title.en),
            organisation=one.organisation,
            compulsory=one.compulsory,
            due_on=one.due_on,
            overdue=one.state is State.LATE,
        )
        for one in asked
        if one.state is not State.DONE and one.programme not in taken
    ]


def _next(
    learning: AtHome,
    shown: Sequence[HomeEnrolment],
    ended: Collection[UUID],
    asked: Sequence[MyAssignment],
) -> NextStep | None:
    by_id = {one.enrolment_id: one for one in learning.going}
    begin = _not_begun(asked, shown)
    open_ = [one for one in shown if one.id not in ended]
    found = next_step(
        [_course(by_id[one.id], one, learning) for one in open_],
        {
            code: earliest([o.due_on for o in begin if o.programme == code])
            for code in _codes(begin)
        },
    )
    if found is None:
        return None
    step, key = found
    if step is Step.ENROL:
        return NextStep(
            step=step,
            programme=key,
            title=next(one.title for one in begin if one.programme == key),
        )
    here = by_id[UUID(key)]
    if here.next is None:
        return NextStep(step=step, programme=here.programme, enrolment_id=here.enrolment_id)
    lesson = here.next
    return NextStep(
        step=step,
        programme=here.programme,
        enrolment_id=here.enrolment_id,
        lesson=lesson.code,
        title=Words(lesson.title.zh, lesson.title.en),
        resume_second=lesson.resume_second,
        duration_seconds=lesson.duration_seconds,
    )


def _codes(begin: Sequence[HomeAssignment]) -> set[str]:
    return {one.programme for one in begin}


def _course(going: Going, shown: HomeEnrolment, learning: AtHome) -> Course:
    last = learning.last
    return Course(
        key=str(going.enrolment_id),
        finished=shown.finished,
        lesson=going.next.code if going.next else None,
        begun=going.next is not None and going.next.begun,
        exam_open=going.missing is None,
        due_on=shown.due_on,
        enrolled_at=going.enrolled_at,
        opened_last=last is not None
        and last.enrolment_id == going.enrolment_id
        and going.next is not None
        and last.lesson == going.next.code,
    )


def _watching(learning: AtHome) -> Watching | None:
    last = learning.last
    if last is None or not last.open_now:
        return None
    return Watching(
        play_session_id=last.play_session_id,
        lesson=last.lesson,
        device_id=last.device_id,
        started_at=last.started_at,
        presence_check_id=last.presence_check_id,
    )


async def set_plan(
    person_id: UUID, enrolment_id: UUID, finish_by: date | None, *, now: datetime
) -> PlanView:
    """EnrolmentNotFound for somebody else's. In place of the day that came along from an older
    edition of the programme."""
    wanted = checked_day(finish_by, today=day_of(now))
    async with UnitOfWork(DB):
        await progress.enrolment(enrolment_id, person_id, now=now)
        if others := [one for one in await repository.plans_of(person_id) if one != enrolment_id]:
            learned = await progress.rounds_of([*others, enrolment_id])
            same = [one for one in others if learned.get(one) == learned[enrolment_id]]
            await repository.drop(person_id, same)
        await repository.set_plan(person_id, enrolment_id, wanted, now=now)
    return PlanView(enrolment_id, wanted)
