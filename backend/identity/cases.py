"""One identity wanted by two accounts: a case, decided by two administrators.

Neither account learns of the other: the claimant's declaration is "being checked" meanwhile.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from backend.accounts import service as accounts
from backend.identity import repository
from backend.identity.checking import let_fall, verify
from backend.identity.domain import (
    CaseMovedOn,
    CaseReason,
    CaseState,
    Decision,
    NoSuchCase,
    RejectedBecause,
    State,
    ValidityRule,
    check_other_person,
)
from backend.identity.repository import Case, Declaration
from infra.audit import record_act
from infra.database import UnitOfWork
from infra.engine import DB
from infra.vault import Vault


async def cases(*, decided: bool, after: UUID | None, limit: int) -> list[Case]:
    return await repository.cases(decided=decided, after=after, limit=limit)


async def propose(
    actor: UUID, case_id: UUID, decision: Decision, reason: CaseReason, now: datetime
) -> None:
    async with UnitOfWork(DB):
        case = await _case(case_id, CaseState.OPEN)
        check_other_person(actor, case.claimant, case.holder)
        await repository.change_case(
            case.id,
            {
                "state": CaseState.PROPOSED,
                "decision": decision,
                "reason": reason,
                "proposed_by": actor,
                "proposed_at": now,
            },
        )
        await _acted("identity-case-proposed", case, actor, now, decision, reason)


async def decide(
    vault: Vault,
    actor: UUID,
    case_id: UUID,
    *,
    agree: bool,
    rules: Sequence[ValidityRule],
    now: datetime,
) -> CaseState:
    """A second administrator agrees, and it is done; or not, and it is open again."""
    async with UnitOfWork(DB):
        case = await _case(case_id, CaseState.PROPOSED)
        check_other_person(actor, case.proposed_by, case.claimant, case.holder)
        if not agree:
            await _reopen(case, actor, now)
            return CaseState.OPEN
        await repository.change_case(
            case.id, {"state": CaseState.DECIDED, "decided_by": actor, "decided_at": now}
        )
        claimed = await repository.lock_declaration(case.declaration)
        if case.decision is Decision.MOVE:
            await _move(vault, case, claimed, actor, rules, now)
        elif claimed is not None and claimed.state is State.ATTESTED:
            await let_fall(claimed, actor, RejectedBecause.OTHER, now)
        await repository.note("case-decided", case.claimant, case.declaration, actor=actor, now=now)
        await _acted("identity-case-decided", case, actor, now, case.decision, case.reason)
    return CaseState.DECIDED


async def _move(
    vault: Vault,
    case: Case,
    claimed: Declaration | None,
    actor: UUID,
    rules: Sequence[ValidityRule],
    now: datetime,
) -> None:
    """CaseMovedOn where the number is neither free nor the account's that was decided about."""
    if claimed is None or claimed.state is not State.ATTESTED:
        raise CaseMovedOn
    check_other_person(actor, claimed.attested_by)
    await repository.lock_number(claimed.number_index)
    held = await repository.holder_of_number(claimed.number_index, but=case.claimant)
    if held is not None:
        declaration_id, holder = held
        if holder != case.holder:
            raise CaseMovedOn
        await repository.change(declaration_id, {"state": State.REVOKED})
        await accounts.clear_identity(holder)
        await repository.note("revoked", holder, declaration_id, actor=actor, now=now)
        await record_act(
            "identity-revoked",
            actor=actor,
            subject=f"person:{holder}",
            now=now,
            details={"declaration": str(declaration_id), "case": str(case.id)},
        )
    await verify(vault, claimed, actor, rules, now)


async def _reopen(case: Case, actor: UUID, now: datetime) -> None:
    await repository.change_case(
        case.id,
        {
            "state": CaseState.OPEN,
            "decision": None,
            "reason": None,
            "proposed_by": None,
            "proposed_at": None,
        },
    )
    await _acted("identity-case-reopened", case, actor, now, case.decision, case.reason)


async def _case(case_id: UUID, state: CaseState) -> Case:
    found = await repository.lock_case(case_id)
    if found is None:
        raise NoSuchCase
    if found.state != state:
        raise CaseMovedOn
    return found


async def _acted(
    act: str, case: Case, actor: UUID, now: datetime, decision: str | None, reason: str | None
) -> None:
    await record_act(
        act,
        actor=actor,
        subject=f"identity-case:{case.id}",
        now=now,
        details={"decision": decision, "reason": reason},
    )
