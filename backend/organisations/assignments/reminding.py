"""Whom assignments reach, a page at a time, for whoever reminds them."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec

from backend.organisations import service as organisations
from backend.organisations.assignments import repository
from backend.organisations.assignments.domain import Facts, Rule, State, day_of, standing
from backend.organisations.assignments.repository import Place
from backend.organisations.assignments.working_out import facts_of, rules_of
from infra.database import connection

_MARKS = """
SELECT o.organisation AS organisation_id,
    (SELECT a.id FROM assignment a WHERE a.organisation = o.organisation
     AND a.withdrawn_at IS NULL ORDER BY a.id DESC LIMIT 1) AS newest_assignment,
    (SELECT m.id FROM membership m WHERE m.organisation = o.organisation
     ORDER BY m.id DESC LIMIT 1) AS newest_membership
FROM (
    SELECT DISTINCT organisation FROM assignment
    WHERE withdrawn_at IS NULL AND organisation > $1 ORDER BY organisation LIMIT $2
) AS o ORDER BY o.organisation
"""
_MEMBERS = """
SELECT id, person AS person_id, department AS department_id, joined_at, left_at
FROM membership WHERE organisation = $1 AND id > $2 AND left_at IS NULL ORDER BY id LIMIT $3
"""


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """An organisation with assignments, and by what one sees that there are new ones, or new
    members."""

    organisation_id: UUID
    newest_assignment: UUID | None
    newest_membership: UUID | None


class Reached(msgspec.Struct, frozen=True, kw_only=True):
    """A member whom an assignment concerns since a day."""

    person_id: UUID
    assignment_id: UUID
    programme: str
    compulsory: bool
    since: date
    due_on: date | None
    done: bool


class ReachedPage(msgspec.Struct, frozen=True):
    organisation: str
    items: list[Reached]
    after: UUID | None
    """The last membership of the page; None: nobody is left."""


async def marks(after: UUID, limit: int) -> list[Mark]:
    """One statement."""
    rows = await connection().fetch(_MARKS, after, limit)
    return msgspec.convert([dict(row) for row in rows], list[Mark])


async def reached(organisation_id: UUID, *, after: UUID, limit: int, now: datetime) -> ReachedPage:
    """The next `limit` members. Seven statements, however many they are."""
    rows = await connection().fetch(_MEMBERS, organisation_id, after, limit)
    places = [msgspec.convert(dict(row), Place) for row in rows]
    units = await repository.units([organisation_id])
    rules = await rules_of(organisation_id, units)
    facts = await facts_of([place.person_id for place in places], {r.programme for r in rules})
    name = (await organisations.names_of([organisation_id])).get(organisation_id, "")
    items = [one for place in places for one in _of(place, rules, facts, day_of(now))]
    return ReachedPage(name, items, places[-1].id if len(places) == limit else None)


def _of(
    place: Place, rules: Sequence[Rule], facts: dict[tuple[UUID, str], Facts], today: date
) -> list[Reached]:
    found = []
    for rule in rules:
        if not rule.reaches(place.id, place.department_id):
            continue
        known = facts.get((place.person_id, rule.programme), Facts.NOTHING)
        stands = standing(rule, place.joined_at, known, today=today)
        found.append(
            Reached(
                person_id=place.person_id,
                assignment_id=rule.id,
                programme=rule.programme,
                compulsory=rule.compulsory,
                since=max(day_of(rule.assigned_at), day_of(place.joined_at)),
                due_on=stands.due_on,
                done=stands.state is State.DONE,
            )
        )
    return found
