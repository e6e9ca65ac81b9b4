"""A person's own side of identity verification, and what other areas may ask."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import structlog

from backend import privacy_notices as notices
from backend.accounts import service as accounts
from backend.identity import repository
from backend.identity.checks import (
    Claim,
    DocumentCheck,
    IdentityCheck,
    IdentityResult,
    NoIdentityCheck,
)
from backend.identity.domain import (
    DECLARATIONS_A_DAY,
    HOLDING,
    NOTHING_CHECKED,
    OPEN,
    AlreadyVerified,
    BeingChecked,
    Claimed,
    IdentityConsentNeeded,
    IdentityStanding,
    NotOfThatOrganisation,
    Purpose,
    State,
    TooManyDeclarations,
)
from backend.identity.repository import Declaration
from backend.organisations import service as organisations
from backend.records import service as records
from infra.consents import Purpose as Consent
from infra.database import UnitOfWork
from infra.engine import DB
from infra.vault import Vault

_log = structlog.get_logger(__name__)
_A_DAY = timedelta(days=1)
_KEPT = 1000
_SHOWN = (*HOLDING, State.REPLACED)
"""Declarations that were verified once, and not found to be wrong since."""
"""Declarations of one person that an export holds; ten a day at most."""
_SHOWN_AS = {State.EXPIRED: "expired", State.VERIFIED: "verified", State.REVOKED: "revoked"}


class MyIdentity(msgspec.Struct, frozen=True):
    standing: IdentityStanding
    declaration: Declaration | None
    """The newest one."""
    claimed: Claimed | None
    """What it says, in clear: mask it."""
    events: list[dict[str, Any]]


class Reveal(msgspec.Struct, frozen=True):
    """Somebody saw this person's full name and number."""

    id: UUID
    at: datetime
    actor: UUID
    purpose: Purpose


# --- what other areas may ask -----------------------------------------------------------------


async def standing(person_id: UUID) -> IdentityStanding:
    """As at the last look for what expired; for a record, `Holder.verified_at` is exact."""
    known = await accounts.identity_of(person_id)
    if known.method is not None:
        return IdentityStanding("verified", known.method, known.verified_at, known.valid_until)
    newest = await repository.declarations_of(person_id, limit=1)
    if not newest:
        return IdentityStanding("none")
    state = newest[0].state
    if state not in OPEN and (held := await _held(person_id)):
        return held
    return IdentityStanding(state, newest[0].method, newest[0].verified_at, newest[0].valid_until)


async def document_verified_at(
    vault: Vault, person_id: UUID, moment: datetime
) -> dict[str, str] | None:
    """Kind and number of the document by which this account was verified at that moment; for its
    person alone. Not of a later one: an account may have changed hands."""
    last = await _verified_at(person_id, moment)
    if last is None or last.state not in _SHOWN:
        return None
    document = last.opened(vault).document
    return {"kind": document.kind.value, "number": document.number}


async def same_person_since(person_id: UUID, moment: datetime) -> bool:
    """Whether the account is verified by the same document now as it was at that moment: of a
    person whose name was wrong or has changed the number stays. In the caller's unit of work."""
    then, now = await _verified_at(person_id, moment), await _held_by(person_id)
    return (then and then.number_index) == (now and now.number_index)


async def _verified_at(person_id: UUID, moment: datetime) -> Declaration | None:
    before = moment + timedelta(seconds=1)  # a record tells whole seconds
    declared = await repository.declarations_of(person_id, limit=_KEPT)
    held = [(d.verified_at, d.id, d) for d in declared if d.verified_at and d.verified_at < before]
    return max(held)[2] if held else None


async def _held_by(person_id: UUID) -> Declaration | None:
    declared = await repository.declarations_of(person_id, limit=_KEPT)
    return next((one for one in declared if one.state in HOLDING), None)


async def _held(person_id: UUID) -> IdentityStanding | None:
    """An identity that expired says so, whatever was rejected since."""
    held = await _held_by(person_id)
    if held is None:
        return None
    return IdentityStanding(held.state, held.method, held.verified_at, held.valid_until)


async def reveals_of(
    person_id: UUID, *, before: UUID | None = None, limit: int = 100
) -> list[Reveal]:
    """Who saw this person's data and what for, newest first."""
    rows = await repository.reveals_of(person_id, before=before, limit=limit)
    return msgspec.convert(rows, list[Reveal])


