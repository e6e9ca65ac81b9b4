"""Lessons studied again, after an exam was failed for good."""

from datetime import datetime
from uuid import UUID

from infra.database import connection

_STUDIED_AGAIN = """
WITH played AS (
    SELECT w.lesson_code, sum(extract(epoch FROM coalesce(s.closed_at, $4) - s.playlist_at)
        * s.rate_percent / 100) AS seconds, min(w.duration_seconds) AS duration
    FROM lesson_watch w JOIN play_session s
        ON s.learner_id = w.learner_id AND s.lesson_watch_id = w.id
    WHERE w.learner_id = $1 AND w.enrolment_id = $2 AND s.started_at > $3
        AND s.playlist_at IS NOT NULL
    GROUP BY w.lesson_code
)
SELECT DISTINCT p.lesson_code FROM played p JOIN lesson_check c ON c.lesson_code = p.lesson_code
WHERE p.seconds >= p.duration AND c.learner_id = $1 AND c.enrolment_id = $2 AND c.passed
    AND c.answered_at > $3
"""


async def studied_again(
    learner_id: UUID, enrolment_id: UUID, *, since: datetime, now: datetime
) -> set[str]:
    """Those whose lecture was open since for as long as it lasts, and whose check questions were
    answered right. By the server's clock: seconds credited before are not credited twice. One
    statement, in the caller's unit of work."""
    rows = await connection().fetch(_STUDIED_AGAIN, learner_id, enrolment_id, since, now)
    return {row["lesson_code"] for row in rows}
