"""Keeping the register and reading it. One `UnitOfWork` each."""

from datetime import date, datetime
from uuid import UUID

from backend.certification_bodies import auditor_rows, repository, views
from backend.certification_bodies.code_tables import trained_by
from backend.certification_bodies.domain import (
    Fact,
    NotACertificationBody,
    RegisterState,
    check_listed,
    checked_addition,
    checked_known_at,
    shanghai_day,
    standing,
    status,
)
from backend.certification_bodies.repository import Body
from backend.certification_bodies.schemas import (
    AuditorCounts,
    BodyList,
    BodyPage,
    NewBody,
    NewEntry,
)
from backend.organisations import service as organisations
from backend.records import service as records
from infra.audit import record_act
from infra.database import UnitOfWork
from infra.engine import DB
from infra.ids import uuid7

KIND, CONFIRMED = "certification-body", "confirmed"


async def enter_body(wanted: NewBody, *, administrator: UUID, now: datetime) -> str:
    """A confirmed organisation comes into the register; returns its code."""
    async with UnitOfWork(DB):
        organisation = await organisations.organisation(wanted.organisation_id)
        if organisation.kind != KIND or organisation.state != CONFIRMED:
            raise NotACertificationBody
        body = Body(organisation.id, organisation.code)
        await repository.add_body(body, now=now)
        fact = Fact(
            id=uuid7(),
            state=RegisterState.LISTED,
            name=wanted.name or organisation.name,
            effective_from=wanted.effective_from,
            recorded_at=now,
            reason=wanted.reason,
            document=wanted.document,
        )
        await _record(body, fact, administrator=administrator, now=now)
    return body.code


async def add_entry(code: str, wanted: NewEntry, *, administrator: UUID, now: datetime) -> None:
    async with UnitOfWork(DB):
        body = await repository.body_by_code(code)
        await repository.lock_body(body)
        known = (await repository.facts_of([body.id]))[body.id]
        before = status(known, wanted.effective_from) or (known[0] if known else None)
        fact = Fact(
            id=uuid7(),
            state=None if wanted.state == "withdrawn" else RegisterState(wanted.state),
            name=wanted.name or (before.name if before else ""),
            effective_from=wanted.effective_from,
            recorded_at=now,
            reason=wanted.reason,
            document=wanted.document,
            corrects=wanted.corrects,
        )
        await _record(body, fact, administrator=administrator, now=now, known=known)


async def _record(
    body: Body, fact: Fact, *, administrator: UUID, now: datetime, known: list[Fact] | None = None
) -> None:
    fact = checked_addition(known or [], fact, today=shanghai_day(now))
    await repository.add_fact(body, fact, recorded_by=administrator)
    await record_act(
        "certification-body-entered",
        actor=administrator,
        subject=f"organisation:{body.id}",
        now=now,
        details={
            "entry": str(fact.id),
            "state": fact.state or "withdrawn",
            "effectiveFrom": fact.effective_from.isoformat(),
            "corrects": str(fact.corrects) if fact.corrects else None,
        },
    )


async def check_body_listed(body: Body, *, now: datetime) -> None:
    """For what only a listed body may do. BodyNotListed says why not."""
    facts = (await repository.facts_of([body.id]))[body.id]
    check_listed(status(facts, shanghai_day(now)))


async def bodies(
    as_at: date | None, known_at: datetime | None, *, cursor: str, limit: int, now: datetime
) -> BodyList:
    """Those that were in the register on that day, whatever their state, by code."""
    day = as_at or shanghai_day(now)
    checked_known_at(known_at, now=now)
    async with UnitOfWork(DB):
        found = await repository.bodies_after(cursor, limit + 1)
        facts = await repository.facts_of([body.id for body in found])
    items = [
        views.body_status(body, fact)
        for body in found[:limit]
        if (fact := status(facts[body.id], day, known_at))
    ]
    more = found[limit - 1].code if len(found) > limit else None
    return BodyList(items=items, as_at=day, known_at=known_at, next_cursor=more)


async def body_page(
    code: str, as_at: date | None, known_at: datetime | None, *, now: datetime
) -> BodyPage:
    """Everything public of one body. Counts of auditors are always today's or that day's."""
    day = as_at or shanghai_day(now)
    checked_known_at(known_at, now=now)
    async with UnitOfWork(DB):
        body = await repository.body_by_code(code)
        facts = (await repository.facts_of([body.id]))[body.id]
        documents = await repository.documents_of(body)
        counts = await _counts(body, day, now=now)
    holding = status(facts, day, known_at)
    shown = [f for f in facts if known_at is None or f.recorded_at <= known_at]
    in_force = {f.id for f in standing(facts, known_at)}
    return BodyPage(
        code=body.code,
        as_at=day,
        known_at=known_at,
        status=views.status_view(holding) if holding else None,
        entries=[views.entry(f, corrected=_corrected(f, in_force)) for f in shown],
        documents=[
            views.document(body.code, d)
            for d in documents
            if known_at is None or d.filed_at <= known_at
        ],
        auditors=counts,
    )


def _corrected(fact: Fact, in_force: set[UUID]) -> bool:
    return fact.state is not None and fact.id not in in_force


async def _counts(body: Body, day: date, *, now: datetime) -> AuditorCounts:
    people = await auditor_rows.people_of(body.id, day)
    trained = await records.in_force_of(
        [person for person in people if person], trained_by(day), now=now
    )
    return AuditorCounts(employed=len(people), trained=len(trained))
