"""What this area keeps of a person: told to the person, and taken away."""

from datetime import datetime
from typing import Any
from uuid import UUID

from backend.notices import repository
from backend.notices.tables import Notice, NoticeDelivery
from infra.database import UnitOfWork
from infra.engine import DB
from infra.vault import Vault


async def personal_data(vault: Vault, person_id: UUID) -> dict[str, Any]:
    """`vault`: every area is asked alike; nothing here is sealed."""
    del vault
    row, sent = Notice, NoticeDelivery
    choice = (await repository.choices_of([person_id])).get(person_id)
    return {
        "notices": await row.select(
            row.kind, row.text_zh.as_alias("text"), row.at, row.read_at.as_alias("readAt")
        )
        .where(row.person_id == person_id)
        .order_by(row.id),
        "noticesSent": await sent.select(
            sent.channel, sent.state, sent.ended_at.as_alias("endedAt")
        )
        .where(sent.person_id == person_id)
        .order_by(sent.id),
        "noticeChoice": {"email": choice.email, "sms": choice.sms} if choice else None,
    }


async def erase_person(person_id: UUID, *, now: datetime) -> None:
    """All of it. Safe to repeat."""
    del now
    async with UnitOfWork(DB):
        await repository.forget(person_id)
