"""Classes (线下培训班): seats, presence, and the hours that presence is worth.

Hours are confirmed presence minus breaks, at most what the class was planned for and at most eight
class hours a day in all classes together (DOMAIN.md §4.1). They are entries that are only ever
added; a wrong one is met by a counter-entry.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from backend.class_sessions.rules import ClassRules, rules_on
from infra.errors import Conflict, Forbidden, Invalid, NotFound

SHANGHAI = ZoneInfo("Asia/Shanghai")
LONGEST = timedelta(days=14)
MOST_BREAKS = 60
YEARS = range(2020, 2100)
"""Of a class: far from where a calendar ends, since times are reckoned with."""


class SessionState(StrEnum):
    PLANNED = "planned"
    CANCELLED = "cancelled"
    CONFIRMED = "confirmed"


class SeatState(StrEnum):
    ENROLLED = "enrolled"
    WAITING = "waiting"
    WITHDRAWN = "withdrawn"


class Mark(StrEnum):
    """What the rules make of somebody's scans, for the instructor to look at."""

    PRESENT = "present"
    LATE = "late"
    LEFT_EARLY = "left-early"
    NO_CHECK_OUT = "no-check-out"
    ABSENT = "absent"


class NoSuchClass(NotFound):
    """No such class session, or none that is open to you."""

    zh = "没有该培训班，或它不对您开放。"


class NoSuchSeat(NotFound):
    """This class has no such seat."""

    zh = "该培训班没有这一席位。"


class TimesNotRight(Invalid):
    """A class ends after it begins, within two weeks; breaks lie inside it and do not overlap."""

    zh = "培训班须先开始后结束、总长不超过两周；休息时间须在其内且互不重叠。"


class PlannedHoursTooMany(Invalid):
    """The planned class hours are longer than the time of the class without its breaks."""

    zh = "计划学时超过培训班除去休息后的时长。"


class InstructorNotAMember(Invalid):
    """Every instructor must be a member of the organising organisation."""

    zh = "讲师须为主办组织的成员。"


class ClassIsOver(Conflict):
    """This class has ended, was cancelled or is confirmed already."""

    zh = "该培训班已结束、已取消或已确认。"


class NotOverYet(Conflict):
    """The class can be confirmed once it has ended."""

    zh = "培训班结束后方可确认。"


class NotConfirmedYet(Conflict):
    """Hours are corrected after the list was confirmed."""

    zh = "名单确认之后才能更正学时。"


class NotOpenYet(Conflict):
    """Codes are taken from an hour before the class begins until an hour after it ends."""

    zh = "开班前一小时至结束后一小时内方可签到、签退。"


class NotEnrolled(Conflict):
    """You have no seat in this class; enrol first, or ask the instructor."""

    zh = "您没有该培训班的席位，请先报名或联系讲师。"


class StillWaiting(Conflict):
    """You are on the waiting list of this class; ask the instructor for a seat."""

    zh = "您仍在候补名单中，请联系讲师。"


class CheckInFirst(Conflict):
    """You are not checked in; scan the check-in code first, or ask the instructor."""

    zh = "您尚未签到，请先扫描签到码或联系讲师。"


class DeviceOfAnotherSeat(Conflict):
    """This phone has checked in somebody else to this class; everybody uses a phone of their own,
    or asks the instructor."""

    zh = "本机已为他人在本班签到。请使用本人手机，或请讲师代为登记。"


class SeatOfAnotherDevice(Conflict):
    """You checked in with another phone; use that one, or ask the instructor to release it."""

    zh = "您是用另一部手机签到的，请使用原手机，或请讲师解除绑定。"


class CorrectionOutOfBounds(Conflict):
    """With this correction the hours would be less than none, or more than planned or than a day
    may have."""

    zh = "更正后学时将为负数，或超过计划学时、每日上限。"

    def __init__(self, day: date, *, fewer: int, more: int) -> None:
        """`fewer`, `more`: seconds that may still be taken from the day, or added to it."""
        less, plus = fewer // 60, max(0, more) // 60
        super().__init__(
            f"On {day} at most {less} minutes can be taken away and {plus} added.",
            zh=f"{day:%m 月 %d 日}最多可减 {less} 分钟、可增 {plus} 分钟。",
        )


class DayNotOfClass(Invalid):
    """The class does not take place on that day."""

    zh = "该日不在培训班日期之内。"


