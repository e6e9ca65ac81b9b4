"""A dashboard worked out: every member's standing, counts by department, hours by month.

Members come a page at a time, so memory is bounded, and what other areas know of them is asked for
a page at once: six statements for each two thousand people.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

import structlog

from backend.organisations.assignments import repository, standings
from backend.organisations.assignments.domain import (
    Counts,
    Facts,
    Rule,
    Standing,
    day_of,
    months_up_to,
    overall,
    standing,
    with_those_below,
)
from backend.organisations.assignments.repository import Place, Unit
from backend.organisations.assignments.standings import Row
from backend.progress import service as progress
from backend.progress.domain import Span
from backend.records import service as records
from infra.database import UnitOfWork
from infra.engine import DB

_log = structlog.get_logger(__name__)
_FIRST = UUID(int=0)


async def work_out(organisation_id: UUID, *, now: datetime) -> None:
    """All of it or nothing; never over what was worked out for a later moment."""
    async with UnitOfWork(DB):
        before = await standings.lock(organisation_id)
        if before.as_at is not None and before.as_at > now:
            return
        units = await repository.units([organisation_id])
        work = _Work(await rules_of(organisation_id, units), units, day_of(now))
        after = _FIRST
        async for places in repository.places(organisation_id):
            rows = await work.page(places)
            await standings.store_page(organisation_id, after, places[-1].id, rows)
            after = places[-1].id
        await standings.store(
            organisation_id,
            counts=work.counts,
            hours=work.hours,
            people=work.people,
            expected=await repository.expected_count(organisation_id),
            now=now,
        )
    _log.info("dashboard_worked_out", organisation=str(organisation_id), people=work.people)


async def rules_of(organisation_id: UUID, units: Sequence[Unit]) -> list[Rule]:
    """Of the assignments that are not withdrawn, departments with all below them."""
    return resolved([one.rule for one in await repository.current([organisation_id])], units)


def resolved(rules: Sequence[Rule], units: Sequence[Unit]) -> list[Rule]:
    parents = {unit.id: unit.parent for unit in units}
    return [rule.within(with_those_below(rule.departments, parents)) for rule in rules]


class _Work:
    def __init__(self, rules: Sequence[Rule], units: Sequence[Unit], today: date) -> None:
        self._rules, self._today = rules, today
        self._programmes = {rule.programme for rule in rules}
        self._first_day = months_up_to(today)[0]
        self._departments: list[UUID | None] = [None, *(unit.id for unit in units)]
        self._cohort = {department: n for n, department in enumerate(self._departments)}
        self.counts: dict[tuple[UUID | None, UUID | None], Counts] = defaultdict(Counts)
        self.hours: dict[tuple[UUID | None, date], int] = defaultdict(int)
        self.people = 0

    async def page(self, places: Sequence[Place]) -> list[Row]:
        present = [place for place in places if place.left_at is None]
        self.people += len(present)
        facts = await facts_of([place.person_id for place in present], self._programmes)
        found = await progress.hours_by_month([*filter(None, map(self._span, places))])
        for (cohort, month), seconds in found.items():
            self.hours[self._departments[cohort], month] += seconds
        return [row for place in present for row in self._member(place, facts)]

    def _member(self, place: Place, facts: dict[tuple[UUID, str], Facts]) -> list[Row]:
        rows, compulsory = [], []
        for rule in self._rules:
            if not rule.reaches(place.id, place.department_id):
                continue
            known = facts.get((place.person_id, rule.programme), Facts.NOTHING)
            found = standing(rule, place.joined_at, known, today=self._today)
            begun = found.begun_on is not None
            self.counts[rule.id, place.department_id].add(found.state, begun=begun)
            rows.append(_row(rule, place, found))
            if rule.compulsory:
                compulsory.append(found)
        if (over_all := overall(compulsory)) is not None:
            self.counts[None, place.department_id].add(over_all[0], begun=over_all[1])
        return rows

    def _span(self, place: Place) -> Span | None:
        """The days whose hours are the organisation's to see: those of membership."""
        since = max(self._first_day, day_of(place.joined_at))
        until = day_of(place.left_at) - timedelta(days=1) if place.left_at else self._today
        cohort = self._cohort[place.department_id]
        return Span(place.person_id, cohort, since, until) if since <= until else None


def _row(rule: Rule, place: Place, found: Standing) -> Row:
    return Row(
        assignment=rule.id,
        membership=place.id,
        department=place.department_id,
        state=found.state,
        due_on=found.due_on,
        begun_on=found.begun_on,
        done_on=found.done_on,
    )


async def facts_of(
    person_ids: Sequence[UUID], programmes: set[str]
) -> dict[tuple[UUID, str], Facts]:
    """What these people have done about these programmes: two statements."""
    if not programmes or not person_ids:
        return {}
    begun = await progress.begun(person_ids, programmes)
    facts = {key: Facts(begun_at=moment) for key, moment in begun.items()}
    for one in await records.earned(person_ids, programmes):  # what was earned last counts
        key = (one.learner_id, one.programme)
        facts[key] = Facts(
            begun_at=begun.get(key), earned_at=one.earned_at, valid_until=one.valid_until
        )
    return facts
