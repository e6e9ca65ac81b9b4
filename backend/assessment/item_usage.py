"""On how many marked papers items stood; the figures that are kept say how they did there."""

from collections.abc import Collection

import msgspec

from infra.database import UnitOfWork, connection
from infra.engine import DB

NEWEST = 100_000
"""Attempts that are read, so that a table of years does not keep an author waiting."""
_USED = """
WITH newest AS (
    SELECT evidence FROM exam_attempt WHERE evidence IS NOT NULL ORDER BY id DESC LIMIT $2
), papers AS (
    SELECT convert_from(evidence, 'UTF8')::jsonb AS paper FROM newest
)
SELECT item ->> 'id' AS id, coalesce((item ->> 'version')::int, 1) AS version, count(*) AS papers
FROM papers, jsonb_array_elements(paper -> 'criterion' -> 'items') AS item
WHERE item ->> 'id' = ANY($1)
GROUP BY 1, 2 ORDER BY 1, 2
"""


class ItemUsage(msgspec.Struct, frozen=True, kw_only=True):
    item: str
    version: int
    papers: int


async def used(items: Collection[str]) -> list[ItemUsage]:
    """Of the newest attempts. Items that stood on none are left out."""
    async with UnitOfWork(DB):
        rows = await connection().fetch(_USED, list(items), NEWEST)
    return [ItemUsage(item=row["id"], version=row["version"], papers=row["papers"]) for row in rows]
