"""Rows of a learner that were written since a transaction: one statement finds them all.

`xmin` has 32 bits; the full number is the highest that ends in them and is not beyond the newest,
nor beyond what the reader's own transaction may have begun since (2^20 numbers). A row older than
that circle may look young and comes once too often, never the other way round.
"""

from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import Any, Self, TypeVar
from uuid import UUID

import msgspec

from backend.notices import service as notices
from backend.progress.offline.lease_rows import LeaseRow
from backend.progress.offline.leases import lease_view
from backend.progress.offline.schemas import (
    ChangedEdition,
    ChangedEnrolment,
    ChangedHours,
    ChangedLesson,
    Changes,
    LeaseView,
)
from infra.database import connection

Row = TypeVar("Row")

_YOUNG = "here.newest - ((here.newest - {row}.xmin::text::bigint) & 4294967295) >= here.since"
_OWNER = {
    "enrolment": "learner_id",
    "edition_move": "learner_id",
    "lesson_watch": "learner_id",
    "ledger_entry": "learner_id",
    "download_lease": "learner_id",
    **notices.CHANGING,
}
"""By table, whose row it is. Another area names its own; they are found in one statement."""
_UNION = "\nUNION ALL ".join(
    f"SELECT '{table}' AS kind, r.id FROM {table} r WHERE r.{owner} = $1 AND "
    + _YOUNG.format(row="r")
    for table, owner in _OWNER.items()
)
_CHANGED = f"""
WITH life AS MATERIALIZED (
    SELECT s.system_identifier::text || '-' || c.timeline_id AS name,
           pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS oldest,
           pg_snapshot_xmax(pg_current_snapshot())::text::bigint + 1048576 AS newest
    FROM pg_control_system() s, pg_control_checkpoint() c
), here AS MATERIALIZED (
    SELECT life.*, CASE WHEN name = $2 AND $3 <= oldest THEN $3 ELSE 0 END AS since FROM life
)
SELECT here.name, here.oldest, here.since, found.kind, found.id
FROM here LEFT JOIN LATERAL ({_UNION}) AS found ON true
"""
_ENROLMENTS = """
SELECT id, programme_code, edition, demonstration, enrolled_at, period, round FROM enrolment
WHERE learner_id = $1 AND id = ANY($2::uuid[]) ORDER BY enrolled_at
"""
_MOVES = """
SELECT m.from_enrolment_id, m.to_enrolment_id, m.from_edition, m.to_edition, m.moved_at,
       ARRAY(SELECT j ->> 0 FROM jsonb_array_elements(m.again) AS j) AS again,
       ARRAY(SELECT jsonb_array_elements_text(m.lost)) AS gone,
       ARRAY(SELECT c.lesson_code FROM carried_lesson c WHERE c.learner_id = $1
             AND c.enrolment_id = m.to_enrolment_id ORDER BY c.lesson_code) AS kept
FROM edition_move m WHERE m.learner_id = $1 AND m.id = ANY($2::uuid[]) ORDER BY m.moved_at
"""
_LESSONS = """
SELECT enrolment_id, lesson_code, lecture_id, duration_seconds, watched, pending,
       questions_passed_at IS NOT NULL AS questions_passed, completed_at
FROM lesson_watch WHERE learner_id = $1 AND id = ANY($2::uuid[]) ORDER BY lesson_code
"""
_HOURS = """
SELECT id, enrolment_id, lesson_code, source, seconds, counts_on FROM ledger_entry
WHERE learner_id = $1 AND id = ANY($2::uuid[]) ORDER BY id
"""
_LEASES = """
SELECT id, learner_id, enrolment_id, lesson_code, lecture_id, device_id, rate_percent, issued_at,
       expires_at, revoked_at
FROM download_lease WHERE learner_id = $1 AND id = ANY($2::uuid[]) ORDER BY id
"""


class Cursor(msgspec.Struct, frozen=True):
    """`life` names the database and its timeline: after a restore, numbers begin anew."""

    life: str
    since: int

    @classmethod
    def read(cls, text: str | None) -> Self:
        """One that fits no database when it cannot be read: all there is, then."""
        life, _, number = (text or "").rpartition(".")
        fits = number.isascii() and number.isdecimal() and len(number) < 19
        return cls(life, int(number)) if fits else cls("", 0)

    def __str__(self) -> str:
        return f"{self.life}.{self.since}"


class Found(msgspec.Struct, frozen=True):
    """`whole`: the cursor said nothing, so this is all there is."""

    cursor: Cursor
    whole: bool
    ids: dict[str, list[UUID]]
    """By table."""


async def changed(learner_id: UUID, cursor: Cursor) -> Found:
    rows = await connection().fetch(_CHANGED, learner_id, cursor.life, cursor.since)
    ids: dict[str, list[UUID]] = {}
    for row in rows:
        if row["kind"] is not None:
            ids.setdefault(row["kind"], []).append(row["id"])
    return Found(Cursor(rows[0]["name"], rows[0]["oldest"]), rows[0]["since"] == 0, ids)


async def fill(answer: Changes, learner_id: UUID, ids: Mapping[str, list[UUID]]) -> None:
    """Rows that are read after those that were found may be younger yet; they come again."""

    async def read(kind: str, query: str, shape: Callable[[Any], Row]) -> list[Row]:
        if kind not in ids:
            return []
        return [shape(row) for row in await connection().fetch(query, learner_id, ids[kind])]

    answer.enrolments = await read("enrolment", _ENROLMENTS, _enrolment)
    answer.moves = await read("edition_move", _MOVES, _move)
    answer.lessons = await read("lesson_watch", _LESSONS, _lesson)
    answer.hours = await read("ledger_entry", _HOURS, _hours)
    answer.leases = await read("download_lease", _LEASES, _lease)
    if "notice" in ids:
        answer.notices = await notices.those(learner_id, ids["notice"])


def _enrolment(row: Any) -> ChangedEnrolment:
    return ChangedEnrolment(*row.values())


def _move(row: Any) -> ChangedEdition:
    return ChangedEdition(
        from_enrolment_id=row["from_enrolment_id"],
        to_enrolment_id=row["to_enrolment_id"],
        from_edition=row["from_edition"],
        to_edition=row["to_edition"],
        moved_at=row["moved_at"],
        kept=row["kept"],
        again=row["again"],
        gone=row["gone"],
    )


def _lesson(row: Any) -> ChangedLesson:
    return ChangedLesson(
        enrolment_id=row["enrolment_id"],
        lesson=row["lesson_code"],
        lecture_id=row["lecture_id"],
        duration_seconds=row["duration_seconds"],
        watched=b64encode(row["watched"]).decode(),
        pending=b64encode(row["pending"]).decode(),
        questions_passed=row["questions_passed"],
        completed_at=row["completed_at"],
    )


def _hours(row: Any) -> ChangedHours:
    return ChangedHours(
        id=row["id"],
        enrolment_id=row["enrolment_id"],
        lesson=row["lesson_code"],
        source=row["source"],
        seconds=row["seconds"],
        counts_on=row["counts_on"],
    )


def _lease(row: Any) -> LeaseView:
    return lease_view(msgspec.convert(dict(row), LeaseRow))
