"""Carrying out an erasure, area by area. Killed anywhere, the next sweep goes on: each area is one
transaction, and each is safe to repeat (docs/decisions/0013)."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import structlog

from backend.accounts.privacy_facts import roles_to_give_up
from backend.assessment.privacy_facts import forget_evidence
from backend.privacy import exporting, repository
from backend.privacy.areas import AREAS, Area
from backend.records.privacy_facts import forget_holder, kept_until
from infra.audit import record_act
from infra.database import UnitOfWork
from infra.engine import DB
from infra.objects import ObjectStore

_log = structlog.get_logger(__name__)


async def carry_out(
    objects: ObjectStore, erasure_id: UUID, *, now: datetime, areas: Sequence[Area] = AREAS
) -> bool:
    """False where it may not be done (any more): taken back, done, or a role came in between."""
    async with UnitOfWork(DB):
        erasure = await repository.lock_erasure(erasure_id)
        if erasure is None or erasure.state not in {"waiting", "running"} or erasure.due_at > now:
            return False
        person_id = erasure.person_id
        if erasure.state == "waiting":
            if roles := await roles_to_give_up(person_id):
                _log.warning("erasure_waits_for_roles", person=str(person_id), roles=roles)
                return False
            await repository.start_erasure(erasure_id)
    for area in areas:
        await area.erase_person(person_id, now=now)
    for export in await repository.exports_of(person_id):
        await exporting.clear(objects, export.id)
    await _end(erasure_id, person_id, now)
    return True


async def _end(erasure_id: UUID, person_id: UUID, now: datetime) -> None:
    async with UnitOfWork(DB):
        locked = await repository.lock_erasure(erasure_id)
        if locked is None or locked.state != "running":
            return
        until = await kept_until(person_id)
        await repository.end_erasure(erasure_id, now=now, kept_until=until)
        await record_act(
            "person-erased",
            actor=None,
            subject=f"person:{person_id}",
            now=now,
            details={"keptUntil": until.isoformat() if until else None},
        )


async def forget_kept(*, now: datetime) -> int:
    """What the law had us keep of erased people, and no longer does."""
    found = await repository.to_forget(now=now)
    for erasure in found:
        async with UnitOfWork(DB):
            await forget_holder(erasure.person_id)
            await forget_evidence(erasure.person_id)
            await repository.mark_forgotten(erasure.id, now=now)
            await record_act(
                "person-forgotten", actor=None, subject=f"person:{erasure.person_id}", now=now
            )
    return len(found)
