"""A lecture with all that an author or an operator may want to know of it, in one query."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from infra.database import UnitOfWork, connection
from infra.engine import DB
from media_pipeline.care.estimate import TaskProgress, overall_percent, remaining_seconds
from media_pipeline.domain import (
    PROCESS,
    Failure,
    Lack,
    LectureFacts,
    Published,
    Shortcoming,
    State,
)
from media_pipeline.packaging.manifest import Degraded
from media_pipeline.plan import NO_WISHES, Wishes

# Percent of a lecture of several chunks is the weighted sum over its present attempt's tasks.
# `behind` counts lectures that the queue will hand out before this one.
_QUERY = """
SELECT l.id, l.author_id, l.title, l.created_at, l.state, l.step, l.percent, l.failure,
    l.package_prefix, l.manifest, l.duration_seconds, l.starts, l.attempt_id, l.wishes,
    l.degraded, l.waiting_for, l.begun_at, l.playable_at, l.content_key IS NOT NULL AS encrypted,
    u.filename, u.length, u.received, t.progress AS tasks, q.behind,
    l.package_prefix IS NOT NULL AND EXISTS (
        SELECT 1 FROM lecture o WHERE o.source_sha256 = l.source_sha256
        AND o.package_prefix = l.package_prefix AND o.id <> l.id) AS shared
FROM lecture l
LEFT JOIN upload u ON u.id = l.id
LEFT JOIN LATERAL (
    SELECT jsonb_build_object(
        'count', count(*), 'done', count(*) FILTER (WHERE state = 'done'),
        'share', sum(weight * percent)::float / nullif(100 * sum(weight), 0),
        'since', min(begun_at)) AS progress
    FROM lecture_task WHERE lecture_id = l.id AND attempt_id = l.attempt_id HAVING count(*) > 0
) t ON true
LEFT JOIN (
    SELECT lecture_id, min(place) AS behind FROM (
        SELECT convert_from(payload, 'UTF8')::jsonb ->> 'lecture_id' AS lecture_id,
            row_number() OVER (ORDER BY priority DESC, id) - 1 AS place
        FROM pgqueuer WHERE status = 'queued' AND entrypoint = $1) jobs
    GROUP BY lecture_id
) q ON l.state = 'queued' AND q.lecture_id = l.id::text
WHERE {where} ORDER BY l.id DESC LIMIT {limit}
"""


class Standing(LectureFacts, frozen=True, kw_only=True):
    """`tasks` of the present attempt; `behind` lectures come first; `shared`: another lecture
    shows the same package; `length` and `received` in bytes, of the upload."""

    starts: int
    attempt_id: UUID | None
    wishes: Wishes = NO_WISHES
    degraded: tuple[Degraded, ...] = ()
    waiting_for: Lack | None = None
    begun_at: datetime | None
    playable_at: datetime | None
    encrypted: bool
    filename: str | None
    length: int | None
    received: int | None
    tasks: TaskProgress | None
    behind: int | None
    shared: bool

    @property
    def overall_percent(self) -> int:
        return overall_percent(self.percent, self.tasks)

    @property
    def shortcomings(self) -> tuple[Shortcoming, ...]:
        return self.manifest.shortcomings if self.manifest else ()

    @property
    def retryable(self) -> bool:
        return self.failure is not None and self.failure.retryable

    def remaining_seconds(self, now: datetime) -> int | None:
        return remaining_seconds(
            state=self.state,
            waiting=self.waiting_for is not None,
            percent=self.percent,
            begun_at=self.begun_at,
            tasks=self.tasks,
            now=now,
        )


_JSON: dict[str, Any] = {
    "failure": Failure | None,
    "manifest": Published | None,
    "wishes": Wishes | None,
    "degraded": tuple[Degraded, ...] | None,
    "waiting_for": Lack | None,
    "tasks": TaskProgress | None,
}


async def standings(lecture_ids: Collection[UUID]) -> dict[UUID, Standing]:
    """Those that exist, whoever made them."""
    found = await _select("l.id = ANY($2::uuid[])", [list(lecture_ids)], limit="ALL")
    return {standing.id: standing for standing in found}


async def standing_of(lecture_id: UUID, *, author_id: UUID | None = None) -> Standing | None:
    """None where there is no such lecture, or it is another author's."""
    found = (await standings([lecture_id])).get(lecture_id)
    return found if found and author_id in (None, found.author_id) else None


async def standings_of_author(
    author_id: UUID, *, before: UUID | None, limit: int
) -> list[Standing]:
    """Newest first."""
    where = "l.author_id = $2 AND ($3::uuid IS NULL OR l.id < $3)"
    return await _select(where, [author_id, before], limit=str(int(limit)))


async def standings_in(states: Collection[State], *, limit: int) -> list[Standing]:
    """Newest first, whoever made them; no states named: all."""
    where = "cardinality($2::varchar[]) = 0 OR l.state = ANY($2::varchar[])"
    return await _select(where, [[str(state) for state in states]], limit=str(int(limit)))


async def _select(where: str, values: Sequence[object], *, limit: str) -> list[Standing]:
    query = _QUERY.format(where=where, limit=limit)
    async with UnitOfWork(DB):
        rows = await connection().fetch(query, PROCESS, *values)
    return [_standing(dict(row)) for row in rows]


def _standing(row: dict[str, Any]) -> Standing:
    for name, kind in _JSON.items():
        row[name] = msgspec.json.decode(row[name], type=kind) if row[name] else None
    row["wishes"] = row["wishes"] or NO_WISHES
    row["degraded"] = row["degraded"] or ()
    row["state"] = State(row["state"])
    return Standing(**row)
