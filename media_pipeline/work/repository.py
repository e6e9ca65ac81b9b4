"""Rows of an attempt's tasks. A change names the run it comes from: a late one finds nothing.

Where a lecture's row changes too, it is locked first: two tasks that end at once both see that the
other has ended, one of them last.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from infra.database import UnitOfWork, connection
from infra.engine import DB
from infra.ids import uuid7
from media_pipeline.domain import MAX_STARTS, Attempt, Lack
from media_pipeline.tables import LectureTask
from media_pipeline.work.domain import Part, TaskKind, TaskRun

_CURRENT = "SELECT starts FROM lecture WHERE id = $1 AND attempt_id = $2 AND state = 'processing'"
_BEGIN = """
UPDATE lecture_task AS task SET state = 'running', starts = task.starts + 1, run_id = $2,
    worker = $3, begun_at = $4, percent = 0
FROM lecture WHERE task.id = $1 AND task.state IN ('waiting', 'running') AND task.starts < $5
    AND lecture.id = task.lecture_id AND lecture.attempt_id = task.attempt_id
    AND lecture.state IN ('queued', 'processing')
RETURNING task.lecture_id, task.attempt_id, task.kind, task.number, task.starts,
    lecture.starts AS lecture_starts
"""
_GO_ON = """
UPDATE lecture SET state = 'processing', waiting_for = NULL, step = $3
WHERE id = $1 AND attempt_id = $2 AND state IN ('queued', 'processing')
"""
_PROGRESS = """
WITH mine AS (
    UPDATE lecture_task SET percent = $3::int WHERE id = $1 AND run_id = $2 AND state = 'running'
    RETURNING id, attempt_id, lecture_id
), share AS (
    SELECT coalesce(sum(weight * CASE WHEN task.id = mine.id THEN $3::int ELSE percent END)
        / nullif(sum(weight), 0), 0) AS percent
    FROM lecture_task AS task JOIN mine USING (attempt_id)
)
UPDATE lecture SET step = $4, waiting_for = $6::jsonb,
    percent = greatest(lecture.percent, $5::int + share.percent * (99 - $5::int) / 100)
FROM mine, share WHERE lecture.id = mine.lecture_id AND lecture.attempt_id = mine.attempt_id
    AND lecture.state = 'processing' RETURNING true
"""
_END = """
UPDATE lecture_task SET state = 'done', percent = 100, ended_at = $3
WHERE id = $1 AND run_id = $2 AND state = 'running' RETURNING true
"""
_PUT_BACK = """
UPDATE lecture_task SET state = 'waiting', starts = starts - $3::int, percent = 0
WHERE id = $1 AND run_id = $2 AND state = 'running' RETURNING true
"""
_STAND_STILL = """
UPDATE lecture SET waiting_for = $3::jsonb, state = CASE WHEN EXISTS (
    SELECT FROM lecture_task WHERE attempt_id = $2 AND state = 'running') THEN state
    ELSE 'queued' END
WHERE id = $1 AND attempt_id = $2 AND state = 'processing'
"""
_ALL_DONE = """
SELECT array_agg(weight) FROM lecture_task WHERE attempt_id = $1
HAVING bool_and(state = 'done' AND kind <> 'join')
"""
_MAKE_AGAIN = """
UPDATE lecture_task SET state = 'waiting', percent = 0, ended_at = NULL
WHERE attempt_id = $1 AND run_id = ANY($2::uuid[]) AND state = 'done' AND starts < $3
RETURNING id
"""
_DROP_JOIN = """
DELETE FROM lecture_task WHERE id = $1 AND run_id = $2 AND kind = 'join' AND state = 'running'
RETURNING true
"""
_FAIL_ALL = """
UPDATE lecture_task SET state = 'failed' WHERE attempt_id = $1 AND state IN ('waiting', 'running')
"""

_NEED_SOURCE = """
SELECT id FROM lecture WHERE id = ANY($1::uuid[]) AND (state = 'queued' OR state = 'processing'
    AND EXISTS (SELECT FROM lecture_task AS task WHERE task.attempt_id = lecture.attempt_id
        AND task.kind <> 'join' AND task.state IN ('waiting', 'running')))
"""


async def is_current(attempt: Attempt, *, locked: bool = False) -> bool:
    query = f"{_CURRENT} FOR UPDATE" if locked else _CURRENT
    return await connection().fetchval(query, attempt.lecture_id, attempt.id) is not None


async def add(attempt: Attempt, parts: Sequence[Part]) -> list[UUID]:
    """Ids of the new tasks; none for a part that is there already."""
    rows = [
        LectureTask(
            id=uuid7(),
            lecture_id=attempt.lecture_id,
            attempt_id=attempt.id,
            kind=part.kind,
            number=part.number,
            state="waiting",
            weight=part.weight,
        )
        for part in parts
    ]
    added = await LectureTask.insert(*rows).on_conflict(action="DO NOTHING")
    return [row["id"] for row in added]


async def remove_others(attempt: Attempt) -> None:
    """Tasks of the lecture's earlier attempts."""
    await LectureTask.delete().where(
        LectureTask.lecture_id == attempt.lecture_id, LectureTask.attempt_id != attempt.id
    )


