"""Saying in public that a clock was wrong, so that the log can go on in its right order.

The log stands still while it would have to date new entries before old ones (`ClockBehind`). A
correction is an entry of its own: it names the entries whose times are in doubt, whoever audits the
log is told, and everything after it is dated by the right clock again (docs/decisions/0036).
"""

from datetime import datetime

from backend.records import log
from backend.records.domain import checked_reason
from backend.records.sequencer import AHEAD
from backend.records.verdict.canonical import canonical, digest
from backend.records.verdict.leaf import Kind, clock_ref, timestamp
from backend.records.verdict.trust import ClockCorrection
from infra.audit import record_act
from infra.database import UnitOfWork, connection
from infra.engine import DB
from infra.errors import Conflict

# The first entry that is dated ahead, or the place that the first of those who wait will get.
_FIRST_AHEAD = """
WITH ahead AS (
    SELECT min(leaf_index) AS leaf_index FROM log_leaf WHERE sequenced_at > $1
        OR (convert_from(entry, 'UTF8')::json ->> 'ts')::timestamptz > $1
), size AS (SELECT coalesce(max(leaf_index) + 1, 0) AS leaf_index FROM log_leaf)
SELECT coalesce(ahead.leaf_index, size.leaf_index) FROM ahead, size
WHERE ahead.leaf_index IS NOT NULL OR EXISTS (SELECT FROM log_pending WHERE dated_at > $2)
"""
_CORRECTIONS = """
SELECT leaf_index AS at_index,
    split_part(convert_from(entry, 'UTF8')::json ->> 'ref', '/', 2)::bigint AS from_index
FROM log_leaf WHERE kind = 'clock.corrected' ORDER BY leaf_index
"""


class NoClockToCorrect(Conflict):
    """No entry of the log is dated later than now. Is this machine's own clock right?"""

    zh = "日志中没有晚于当前时间的条目。请先确认本机时钟正确。"


async def correct_clock(reason: str, *, now: datetime) -> int:
    """The first entry whose time is in doubt: all are, from there up to the correction."""
    text = checked_reason(reason)
    async with UnitOfWork(DB):
        first = await connection().fetchval(_FIRST_AHEAD, now, now + AHEAD)
        if first is None:
            raise NoClockToCorrect
        document = {"v": 1, "first": first, "at": timestamp(now), "reason": text}
        await log.append(
            Kind.CLOCK, at=now, kid="", sha256=digest(canonical(document)), ref=clock_ref(first)
        )
        details = {"reason": text}
        subject = f"log:{first}"
        await record_act(
            "log-clock-corrected", actor=None, subject=subject, now=now, details=details
        )
    return int(first)


async def clock_corrections() -> list[ClockCorrection]:
    """As the log has them."""
    async with UnitOfWork(DB):
        rows = await connection().fetch(_CORRECTIONS)
    return [ClockCorrection(from_index=row["from_index"], at_index=row["at_index"]) for row in rows]
