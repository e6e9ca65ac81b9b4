"""Declaring an organisation, deciding about it, and its certification cycle."""

import secrets
from datetime import date, datetime
from uuid import UUID

from backend.accounts.service import holder_of
from backend.organisations import repository
from backend.organisations.certification import Cycle, Fact, checked_fact, cycle
from backend.organisations.domain import (
    JOIN_CODE_ALPHABET,
    JOIN_CODE_LENGTH,
    OPEN_DECLARATIONS,
    AlreadyConfirmed,
    AlreadyDeclared,
    FixedOnceConfirmed,
    JoinedBy,
    Kind,
    NotDeclared,
    OrganisationNotFound,
    Position,
    State,
    TooManyDeclarations,
    refuse_unless_active,
)
from backend.organisations.members import repository as members
from backend.organisations.repository import Profile
from backend.organisations.tables import Organisation
from infra.audit import record_act
from infra.database import UnitOfWork
from infra.engine import DB
from infra.ids import uuid7
from infra.vault import Vault


async def declare(vault: Vault, organisation: Organisation, *, now: datetime) -> Profile:
    """Whoever declares is its first manager; an administrator confirms or refuses.

    AlreadyConfirmed, AlreadyDeclared, TooManyDeclarations.
    """
    person_id = organisation.declared_by
    name = (await holder_of(vault, person_id)).name
    async with UnitOfWork(DB):
        if await repository.confirmed_of_code(organisation.code):
            raise AlreadyConfirmed
        if await repository.open_declarations(person_id) >= OPEN_DECLARATIONS:
            raise TooManyDeclarations
        if not await repository.add(organisation):
            raise AlreadyDeclared
        await members.add(
            members.newcomer(
                vault, organisation.id, person_id, name, joined_by=JoinedBy.DECLARATION, now=now
            ),
            position=Position.MANAGER,
        )
    return await _profile(organisation.id)


async def profile_of(person_id: UUID, organisation_id: UUID) -> tuple[Profile, Position]:
    """For its own people; others hear that there is none."""
    position = await members.position_of(person_id, organisation_id)
    if position is None:
        raise OrganisationNotFound
    return await _profile(organisation_id), position


async def change(
    person_id: UUID, organisation_id: UUID, *, name: str | None, reporting_unit: str | None
) -> Profile:
    async with UnitOfWork(DB):
        profile = await managed(person_id, organisation_id)
        if profile.state is not State.DECLARED:
            raise FixedOnceConfirmed
        values = {Organisation.name: name, Organisation.reporting_unit: reporting_unit}
        given = {column: value for column, value in values.items() if value is not None}
        if given:
            await repository.change(organisation_id, given)
    return await _profile(organisation_id)


async def managed(person_id: UUID, organisation_id: UUID) -> Profile:
    """The organisation, locked, for one of its managers. Refused: it can do nothing more."""
    profile = await repository.profile_of(organisation_id, lock=True)
    if profile is None or not await repository.manages(person_id, organisation_id):
        raise OrganisationNotFound
    refuse_unless_active(profile.state)
    return profile


# --- administrators ---------------------------------------------------------------------------


async def confirm(organisation_id: UUID, *, by: UUID, now: datetime) -> Profile:
    """Other open declarations of the same code are refused with it."""
    async with UnitOfWork(DB):
        profile = await repository.lock_code_of(organisation_id)
        if profile is None:
            raise OrganisationNotFound
        if await repository.confirmed_of_code(profile.code):
            raise AlreadyConfirmed if profile.state is State.DECLARED else NotDeclared
        await _decide(profile, State.CONFIRMED, by=by, because=None, now=now)
        for rival in await repository.rivals_of(profile.code, organisation_id):
            because = "同一代码的另一登记已获确认 / another declaration of the code was confirmed"
            await _decide(await _profile(rival), State.REFUSED, by=by, because=because, now=now)
    return await _profile(organisation_id)


async def refuse(organisation_id: UUID, because: str, *, by: UUID, now: datetime) -> Profile:
    async with UnitOfWork(DB):
        profile = await repository.profile_of(organisation_id, lock=True)
        if profile is None:
            raise OrganisationNotFound
        await _decide(profile, State.REFUSED, by=by, because=because, now=now)
    return await _profile(organisation_id)


async def in_state(
    state: State, kind: Kind | None, *, after: UUID | None, limit: int
) -> list[Profile]:
    return await repository.in_state(state, kind, after=after, limit=limit)


async def _decide(
    profile: Profile, state: State, *, by: UUID, because: str | None, now: datetime
) -> None:
    if not await repository.decide(profile.id, state, by=by, because=because, now=now):
        raise NotDeclared
    await record_act(
        f"organisation-{state}",
        actor=by,
        subject=f"organisation:{profile.id}",
        now=now,
        details={"code": profile.code},
    )


# --- certification ----------------------------------------------------------------------------


async def certification_of(organisation_id: UUID, *, today: date) -> tuple[list[Fact], Cycle]:
    facts = await repository.facts_of(organisation_id)
    return facts, cycle(facts, today=today)


async def record_fact(
    person_id: UUID, organisation_id: UUID, fact: Fact, *, now: datetime, today: date
) -> tuple[list[Fact], Cycle]:
    """FactInTheFuture, FactDoesNotFit."""
    async with UnitOfWork(DB):
        await managed(person_id, organisation_id)
        checked_fact(fact, await repository.facts_of(organisation_id), today=today)
        await repository.add_fact(fact, organisation_id, by=person_id, now=now)
    return await certification_of(organisation_id, today=today)


# --- the join code ----------------------------------------------------------------------------


async def join_code(person_id: UUID, organisation_id: UUID) -> tuple[str | None, bool]:
    """The present code, and whether managers look at who comes by it."""
    if not await repository.manages(person_id, organisation_id):
        raise OrganisationNotFound
    profile = await _profile(organisation_id)
    return profile.join_code, profile.join_needs_approval


async def set_join_code(
    person_id: UUID, organisation_id: UUID, *, open_: bool, needs_approval: bool, now: datetime
) -> str | None:
    """A new code, or none: the one before lets nobody in any more."""
    code = new_join_code() if open_ else None
    async with UnitOfWork(DB):
        await managed(person_id, organisation_id)
        await repository.change(
            organisation_id,
            {Organisation.join_code: code, Organisation.join_needs_approval: needs_approval},
        )
        await record_act(
            "join-code-set" if code else "join-code-closed",
            actor=person_id,
            subject=f"organisation:{organisation_id}",
            now=now,
            details={"needsApproval": needs_approval},
        )
    return code


def new_join_code() -> str:
    return "".join(secrets.choice(JOIN_CODE_ALPHABET) for _ in range(JOIN_CODE_LENGTH))


def declared(
    *, code: str, name: str, kind: str, reporting_unit: str, by: UUID, demo: bool, now: datetime
) -> Organisation:
    return Organisation(
        id=uuid7(),
        code=code,
        name=name,
        kind=kind,
        reporting_unit=reporting_unit,
        state=State.DECLARED,
        demonstration=demo,
        declared_by=by,
        declared_at=now,
        join_needs_approval=True,
    )


async def _profile(organisation_id: UUID) -> Profile:
    found = await repository.profile_of(organisation_id)
    if found is None:
        raise OrganisationNotFound
    return found