class TimeNotRight(Invalid):
    """A time entered by hand lies in the time of the class, and not in the future."""

    zh = "登记时间须在培训班时间之内，且不晚于现在。"


class StillCheckedIn(Conflict):
    """You are checked in to this class; check out before you give your seat back."""

    zh = "您已在本班签到，请先签退再退出。"


class OwnSeat(Forbidden):
    """Nobody enters or corrects their own attendance by hand; ask another instructor or manager."""

    zh = "不能为本人手工登记出勤或更正学时，请由另一位讲师或管理员办理。"


class Span(msgspec.Struct, frozen=True, rename="camel"):
    begins_at: datetime
    ends_at: datetime

    @property
    def seconds(self) -> int:
        return max(0, int((self.ends_at - self.begins_at).total_seconds()))


class Times(msgspec.Struct, frozen=True):
    whole: Span
    breaks: tuple[Span, ...]
    planned_seconds: int


class Scan(msgspec.Struct, frozen=True):
    purpose: str
    at: datetime


class Presence(msgspec.Struct, frozen=True):
    spans: tuple[Span, ...]
    open_since: datetime | None
    """Checked in, and not out again."""


class HoursEntry(msgspec.Struct, frozen=True):
    counts_on: date
    seconds: int


# --- the class --------------------------------------------------------------------------------


def checked_years(whole: Span) -> Span:
    if whole.begins_at.year not in YEARS or whole.ends_at.year not in YEARS:
        raise TimesNotRight(fields={"beginsAt": TimesNotRight.zh})
    return whole


def checked_times(times: Times) -> Times:
    whole = checked_years(times.whole)
    if not timedelta() < whole.ends_at - whole.begins_at <= LONGEST:
        raise TimesNotRight(fields={"endsAt": TimesNotRight.zh})
    ordered = sorted(times.breaks, key=lambda b: b.begins_at)
    inner = [edge for b in ordered for edge in (b.begins_at, b.ends_at)]
    edges = [whole.begins_at, *inner, whole.ends_at]
    if edges != sorted(edges):
        raise TimesNotRight(fields={"breaks": TimesNotRight.zh})
    if times.planned_seconds > whole.seconds - sum(b.seconds for b in ordered):
        raise PlannedHoursTooMany(fields={"classHours": PlannedHoursTooMany.zh})
    return Times(whole, tuple(ordered), times.planned_seconds)


def check_enrolling(state: SessionState, whole: Span, *, now: datetime) -> None:
    if state is not SessionState.PLANNED or now >= whole.ends_at:
        raise ClassIsOver


def check_open(state: SessionState, whole: Span, rules: ClassRules, *, now: datetime) -> None:
    if state is not SessionState.PLANNED:
        raise ClassIsOver
    if not whole.begins_at - rules.opens_before <= now <= whole.ends_at + rules.closes_after:
        raise NotOpenYet


def check_planned(state: SessionState) -> None:
    if state is not SessionState.PLANNED:
        raise ClassIsOver


def check_not_own(holder: UUID, caller: UUID) -> None:
    if holder == caller:
        raise OwnSeat


def check_seat(state: SeatState | None) -> None:
    if state is SeatState.WAITING:
        raise StillWaiting
    if state is not SeatState.ENROLLED:
        raise NotEnrolled


def check_device(bound: bytes | None, device: bytes) -> None:
    if bound is not None and bound != device:
        raise SeatOfAnotherDevice


def check_confirming(state: SessionState, whole: Span, *, now: datetime) -> None:
    if state is not SessionState.PLANNED:
        raise ClassIsOver
    if now < whole.ends_at:
        raise NotOverYet


def day_of(moment: datetime) -> date:
    return moment.astimezone(SHANGHAI).date()


def rules_at(moment: datetime) -> ClassRules:
    """By the day in China: a class at seven there begins on the day before in UTC."""
    return rules_on(day_of(moment))


def days_of(whole: Span) -> tuple[date, date]:
    """First and last calendar day in China."""
    return day_of(whole.begins_at), day_of(whole.ends_at)


# --- presence ---------------------------------------------------------------------------------


def presence(scans: Iterable[Scan]) -> Presence:
    """Each check-in up to the next check-out. A second check-in changes nothing, nor does a
    check-out of somebody who is not in."""
    spans, since = [], None
    for scan in sorted(scans, key=lambda s: s.at):
        if scan.purpose == "in":
            since = since or scan.at
        elif since is not None:
            spans.append(Span(since, scan.at))
            since = None
    return Presence(tuple(spans), since)


