"""A full name and number, shown once to an administrator who says what for; and never unlogged."""

from datetime import datetime
from uuid import UUID

import structlog

from backend.identity import repository
from backend.identity.domain import Claimed, NoSuchDeclaration, Purpose
from backend.identity.repository import Declaration
from backend.identity.tables import IdentityReveal
from infra.audit import record_act
from infra.database import UnitOfWork
from infra.engine import DB
from infra.ids import uuid7
from infra.vault import Vault, place

_log = structlog.get_logger(__name__)


async def reveal(
    vault: Vault, actor: UUID, declaration_id: UUID, purpose: Purpose, reason: str, now: datetime
) -> Claimed:
    """The log is written and committed before anything is told."""
    async with UnitOfWork(DB):
        found, new = await _declaration(declaration_id), uuid7()
        await repository.add_reveal(
            IdentityReveal(
                id=new,
                person=found.person,
                declaration=found.id,
                actor=actor,
                purpose=purpose,
                reason_sealed=vault.seal(reason, place(IdentityReveal.reason_sealed, new)),
                at=now,
            )
        )
        await record_act(
            "identity-revealed",
            actor=actor,
            subject=f"person:{found.person}",
            now=now,
            details={"declaration": str(found.id), "purpose": purpose, "reveal": str(new)},
        )
    _log.warning("identity_revealed", person=str(found.person), actor=str(actor), purpose=purpose)
    return found.opened(vault)


async def _declaration(declaration_id: UUID) -> Declaration:
    found = await repository.lock_declaration(declaration_id)
    if found is None:
        raise NoSuchDeclaration
    return found
