"""Reading, where a lesson's rule asks for it: the time its text was open, by the server's clock.

A page says that the text is before the learner each `EVERY_SECONDS`; what has passed since it last
said so counts, unless it was silent for longer. One clock a learner: two texts open at once
are read one at a time.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from backend.progress import repository
from backend.progress.hours import service as hours
from backend.progress.rules.domain import enough
from backend.progress.schemas import ReadingAnswer
from infra.database import UnitOfWork, connection
from infra.engine import DB
from infra.errors import Conflict

EVERY_SECONDS = 20
SILENT_FOR = timedelta(seconds=2 * EVERY_SECONDS)
_SINCE = "SELECT read_at FROM learner_seat WHERE learner_id = $1"
_SEAT = "UPDATE learner_seat SET read_at = $2 WHERE learner_id = $1"
_WATCH = """
UPDATE lesson_watch SET read_seconds = least(read_seconds + $4, 900)
WHERE learner_id = $1 AND enrolment_id = $2 AND lesson_code = $3 AND left_at IS NULL
RETURNING id, read_seconds, needs_reading_seconds, duration_seconds, watched_seconds,
    watched_percent
"""


class OpenLessonFirst(Conflict):
    """Open the lesson's lecture first; then the time its text is open counts."""

    zh = "请先打开本小节的课件，之后阅读时间才开始计算。"


def read_for(since: datetime | None, now: datetime) -> int:
    """Whole seconds to count. Nothing at the beginning, after a silence, or when a clock goes
    back."""
    if since is None or not timedelta(0) <= now - since <= SILENT_FOR:
        return 0
    return (now - since) // timedelta(seconds=1)


async def read(
    learner_id: UUID,
    enrolment_id: UUID,
    lesson_code: str,
    *,
    leaving: bool = False,
    now: datetime,
) -> ReadingAnswer:
    """`leaving`: the clock stands until the text is opened again."""
    async with UnitOfWork(DB):
        mine = await repository.enrolment(enrolment_id, learner_id=learner_id)
        await repository.lock_seat(learner_id)
        since: datetime | None = await connection().fetchval(_SINCE, learner_id)
        seconds = read_for(since, now)
        rows = await connection().fetch(_WATCH, learner_id, mine.id, lesson_code, seconds)
        if not rows:
            raise OpenLessonFirst
        begun = since + timedelta(seconds=seconds) if since and seconds else now
        await connection().execute(_SEAT, learner_id, None if leaving else begun)
        await hours.award(learner_id, [row["id"] for row in rows if _counts(row)], now=now)
    most = max(rows, key=lambda row: int(row["read_seconds"]))
    has, needs = most["read_seconds"], most["needs_reading_seconds"]
    return ReadingAnswer(has, needs, min(EVERY_SECONDS, max(needs - has, 0) or EVERY_SECONDS))


def _counts(row: Any) -> bool:
    return enough(row["watched_seconds"], row["duration_seconds"], row["watched_percent"])
