from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from backend.assessment.exposure.tables import ExposureCount, PaperDrawn
from infra.database import connection
from infra.ids import uuid7

_MINE = """
SELECT (SELECT sha256 FROM exposure_count WHERE edition = $1 ORDER BY counted_at DESC LIMIT 1),
       (SELECT jsonb_object_agg(item, times)::text
        FROM (SELECT item, count(*) AS times FROM paper_drawn, unnest(item_ids) AS item
              WHERE learner_id = $2 GROUP BY item) AS mine)
"""
_STALE = """
SELECT edition FROM paper_drawn WHERE drawn_at > $1 GROUP BY edition
HAVING max(drawn_at) > coalesce(
    (SELECT max(counted_at) FROM exposure_count WHERE edition = paper_drawn.edition), '-infinity')
"""
_COUNTED = """
SELECT item, count(*) AS papers FROM paper_drawn, unnest(item_ids) AS item
WHERE edition = $1 AND drawn_at > $2 AND drawn_at <= $3 GROUP BY item
"""
_LOCK = "SELECT pg_try_advisory_xact_lock(hashtextextended('exposure_count', 0))"


async def standing(edition: str, learner_id: UUID) -> tuple[str, dict[str, int]]:
    """Hash of the newest count, empty before there is one; and what this learner has had, in any
    programme."""
    (row,) = await connection().fetch(_MINE, edition, learner_id)
    return row[0] or "", msgspec.json.decode(row[1] or "{}", type=dict[str, int])


async def counts(sha256: str) -> dict[str, int]:
    query = ExposureCount.select(ExposureCount.counts).where(ExposureCount.sha256 == sha256)
    row = await query.first()
    assert row is not None, "counts are append-only"
    return msgspec.json.decode(bytes(row["counts"]), type=dict[str, int])


async def note(
    learner_id: UUID, attempt_id: UUID, edition: str, item_ids: Sequence[str], *, now: datetime
) -> None:
    await connection().execute(
        "INSERT INTO paper_drawn (id, learner_id, attempt_id, edition, item_ids, drawn_at)"
        " VALUES ($1, $2, $3, $4, $5, $6)",
        *(uuid7(), learner_id, attempt_id, edition, list(item_ids), now),
    )


async def forget(learner_id: UUID) -> None:
    await PaperDrawn.delete().where(PaperDrawn.learner_id == learner_id)


async def mine_alone() -> bool:
    """Whether this transaction is the one that counts; others leave it to it."""
    return bool(await connection().fetchval(_LOCK))


async def stale(since: datetime) -> list[str]:
    """Editions with papers that no count has seen."""
    return [row[0] for row in await connection().fetch(_STALE, since)]


async def count(edition: str, *, since: datetime, until: datetime) -> dict[str, int]:
    return dict(await connection().fetch(_COUNTED, edition, since, until))


async def keep(edition: str, counted: bytes, sha256: str, *, now: datetime) -> None:
    await ExposureCount.insert(
        ExposureCount(id=uuid7(), edition=edition, counts=counted, sha256=sha256, counted_at=now)
    )
