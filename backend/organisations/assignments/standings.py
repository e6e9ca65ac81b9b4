"""Rows of what was worked out: where members stand, counts, hours, and as at when."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec

from backend.organisations.assignments.domain import FRESH_FOR, Counts, State
from infra.database import connection

_LOCK = """
INSERT INTO dashboard_snapshot (organisation, people, expected) VALUES ($1, 0, 0)
ON CONFLICT (organisation) DO NOTHING
"""
_STORED = """
SELECT id, assignment, membership, department, state, due_on, begun_on, done_on
FROM assignment_standing WHERE organisation = $1 AND membership > $2 AND membership <= $3
"""
_STORE = """
INSERT INTO assignment_standing
    (organisation, assignment, membership, department, state, due_on, begun_on, done_on)
SELECT $1, * FROM unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::date[], $7::date[],
    $8::date[])
"""
_COUNTS = """
INSERT INTO dashboard_count (organisation, assignment, department, done, under_way, late,
    late_not_started, not_started)
SELECT $1, * FROM unnest($2::uuid[], $3::uuid[], $4::int[], $5::int[], $6::int[], $7::int[],
    $8::int[])
"""
_HOURS = """
INSERT INTO dashboard_hours (organisation, department, month, seconds)
SELECT $1, * FROM unnest($2::uuid[], $3::date[], $4::bigint[])
"""
_BY_ASSIGNMENT = """
SELECT assignment, sum(done)::int AS done, sum(under_way)::int AS under_way,
       sum(late)::int AS late, sum(late_not_started)::int AS late_not_started,
       sum(not_started)::int AS not_started
FROM dashboard_count
WHERE organisation = $1 AND ($2::uuid[] IS NULL OR department = ANY($2)) GROUP BY assignment
"""
_BY_DEPARTMENT = """
SELECT department, done, under_way, late, late_not_started, not_started
FROM dashboard_count WHERE organisation = $1 AND assignment IS NULL
"""
_BY_MONTH = """
SELECT month, sum(seconds)::bigint AS seconds FROM dashboard_hours
WHERE organisation = $1 AND ($2::uuid[] IS NULL OR department = ANY($2)) GROUP BY month
"""
_HOURS_BY_DEPARTMENT = """
SELECT department, sum(seconds)::bigint AS seconds FROM dashboard_hours
WHERE organisation = $1 GROUP BY department
"""
_MEMBERS = """
SELECT s.membership, s.department, s.state, s.due_on, s.begun_on, s.done_on,
       m.name_sealed, m.contact_sealed, m.person
FROM assignment_standing s JOIN membership m ON m.id = s.membership
WHERE s.assignment = $1 AND s.organisation = $2 AND m.left_at IS NULL
  AND ($3::text IS NULL OR s.state = $3) AND ($4::uuid[] IS NULL OR s.department = ANY($4))
  AND s.membership > $5
ORDER BY s.membership
"""
_FIRST = UUID(int=0)


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    as_at: datetime | None
    asked_at: datetime | None
    people: int
    expected: int


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A member in an assignment, to be stored."""

    assignment: UUID
    membership: UUID
    department: UUID | None
    state: State
    due_on: date | None
    begun_on: date | None
    done_on: date | None


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """A member in an assignment, as stored, with what the organisation knows of the person."""

    membership: UUID
    person: UUID
    department: UUID | None
    state: State
    due_on: date | None
    begun_on: date | None
    done_on: date | None
    name_sealed: bytes | None
    contact_sealed: bytes | None


class Chosen(msgspec.Struct, frozen=True, kw_only=True):
    """Which members of an assignment; None: whichever."""

    organisation_id: UUID
    assignment_id: UUID
    state: State | None = None
    departments: Collection[UUID] | None = None


async def snapshot(organisation_id: UUID) -> Snapshot | None:
    row = await connection().fetchrow(
        "SELECT as_at, asked_at, people, expected FROM dashboard_snapshot WHERE organisation = $1",
        organisation_id,
    )
    return msgspec.convert(dict(row), Snapshot) if row else None


async def lock(organisation_id: UUID) -> Snapshot:
    """Whoever works out the same organisation waits here."""
    await connection().execute(_LOCK, organisation_id)
    row = await connection().fetchrow(
        "SELECT as_at, asked_at, people, expected FROM dashboard_snapshot WHERE organisation = $1"
        " FOR UPDATE",
        organisation_id,
    )
    return msgspec.convert(dict(row or {}), Snapshot)


