"""How the journey waits: at the wall clock's pace, or by moving a throwaway instance's clock."""

import time
from collections.abc import Callable
from typing import Protocol, TypeVar

from infra.clock import ShiftedClock

T = TypeVar("T")
_POLL_SECONDS = 0.25


class Pace(Protocol):
    def spend(self, seconds: float) -> None:
        """Let this much of the server's time go by."""

    def catch_up(self) -> None:
        """Nothing is waited for any more: from here on the server goes by the machine's clock."""


class HonestPace:
    def spend(self, seconds: float) -> None:
        time.sleep(seconds)

    def catch_up(self) -> None:
        """It never did otherwise."""


class FastPace:
    """Needs the clock object of an instance in this very process: no real server hands it out."""

    def __init__(self, clock: ShiftedClock) -> None:
        self._clock = clock

    def spend(self, seconds: float) -> None:
        self._clock.advance(seconds)

    def catch_up(self) -> None:
        """Status lists signed by a clock that is behind would be old for an offline check."""
        self._clock.catch_up()


class TookTooLong(Exception):
    """The server did not get there in time."""


def wait_for(ask: Callable[[], T], done: Callable[[T], bool], *, what: str, seconds: float) -> T:
    """Ask until `done`, in real time; TookTooLong names what was waited for."""
    deadline = time.monotonic() + seconds
    while not done(answer := ask()):
        if time.monotonic() > deadline:
            raise TookTooLong(f"{what}: not there after {seconds:.0f} s")
        time.sleep(_POLL_SECONDS)
    return answer
