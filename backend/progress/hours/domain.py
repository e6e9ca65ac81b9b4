"""What a learner's hours add up to, and what may be entered next. No I/O.

Sums alone count, so entries may come in any order; each new one is judged by the sums before it,
under the lock of the learner's seat.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from uuid import UUID

import msgspec

from backend.progress.domain import DAILY_CAP_SECONDS
from infra.errors import Conflict


class HoursNotThere(Conflict):
    """No more hours can be taken back than were awarded; check the entry and its corrections."""

    zh = "扣减的学时不能多于已授予的学时，请核对该条记录及其更正。"


class MoreThanAwarded(Conflict):
    """A correction gives back no more than was taken back before; hours are earned by learning."""

    zh = "更正只能恢复此前扣减的学时，不能超过原授予的学时；学时须通过学习取得。"


class DayIsFull(Conflict):
    """That day has its 8 class hours already; no more can count on it."""

    zh = "该日已计满 8 学时，不能再计入。"


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One entry, as far as sums go. `programme` is None for a class."""

    counts_on: date
    seconds: int
    programme: str | None = None


class Balances(msgspec.Struct, frozen=True, kw_only=True):
    by_day: Mapping[date, int]
    by_programme: Mapping[str | None, int]

    def room(self, day: date) -> int:
        """Seconds that may still count on a day."""
        return max(0, DAILY_CAP_SECONDS - self.by_day.get(day, 0))


def balances(lines: Iterable[Line]) -> Balances:
    days: dict[date, int] = {}
    programmes: dict[str | None, int] = {}
    for line in lines:
        days[line.counts_on] = days.get(line.counts_on, 0) + line.seconds
        programmes[line.programme] = programmes.get(line.programme, 0) + line.seconds
    return Balances(by_day=days, by_programme=programmes)


def check_entry(new: Line, so_far: Balances) -> None:
    """HoursNotThere, DayIsFull. No sum of a day or a programme goes below zero, no day over 8."""
    day = so_far.by_day.get(new.counts_on, 0) + new.seconds
    if day < 0 or so_far.by_programme.get(new.programme, 0) + new.seconds < 0:
        raise HoursNotThere
    if new.seconds > 0 and day > DAILY_CAP_SECONDS:
        raise DayIsFull


def check_correction(seconds: int, *, awarded: int, corrected: int) -> None:
    """HoursNotThere, MoreThanAwarded. `corrected`: the sum of an award's corrections so far."""
    left = awarded + corrected + seconds
    if left < 0:
        raise HoursNotThere
    if left > awarded:
        raise MoreThanAwarded


class ClassEntry(msgspec.Struct, frozen=True, kw_only=True):
    """Hours of a class as the class entered them: `reason` for a correction, which may be minus."""

    attendance_id: UUID
    person_id: UUID
    class_session_id: UUID
    module: str | None
    counts_on: date
    seconds: int
    reason: str | None
    entered_by: UUID

    @property
    def line(self) -> Line:
        return Line(counts_on=self.counts_on, seconds=self.seconds)
