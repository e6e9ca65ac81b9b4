"""Rows of essays and their marks."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec

from backend.assessment.marking.domain import MARKERS, Asked, Because, HandedIn, MarkState
from backend.assessment.marking.tables import Essay, EssayMark
from infra.database import connection
from infra.ids import uuid7


class EssayRow(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    learner_id: UUID
    attempt_id: UUID
    item_id: str
    part_id: str
    worth: Decimal
    apart_percent: int
    asked: Asked
    answer: str
    handed_in_at: datetime
    wanted: int
    points: Decimal | None


class MarkRow(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    essay: UUID
    marked_by: UUID
    state: MarkState
    taken_at: datetime
    expires_at: datetime
    percents: dict[str, int] | None
    points: Decimal | None
    comment: str | None
    because: Because | None


class Candidate(msgspec.Struct, frozen=True):
    id: UUID
    learner_id: UUID
    handed_in_at: datetime


_ESSAY = [getattr(Essay, name) for name in EssayRow.__struct_fields__]
_MARK = [getattr(EssayMark, name) for name in MarkRow.__struct_fields__]


async def open_essays(
    learner_id: UUID,
    attempt_id: UUID,
    essays: Sequence[HandedIn],
    *,
    apart_percent: int,
    now: datetime,
) -> None:
    rows = [
        Essay(
            id=uuid7(),
            learner_id=learner_id,
            attempt_id=attempt_id,
            item_id=one.item_id,
            part_id=one.part_id,
            worth=one.worth,
            apart_percent=apart_percent,
            asked=msgspec.json.encode(one.asked),
            answer=one.answer,
            handed_in_at=now,
            wanted=MARKERS,
        )
        for one in essays
    ]
    await Essay.insert(*rows).on_conflict(action="DO NOTHING")


_CANDIDATES = """
SELECT e.id, e.learner_id, e.handed_in_at FROM essay e
WHERE e.points IS NULL AND e.learner_id <> $1 AND (e.handed_in_at, e.id) > ($2, $3)
  AND NOT EXISTS (SELECT FROM essay_mark m
                  WHERE m.essay = e.id AND m.marked_by = $1 AND m.state <> 'held')
  AND (SELECT count(*) FROM essay_mark m WHERE m.essay = e.id AND
       (m.state = 'given' OR (m.state = 'held' AND m.expires_at > $4))) < e.wanted
ORDER BY e.handed_in_at, e.id LIMIT $5
"""


async def candidates(
    marker: UUID, *, after: tuple[datetime, UUID], now: datetime, limit: int
) -> list[Candidate]:
    """Oldest first: what still needs a mark that this marker has not given or handed back."""
    rows = await connection().fetch(_CANDIDATES, marker, *after, now, limit)
    return [Candidate(*row) for row in rows]


_LOCK = "SELECT id FROM essay WHERE id = $1 AND points IS NULL FOR NO KEY UPDATE SKIP LOCKED"
_TAKE = """
INSERT INTO essay_mark (id, essay, marked_by, state, taken_at, expires_at)
SELECT $2, e.id, $3, 'held', $4, $5 FROM essay e
WHERE e.id = $1 AND (SELECT count(*) FROM essay_mark m
      WHERE m.essay = e.id AND m.marked_by <> $3 AND
      (m.state = 'given' OR (m.state = 'held' AND m.expires_at > $4))) < e.wanted