async def ask(organisation_id: UUID, *, now: datetime) -> bool:
    """Whether a job is to be asked for. Not while one works, nor again while the last one waits."""
    await connection().execute(_LOCK, organisation_id)
    idle = await connection().fetchval(
        "SELECT organisation FROM dashboard_snapshot WHERE organisation = $1"
        " AND (asked_at IS NULL OR asked_at <= as_at OR asked_at < $2) FOR UPDATE SKIP LOCKED",
        organisation_id,
        now - FRESH_FOR,
    )
    if idle is None:
        return False
    await connection().execute(
        "UPDATE dashboard_snapshot SET asked_at = $2 WHERE organisation = $1", idle, now
    )
    return True


async def store_page(organisation_id: UUID, after: UUID, last: UUID, rows: Sequence[Row]) -> None:
    """Standings of all memberships in (after, last].

    What is there already stays untouched: working it out again costs reading, not writing. They
    are compared here, because a join with an array has no statistics and was seen to take minutes.
    """
    found = await connection().fetch(_STORED, organisation_id, after, last)
    stored = {tuple(row.values())[1:]: row["id"] for row in found}
    wanted = {msgspec.structs.astuple(row) for row in rows}
    over = [number for values, number in stored.items() if values not in wanted]
    await connection().execute("DELETE FROM assignment_standing WHERE id = ANY($1)", over)
    new = [values for values in wanted if values not in stored]
    if new:
        columns = [list(column) for column in zip(*sorted(new, key=_by_member), strict=True)]
        await connection().execute(_STORE, organisation_id, *columns)


def _by_member(values: tuple[object, ...]) -> tuple[str, str]:
    return str(values[1]), str(values[0])


async def store(
    organisation_id: UUID,
    *,
    counts: Mapping[tuple[UUID | None, UUID | None], Counts],
    hours: Mapping[tuple[UUID | None, date], int],
    people: int,
    expected: int,
    now: datetime,
) -> None:
    """Instead of what was there. `counts` by (assignment, department), `hours` by (department,
    month)."""
    for table in ("dashboard_count", "dashboard_hours"):
        await connection().execute(f"DELETE FROM {table} WHERE organisation = $1", organisation_id)
    keys = [[key[n] for key in counts] for n in (0, 1)]
    values = [[getattr(one, name) for one in counts.values()] for name in _COUNTED]
    await connection().execute(_COUNTS, organisation_id, *keys, *values)
    spent = [[key[n] for key in hours] for n in (0, 1)]
    await connection().execute(_HOURS, organisation_id, *spent, list(hours.values()))
    await connection().execute(
        "UPDATE dashboard_snapshot SET as_at = $2, people = $3, expected = $4"
        " WHERE organisation = $1",
        *(organisation_id, now, people, expected),
    )


_COUNTED = ("done", "under_way", "late", "late_not_started", "not_started")


async def counts_by_assignment(
    organisation_id: UUID, departments: Collection[UUID] | None
) -> dict[UUID | None, Counts]:
    """None: over all compulsory assignments."""
    rows = await connection().fetch(_BY_ASSIGNMENT, organisation_id, _list(departments))
    return {row["assignment"]: _counts(row) for row in rows}


async def counts_by_department(organisation_id: UUID) -> dict[UUID | None, Counts]:
    rows = await connection().fetch(_BY_DEPARTMENT, organisation_id)
    return {row["department"]: _counts(row) for row in rows}


async def hours_by_month(
    organisation_id: UUID, departments: Collection[UUID] | None
) -> dict[date, int]:
    rows = await connection().fetch(_BY_MONTH, organisation_id, _list(departments))
    return {row["month"]: row["seconds"] for row in rows}


async def hours_by_department(organisation_id: UUID) -> dict[UUID | None, int]:
    rows = await connection().fetch(_HOURS_BY_DEPARTMENT, organisation_id)
    return {row["department"]: row["seconds"] for row in rows}


async def members(chosen: Chosen, *, after: UUID | None, limit: int) -> list[Member]:
    rows = await connection().fetch(f"{_MEMBERS} LIMIT {int(limit)}", *_arguments(chosen, after))
    return [msgspec.convert(dict(row), Member) for row in rows]


async def all_members(chosen: Chosen, *, at_once: int) -> AsyncIterator[list[Member]]:
    """From a server-side cursor: one statement, so one snapshot, whatever commits meanwhile."""
    cursor = await connection().cursor(_MEMBERS, *_arguments(chosen, None))
    while rows := await cursor.fetch(at_once):
        yield [msgspec.convert(dict(row), Member) for row in rows]


def _arguments(chosen: Chosen, after: UUID | None) -> tuple[object, ...]:
    return (
        chosen.assignment_id,
        chosen.organisation_id,
        chosen.state,
        _list(chosen.departments),
        after or _FIRST,
    )


def _list(departments: Collection[UUID] | None) -> list[UUID] | None:
    return None if departments is None else list(departments)


def _counts(row: Mapping[str, int]) -> Counts:
    return Counts(**{name: row[name] for name in _COUNTED})