async def personal_data(vault: Vault, person_id: UUID) -> dict[str, Any]:
    """All this area keeps of a person, in clear: for the person alone."""
    declared = await repository.declarations_of(person_id, limit=_KEPT)
    events = await repository.events_of(person_id, limit=_KEPT)
    reveals = await reveals_of(person_id, limit=_KEPT)
    return {
        "declarations": [_exported(vault, d) for d in declared],
        "history": [
            {"at": e["at"], "event": e["event"], "method": e["method"], "reason": e["reason"]}
            for e in events
        ],
        "reveals": [{"at": r.at, "purpose": r.purpose} for r in reveals],
    }


def _exported(vault: Vault, declaration: Declaration) -> dict[str, Any]:
    claimed = declaration.opened(vault)
    return {
        "name": claimed.name,
        "document": msgspec.to_builtins(claimed.document),
        "state": declaration.state,
        "declaredAt": declaration.declared_at,
        "verifiedAt": declaration.verified_at,
        "validUntil": declaration.valid_until,
    }


async def erase_person(person_id: UUID, *, now: datetime) -> None:
    """Names and numbers go, and so does the claim on the number; what happened stays."""
    async with UnitOfWork(DB):
        await repository.lock_person(person_id)
        for declaration_id in await repository.erase(person_id):
            await repository.note("erased", person_id, declaration_id, actor=None, now=now)


# --- one's own --------------------------------------------------------------------------------


async def my_identity(vault: Vault, person_id: UUID) -> MyIdentity:
    newest = await repository.declarations_of(person_id, limit=1)
    return MyIdentity(
        standing=await standing(person_id),
        declaration=newest[0] if newest else None,
        claimed=newest[0].opened(vault) if newest else None,
        events=await repository.events_of(person_id, limit=20),
    )


async def declare(
    vault: Vault,
    person_id: UUID,
    claimed: Claimed,
    *,
    organisation_id: UUID | None,
    consent: str | None,
    now: datetime,
) -> UUID:
    """A new declaration takes the place of one that nobody has looked at. `consent`: the version
    of the notice that the person agrees to with it; IdentityConsentNeeded without any."""
    if organisation_id and not await organisations.belongs(person_id, organisation_id):
        raise NotOfThatOrganisation(
            fields={"organisationId": "不是您所在的组织 / not one you belong to"}
        )
    claim = Claim(person_id=person_id, name=claimed.name, document=claimed.document)
    result = await DocumentCheck().confirms(claim)
    async with UnitOfWork(DB):
        await repository.lock_person(person_id)
        await _check_consent(person_id, consent, now)
        await _make_room(person_id, now)
        new = await repository.add_declaration(vault, person_id, claimed, organisation_id, now)
        await repository.note(
            "declared", person_id, new, actor=person_id, now=now, method=result.method
        )
    _log.info("identity_declared", person=str(person_id), declaration=str(new))
    return new


async def _check_consent(person_id: UUID, version: str | None, now: datetime) -> None:
    """With the person locked, as a withdrawal locks them: no declaration slips in behind it."""
    if version is not None:
        await notices.agree(person_id, Consent.IDENTITY_VERIFICATION, version, now=now)
    elif not await notices.has_agreed(person_id, Consent.IDENTITY_VERIFICATION):
        raise IdentityConsentNeeded(
            fields={"consent": "请阅读并同意《实名认证》告知书 / read the notice, and agree to it"}
        )


async def _make_room(person_id: UUID, now: datetime) -> None:
    if await repository.declared_since(person_id, now - _A_DAY) >= DECLARATIONS_A_DAY:
        raise TooManyDeclarations
    if await repository.being_checked(person_id):
        raise BeingChecked
    if former := await repository.end_declared(person_id):
        await repository.note("withdrawn", person_id, former, actor=person_id, now=now)


async def verify_by_name(
    vault: Vault, check: IdentityCheck | None, person_id: UUID, name: str, *, now: datetime
) -> IdentityResult:
    """The demonstration's way. The name that passes becomes the person's name."""
    if check is None:
        raise NoIdentityCheck
    known = await accounts.identity_of(person_id)
    if known.method not in {None, NOTHING_CHECKED}:
        raise AlreadyVerified
    result = await check.confirms(Claim(person_id=person_id, name=name))
    if result.verified:
        async with UnitOfWork(DB):
            await accounts.set_identity(
                vault,
                person_id,
                name=name,
                method=result.method,
                verified_at=now,
                valid_until=None,
            )
            await repository.note(
                "verified", person_id, None, actor=None, now=now, method=result.method
            )
            await records.identity_verified(person_id)
    return result
