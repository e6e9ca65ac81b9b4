from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from backend.assessment.statistics.figures import ExamFigures, ItemFigures
from backend.assessment.statistics.sat_papers import Wording
from infra.database import connection
from infra.errors import NotFound
from infra.ids import uuid7


class NoFigures(NotFound):
    """There are no figures of this; see GET /v1/exam-statistics for those there are, and why some
    are not shown."""

    zh = "没有相应的统计；现有统计及不显示的原因见列表。"


class Sat(msgspec.Struct, frozen=True, kw_only=True):
    """An exam of an edition that people have sat, and what is kept of it."""

    exam: str
    edition: str
    people: int
    begun: datetime
    """When the first of them began."""
    kept_people: int | None
    worked_out_at: datetime | None


_SAT = """
SELECT a.exam_code AS exam, a.edition, a.people, b.started_at AS begun, k.people AS kept_people,
    k.worked_out_at
FROM (SELECT exam_code, edition, count(*) AS people, min(id::text)::uuid AS first FROM exam_attempt
    WHERE number = 1 AND score IS NOT NULL GROUP BY exam_code, edition) a
JOIN exam_attempt b ON b.id = a.first
LEFT JOIN exam_statistics k ON k.exam_code = a.exam_code AND k.edition = a.edition
ORDER BY b.started_at DESC, a.exam_code
"""
_KEPT = """
SELECT k.id, k.exam_code AS exam, k.edition, k.people, k.figures, k.worked_out_at
FROM exam_statistics k WHERE k.exam_code = $1 AND k.edition = $2
"""
_KEEP = """
INSERT INTO exam_statistics (id, exam_code, edition, people, figures, worked_out_at)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (exam_code, edition) DO UPDATE
SET people = excluded.people, figures = excluded.figures, worked_out_at = excluded.worked_out_at
RETURNING id
"""
_ITEM_ROWS = """
INSERT INTO item_statistics (id, statistics, place, code, figures, wording)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::int[], $4::text[], $5::bytea[], $6::bytea[])
"""


async def sat() -> list[Sat]:
    """Newest first; as many as exams and editions, which are few."""
    return [msgspec.convert(dict(row), Sat) for row in await connection().fetch(_SAT)]


async def keep(
    exam: str,
    edition: str,
    people: int,
    figures: ExamFigures,
    wordings: Mapping[str, Wording],
    *,
    now: datetime,
) -> None:
    """In the place of what was kept before, in the caller's unit of work."""
    bare = msgspec.msgpack.encode(msgspec.structs.replace(figures, items=()))
    kept = await connection().fetchval(_KEEP, uuid7(), exam, edition, people, bare, now)
    await connection().execute("DELETE FROM item_statistics WHERE statistics = $1", kept)
    items = figures.items
    await connection().execute(
        _ITEM_ROWS,
        [uuid7() for _ in items],
        [kept for _ in items],
        [*range(len(items))],
        [one.code for one in items],
        [msgspec.msgpack.encode(one) for one in items],
        [msgspec.json.encode(wordings[one.code]) for one in items],
    )


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    exam: str
    edition: str
    people: int
    worked_out_at: datetime
    figures: ExamFigures
    """With its items."""


class KeptItem(msgspec.Struct, frozen=True, kw_only=True):
    exam: str
    edition: str
    worked_out_at: datetime
    figures: ItemFigures
    wording: Wording


async def kept(exam: str, edition: str) -> Kept:
    """NoFigures."""
    row = await connection().fetchrow(_KEPT, exam, edition)
    if row is None:
        raise NoFigures
    found = await connection().fetch(
        "SELECT figures FROM item_statistics WHERE statistics = $1 ORDER BY place", row["id"]
    )
    items = tuple(_item_figures(one["figures"]) for one in found)
    bare = msgspec.msgpack.decode(row["figures"], type=ExamFigures)
    return Kept(
        exam=row["exam"],
        edition=row["edition"],
        people=row["people"],
        worked_out_at=row["worked_out_at"],
        figures=msgspec.structs.replace(bare, items=items),
    )


_ITEM = """
SELECT k.exam_code AS exam, k.edition, k.worked_out_at, i.figures, i.wording
FROM item_statistics i JOIN exam_statistics k ON k.id = i.statistics
WHERE {} ORDER BY k.worked_out_at DESC, k.exam_code LIMIT 100
"""


async def kept_item(exam: str, edition: str, code: str) -> KeptItem:
    """NoFigures."""
    which = "k.exam_code = $1 AND k.edition = $2 AND i.code = $3"
    rows = await connection().fetch(_ITEM.format(which), exam, edition, code)
    if not rows:
        raise NoFigures
    return _item(rows[0])


async def before(exam: str, edition: str) -> str | None:
    """The edition that figures were compared with."""
    row = await connection().fetchrow(_KEPT, exam, edition)
    return msgspec.msgpack.decode(row["figures"], type=ExamFigures).before if row else None


async def wherever(codes: Sequence[str]) -> list[KeptItem]:
    """The same items in every exam and edition, with all their versions; not questions of cases,
    unless they are named: `M02-001/1`."""
    which = "split_part(i.code, ' v', 1) = ANY($1)"
    rows = await connection().fetch(_ITEM.format(which).replace("LIMIT 100", ""), list(codes))
    return [_item(row) for row in rows]


def _item(row: Any) -> KeptItem:
    return KeptItem(
        exam=row["exam"],
        edition=row["edition"],
        worked_out_at=row["worked_out_at"],
        figures=_item_figures(row["figures"]),
        wording=msgspec.json.decode(row["wording"], type=Wording),
    )


def _item_figures(packed: bytes) -> ItemFigures:
    return msgspec.msgpack.decode(packed, type=ItemFigures)
