"""Identity verification (实名认证) over HTTP: one's own, and what organisations' managers do."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import get, post
from litestar.datastructures import State
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from backend.accounts.domain import Caller
from backend.accounts.guards import requires
from backend.identity import administrators, checking, record_names, service, shaping
from backend.identity.checks import IdentityCheck
from backend.identity.domain import Purpose, ValidityRule
from backend.identity.schemas import (
    Declarations,
    IdentityRequest,
    IdentityResult,
    MyIdentity,
    NewDeclaration,
    Rejection,
    Reveals,
    RevealShown,
    SeenDocument,
)
from infra.vault import Vault

_TAGS = ["identity"]
_OF_ORGANISATION = "/v1/organisations/{organisation_id:uuid}/identity-declarations"
Limit = Annotated[int, QueryParameter(ge=1, le=100)]


async def identity_rules(state: State) -> list[ValidityRule]:
    return state.identity_rules  # type: ignore[no-any-return]


# --- one's own --------------------------------------------------------------------------------


@get(
    "/v1/me/identity",
    operation_id="MyIdentity",
    summary="How far my identity is verified",
    tags=_TAGS,
    guards=[requires(whose="own")],
)
async def my_identity(caller: NamedDependency[Caller], vault: NamedDependency[Vault]) -> MyIdentity:
    return shaping.mine(await service.my_identity(vault, caller.person_id))


@post(
    "/v1/me/identity",
    operation_id="DeclareIdentity",
    summary="Declare who I am, by a document that will be looked at",
    tags=_TAGS,
    guards=[requires(whose="own")],
)
async def declare(
    data: JSONBody[NewDeclaration],
    caller: NamedDependency[Caller],
    vault: NamedDependency[Vault],
    now: NamedDependency[datetime],
) -> MyIdentity:
    claimed = shaping.claimed(data, now)
    await service.declare(
        vault,
        caller.person_id,
        claimed,
        organisation_id=data.organisation_id,
        consent=data.consent,
        now=now,
    )
    return shaping.mine(await service.my_identity(vault, caller.person_id))


@post(
    "/v1/me/identity-verification",
    operation_id="VerifyIdentity",
    summary="Verify my identity by name alone: on demonstration systems",
    tags=_TAGS,
    guards=[requires(whose="own")],
    status_code=200,
)
async def verify_identity(
    data: JSONBody[IdentityRequest],
    caller: NamedDependency[Caller],
    vault: NamedDependency[Vault],
    state: State,
    now: NamedDependency[datetime],
) -> IdentityResult:
    check: IdentityCheck | None = state.identity_check
    result = await service.verify_by_name(vault, check, caller.person_id, data.name, now=now)
    return IdentityResult(verified=result.verified, method=result.method, notice=result.notice)


@get(
    "/v1/me/identity/reveals",
    operation_id="MyIdentityReveals",
    summary="Who saw my full name and number, and what for",
    tags=_TAGS,
    guards=[requires(whose="own")],
)
async def my_reveals(
    caller: NamedDependency[Caller],
    cursor: FromQuery[UUID | None] = None,
    limit: Limit = 20,
) -> Reveals:
    found = await service.reveals_of(caller.person_id, before=cursor, limit=limit + 1)
    shown = found[:limit]
    return Reveals(
        items=[
            RevealShown(id=r.id, at=r.at, purpose=Purpose(r.purpose), by="administrator")
            for r in shown
        ],
        next_cursor=shown[-1].id if len(found) > limit else None,
    )


# --- an organisation's manager ----------------------------------------------------------------


@get(
    _OF_ORGANISATION,
    operation_id="OrganisationIdentityDeclarations",
    summary="Members whose documents wait to be looked at, oldest first",
    tags=_TAGS,
    guards=[requires(whose="organisation they manage")],
)
async def managers_queue(
    organisation_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    vault: NamedDependency[Vault],
    now: NamedDependency[datetime],
    cursor: FromQuery[UUID | None] = None,
    limit: Limit = 20,
) -> Declarations:
    found = await checking.managers_queue(
        vault, caller.person_id, organisation_id, after=cursor, limit=limit + 1, now=now
    )
    return shaping.declarations(found, limit)


@post(
    _OF_ORGANISATION + "/{declaration_id:uuid}/attestation",
    operation_id="AttestMembersIdentity",
    summary="I have seen the document: what it says, typed from it",
    tags=_TAGS,
    guards=[requires(whose="organisation they manage")],
    status_code=204,
)
async def attest(
    organisation_id: FromPath[UUID],
    declaration_id: FromPath[UUID],
    data: JSONBody[SeenDocument],
    caller: NamedDependency[Caller],
    vault: NamedDependency[Vault],
    now: NamedDependency[datetime],
) -> None:
    await checking.attest(
        vault,
        caller.person_id,
        declaration_id,
        shaping.claimed(data, now),
        organisation_id=organisation_id,
        now=now,
    )


@post(
    _OF_ORGANISATION + "/{declaration_id:uuid}/rejection",
    operation_id="RejectMembersIdentity",
    summary="The document was not shown, or is another one",
    tags=_TAGS,
    guards=[requires(whose="organisation they manage")],
    status_code=204,
)
async def reject(
    organisation_id: FromPath[UUID],
    declaration_id: FromPath[UUID],
    data: JSONBody[Rejection],
    caller: NamedDependency[Caller],
    now: NamedDependency[datetime],
) -> None:
    await checking.reject(
        caller.person_id, declaration_id, data.reason, organisation_id=organisation_id, now=now
    )


ROUTES: list[Any] = [
    my_identity,
    declare,
    verify_identity,
    my_reveals,
    managers_queue,
    attest,
    reject,
    *administrators.ROUTES,
    *record_names.ROUTES,
]
DEPENDENCIES = {"identity_rules": Provide(identity_rules)}