ON CONFLICT (essay, marked_by) DO UPDATE SET taken_at = $4, expires_at = $5
WHERE essay_mark.state = 'held'
RETURNING id
"""


async def take(essay_id: UUID, marker: UUID, *, until: datetime, now: datetime) -> UUID | None:
    """The lease; None where somebody else was faster. Two statements: the second sees what was
    committed before the lock was ours, so that two markers cannot both take the last place."""
    if await connection().fetchval(_LOCK, essay_id) is None:
        return None
    taken: UUID | None = await connection().fetchval(_TAKE, essay_id, uuid7(), marker, now, until)
    return taken


async def lock_marker(marker: UUID) -> None:
    """One lease for each marker, however often the button is pressed."""
    await connection().execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", str(marker))


async def held_by(marker: UUID, *, now: datetime) -> MarkRow | None:
    row = await (
        EssayMark.select(*_MARK)
        .where(
            EssayMark.marked_by == marker,
            EssayMark.state == MarkState.HELD,
            EssayMark.expires_at > now,
        )
        .first()
        .output(load_json=True)
    )
    return msgspec.convert(row, MarkRow) if row else None


async def mark_of(mark_id: UUID, marker: UUID) -> MarkRow | None:
    row = await (
        EssayMark.select(*_MARK)
        .where(EssayMark.id == mark_id, EssayMark.marked_by == marker)
        .first()
        .output(load_json=True)
    )
    return msgspec.convert(row, MarkRow) if row else None


async def essay(essay_id: UUID, *, lock: bool = False) -> EssayRow:
    query = Essay.select(*_ESSAY).where(Essay.id == essay_id).first()
    row = await (query.lock_rows("NO KEY UPDATE") if lock else query)
    assert row is not None
    return _essay(row)


async def essays_of(attempt_id: UUID) -> list[EssayRow]:
    """In the order of the paper."""
    rows = await Essay.select(*_ESSAY).where(Essay.attempt_id == attempt_id).order_by(Essay.id)
    return [_essay(row) for row in rows]


def _essay(row: dict[str, Any]) -> EssayRow:
    asked = msgspec.json.decode(bytes(row["asked"]), type=Asked)
    return msgspec.convert({**row, "asked": asked}, EssayRow)


async def marks_of(essay_ids: Collection[UUID]) -> dict[UUID, list[MarkRow]]:
    """Those given and those held, oldest first: of two given, the first is the first taken."""
    rows: list[dict[str, Any]] = (
        await EssayMark.select(*_MARK)
        .where(EssayMark.essay.is_in(list(essay_ids)), EssayMark.state != MarkState.RETURNED)
        .order_by(EssayMark.done_at, EssayMark.id)
        .output(load_json=True)
        if essay_ids
        else []
    )
    found: dict[UUID, list[MarkRow]] = {id_: [] for id_ in essay_ids}
    for row in msgspec.convert(rows, list[MarkRow]):
        found[row.essay].append(row)
    return found


async def give(
    mark_id: UUID, percents: dict[str, int], points: Decimal, comment: str, *, now: datetime
) -> None:
    await EssayMark.update(
        {
            EssayMark.state: MarkState.GIVEN,
            EssayMark.percents: msgspec.json.encode(percents).decode(),
            EssayMark.points: points,
            EssayMark.comment: comment,
            EssayMark.done_at: now,
        }
    ).where(EssayMark.id == mark_id)


async def hand_back(mark_id: UUID, because: Because, *, now: datetime) -> None:
    await EssayMark.update(
        {EssayMark.state: MarkState.RETURNED, EssayMark.because: because, EssayMark.done_at: now}
    ).where(EssayMark.id == mark_id)


async def settle(essay_id: UUID, *, wanted: int, points: Decimal | None, now: datetime) -> None:
    agreed_at = None if points is None else now
    await Essay.update(
        {Essay.wanted: wanted, Essay.points: points, Essay.agreed_at: agreed_at}
    ).where(Essay.id == essay_id)


_COUNTS = """
SELECT count(*) FILTER (WHERE wanted = 3), count(*), min(handed_in_at)
FROM (SELECT wanted, handed_in_at FROM essay WHERE points IS NULL
      ORDER BY handed_in_at, id LIMIT $1) AS waiting
"""


async def waiting(*, most: int) -> tuple[int, int, datetime | None]:
    """Of the oldest `most`: how many want a third mark, how many there are, since when."""
    row = await connection().fetchrow(_COUNTS, most)
    assert row is not None
    return row[0], row[1], row[2]


_GIVEN = """
SELECT marked_by, count(*) FROM essay_mark
WHERE state = 'given' AND done_at > $1 AND marked_by = ANY($2) GROUP BY marked_by
"""


async def given_since(moment: datetime, markers: Iterable[UUID]) -> dict[UUID, int]:
    rows = await connection().fetch(_GIVEN, moment, list(markers))
    return {row[0]: row[1] for row in rows}
