"""How far a lecture is, and how long it will still take. Pure.

A lecture of several chunks is prepared by one worker; its tasks then advance side by side, so
percent comes from their weights. What is left is told from the pace so far, coarsely: a number
that jumps about is believed by nobody.
"""

from datetime import datetime
from math import ceil

import msgspec

from media_pipeline.domain import State

PREPARED = 10
"""Percent of the whole when a lecture's tasks begin."""
LEAST_SECONDS = 5.0
LEAST_SHARE = 0.02
_STEPS = ((60, 5), (600, 30))  # below so many seconds, in steps of so many
_COARSE = 60


class TaskProgress(msgspec.Struct, frozen=True):
    """Of the present attempt. `share`: 0..1 of all weights; `since`: when the first one began."""

    count: int
    done: int
    share: float
    since: datetime | None


def overall_percent(percent: int, tasks: TaskProgress | None) -> int:
    """Never less than the row says: a report may be younger than the tasks' sum."""
    if tasks is None or not tasks.count:
        return percent
    return max(percent, int(PREPARED + (100 - PREPARED) * tasks.share))


def remaining_seconds(
    *,
    state: State,
    waiting: bool,
    percent: int,
    begun_at: datetime | None,
    tasks: TaskProgress | None,
    now: datetime,
) -> int | None:
    """None while there is no basis for a promise: not begun, hardly begun, or standing still."""
    if state is not State.PROCESSING or waiting:
        return None
    if tasks is not None and tasks.count:
        since, share = tasks.since, tasks.share
    else:
        # A percent lasts a while: on the average it is half over.
        since, share = begun_at, (percent + 0.5) / 100
    if since is None or share < LEAST_SHARE:
        return None
    passed = (now - since).total_seconds()
    if passed < LEAST_SECONDS:
        return None
    return rounded(passed * max(0.0, 1 - share) / share)


def rounded(seconds: float) -> int:
    """Up, to what a person would say; at least one step, because nothing is done before its end."""
    step = next((step for limit, step in _STEPS if seconds <= limit), _COARSE)
    return max(1, ceil(seconds / step)) * step
