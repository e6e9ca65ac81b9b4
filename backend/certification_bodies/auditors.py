"""A body's auditors: entered by its managers, shown masked, looked up by registration number."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from backend.certification_bodies import auditor_rows, repository
from backend.certification_bodies.auditing import (
    Employment,
    GradeGiven,
    NoSuchAuditor,
    NotAMember,
    NumberOfAnotherName,
    checked_departure,
    checked_employment,
    checked_grade,
    grade_on,
    masked_number,
    registration_number,
)
from backend.certification_bodies.auditor_rows import AuditorRow
from backend.certification_bodies.code_tables import trained_by
from backend.certification_bodies.domain import RegisterState, shanghai_day, status
from backend.certification_bodies.register import check_body_listed
from backend.certification_bodies.repository import Body
from backend.certification_bodies.schemas import (
    ArchiveQuery,
    AuditorArchive,
    AuditorList,
    AuditorView,
    EmploymentView,
    GradeView,
    NewAuditor,
    NewGrade,
)
from backend.organisations import service as organisations
from backend.records import service as records
from backend.records.domain import masked_name
from infra.audit import record_act
from infra.database import UnitOfWork
from infra.engine import DB
from infra.vault import Vault

_FIRST = UUID(int=0)


def number_index(vault: Vault, number: str) -> bytes:
    return vault.index(f"auditor\0{number}")


async def add_auditor(
    vault: Vault, code: str, wanted: NewAuditor, *, manager: UUID, now: datetime
) -> AuditorView:
    """Enters the auditor where the number is new, and the employment in any case."""
    today = shanghai_day(now)
    number = registration_number(wanted.registration_number, on=today)
    given = GradeGiven(
        checked_grade(wanted.grade, since=wanted.grade_since, today=today), wanted.grade_since
    )
    async with UnitOfWork(DB):
        body = await _managed(code, manager)
        await check_body_listed(body, now=now)
        auditor_id = await _auditor(vault, number, wanted.name, now=now)
        known = await auditor_rows.employments_of(auditor_id)
        new = checked_employment(known, Employment(body.id, wanted.employed_since), today=today)
        await _link(auditor_id, wanted.person_id, body)
        await auditor_rows.add_grade(auditor_id, given, entered_by=manager, now=now)
        await auditor_rows.add_employment(auditor_id, new, entered_by=manager, now=now)
        await _note("auditor-added", auditor_id, body, manager, now)
    return AuditorView(
        id=auditor_id,
        name=masked_name(wanted.name),
        registration_number=masked_number(number),
        grade=given.grade,
        employed_since=new.begins_on,
    )


async def give_grade(
    code: str, auditor_id: UUID, wanted: NewGrade, *, manager: UUID, now: datetime
) -> None:
    today = shanghai_day(now)
    grade = checked_grade(wanted.grade, since=wanted.grade_since, today=today)
    async with UnitOfWork(DB):
        body = await _managed(code, manager)
        await check_body_listed(body, now=now)
        await auditor_rows.lock_employed(auditor_id, body.id)
        await auditor_rows.add_grade(
            auditor_id, GradeGiven(grade, wanted.grade_since), entered_by=manager, now=now
        )
        await _note("auditor-graded", auditor_id, body, manager, now)


async def depart(
    code: str, auditor_id: UUID, last_day: date, *, manager: UUID, now: datetime
) -> None:
    """Also of a body that is not listed: who leaves it must be free for another."""
    async with UnitOfWork(DB):
        body = await _managed(code, manager)
        employment_id, employment = await auditor_rows.lock_employed(auditor_id, body.id)
        checked_departure(employment, last_day, today=shanghai_day(now))
        await auditor_rows.end_employment(employment_id, last_day, ended_by=manager, now=now)
        await _note("auditor-departed", auditor_id, body, manager, now)


async def auditors_of(
    vault: Vault, code: str, *, cursor: UUID | None, limit: int, now: datetime
) -> AuditorList:
    """Those employed today, masked. Three queries, however many."""
    today = shanghai_day(now)
    async with UnitOfWork(DB):
        body = await repository.body_by_code(code)
        rows = await auditor_rows.employed_by(
            body.id, today, after=cursor or _FIRST, limit=limit + 1
        )
        grades = await auditor_rows.grades_of([row.id for row in rows])
    items = [
        AuditorView(
            id=row.id,
            name=masked_name(auditor_rows.name_of(vault, row)),
            registration_number=masked_number(auditor_rows.number_of(vault, row)),
            grade=grade_on(grades[row.id], today),
            employed_since=row.begins_on,
        )
        for row in rows[:limit]
    ]
    more = rows[limit - 1].employment_id if len(rows) > limit else None
    return AuditorList(items=items, next_cursor=more)


async def archive(
    vault: Vault, asked: ArchiveQuery, *, caller: UUID, now: datetime
) -> AuditorArchive:
    """By registration number, for who has a reason; each look is entered in the audit trail."""
    today = shanghai_day(now)
    number = registration_number(asked.registration_number, on=today)
    async with UnitOfWork(DB):
        row = _found(await auditor_rows.by_number(number_index(vault, number)))
        await record_act(
            "auditor-archive-read",
            actor=caller,
            subject=f"auditor:{row.id}",
            now=now,
            details={"purpose": asked.purpose, "nameCompared": asked.name is not None},
        )
        grades = (await auditor_rows.grades_of([row.id]))[row.id]
        employments = await auditor_rows.employments_of(row.id)
        shown, listed = await _employers(employments, today)
        trained = await records.in_force_of(
            [row.person] if row.person else [], trained_by(today), now=now
        )
    name = auditor_rows.name_of(vault, row)
    return AuditorArchive(
        id=row.id,
        name=masked_name(name),
        registration_number=masked_number(number),
        name_matches=None if asked.name is None else same_name(asked.name, name),
        grade=grade_on(grades, today),
        grades=[GradeView(grade=g.grade, since=g.since) for g in grades],
        employments=shown,
        trained=bool(trained),
        body_listed=listed,
    )


async def personal_data(vault: Vault, person_id: UUID) -> dict[str, Any]:
    """Unmasked: it goes to the person alone."""
    row = await auditor_rows.by_person(person_id)
    if row is None:
        return {}
    async with UnitOfWork(DB):
        grades = (await auditor_rows.grades_of([row.id]))[row.id]
        employments = await auditor_rows.employments_of(row.id)
        codes = {b.id: b.code for b in await repository.bodies_by_id({e.body for e in employments})}
    return {
        "auditor": {
            "registrationNumber": auditor_rows.number_of(vault, row),
            "name": auditor_rows.name_of(vault, row),
            "grades": [{"grade": g.grade, "since": g.since.isoformat()} for g in grades],
            "employments": [
                {
                    "body": codes.get(e.body),
                    "beginsOn": e.begins_on.isoformat(),
                    "endsOn": e.ends_on.isoformat() if e.ends_on else None,
                }
                for e in employments
            ],
        }
    }


async def erase_person(person_id: UUID, *, now: datetime) -> None:
    """Name, number and account go; grades and employments stay as those of nobody."""
    today = shanghai_day(now)
    async with UnitOfWork(DB):
        row = await auditor_rows.by_person(person_id)
        if row is None:
            return
        for employment in await auditor_rows.employments_of(row.id):
            if employment.ends_on is None:
                employment_id, open_one = await auditor_rows.lock_employed(row.id, employment.body)
                last_day = max(today, open_one.begins_on)
                await auditor_rows.end_employment(employment_id, last_day, ended_by=None, now=now)
        await auditor_rows.forget(row.id, now=now)


def _found(row: AuditorRow | None) -> AuditorRow:
    if row is None:
        raise NoSuchAuditor
    return row


async def _managed(code: str, manager: UUID) -> Body:
    body = await repository.body_by_code(code)
    await organisations.manager_or_404(manager, body.id)
    return body


async def _auditor(vault: Vault, number: str, name: str, *, now: datetime) -> UUID:
    """Locked from here on: employments of one auditor are judged one after the other."""
    index = number_index(vault, number)
    found = await auditor_rows.lock_by_number(index)
    if found is None:
        await auditor_rows.add(vault, index, number, name, now=now)
        found = await auditor_rows.lock_by_number(index)
    found = _found(found)
    if not same_name(auditor_rows.name_of(vault, found), name):
        raise NumberOfAnotherName
    return found.id


async def _link(auditor_id: UUID, person_id: UUID | None, body: Body) -> None:
    if person_id is None:
        return
    if not await organisations.belongs(person_id, body.id):
        raise NotAMember
    await auditor_rows.link(auditor_id, person_id)


async def _employers(
    employments: list[Employment], today: date
) -> tuple[list[EmploymentView], bool]:
    """Each employment with its body's name of today; whether today's employer is listed."""
    ids = {e.body for e in employments}
    codes = {b.id: b.code for b in await repository.bodies_by_id(ids)}
    facts = await repository.facts_of(ids)
    now = {body: status(facts[body], today) for body in ids}
    shown = [
        EmploymentView(
            body=codes[e.body],
            name=fact.name if (fact := now[e.body]) else None,
            begins_on=e.begins_on,
            ends_on=e.ends_on,
        )
        for e in employments
    ]
    present = [now[e.body] for e in employments if e.covers(today)]
    return shown, any(f is not None and f.state is RegisterState.LISTED for f in present)


async def _note(act: str, auditor_id: UUID, body: Body, actor: UUID, now: datetime) -> None:
    await record_act(
        act,
        actor=actor,
        subject=f"auditor:{auditor_id}",
        now=now,
        details={"organisation": str(body.id)},
    )


def same_name(one: str, other: str) -> bool:
    return _plain(one) == _plain(other)


def _plain(name: str) -> str:
    return "".join(name.split()).casefold()
