"""What this area keeps of a person: told to the person, and taken away."""

from datetime import datetime
from typing import Any
from uuid import UUID

from backend.plans import repository
from infra.database import UnitOfWork
from infra.engine import DB
from infra.vault import Vault


async def personal_data(vault: Vault, person_id: UUID) -> dict[str, Any]:
    """`vault`: every area is asked alike; nothing here is sealed."""
    del vault
    plans = await repository.plans_of(person_id)
    return {
        "learningPlans": [
            {"enrolment": str(enrolment), "finishBy": day.isoformat()}
            for enrolment, day in sorted(plans.items())
        ]
    }


async def erase_person(person_id: UUID, *, now: datetime) -> None:
    """All of it. Safe to repeat."""
    del now
    async with UnitOfWork(DB):
        await repository.forget(person_id)
