from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from backend.progress.editions.domain import Carried, Earned
from backend.progress.editions.tables import EditionMove, EditionSweep
from backend.progress.repository import Enrolment, Entry
from backend.progress.tables import LessonWatch
from courses.format import Edition, Programme
from infra.database import UnitOfWork, connection
from infra.engine import DB
from infra.ids import uuid7

# From when classes count: `Round.classes_from` in progress/domain.py.
_EARNED = """
SELECT e.*, x.lessons, x.seconds, k.modules, k.sat
FROM (
    SELECT e.*, greatest(
        (SELECT (min(b.enrolled_at) AT TIME ZONE 'Asia/Shanghai')::date + (e.round > 1)::int
         FROM enrolment b
         WHERE b.learner_id = e.learner_id AND b.programme_code = e.programme_code
           AND (e.round = 1 OR b.round = e.round AND b.period IS NOT DISTINCT FROM e.period)),
        make_date(e.period::int, 1, 1)) AS since,
        coalesce(make_date(e.period::int, 12, 31), 'infinity') AS until
    FROM enrolment e
    WHERE e.edition = $1 AND e.programme_code = $2 AND e.id > $3
      AND (e.period IS NULL OR e.period = $6)
      AND NOT EXISTS (
        SELECT FROM enrolment n WHERE n.learner_id = e.learner_id
          AND n.programme_code = e.programme_code AND n.enrolled_at > e.enrolled_at)
    ORDER BY e.id LIMIT $4
) e
CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(s.lesson_code ORDER BY s.lesson_code), '{}') AS lessons,
        coalesce(array_agg(s.seconds ORDER BY s.lesson_code), '{}') AS seconds
    FROM (
        SELECT h.lesson_code, sum(h.seconds)::int AS seconds
        FROM (
            SELECT l.lesson_code, l.seconds FROM ledger_entry l
            WHERE l.learner_id = e.learner_id AND l.enrolment_id = e.id
            UNION ALL
            SELECT c.lesson_code, l.seconds FROM carried_lesson c
            JOIN ledger_entry l
                ON l.learner_id = c.learner_id AND c.ledger_entry_id IN (l.id, l.corrects)
            WHERE c.learner_id = e.learner_id AND c.enrolment_id = e.id
        ) h
        GROUP BY h.lesson_code HAVING sum(h.seconds) > 0
    ) s
) x
CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(s.module_code ORDER BY s.module_code), '{}') AS modules,
        coalesce(array_agg(s.seconds ORDER BY s.module_code), '{}') AS sat
    FROM (
        SELECT l.module_code, sum(l.seconds)::int AS seconds FROM ledger_entry l
        WHERE l.learner_id = e.learner_id AND l.class_session_id IS NOT NULL
          AND l.module_code = ANY($5::text[])
          AND l.counts_on BETWEEN e.since AND e.until
        GROUP BY l.module_code HAVING sum(l.seconds) > 0
    ) s
) k
ORDER BY e.id
"""
_CARRIED = """
SELECT l.id, l.kind, l.source, c.enrolment_id, c.module_code, c.lesson_code, l.lecture_id,
    l.class_session_id, l.seconds, l.watched_seconds, l.evidence_sha256, l.completed_at,
    l.counts_on, l.edition AS earned_under, l.lesson_code AS earned_as
FROM carried_lesson c
JOIN ledger_entry l ON l.learner_id = c.learner_id AND c.ledger_entry_id IN (l.id, l.corrects)
WHERE c.learner_id = $1 AND c.enrolment_id = ANY($2::uuid[]) ORDER BY c.lesson_code, l.id
"""
_OLDER = """
SELECT e.* FROM enrolment e
WHERE e.learner_id = $1 AND e.programme_code = $2 AND e.enrolled_at < $3
  AND NOT EXISTS (SELECT FROM edition_move m
                  WHERE m.learner_id = $1 AND m.from_enrolment_id = e.id)
ORDER BY e.enrolled_at DESC
"""
_MOVE = """
INSERT INTO edition_move (id, learner_id, from_enrolment_id, to_enrolment_id, from_edition,
    to_edition, again, lost, moved_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT ON CONSTRAINT edition_move_once DO NOTHING RETURNING id
"""
_CARRY = """
INSERT INTO carried_lesson
    (id, learner_id, enrolment_id, module_code, lesson_code, ledger_entry_id, carried_at)
SELECT n.id, $1, $3, n.module, n.new, x.id, $4
FROM unnest($5::uuid[], $6::text[], $7::text[], $8::text[]) AS n(id, old, new, module)
JOIN (
    SELECT l.id, l.lesson_code FROM ledger_entry l
    WHERE l.learner_id = $1 AND l.enrolment_id = $2 AND l.kind = 'awarded'
    UNION ALL
    SELECT c.ledger_entry_id, c.lesson_code FROM carried_lesson c
    WHERE c.learner_id = $1 AND c.enrolment_id = $2
) x ON x.lesson_code = n.old
WHERE NOT EXISTS (SELECT FROM ledger_entry own WHERE own.learner_id = $1
                  AND own.enrolment_id = $3 AND own.lesson_code = n.new)
ON CONFLICT DO NOTHING
"""
_OWN = {"id", "learner_id", "enrolment_id", "lesson_code", "module_code"}
_OWN |= {"completed_at", "left_at"}
_SEEN = [c._meta.db_column_name for c in LessonWatch._meta.columns]
_SEEN = [name for name in _SEEN if name not in _OWN]
"""What a watch says of the lecture and of the lesson's rule: it holds in the new edition, too."""
# Seconds that wait for a presence check wait in one place only: where they may still count.
_WATCHES = f"""
WITH came AS (
    INSERT INTO lesson_watch
        (id, learner_id, enrolment_id, lesson_code, module_code, completed_at,
         {", ".join(_SEEN)})
    SELECT n.id, $1, $3, n.new, n.module,
        CASE WHEN n.done THEN w.completed_at END,
        {", ".join(f"w.{name}" for name in _SEEN)}
    FROM unnest($4::uuid[], $5::uuid[], $6::text[], $7::text[], $8::bool[])
        AS n(id, old_id, new, module, done)
    JOIN lesson_watch w ON w.learner_id = $1 AND w.enrolment_id = $2 AND w.id = n.old_id
    ON CONFLICT ON CONSTRAINT lesson_watch_one_per_lecture DO NOTHING
    RETURNING id
)
UPDATE lesson_watch w
SET pending = decode(repeat('00', length(w.pending)), 'hex'), pending_seconds = 0
FROM came JOIN unnest($4::uuid[], $5::uuid[]) AS n(id, old_id) ON n.id = came.id
WHERE w.learner_id = $1 AND w.enrolment_id = $2 AND w.id = n.old_id AND w.pending_seconds > 0
"""
# What is watched offline on a lecture taken along before, and handed in after, counts where it may.
_LEASES = """
UPDATE download_lease l
SET enrolment_id = $3, lesson_watch_id = new.id, lesson_code = new.lesson_code
FROM unnest($4::text[], $5::text[]) AS n(old, new)
JOIN lesson_watch old ON old.learner_id = $1 AND old.enrolment_id = $2 AND old.lesson_code = n.old
JOIN lesson_watch new ON new.learner_id = $1 AND new.enrolment_id = $3 AND new.lesson_code = n.new
    AND new.lecture_id = old.lecture_id
WHERE l.learner_id = $1 AND l.lesson_watch_id = old.id
"""
_CHECKS = """
INSERT INTO lesson_check (id, learner_id, enrolment_id, lesson_code, answers, passed, answered_at)
SELECT DISTINCT ON (n.new) n.id, $1, $3, n.new, c.answers, true, c.answered_at
FROM unnest($4::uuid[], $5::text[], $6::text[]) AS n(id, old, new)
JOIN lesson_check c ON c.learner_id = $1 AND c.enrolment_id = $2 AND c.lesson_code = n.old
    AND c.passed
ORDER BY n.new, c.answered_at
"""
FIRST = UUID(int=0)


