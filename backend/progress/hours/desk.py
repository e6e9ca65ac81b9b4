"""What an administrator sees of somebody's hours before correcting them. Every look is noted where
the learner reads who looked."""

from datetime import datetime
from uuid import UUID

from backend.accounts import service as accounts
from backend.accounts.domain import NobodyByThatLogin
from backend.progress.hours import ledger
from backend.progress.hours.schemas import HoursPage, LearnerFound
from backend.records.domain import masked_name
from infra.access_log import note_access
from infra.database import UnitOfWork
from infra.engine import DB
from infra.vault import Vault

_PURPOSE = "核对并更正学时 / checking and correcting class hours"


async def find(vault: Vault, login: str, *, caller: UUID, now: datetime) -> LearnerFound:
    """NobodyByThatLogin."""
    async with UnitOfWork(DB):
        found = await accounts.person_by_login(vault, login)
        if found is None:
            raise NobodyByThatLogin
        await _noted(found, "name", caller, now)
        name = (await accounts.names_of(vault, [found])).get(found, "")
    return LearnerFound(found, masked_name(name))


async def hours_of(
    learner_id: UUID, *, cursor: UUID | None, limit: int, caller: UUID, now: datetime
) -> HoursPage:
    """As the learner sees them; of nobody, an empty list."""
    async with UnitOfWork(DB):
        page = await ledger.hours(learner_id, cursor=cursor, limit=limit, now=now)
        if page.items:
            await _noted(learner_id, "learning-records", caller, now)
    return page


async def _noted(learner_id: UUID, what: str, caller: UUID, now: datetime) -> None:
    await note_access(
        learner_id,
        actor_id=caller,
        actor_role="administrator",
        what=what,
        purpose=_PURPOSE,
        now=now,
    )
