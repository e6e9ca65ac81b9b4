"""Whom there may be something to remind of: three lists, each read a page at a time."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Protocol
from uuid import UUID

import msgspec

from backend.curriculum import service as curriculum
from backend.notices.service import Said
from backend.organisations.assignments import service as assignments
from backend.plans import repository
from backend.plans.domain import (
    EXPIRES_IN,
    Reminder,
    assignment_reminders,
    day_of,
    due_reminders,
    expiry_reminders,
)
from backend.progress import service as progress
from backend.progress.domain import Round
from backend.records import service as records

Titles = Mapping[str, Said]
OWN_PLANS, RECORDS = UUID(int=1), UUID(int=2)


class About(msgspec.Struct, frozen=True, kw_only=True):
    person_id: UUID
    title: Said
    organisation: str = ""
    day: date | None = None


class Page(msgspec.Struct, frozen=True):
    items: Sequence[tuple[Reminder, About]]
    after: UUID | None
    """Where the next one begins; None: this was the last."""


class List(Protocol):
    """One list of people. `seen`: what it consisted of; another makes it begin anew today."""

    id: UUID
    seen: str

    async def page(self, titles: Titles, *, after: UUID, limit: int, now: datetime) -> Page: ...


class Members:
    """Of one organisation, and what it assigned them."""

    def __init__(self, mark: assignments.Mark) -> None:
        self.id = mark.organisation_id
        self.seen = f"{mark.newest_assignment} {mark.newest_membership}"

    async def page(self, titles: Titles, *, after: UUID, limit: int, now: datetime) -> Page:
        found = await assignments.reached(self.id, after=after, limit=limit, now=now)
        items = [
            (reminder, _of_member(one, titles, found.organisation))
            for one in found.items
            for reminder in assignment_reminders(
                one.assignment_id,
                since=one.since,
                due_on=one.due_on,
                compulsory=one.compulsory,
                done=one.done,
                today=day_of(now),
            )
        ]
        return Page(items, found.after)


def _of_member(one: assignments.Reached, titles: Titles, organisation: str) -> About:
    return About(
        person_id=one.person_id,
        title=titled(titles, one.programme),
        organisation=organisation,
        day=one.due_on,
    )


class OwnPlans:
    """Learners who set themselves a day."""

    id, seen = OWN_PLANS, ""

    async def page(self, titles: Titles, *, after: UUID, limit: int, now: datetime) -> Page:
        today = day_of(now)
        plans = await repository.plans_due(today, after=after, limit=limit)
        if not plans:
            return Page([], None)
        learned = await progress.rounds_of([plan.enrolment_id for plan in plans])
        codes = {code for code, _ in learned.values()}
        earned = await records.earned([plan.learner_id for plan in plans], codes)
        done = {(one.learner_id, one.programme, Round(one.period, one.round)) for one in earned}
        items = [
            (reminder, About(person_id=plan.learner_id, title=title, day=plan.finish_by))
            for plan in plans
            if (mine := learned.get(plan.enrolment_id))
            and (plan.learner_id, *mine) not in done
            and (title := titled(titles, mine[0]))
            for reminder in due_reminders(
                str(plan.enrolment_id),
                since=day_of(plan.set_at),
                due_on=plan.finish_by,
                today=today,
            )
        ]
        return Page(items, plans[-1].enrolment_id if len(plans) == limit else None)


class EndingRecords:
    id, seen = RECORDS, ""

    async def page(self, titles: Titles, *, after: UUID, limit: int, now: datetime) -> Page:
        until = now + timedelta(days=max(EXPIRES_IN) + 1)
        found = await records.ending(between=(now, until), after=after, limit=limit)
        items = [
            (
                reminder,
                About(
                    person_id=one.learner_id,
                    title=titled(titles, one.programme),
                    day=day_of(one.valid_until),
                ),
            )
            for one in found
            for reminder in expiry_reminders(
                str(one.id),
                ends_on=day_of(one.valid_until),
                issued_on=day_of(one.issued_at),
                today=day_of(now),
            )
        ]
        return Page(items, found[-1].id if len(found) == limit else None)


async def titles_now() -> Titles:
    """Of the programmes now taught; one that is no longer keeps its code for a title."""
    edition = await curriculum.current_edition()
    return {one.code: Said(one.title.zh, one.title.en) for one in edition.programmes}


def titled(titles: Titles, code: str) -> Said:
    return titles.get(code, Said(code, code))