class CarriedEntry(Entry, frozen=True, kw_only=True):
    """Hours under the code a lesson has now, earned under another edition."""

    earned_under: str
    earned_as: str

    @property
    def ref(self) -> str:
        return f"{self.earned_under}/{self.earned_as}"


async def earned(
    edition: Edition, programme: Programme, *, year: int, after: UUID = FIRST, limit: int
) -> list[tuple[Enrolment, Earned]]:
    """Of those who learn under this edition, by enrolment id; whoever has gone on to another one
    is not among them, nor who began a yearly programme in another year."""
    modules = [code for one in programme.requirements for code in one.modules]
    asked = edition.code, programme.code, after, limit, modules, f"{year:04d}"
    async with UnitOfWork(DB):
        rows = await connection().fetch(_EARNED, *asked)
    return [
        (
            msgspec.convert(dict(row), Enrolment),
            Earned(
                lessons=tuple(zip(row["lessons"], row["seconds"], strict=True)),
                classes=tuple(zip(row["modules"], row["sat"], strict=True)),
            ),
        )
        for row in rows
    ]


async def carried_entries(learner_id: UUID, enrolment_ids: Iterable[UUID]) -> list[CarriedEntry]:
    """Hours earned under other editions that count for these enrolments."""
    rows = await connection().fetch(_CARRIED, learner_id, list(enrolment_ids))
    return msgspec.convert([dict(row) for row in rows], list[CarriedEntry])


