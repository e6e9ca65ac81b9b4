"""Organisations of a demonstration: made once, under a fixed id, confirmed by nobody."""

from datetime import datetime
from uuid import UUID

import msgspec

from backend.organisations.domain import Kind, Position, State
from backend.organisations.tables import Membership
from backend.organisations.tables import Organisation as Row
from infra.database import UnitOfWork
from infra.engine import DB
from infra.ids import uuid7


class DemoOrganisation(msgspec.Struct, frozen=True):
    id: UUID
    code: str
    name: str
    kind: Kind
    manager: UUID
    members: tuple[UUID, ...] = ()


async def ensure_demo_organisation(wanted: DemoOrganisation, *, now: datetime) -> bool:
    """Only for a demonstration system; repeated, it changes nothing and says False."""
    async with UnitOfWork(DB):
        added = await Row.insert(
            Row(
                id=wanted.id,
                code=wanted.code,
                name=wanted.name,
                kind=wanted.kind.value,
                reporting_unit="GD",
                state=State.CONFIRMED.value,
                demonstration=True,
                declared_by=wanted.manager,
                declared_at=now,
                decided_by=wanted.manager,
                decided_at=now,
            )
        ).on_conflict(action="DO NOTHING")
        if added:
            rows = [_member(wanted.id, person, Position.MEMBER, now) for person in wanted.members]
            manager = _member(wanted.id, wanted.manager, Position.MANAGER, now)
            await Membership.insert(manager, *rows)
    return bool(added)


def _member(organisation: UUID, person: UUID, position: Position, now: datetime) -> Membership:
    return Membership(
        id=uuid7(),
        organisation=organisation,
        person=person,
        position=position.value,
        joined_at=now,
        joined_by="declaration",
    )
