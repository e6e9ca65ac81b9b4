"""What administrators do about identities over HTTP: confirm, reject, reveal, decide cases."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from backend.accounts.domain import Caller, Role
from backend.accounts.guards import requires
from backend.identity import cases, checking, revealing, shaping
from backend.identity.domain import CaseState, State, ValidityRule
from backend.identity.schemas import (
    CaseAnswer,
    CaseProposal,
    Cases,
    ConfirmationShown,
    Declarations,
    Rejection,
    Revealed,
    RevealRequest,
    SeenDocument,
)
from infra.vault import Vault

_TAGS = ("identity",)
_GUARDS = (requires(Role.ADMINISTRATOR, whose="all"),)
_ONE = "/{declaration_id:uuid}"
_CASE = "/{case_id:uuid}"
Limit = Annotated[int, QueryParameter(ge=1, le=100)]
Rules = NamedDependency[list[ValidityRule]]


class DeclarationsController(Controller):
    path = "/v1/identity-declarations"
    tags = _TAGS
    guards = _GUARDS

    @get(
        operation_id="IdentityDeclarations",
        summary="Declarations in one state, oldest first, masked",
    )
    async def queue(
        self,
        caller: NamedDependency[Caller],
        vault: NamedDependency[Vault],
        now: NamedDependency[datetime],
        state_: Annotated[
            Literal["declared", "attested", "verified", "expired", "rejected"],
            QueryParameter(
                name="state", description="attested: those that wait for a confirmation."
            ),
        ] = "attested",
        person: Annotated[
            UUID | None, QueryParameter(name="personId", description="One person's only.")
        ] = None,
        cursor: FromQuery[UUID | None] = None,
        limit: Limit = 20,
    ) -> Declarations:
        found = await checking.administrators_queue(
            vault,
            caller.person_id,
            state=State(state_),
            person_id=person,
            after=cursor,
            limit=limit + 1,
            now=now,
        )
        return shaping.declarations(found, limit)

    @post(
        _ONE + "/attestation",
        operation_id="AttestIdentity",
        summary="I have seen the document: what it says, typed from it",
        status_code=204,
    )
    async def attest(
        self,
        declaration_id: FromPath[UUID],
        data: JSONBody[SeenDocument],
        caller: NamedDependency[Caller],
        vault: NamedDependency[Vault],
        now: NamedDependency[datetime],
    ) -> None:
        """For people of no organisation. Another administrator confirms."""
        seen = shaping.claimed(data, now)
        await checking.attest(
            vault, caller.person_id, declaration_id, seen, organisation_id=None, now=now
        )

    @post(
        _ONE + "/confirmation",
        operation_id="ConfirmIdentity",
        summary="The second person's word: the identity is verified",
        status_code=200,
    )
    async def confirm(
        self,
        declaration_id: FromPath[UUID],
        caller: NamedDependency[Caller],
        vault: NamedDependency[Vault],
        identity_rules: Rules,
        now: NamedDependency[datetime],
    ) -> ConfirmationShown:
        done = await checking.confirm(vault, caller.person_id, declaration_id, identity_rules, now)
        return ConfirmationShown(state=done.state, case_id=done.case_id)

    @post(
        _ONE + "/rejection",
        operation_id="RejectIdentity",
        summary="Reject a declaration, with the reason",
        status_code=204,
    )
    async def reject(
        self,
        declaration_id: FromPath[UUID],
        data: JSONBody[Rejection],
        caller: NamedDependency[Caller],
        now: NamedDependency[datetime],
    ) -> None:
        await checking.reject(
            caller.person_id, declaration_id, data.reason, organisation_id=None, now=now
        )

    @post(
        _ONE + "/reveal",
        operation_id="RevealIdentity",
        summary="Show the full name and number; logged, and the person can read it",
        status_code=200,
    )
    async def reveal(
        self,
        declaration_id: FromPath[UUID],
        data: JSONBody[RevealRequest],
        caller: NamedDependency[Caller],
        vault: NamedDependency[Vault],
        now: NamedDependency[datetime],
    ) -> Response[Revealed]:
        found = await revealing.reveal(
            vault, caller.person_id, declaration_id, data.purpose, data.reason, now
        )
        body = Revealed(
            name=found.name,
            kind=found.document.kind,
            number=found.document.number,
            country=found.document.country,
            expires_on=found.document.expires_on,
        )
        return Response(body, headers={"Cache-Control": "no-store"})


class CasesController(Controller):
    """One identity, two accounts."""

    path = "/v1/identity-cases"
    tags = _TAGS
    guards = _GUARDS

    @get(
        operation_id="IdentityCases",
        summary="Identities that two accounts claim, oldest first",
    )
    async def all_cases(
        self,
        decided: FromQuery[bool] = False,
        cursor: FromQuery[UUID | None] = None,
        limit: Limit = 20,
    ) -> Cases:
        found = await cases.cases(decided=decided, after=cursor, limit=limit + 1)
        return shaping.cases(found, limit)

    @post(
        _CASE + "/proposal",
        operation_id="ProposeIdentityDecision",
        summary="Propose which account keeps the identity, and why",
        status_code=204,
    )
    async def propose(
        self,
        case_id: FromPath[UUID],
        data: JSONBody[CaseProposal],
        caller: NamedDependency[Caller],
        now: NamedDependency[datetime],
    ) -> None:
        await cases.propose(caller.person_id, case_id, data.decision, data.reason, now)

    @post(
        _CASE + "/answer",
        operation_id="AnswerIdentityProposal",
        summary="A second administrator agrees, and it is decided; or not, and it is open again",
        status_code=200,
    )
    async def answer(
        self,
        case_id: FromPath[UUID],
        data: JSONBody[CaseAnswer],
        caller: NamedDependency[Caller],
        vault: NamedDependency[Vault],
        identity_rules: Rules,
        now: NamedDependency[datetime],
    ) -> dict[str, CaseState]:
        state = await cases.decide(
            vault, caller.person_id, case_id, agree=data.agree, rules=identity_rules, now=now
        )
        return {"state": state}


ROUTES: list[Any] = [DeclarationsController, CasesController]
