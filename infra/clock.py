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
    """The machine's clock plus a shift that can grow: an hour of waiting passes at once.

    Only a throwaway demonstration uses it, beside the instance that it starts and ends itself.
    """

    def __init__(self, shift: timedelta) -> None:
        self._shift = shift

    def __call__(self) -> datetime:
        return system_clock() + self._shift

    def advance(self, seconds: float) -> None:
        self._shift += timedelta(seconds=seconds)
