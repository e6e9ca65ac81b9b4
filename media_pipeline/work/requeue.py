"""Work that waits for a job nobody has: found by its rows, and queued anew.

The queue acknowledges late and in bulk, an operator may empty it, a database may be restored to a
moment between two tables. Rows say what is to be done; the queue only says who does it when.
"""

from datetime import datetime

from infra.database import UnitOfWork, connection
from infra.engine import DB
from infra.queue import enqueue
from media_pipeline.domain import PROCESS, TASK, guessed_seconds, priority

_LOCK = 0x6C6F7374  # "lost"
_LECTURES = """
WITH jobs AS MATERIALIZED (
    SELECT coalesce(convert_from(payload, 'UTF8')::jsonb ->> 'lecture_id', '') AS id
    FROM pgqueuer WHERE entrypoint = 'media.process')
SELECT lecture.id, coalesce(upload.length, 0) AS length
FROM lecture LEFT JOIN upload USING (id)
WHERE lecture.state IN ('queued', 'processing')
    AND lecture.id::text NOT IN (SELECT id FROM jobs)
    AND NOT EXISTS (SELECT FROM lecture_task AS task
        WHERE task.attempt_id = lecture.attempt_id AND task.state <> 'failed')
"""
_TASKS = """
WITH jobs AS MATERIALIZED (
    SELECT coalesce(convert_from(payload, 'UTF8')::jsonb ->> 'task_id', '') AS id
    FROM pgqueuer WHERE entrypoint = 'media.task')
SELECT task.id, (lecture.plan -> 'plan' ->> 'duration')::float AS duration
FROM lecture_task AS task
JOIN lecture ON lecture.id = task.lecture_id AND lecture.attempt_id = task.attempt_id
WHERE lecture.state IN ('queued', 'processing') AND task.state IN ('waiting', 'running')
    AND task.id::text NOT IN (SELECT id FROM jobs)
"""


async def requeue_lost(now: datetime) -> int:
    """How many lectures and tasks got a job again. One worker at a time; others need not wait."""
    async with UnitOfWork(DB):
        if not await connection().fetchval("SELECT pg_try_advisory_xact_lock($1)", _LOCK):
            return 0
        lectures = await connection().fetch(_LECTURES)
        for row in lectures:
            first = priority(now, guessed_seconds(row["length"]))
            await enqueue(PROCESS, {"lecture_id": str(row["id"])}, priority=first)
        tasks = await connection().fetch(_TASKS)
        for row in tasks:
            first = priority(now, row["duration"] or 0)
            await enqueue(TASK, {"task_id": str(row["id"])}, priority=first)
    return len(lectures) + len(tasks)
