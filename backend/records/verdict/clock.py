"""Times of the log's entries only grow, except where a correction says that a clock was wrong.

A correction is an entry of its own (`clock.corrected`, ref `clock/<first entry in doubt>`). It
explains what stands between that entry and itself, where no time is to be relied on any more, and
sets the time right. It takes nothing back of what stands before: it cannot be dated earlier.
"""

from array import array
from collections import Counter

import msgspec

from backend.records.verdict.credential import seconds
from backend.records.verdict.leaf import Kind
from backend.records.verdict.refusal import Refused

CLOCKS_DIFFER = 3_600
"""Seconds by which an entry may be older than those before it: requests end in another order than
they began, and a queue may have stood still."""
_MOST_LATE = 100
_KINDS = list(Kind)
_CODES = {kind: code for code, kind in enumerate(_KINDS)}


class Corrected(msgspec.Struct, frozen=True):
    """Entries [first, at), whose times are in doubt; `at` is the correction's own place."""

    first: int
    at: int
    ts: str
    """What the correction says the time was when it was made."""
    records: int
    decisions: int

    @property
    def text(self) -> str:
        return (
            f"clock corrected at entry {self.at} ({self.ts}): no time of entries {self.first} to"
            f" {self.at - 1} is to be relied on ({self.records} records issued, {self.decisions}"
            " decisions)"
        )


class Times:
    """Nine bytes an entry."""

    def __init__(self) -> None:
        self._latest = array("q")
        """The latest time up to each entry, in seconds since 1970, as far as it can be trusted."""
        self._kinds = bytearray()
        self._late: list[tuple[int, str]] = []
        self.corrected: list[Corrected] = []
        self._read: tuple[str, int] = ("", 0)

    def read(self, kind: Kind, ts: str | None) -> None:
        """`ts`: none of an entry whose time is not held against others."""
        before, index = self.at(len(self._latest)), len(self._latest)
        self._kinds.append(_CODES[kind])
        self._latest.append(before)
        if ts is None:
            return
        at = self._seconds(ts)
        if at + CLOCKS_DIFFER < before and len(self._late) < _MOST_LATE:
            self._late.append((index, f"back-dated to {ts}: entries before it are younger"))
        self._latest[index] = max(before, at)

    def correct(self, first: int, ts: str) -> None:
        """Refused, and of no effect, where it would take back what was right before it."""
        index, self_dated = len(self._latest), self._seconds(ts)
        self.read(Kind.CLOCK, None)
        if first >= index:
            raise Refused("a clock correction of entries that come after it")
        right = self.at(first)
        if self_dated < right:
            raise Refused(f"a clock correction dated {ts}: older than entries that it leaves alone")
        self._latest[first:] = array("q", [right]) * (index - first) + array("q", [self_dated])
        self._late = [(at, why) for at, why in self._late if not first <= at < index]
        self.corrected.append(self._told(first, index, ts))

    def _told(self, first: int, at: int, ts: str) -> Corrected:
        count = Counter(self._kinds[first:at])
        ends = (Kind.SUSPENDED, Kind.REINSTATED, Kind.REVOKED, Kind.SUPERSEDED)
        decisions = sum(count[_CODES[kind]] for kind in ends)
        return Corrected(first, at, ts, count[_CODES[Kind.ISSUED]], decisions)

    def at(self, size: int) -> int:
        """The latest time of the first `size` entries."""
        return self._latest[size - 1] if size else 0

    @property
    def problems(self) -> list[str]:
        return [f"entry {at} ({self._kind(at)}): {why}" for at, why in self._late]

    @property
    def kinds(self) -> dict[str, int]:
        return {str(_KINDS[code]): count for code, count in Counter(self._kinds).items()}

    def _kind(self, index: int) -> Kind:
        return _KINDS[self._kinds[index]]

    def _seconds(self, ts: str) -> int:
        """Neighbours often share their second."""
        if self._read[0] != ts:
            self._read = (ts, seconds(ts))
        return self._read[1]
