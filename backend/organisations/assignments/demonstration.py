"""What the demonstration's enterprise asks of its people: the programme that can be finished in
minutes, within thirty days of joining."""

from datetime import datetime
from uuid import UUID

from backend.organisations.assignments.domain import Audience
from backend.organisations.assignments.tables import Assignment
from infra.database import UnitOfWork
from infra.engine import DB

ASSIGNMENT = UUID("01900000-0000-7000-8000-00000000a551")
PROGRAMME = "DEMO"
DAYS = 30


async def ensure_demo_assignment(organisation_id: UUID, manager_id: UUID, *, now: datetime) -> None:
    """Repeated, it changes nothing: not even a withdrawal."""
    async with UnitOfWork(DB):
        await Assignment.insert(
            Assignment(
                id=ASSIGNMENT,
                organisation=organisation_id,
                programme=PROGRAMME,
                compulsory=True,
                audience=Audience.EVERYONE.value,
                due_days=DAYS,
                grace_days=0,
                assigned_by=manager_id,
                assigned_at=now,
            )
        ).on_conflict(target=Assignment.id, action="DO NOTHING")
