"""Records that were put aside because they cannot be signed as they are: somebody has to look."""

from datetime import datetime
from uuid import UUID

import msgspec

from backend.records.service import ISSUE
from backend.records.tables import DueRecord
from infra.audit import record_act
from infra.database import UnitOfWork
from infra.engine import DB
from infra.errors import NotFound
from infra.queue import enqueue

_LISTED = 500


class NothingPutAside(NotFound):
    """No record by that id is put aside; see `guanbiao records aside`."""

    zh = "没有以该编号搁置的证明；请用 guanbiao records aside 查看。"


class Aside(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """`reason`: what the check before signing found. Names nobody."""

    id: UUID
    programme: str
    edition: str
    demonstration: bool
    requested_at: datetime
    reason: str


async def put_aside() -> list[Aside]:
    """The oldest 500."""
    due = DueRecord
    rows = (
        await due.select(
            due.id, due.programme, due.edition, due.demonstration, due.requested_at, due.reason
        )
        .where(due.state == "quarantined")
        .order_by(due.requested_at)
        .limit(_LISTED)
    )
    return [Aside(**row) for row in rows]


async def try_again(due_id: UUID, *, now: datetime) -> None:
    """Once what was found is put right. It is checked as before: nothing is passed by hand."""
    async with UnitOfWork(DB):
        taken = (
            await DueRecord.update({DueRecord.state: "due", DueRecord.reason: None})
            .where(DueRecord.id == due_id, DueRecord.state == "quarantined")
            .returning(DueRecord.id)
        )
        if not taken:
            raise NothingPutAside
        await enqueue(ISSUE, {"due_id": str(due_id)})
        await record_act("record-tried-again", actor=None, subject=f"due:{due_id}", now=now)
