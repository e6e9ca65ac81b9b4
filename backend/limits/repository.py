"""The row that all processes lease from."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from backend.limits.domain import Counter
from backend.limits.tables import RateLimitCount

_KEPT = timedelta(hours=1)
_AT_ONCE = 5000

# One statement for all keys of a request, in the order of keys: no two can deadlock. A window
# never goes back, so a machine whose clock is behind leases from the window that has begun.
_LEASE = """
INSERT INTO rate_limit_count AS c (key, window_number, quota, taken, granted, ends_at)
SELECT key, number, quota, first, first, ends_at
FROM unnest({}::bytea[], {}::bigint[], {}::int[], {}::int[], {}::timestamptz[])
    AS asked(key, number, quota, first, ends_at)
ORDER BY key
ON CONFLICT (key) DO UPDATE SET
    window_number = greatest(c.window_number, excluded.window_number),
    quota = excluded.quota,
    taken = CASE WHEN excluded.window_number > c.window_number THEN excluded.taken
        ELSE c.taken + least(greatest(1, (excluded.quota - c.taken) / 8),
                             greatest(0, excluded.quota - c.taken)) END,
    granted = CASE WHEN excluded.window_number > c.window_number THEN excluded.granted
        ELSE least(greatest(1, (excluded.quota - c.taken) / 8),
                   greatest(0, excluded.quota - c.taken)) END,
    ends_at = greatest(c.ends_at, excluded.ends_at)
RETURNING key, window_number, granted, greatest(0, quota - taken) AS shared_left
"""
_FORGET = """
DELETE FROM rate_limit_count WHERE key IN (
    SELECT key FROM rate_limit_count WHERE ends_at < {} ORDER BY ends_at LIMIT {}
    FOR UPDATE SKIP LOCKED)
RETURNING key
"""


class Lease(msgspec.Struct, frozen=True):
    window: int
    granted: int
    shared_left: int


async def lease(counters: Sequence[Counter]) -> dict[bytes, Lease]:
    rows = await RateLimitCount.raw(
        _LEASE,
        [c.key for c in counters],
        [c.window for c in counters],
        [c.policy.shared for c in counters],
        [c.policy.first_lease for c in counters],
        [_end_of(c) for c in counters],
    )
    return {
        bytes(row["key"]): Lease(row["window_number"], row["granted"], row["shared_left"])
        for row in rows
    }


async def forget_ended(now: datetime) -> int:
    """How many rows of long ended windows went; call again while it is not 0."""
    return len(await RateLimitCount.raw(_FORGET, now - _KEPT, _AT_ONCE))


def _end_of(counter: Counter) -> datetime:
    seconds = (counter.window + 1) * counter.policy.seconds - counter.phase
    return datetime.fromtimestamp(seconds, UTC)
