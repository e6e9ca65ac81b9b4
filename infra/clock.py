"""Where time comes from: rules get it as an argument, only this module reads the machine's."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    return datetime.now(UTC)


class ManualClock:
    """A clock that moves only when told to: for tests and throwaway demonstrations.

    It is an object handed to `create_app`, never a setting, so that no real server can be sped up.
    """

    def __init__(self, start: datetime) -> None:
        self._now = start

    def __call__(self) -> datetime:
        return self._now

    def advance(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)


class ShiftedClock:
    """The machine's clock, so far behind it, and catching up: a wait passes at once.

    Never ahead of it: what an instance signs must not come from the future for those who check it
    by the machine's clock. Only a throwaway demonstration uses it, beside the instance that it
    starts and ends itself.
    """

    def __init__(self, behind: timedelta) -> None:
        self._behind = behind

    def __call__(self) -> datetime:
        return system_clock() - self._behind

    def advance(self, seconds: float) -> None:
        left = self._behind - timedelta(seconds=seconds)
        if left < timedelta():
            raise ValueError("this clock would run ahead of the machine's: start it further behind")
        self._behind = left

    def catch_up(self) -> None:
        self._behind = timedelta()