async def begin(task_id: UUID, run_id: UUID, *, worker: str, now: datetime) -> TaskRun | None:
    """Counts the start. None where the task has ended, is not wanted or was begun too often."""
    row = await connection().fetchrow(_BEGIN, task_id, run_id, worker[:100], now, MAX_STARTS)
    if row is None:
        return None
    attempt = Attempt(row["attempt_id"], row["lecture_id"], row["lecture_starts"])
    kind = TaskKind(row["kind"])
    step = "join" if kind is TaskKind.JOIN else "encode"
    await connection().execute(_GO_ON, attempt.lecture_id, attempt.id, step)
    return TaskRun(task_id, run_id, attempt, kind, row["number"], row["starts"])


async def progress(
    run: TaskRun, step: str, percent: int, *, prepared: int, lack: Lack | None
) -> bool:
    """`prepared`: percent of the whole at which the tasks begin."""
    values = (run.id, run.run_id, percent, step, prepared, _said(lack))
    return bool(await connection().fetchval(_PROGRESS, *values))


async def end(run: TaskRun, *, now: datetime) -> bool:
    return bool(await connection().fetchval(_END, run.id, run.run_id, now))


async def ended(run: TaskRun) -> bool:
    """Whether this very run is what the task's row names as done."""
    return await LectureTask.exists().where(
        LectureTask.id == run.id, LectureTask.run_id == run.run_id, LectureTask.state == "done"
    )


async def put_back(run: TaskRun, *, counted: bool) -> bool:
    back = 0 if counted else 1
    return bool(await connection().fetchval(_PUT_BACK, run.id, run.run_id, back))


async def stand_still(attempt: Attempt, lack: Lack) -> None:
    """The lecture says what is lacking; queued, where no other task of it runs."""
    await connection().execute(_STAND_STILL, attempt.lecture_id, attempt.id, _said(lack))


async def make_again(attempt: Attempt, run_ids: Sequence[UUID]) -> list[UUID]:
    """Tasks that wait anew because of what these runs of them left; not those that were begun too
    often."""
    rows = await connection().fetch(_MAKE_AGAIN, attempt.id, list(run_ids), MAX_STARTS)
    return [row["id"] for row in rows]


async def drop_join(run: TaskRun) -> bool:
    """The last part to end calls for another. False where this run is not the latest."""
    return bool(await connection().fetchval(_DROP_JOIN, run.id, run.run_id))


async def weights_when_all_are_done(attempt: Attempt) -> list[int] | None:
    """None while a task is left, or the join is there already."""
    found: list[int] | None = await connection().fetchval(_ALL_DONE, attempt.id)
    return found


async def fail_all(attempt: Attempt) -> None:
    await connection().execute(_FAIL_ALL, attempt.id)


async def begun_too_often(task_id: UUID) -> Attempt | None:
    """The attempt of a task that ended none of its starts, if it is still wanted."""
    row = await connection().fetchrow(
        "SELECT task.lecture_id, task.attempt_id, lecture.starts FROM lecture_task AS task"
        " JOIN lecture ON lecture.id = task.lecture_id AND lecture.attempt_id = task.attempt_id"
        " WHERE task.id = $1 AND task.starts >= $2 AND task.state IN ('waiting', 'running')"
        " AND lecture.state IN ('queued', 'processing')",
        *(task_id, MAX_STARTS),
    )
    return Attempt(row["attempt_id"], row["lecture_id"], row["starts"]) if row else None


async def lecture_of(task_id: UUID) -> UUID | None:
    row = await LectureTask.select(LectureTask.lecture_id).where(LectureTask.id == task_id).first()
    return row["lecture_id"] if row else None


async def winners(attempt: Attempt) -> dict[tuple[TaskKind, int], UUID]:
    """Which run's files count, by task."""
    rows = await LectureTask.select(LectureTask.kind, LectureTask.number, LectureTask.run_id).where(
        LectureTask.attempt_id == attempt.id, LectureTask.state == "done"
    )
    return {(TaskKind(row["kind"]), row["number"]): row["run_id"] for row in rows}


async def needs_source(lecture_ids: Sequence[UUID]) -> set[UUID]:
    """Those that will be begun again, or of which a chunk or the sound is still to be made."""
    async with UnitOfWork(DB):
        rows = await connection().fetch(_NEED_SOURCE, list(lecture_ids))
    return {row["id"] for row in rows}


async def attempts_of(lecture_id: UUID) -> set[UUID]:
    """All that ever left tasks."""
    rows: list[dict[str, Any]] = await LectureTask.select(LectureTask.attempt_id).where(
        LectureTask.lecture_id == lecture_id
    )
    return {row["attempt_id"] for row in rows}


def _said(lack: Lack | None) -> str | None:
    return msgspec.json.encode(lack).decode() if lack else None
