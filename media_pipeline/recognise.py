"""A file that was uploaded before is not encoded again: its lecture shows the same package.

A job has read the whole file, so the SHA-256 is no claim of anybody's, and may be held against
other authors' lectures too. Of several jobs with one content the first claims it: a lecture in
state `processing` whose `source_sha256` is set is the one that encodes.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from infra.database import UnitOfWork, connection
from infra.engine import DB
from media_pipeline.domain import Attempt, Published
from media_pipeline.packaging.manifest import FORMAT
from media_pipeline.plan import NO_WISHES, Wishes


class SameContent(msgspec.Struct, frozen=True, kw_only=True):
    """A playable lecture of the same bytes and wishes. `manifest` and `degraded` are JSON as they
    stand in its row; `content_key` is sealed, bound to the package and so valid in both rows."""

    lecture_id: UUID
    package_prefix: str
    manifest: str
    duration_seconds: int
    content_key: bytes | None
    degraded: str | None


class InTheMaking(msgspec.Struct, frozen=True):
    """Another lecture of the same bytes and wishes is being encoded; ask again in a while."""

    lecture_id: UUID


async def claim_content(
    attempt: Attempt, sha256: str, wishes: Wishes = NO_WISHES
) -> SameContent | InTheMaking | None:
    """None: nobody has it, nobody makes it, and `source_sha256` is now set on this attempt's row.

    After SameContent call `publish_same`. After InTheMaking put the attempt back uncounted and
    begin it again later: the other may fail, and then this one makes it.
    """
    async with UnitOfWork(DB):
        await _one_at_a_time(sha256)
        found = await same_content(attempt.lecture_id, sha256, wishes)
        other = None if found else await _maker(attempt.lecture_id, sha256, wishes)
        await _note(attempt, sha256 if other is None else None)
    return found or other


async def same_content(
    lecture_id: UUID, sha256: str, wishes: Wishes = NO_WISHES
) -> SameContent | None:
    """The best package there is: one without missing parts before one with them."""
    row = await connection().fetchrow(
        "SELECT id AS lecture_id, package_prefix, manifest::text AS manifest, duration_seconds,"
        " content_key, degraded::text AS degraded FROM lecture"
        " WHERE source_sha256 = $2 AND id <> $1 AND state = 'playable'"
        " AND coalesce(wishes, $4::jsonb) = $3::jsonb AND (manifest->>'format')::int = $5"
        " ORDER BY coalesce(degraded, '[]') NOT IN ('[]', 'null'), id LIMIT 1",
        *(lecture_id, sha256, _json(wishes), _json(NO_WISHES), FORMAT),
    )
    return msgspec.convert(dict(row), SameContent) if row else None


async def publish_same(attempt: Attempt, same: SameContent, *, now: datetime) -> bool:
    """Makes the lecture playable with the other's package.

    False when the other was removed meanwhile, or this attempt is no longer the lecture's. The
    other's row is locked until this one names its package: who removes a package looks for rows
    that name it after taking that lock.
    """
    async with UnitOfWork(DB):
        done = await connection().fetchval(
            "WITH other AS (SELECT * FROM lecture WHERE id = $3 AND state = 'playable'"
            " AND package_prefix = $4 FOR UPDATE)"
            " UPDATE lecture AS mine SET state = 'playable', step = NULL, percent = 100,"
            " package_prefix = other.package_prefix, manifest = other.manifest,"
            " duration_seconds = other.duration_seconds, content_key = other.content_key,"
            " degraded = other.degraded, source_sha256 = other.source_sha256,"
            " waiting_for = NULL, playable_at = $5 FROM other"
            " WHERE mine.id = $1 AND mine.attempt_id = $2 AND mine.state = 'processing'"
            " RETURNING true",
            *(attempt.lecture_id, attempt.id, same.lecture_id, same.package_prefix, now),
        )
    return bool(done)


def published(same: SameContent) -> Published:
    return msgspec.json.decode(same.manifest, type=Published)


async def _one_at_a_time(sha256: str) -> None:
    """Until the transaction ends: two jobs that look at once would both find nobody."""
    await connection().execute(
        "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"content:{sha256}"
    )


async def _maker(lecture_id: UUID, sha256: str, wishes: Wishes) -> InTheMaking | None:
    row = await connection().fetchrow(
        "SELECT id FROM lecture WHERE source_sha256 = $2 AND id <> $1 AND state = 'processing'"
        " AND coalesce(wishes, $4::jsonb) = $3::jsonb ORDER BY id LIMIT 1",
        *(lecture_id, sha256, _json(wishes), _json(NO_WISHES)),
    )
    return InTheMaking(row["id"]) if row else None


async def _note(attempt: Attempt, sha256: str | None) -> Any:
    await connection().execute(
        "UPDATE lecture SET source_sha256 = $3"
        " WHERE id = $1 AND attempt_id = $2 AND state = 'processing'",
        *(attempt.lecture_id, attempt.id, sha256),
    )


def _json(wishes: Wishes) -> str:
    return msgspec.json.encode(wishes).decode()
