"""Two people check a declaration: one has seen the document, another confirms.

Whoever attests types name and number from the document before him; we compare. So nobody needs to
be shown what a person declared in order to check it.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from backend.accounts import service as accounts
from backend.identity import repository
from backend.identity.checks import Claim, TwoPersonCheck
from backend.identity.domain import (
    MISMATCHES,
    OPEN,
    Claimed,
    DeclarationMovedOn,
    DiffersFromDeclaration,
    NoSuchDeclaration,
    OrganisationNotConfirmed,
    RejectedBecause,
    State,
    ValidityRule,
    check_other_person,
    same_name,
    valid_until,
)
from backend.identity.repository import Declaration
from backend.organisations import service as organisations
from backend.organisations.domain import State as OrganisationState
from backend.records import service as records
from infra.access_log import note_access
from infra.audit import record_act
from infra.database import UnitOfWork
from infra.engine import DB
from infra.vault import Vault


class Shown(msgspec.Struct, frozen=True):
    """A declaration in a queue, opened: mask it."""

    declaration: Declaration
    claimed: Claimed


class Confirmed(msgspec.Struct, frozen=True):
    state: State
    case_id: UUID | None = None
    """Somebody else has this identity: two administrators decide (`cases`)."""


async def managers_queue(
    vault: Vault,
    actor: UUID,
    organisation_id: UUID,
    *,
    after: UUID | None,
    limit: int,
    now: datetime,
) -> list[Shown]:
    """Members' declarations that wait for somebody who sees the document. The last of `limit` only
    says that there are more; it is not shown."""
    await organisations.manager_or_404(actor, organisation_id)
    found = await repository.queue(
        state=State.DECLARED, organisation_id=organisation_id, after=after, limit=limit
    )
    await _note(found[: limit - 1], actor, "manager", now, organisation_id)
    return [Shown(d, d.opened(vault)) for d in found]


async def administrators_queue(
    vault: Vault,
    actor: UUID,
    *,
    state: State,
    person_id: UUID | None,
    after: UUID | None,
    limit: int,
    now: datetime,
) -> list[Shown]:
    found = await repository.queue(state=state, person_id=person_id, after=after, limit=limit)
    await _note(found[: limit - 1], actor, "administrator", now)
    return [Shown(d, d.opened(vault)) for d in found]


async def _note(
    found: Sequence[Declaration],
    actor: UUID,
    role: str,
    now: datetime,
    organisation_id: UUID | None = None,
) -> None:
    """Masked, but looked at: whose they are can read by whom."""
    await note_access(
        [one.person for one in found],
        actor_id=actor,
        actor_role=role,
        what="identity",
        purpose="核对实名申报 / checking declarations of identity",
        now=now,
        organisation_id=organisation_id,
    )


async def attest(
    vault: Vault,
    actor: UUID,
    declaration_id: UUID,
    seen: Claimed,
    *,
    organisation_id: UUID | None,
    now: datetime,
) -> None:
    """`organisation_id`: whose manager attests; None for an administrator.

    DiffersFromDeclaration is counted: after `MISMATCHES` of them the declaration falls, so
    nobody finds out a number by trying.
    """
    await _check_standing(actor, organisation_id)
    async with UnitOfWork(DB):
        found = await _waiting(declaration_id, organisation_id, State.DECLARED)
        check_other_person(actor, found.person)
        agrees = _agrees(vault, found, seen)
        if agrees:
            await repository.change(
                found.id, {"state": State.ATTESTED, "attested_by": actor, "attested_at": now}
            )
            await _acted("attested", found, actor, now)
        else:
            await _count_mismatch(found, actor, now)
    if not agrees:
        raise DiffersFromDeclaration  # outside: the count must stand


async def confirm(
    vault: Vault, actor: UUID, declaration_id: UUID, rules: Sequence[ValidityRule], now: datetime
) -> Confirmed:
    """The second person. Whose number somebody else has, a case is opened: see `cases`."""
    async with UnitOfWork(DB):
        found = await _waiting(declaration_id, None, State.ATTESTED)
        check_other_person(actor, found.person, found.attested_by)
        if await repository.undecided_case(found.id):
            raise DeclarationMovedOn
        await repository.lock_number(found.number_index)
        held = await repository.holder_of_number(found.number_index, but=found.person)
        if held is None:
            await verify(vault, found, actor, rules, now)
            done = Confirmed(State.VERIFIED)
        else:
            done = Confirmed(State.ATTESTED, await _open_case(found, held[1], actor, now))
    return done


async def reject(
    actor: UUID,
    declaration_id: UUID,
    because: RejectedBecause,
    *,
    organisation_id: UUID | None,
    now: datetime,
) -> None:
    await _check_standing(actor, organisation_id)
    async with UnitOfWork(DB):
        wanted = [State.DECLARED] if organisation_id else list(OPEN)
        found = await _waiting(declaration_id, organisation_id, *wanted)
        check_other_person(actor, found.person)
        if await repository.undecided_case(found.id):
            raise DeclarationMovedOn
        await let_fall(found, actor, because, now)


async def verify(
    vault: Vault, found: Declaration, actor: UUID, rules: Sequence[ValidityRule], now: datetime
) -> None:
    """In the caller's transaction, with the number locked: nobody else has it."""
    claimed = found.opened(vault)
    claim = Claim(
        person_id=found.person,
        name=claimed.name,
        document=claimed.document,
        attested_by=found.attested_by,
        confirmed_by=actor,
    )
    result = await TwoPersonCheck().confirms(claim)
    assert result.verified
    ends = valid_until(rules, verified_at=now, document_expires=claimed.document.expires_on)
    if former := await repository.held_by(found.person):
        await repository.change(former, {"state": State.REPLACED})
        await repository.note("replaced", found.person, former, actor=actor, now=now)
    await repository.change(
        found.id,
        {
            "state": State.VERIFIED,
            "method": result.method,
            "verified_by": actor,
            "verified_at": now,
            "valid_until": ends,
        },
    )
    if not await accounts.set_identity(
        vault,
        found.person,
        name=claimed.name,
        method=result.method,
        verified_at=now,
        valid_until=ends,
    ):
        raise DeclarationMovedOn  # erased, and this declaration goes in a moment
    await records.identity_verified(found.person)
    await _acted("verified", found, actor, now, method=result.method)


