"""What the database holds in the end, held against what each viewer was told."""

from collections.abc import Iterable, Mapping
from typing import Any

import asyncpg
import msgspec

from backend.progress.bitmap import Bitmap
from tests.soak.crowd import Reel, Watching

_ONLINE = """
SELECT w.learner_id, w.watched, w.pending, w.watched_seconds, w.pending_seconds,
    s.credited_seconds AS granted
FROM lesson_watch w JOIN play_session s
    ON s.learner_id = w.learner_id AND s.lesson_watch_id = w.id
"""
_OFFLINE = """
SELECT w.learner_id, w.watched, w.pending, w.watched_seconds, w.pending_seconds,
    sum(c.granted_seconds) AS granted
FROM lesson_watch w
JOIN download_lease d ON d.learner_id = w.learner_id AND d.lesson_watch_id = w.id
JOIN offline_check c ON c.learner_id = w.learner_id AND c.lease_id = d.id
GROUP BY w.learner_id, w.id
"""


class Evidence(msgspec.Struct, kw_only=True):
    """In seconds of lectures, over all viewers."""

    acknowledged: int = 0
    stored: int = 0
    lost: int = 0
    """Acknowledged and not there."""
    twice: int = 0
    """Granted more often than there are bits, or both counted and pending."""
    unasked: int = 0
    """There, and never played."""
    miscounted: int = 0
    """Lectures whose numbers are not those of their bits."""
    owed: int = 0
    """Played, and not acknowledged in the end."""

    @property
    def clean(self) -> bool:
        return not (self.lost or self.twice or self.unasked or self.miscounted or self.owed)


async def gathered(dsn: str, people: Iterable[Watching]) -> Evidence:
    database = await asyncpg.connect(dsn)
    online = {row["learner_id"]: row for row in await database.fetch(_ONLINE)}
    offline = {row["learner_id"]: row for row in await database.fetch(_OFFLINE)}
    await database.close()
    found = Evidence()
    for person in people:
        _add(found, person.online, online[person.viewer.learner_id])
        _add(found, person.offline, offline[person.viewer.learner_id])
    return found


def _add(found: Evidence, reel: Reel, row: Mapping[str, Any]) -> None:
    watched, pending = Bitmap.of(row["watched"]), Bitmap.of(row["pending"])
    stored, told = watched | pending, reel.acknowledged
    found.acknowledged += told.seconds
    found.stored += stored.seconds
    found.lost += Bitmap(told.bits & ~stored.bits).seconds
    found.unasked += Bitmap(stored.bits & ~Bitmap().set_range(0, reel.played).bits).seconds
    found.twice += Bitmap(watched.bits & pending.bits).seconds
    found.twice += max(0, row["granted"] - stored.seconds)
    counted = (row["watched_seconds"], row["pending_seconds"])
    found.miscounted += counted != (watched.seconds, pending.seconds)
    found.owed += reel.played - told.seconds
