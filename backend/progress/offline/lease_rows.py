"""Rows of leases and of the presence checks that were taken along with them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from backend.progress.bitmap import Bitmap
from backend.progress.offline.tables import DownloadLease, OfflineCheck
from backend.progress.presence.questions import Question
from backend.progress.repository import Enrolment, Watch
from infra.database import connection
from infra.errors import NotFound
from infra.ids import uuid7


class LeaseNotFound(NotFound):
    """You have no such lease; GET /v1/sync lists yours."""

    zh = "您没有这一离线授权；同步接口会列出您的全部授权。"


class LeaseRow(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    learner_id: UUID
    enrolment_id: UUID
    lesson_code: str
    lecture_id: UUID
    device_id: UUID
    rate_percent: int
    issued_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


class TakenQuestion(msgspec.Struct, frozen=True, kw_only=True):
    number: int
    length_seconds: int
    question: Question
    outcome: str | None = None


_GIVE = """
INSERT INTO download_lease (id, learner_id, enrolment_id, lesson_watch_id, lesson_code, lecture_id,
    rendition, device_id, rate_percent, issued_at, expires_at, counted_from, lost)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $10, $12)
"""
_KEEP = """
INSERT INTO offline_check (id, learner_id, lease_id, number, length_seconds, granted_seconds,
    question, answer)
SELECT n.id, $1, $2, n.number, n.length, 0, n.question, n.answer
FROM unnest($3::uuid[], $4::int[], $5::int[], $6::jsonb[], $7::text[])
    AS n(id, number, length, question, answer)
"""


def _columns() -> list[Any]:
    return [getattr(DownloadLease, name) for name in LeaseRow.__struct_fields__]


async def live_lease(
    learner_id: UUID, watch: Watch, device_id: UUID, rendition: str, *, now: datetime
) -> LeaseRow | None:
    table = DownloadLease
    row = (
        await table.select(*_columns())
        .where(
            table.learner_id == learner_id,
            table.device_id == device_id,
            table.lesson_watch_id == watch.id,
            table.rendition == rendition,
            table.revoked_at.is_null(),
            table.expires_at > now,
        )
        .first()
    )
    return msgspec.convert(row, LeaseRow) if row else None


async def live_leases(learner_id: UUID, *, now: datetime) -> int:
    table = DownloadLease
    mine = (table.learner_id == learner_id, table.revoked_at.is_null(), table.expires_at > now)
    return int(await table.count().where(*mine))


async def give(
    enrolment: Enrolment,
    watch: Watch,
    *,
    device_id: UUID,
    rendition: str,
    rate_percent: int,
    expires_at: datetime,
    now: datetime,
) -> LeaseRow:
    lease_id, lost = uuid7(), Bitmap().to_bytes(watch.duration_seconds)
    await connection().execute(
        _GIVE,
        lease_id,
        enrolment.learner_id,
        enrolment.id,
        watch.id,
        watch.lesson_code,
        watch.lecture_id,
        rendition,
        device_id,
        rate_percent,
        now,
        expires_at,
        lost,
    )
    return await lease(enrolment.learner_id, lease_id)


async def lease(learner_id: UUID, lease_id: UUID) -> LeaseRow:
    table = DownloadLease
    row = (
        await table.select(*_columns())
        .where(table.learner_id == learner_id, table.id == lease_id)
        .first()
    )
    if row is None:
        raise LeaseNotFound
    return msgspec.convert(row, LeaseRow)


async def extend(lease: LeaseRow, expires_at: datetime) -> LeaseRow:
    table = DownloadLease
    await table.update({table.expires_at: expires_at}).where(
        table.learner_id == lease.learner_id, table.id == lease.id
    )
    return msgspec.structs.replace(lease, expires_at=expires_at)


async def revoke(lease: LeaseRow, *, now: datetime) -> None:
    """The first time only."""
    table = DownloadLease
    await table.update({table.revoked_at: now}).where(
        table.learner_id == lease.learner_id, table.id == lease.id, table.revoked_at.is_null()
    )


async def taken(lease: LeaseRow) -> list[TakenQuestion]:
    """The lease's presence checks, in order."""
    table = OfflineCheck
    rows = (
        await table.select(table.number, table.length_seconds, table.question, table.outcome)
        .where(table.learner_id == lease.learner_id, table.lease_id == lease.id)
        .order_by(table.number)
    )
    for row in rows:
        row["question"] = msgspec.json.decode(row["question"], type=Question)
    return [TakenQuestion(**row) for row in rows]


async def keep(lease: LeaseRow, questions: Sequence[TakenQuestion]) -> None:
    await connection().execute(
        _KEEP,
        lease.learner_id,
        lease.id,
        [uuid7() for _ in questions],
        [one.number for one in questions],
        [one.length_seconds for one in questions],
        [msgspec.json.encode(one.question).decode() for one in questions],
        [one.question.right for one in questions],
    )