async def let_fall(
    found: Declaration, actor: UUID, because: RejectedBecause, now: datetime
) -> None:
    await repository.change(found.id, {"state": State.REJECTED})
    await _acted("rejected", found, actor, now, reason=because)


async def _check_standing(actor: UUID, organisation_id: UUID | None) -> None:
    if organisation_id is None:
        return
    found = await organisations.manager_or_404(actor, organisation_id)
    if found.state is not OrganisationState.CONFIRMED:
        raise OrganisationNotConfirmed


async def _waiting(
    declaration_id: UUID, organisation_id: UUID | None, *states: State
) -> Declaration:
    """Locked. NoSuchDeclaration also where the person has left the organisation meanwhile."""
    found = await repository.lock_declaration(declaration_id, organisation_id=organisation_id)
    if found is None:
        raise NoSuchDeclaration
    if organisation_id and not await organisations.belongs(found.person, organisation_id):
        raise NoSuchDeclaration
    if found.state not in states:
        raise DeclarationMovedOn
    return found


def _agrees(vault: Vault, found: Declaration, seen: Claimed) -> bool:
    same_number = vault.index(seen.document.indexed) == found.number_index
    return same_number and same_name(seen.name, found.opened(vault).name)


async def _count_mismatch(found: Declaration, actor: UUID, now: datetime) -> None:
    mismatches = found.mismatches + 1
    await repository.change(found.id, {"mismatches": mismatches})
    await repository.note("mismatch", found.person, found.id, actor=actor, now=now)
    if mismatches >= MISMATCHES:
        await let_fall(found, actor, RejectedBecause.DIFFERS, now)


async def _open_case(found: Declaration, holder: UUID, actor: UUID, now: datetime) -> UUID:
    case_id = await repository.add_case(found.id, found.person, holder, now)
    await repository.note("case-opened", found.person, found.id, actor=actor, now=now)
    await record_act(
        "identity-case-opened",
        actor=actor,
        subject=f"identity-case:{case_id}",
        now=now,
        details={"claimant": str(found.person), "holder": str(holder)},
    )
    return case_id


async def _acted(
    event: str,
    found: Declaration,
    actor: UUID,
    now: datetime,
    *,
    method: str | None = None,
    reason: str | None = None,
) -> None:
    """Into the person's history, and into the trail of privileged acts."""
    await repository.note(
        event, found.person, found.id, actor=actor, now=now, method=method, reason=reason
    )
    await record_act(
        f"identity-{event}",
        actor=actor,
        subject=f"person:{found.person}",
        now=now,
        details={"declaration": str(found.id), "method": method, "reason": reason},
    )