def marks(found: Presence, times: Times, rules: ClassRules) -> tuple[Mark, ...]:
    if not found.spans and found.open_since is None:
        return (Mark.ABSENT,)
    first = found.spans[0].begins_at if found.spans else found.open_since
    said = []
    if first is not None and first > times.whole.begins_at + rules.grace:
        said.append(Mark.LATE)
    if found.open_since is not None:
        said.append(Mark.NO_CHECK_OUT)
    elif found.spans[-1].ends_at < times.whole.ends_at - rules.grace:
        said.append(Mark.LEFT_EARLY)
    return tuple(said) or (Mark.PRESENT,)


def seconds_by_day(found: Presence, times: Times, rules: ClassRules) -> dict[date, int]:
    """Presence inside the class and outside of its breaks, by calendar day in China. An open
    check-in counts nothing: nobody saw when it ended."""
    by_day: dict[date, int] = {}
    for span in _forgiven(found.spans, times.whole, rules.grace):
        for piece in _by_day(span):
            out = sum(common_seconds(piece, pause) for pause in times.breaks)
            day = day_of(piece.begins_at)
            by_day[day] = by_day.get(day, 0) + max(0, piece.seconds - out)
    return {day: seconds for day, seconds in sorted(by_day.items()) if seconds}


def awarded(
    by_day: Mapping[date, int],
    *,
    planned_seconds: int,
    elsewhere: Mapping[date, int],
    rules: ClassRules,
) -> list[HoursEntry]:
    """What is entered: day by day, up to what the day and the plan still have room for."""
    entries, left = [], planned_seconds
    for day, seconds in sorted(by_day.items()):
        given = min(seconds, left, rules.day_seconds - elsewhere.get(day, 0))
        if given > 0:
            entries.append(HoursEntry(day, given))
            left -= given
    return entries


def checked_correction(
    new: HoursEntry,
    *,
    of_seat: Sequence[HoursEntry],
    elsewhere: int,
    times: Times,
    rules: ClassRules,
) -> HoursEntry:
    """`elsewhere`: seconds of the same person and day in other classes."""
    first, last = days_of(times.whole)
    if not first <= new.counts_on <= last:
        raise DayNotOfClass(fields={"day": DayNotOfClass.zh})
    day = sum(e.seconds for e in of_seat if e.counts_on == new.counts_on)
    whole = sum(e.seconds for e in of_seat)
    more = min(rules.day_seconds - elsewhere - day, times.planned_seconds - whole)
    if not -day <= new.seconds <= more:
        raise CorrectionOutOfBounds(new.counts_on, fewer=day, more=more)
    return new


def checked_hand_time(at: datetime, whole: Span, rules: ClassRules, *, now: datetime) -> datetime:
    """A scan entered by the instructor, for who came without a phone or left without a scan."""
    earliest, latest = whole.begins_at - rules.opens_before, whole.ends_at + rules.closes_after
    if not earliest <= at <= min(latest, now):
        raise TimeNotRight(fields={"at": TimeNotRight.zh})
    return at


def _forgiven(spans: Sequence[Span], whole: Span, grace: timedelta) -> list[Span]:
    """Inside the class; only the first arrival and the last leaving are forgiven, so that spans
    never come to overlap."""
    kept = []
    for number, span in enumerate(spans):
        begins, ends = max(span.begins_at, whole.begins_at), min(span.ends_at, whole.ends_at)
        if begins >= ends:
            continue
        if number == 0 and begins <= whole.begins_at + grace:
            begins = whole.begins_at
        if number == len(spans) - 1 and ends >= whole.ends_at - grace:
            ends = whole.ends_at
        kept.append(Span(begins, ends))
    return kept


def _by_day(span: Span) -> list[Span]:
    """Cut at each midnight in China."""
    pieces, begins = [], span.begins_at
    while begins < span.ends_at:
        local = begins.astimezone(SHANGHAI)
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        ends = min(midnight, span.ends_at)
        pieces.append(Span(begins, ends))
        begins = ends
    return pieces


def common_seconds(one: Span, other: Span) -> int:
    return Span(max(one.begins_at, other.begins_at), min(one.ends_at, other.ends_at)).seconds
