"""A learner's time as a clock on the wall counts it: each second is used once, over all devices.

Pure. Seconds are whole, since 1970. A device's own clock is asked nothing: what was watched offline
is put into the earliest free time of its lease, so that watching elsewhere cannot fill the same
seconds, and no day takes more than its class hours.
"""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

import msgspec

from backend.progress.domain import DAILY_CAP_SECONDS

Window = tuple[int, int]
"""Half-open: [from, to)."""
_A_DAY = 86_400
_SHANGHAI_AHEAD = 8 * 3600
_EPOCH = date(1970, 1, 1)


def day_of(second: int) -> date:
    """The day in Shanghai."""
    return _EPOCH + timedelta(days=(second + _SHANGHAI_AHEAD) // _A_DAY)


class Taken(msgspec.Struct, frozen=True):
    """Time of one day that `seconds` of a lecture have taken."""

    start: int
    end: int
    seconds: int

    @property
    def day(self) -> date:
        return day_of(self.start)

    def since(self, second: int) -> int:
        """How much of it lies after that."""
        return max(0, self.end - max(self.start, second))


class WallClock:
    """Free time from `since` to `until`, and what is left of each day in seconds of lectures."""

    def __init__(self, since: int, until: int, granted: Mapping[date, int] | None = None) -> None:
        """`granted`: seconds that count on each day already."""
        self._free = list(_by_day(since, until))
        self._granted = dict(granted or {})

    def left(self, day: date) -> int:
        return max(0, DAILY_CAP_SECONDS - self._granted.get(day, 0))

    def charge(self, day: date, seconds: int) -> None:
        """Below nothing gives back."""
        self._granted[day] = self._granted.get(day, 0) + seconds

    def set_day(self, day: date, seconds: int) -> None:
        self._granted[day] = seconds

    def remove(self, start: int, end: int) -> None:
        """That time is used."""
        free = []
        for one in self._free:
            free += [(one[0], min(one[1], start)), (max(one[0], end), one[1])]
        self._free = [one for one in free if one[0] < one[1]]

    def use(self, start: int, end: int, seconds: int, rate_percent: int) -> None:
        """Watched online at some time of [start, end), of which nothing is known but how much."""
        left = seconds
        for at, until in self._within((start, end)):
            count = min(left, (until - at) * rate_percent // 100)
            self._use(at, count, rate_percent)
            left -= count

    def room(self, window: Window, rate_percent: int) -> int:
        """Seconds of a lecture for which the window has time."""
        by_day: dict[date, int] = {}
        for start, end in self._within(window):
            day = day_of(start)
            by_day[day] = by_day.get(day, 0) + (end - start) * rate_percent // 100
        return sum(min(seconds, self.left(day)) for day, seconds in by_day.items())

    def days_full(self, window: Window) -> bool:
        """Whether what time is left lies in days that have no class hours left."""
        free = self._within(window)
        return bool(free) and not any(self.left(day_of(start)) for start, _ in free)

    def take(self, window: Window, seconds: int, rate_percent: int) -> list[Taken]:
        """The earliest time for `seconds` of a lecture, at most `room` of them."""
        taken = []
        for start, end in self._within(window):
            count = min(seconds, (end - start) * rate_percent // 100, self.left(day_of(start)))
            if count > 0:
                taken.append(self._use(start, count, rate_percent))
                seconds -= count
        return taken

    def _use(self, start: int, count: int, rate_percent: int) -> Taken:
        end = start + -(-count * 100 // rate_percent)
        self.remove(start, end)
        self.charge(day_of(start), count)
        return Taken(start, end, count)

    def _within(self, window: Window) -> list[Window]:
        clipped = [(max(a, window[0]), min(b, window[1])) for a, b in self._free]
        return [one for one in clipped if one[0] < one[1]]


def _by_day(since: int, until: int) -> Iterator[Window]:
    while since < until:
        midnight = ((since + _SHANGHAI_AHEAD) // _A_DAY + 1) * _A_DAY - _SHANGHAI_AHEAD
        yield since, min(until, midnight)
        since = midnight
