from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from backend.curriculum.domain import (
    AnotherProposal,
    DraftState,
    NoSuchDraft,
    NoSuchRelease,
    Release,
    ReleaseState,
    Step,
)
from backend.curriculum.release_schemas import DraftCard
from backend.curriculum.tables import EditionDraft, EditionRelease
from infra.database import Reading, UnitOfWork, connection
from infra.engine import DB
from infra.ids import uuid7

_STEPS = """
SELECT p.code, p.sha256, p.published_at, r.finish_until, coalesce(r.editorial, '[]') AS editorial
FROM published_edition p
LEFT JOIN edition_release r ON r.code = p.code AND r.state = 'released'
ORDER BY p.published_at, p.id
"""


_DRAFTS = """
SELECT d.id, d.code, d.sha256, d.handed_in_at,
    CASE WHEN p.sha256 = d.sha256 THEN 'published' WHEN p.code IS NOT NULL THEN 'code-taken'
         WHEN r.state IN ('proposed', 'refused') THEN r.state ELSE 'handed-in' END AS state
FROM edition_draft d
LEFT JOIN published_edition p ON p.code = d.code
LEFT JOIN LATERAL (
    SELECT state FROM edition_release r WHERE r.code = d.code AND r.sha256 = d.sha256
    ORDER BY r.id DESC LIMIT 1
) r ON true
"""


async def hand_in(code: str, sha256: str, content: bytes, *, now: datetime) -> bool:
    """Whether it is new."""
    row = EditionDraft(id=uuid7(), code=code, sha256=sha256, content=content, handed_in_at=now)
    added = (
        await EditionDraft.insert(row)
        .on_conflict(target=(EditionDraft.code, EditionDraft.sha256), action="DO NOTHING")
        .returning(EditionDraft.id)
    )
    return bool(added)


async def drafts(limit: int) -> list[DraftCard]:
    """Newest first."""
    async with UnitOfWork(DB):
        rows = await connection().fetch(
            f"{_DRAFTS} ORDER BY d.handed_in_at DESC, d.id DESC LIMIT $1", limit
        )
    return [_draft(row) for row in rows]


async def draft(draft_id: UUID) -> DraftCard:
    """Raises NoSuchDraft."""
    async with UnitOfWork(DB):
        row = await connection().fetchrow(f"{_DRAFTS} WHERE d.id = $1", draft_id)
    if row is None:
        raise NoSuchDraft
    return _draft(row)


async def newest_draft(code: str) -> str | None:
    """Its hash."""
    row = (
        await EditionDraft.select(EditionDraft.sha256)
        .where(EditionDraft.code == code)
        .order_by(EditionDraft.handed_in_at, EditionDraft.id, ascending=False)
        .first()
    )
    return row["sha256"] if row else None


async def draft_content(code: str, sha256: str) -> bytes | None:
    row = (
        await EditionDraft.select(EditionDraft.content)
        .where(EditionDraft.code == code, EditionDraft.sha256 == sha256)
        .first()
    )
    return bytes(row["content"]) if row else None


async def propose(release: Release) -> None:
    """Raises AnotherProposal."""
    row = EditionRelease(**{**msgspec.structs.asdict(release), "editorial": [*release.editorial]})
    try:
        async with UnitOfWork(DB):
            await EditionRelease.insert(row)
    except asyncpg.UniqueViolationError:
        raise AnotherProposal from None


async def release(release_id: UUID, *, lock: bool = False) -> Release:
    query = EditionRelease.select().where(EditionRelease.id == release_id).first()
    row = await (query.lock_rows("UPDATE") if lock else query).output(load_json=True)
    if row is None:
        raise NoSuchRelease
    return _release(row)


async def pending() -> Release | None:
    """What waits for a decision: one at most."""
    query = EditionRelease.select().where(EditionRelease.state == ReleaseState.PROPOSED).first()
    row = await query.output(load_json=True)
    return _release(row) if row else None


async def releases(*, before: UUID | None, limit: int) -> list[Release]:
    """Newest first; ids grow with time."""
    query = EditionRelease.select().order_by(EditionRelease.id, ascending=False).limit(limit)
    if before is not None:
        query = query.where(EditionRelease.id < before)
    return [_release(row) for row in await query.output(load_json=True)]


async def decide(
    release_id: UUID, state: ReleaseState, *, by: UUID, reason: str | None, now: datetime
) -> None:
    row = EditionRelease
    await row.update(
        {row.state: state, row.decided_by: by, row.decided_at: now, row.reason: reason}
    ).where(row.id == release_id)


async def steps() -> list[Step]:
    """Published editions, oldest first, with what their release promised."""
    async with Reading(DB):
        rows = await connection().fetch(_STEPS)
    return [
        msgspec.convert({**row, "editorial": msgspec.json.decode(row["editorial"])}, Step)
        for row in rows
    ]


def _draft(row: Mapping[str, Any]) -> DraftCard:
    return DraftCard(**{**row, "state": DraftState(row["state"])})


def _release(row: Mapping[str, Any]) -> Release:
    return msgspec.convert(dict(row), Release)