_MOVES = """
SELECT m.* FROM edition_move m, (SELECT {}::uuid AS learner_id, {}::uuid[] AS ids) AS asked
WHERE m.learner_id = asked.learner_id
    AND (m.from_enrolment_id = ANY(asked.ids) OR m.to_enrolment_id = ANY(asked.ids))
"""


async def moves_of(learner_id: UUID, enrolment_ids: Iterable[UUID]) -> list[dict[str, Any]]:
    """Those that begin or end at these enrolments."""
    rows = await EditionMove.raw(_MOVES, learner_id, list(enrolment_ids))
    decode = msgspec.json.decode
    return [{**row, "again": decode(row["again"]), "lost": decode(row["lost"])} for row in rows]


async def not_moved(to: Enrolment) -> list[Enrolment]:
    """The learner's older enrolments in the programme that were not left yet, newest first."""
    rows = await connection().fetch(_OLDER, to.learner_id, to.programme_code, to.enrolled_at)
    return msgspec.convert([dict(row) for row in rows], list[Enrolment])


async def move(old: Enrolment, to: Enrolment, what: Carried, *, now: datetime) -> bool:
    """Whether this is the first time."""
    again = [[found.code, list(found.parts)] for found in what.again.values()]
    return bool(
        await connection().fetchval(
            _MOVE,
            uuid7(),
            to.learner_id,
            old.id,
            to.id,
            old.edition,
            to.edition,
            msgspec.json.encode(again).decode(),
            msgspec.json.encode(what.lost).decode(),
            now,
        )
    )


async def carry(
    old: Enrolment,
    to: Enrolment,
    kept: Mapping[str, str],
    complete: Collection[str],
    modules: Mapping[str, str],
    now: datetime,
) -> None:
    """`kept`: old code -> new code of every unchanged lesson; `modules` of the new ones. Hours of
    the `complete` ones are cited; watched seconds and passed checks come along for all: a lesson
    whose hours were taken back may be completed again."""
    if not kept:
        return
    who = to.learner_id, old.id, to.id
    done = [code for code in kept if code in complete]
    codes = done, [kept[code] for code in done], [modules[kept[code]] for code in done]
    await connection().execute(_CARRY, *who, now, [uuid7() for _ in done], *codes)
    names = list(kept), list(kept.values())
    await _bring_watches(old, to, kept, complete, modules)
    await connection().execute(_LEASES, *who, *names)
    await connection().execute(_CHECKS, *who, [uuid7() for _ in kept], *names)


async def _bring_watches(
    old: Enrolment,
    to: Enrolment,
    kept: Mapping[str, str],
    complete: Collection[str],
    modules: Mapping[str, str],
) -> None:
    """Each lecture that was watched of a lesson has a row of its own."""
    watch = LessonWatch
    rows = await watch.select(watch.id, watch.lesson_code).where(
        watch.learner_id == to.learner_id,
        watch.enrolment_id == old.id,
        watch.lesson_code.is_in(list(kept)),
    )
    codes = [row["lesson_code"] for row in rows]
    await connection().execute(
        _WATCHES,
        to.learner_id,
        old.id,
        to.id,
        [uuid7() for _ in rows],
        [row["id"] for row in rows],
        [kept[code] for code in codes],
        [modules[kept[code]] for code in codes],
        [code in complete for code in codes],
    )


async def swept(edition: str) -> bool:
    return await EditionSweep.exists().where(EditionSweep.edition == edition)


async def end_sweep(edition: str, *, moved: int, now: datetime) -> None:
    row = EditionSweep(id=uuid7(), edition=edition, moved=moved, ended_at=now)
    await EditionSweep.insert(row).on_conflict(target=EditionSweep.edition, action="DO NOTHING")
