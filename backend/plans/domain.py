"""What a learner has to do, in which order, and when to say so. No I/O: time and rows come as
arguments. Days are China's."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta, timezone
from enum import StrEnum
from uuid import UUID

import msgspec

from infra.errors import Invalid

SHANGHAI = timezone(timedelta(hours=8))
LONGEST = timedelta(days=3650)
_NEVER = date.max


class DayNotValid(Invalid):
    """Choose a day from today on, within ten years, or none."""

    zh = "请选择今天起十年以内的日期，或不设日期。"


def day_of(now: datetime) -> date:
    return now.astimezone(SHANGHAI).date()


def checked_day(wanted: date | None, *, today: date) -> date | None:
    if wanted is not None and not today <= wanted <= today + LONGEST:
        raise DayNotValid(fields={"finishBy": "今天起十年以内 / from today on, within ten years"})
    return wanted


# --- what comes next --------------------------------------------------------------------------


class Step(StrEnum):
    RESUME = "resume"
    LESSON = "lesson"
    EXAM = "exam"
    ENROL = "enrol"


class Course(msgspec.Struct, frozen=True, kw_only=True):
    """An enrolment, as far as the order of things needs it."""

    key: str
    """Of the enrolment: a programme may have two, an older year's beside this year's."""
    finished: bool
    lesson: str | None
    """None: all lessons are complete."""
    begun: bool
    exam_open: bool
    due_on: date | None
    enrolled_at: datetime
    opened_last: bool


def next_step(
    courses: Sequence[Course], asked: Mapping[str, date | None]
) -> tuple[Step, str] | None:
    """What to do now, in which course, by its key. `asked`: codes of programmes assigned and not
    begun, with the day each is due; to enrol is in one of those.

    What lies open goes on; then whatever is due first.
    """
    open_ = [one for one in courses if not one.finished and (one.lesson or one.exam_open)]
    for one in open_:
        if one.opened_last and one.lesson and one.begun:
            return Step.RESUME, one.key
    wanted = [(one.due_on or _NEVER, 0, one.enrolled_at, _step(one)) for one in open_]
    begin = [(due or _NEVER, (Step.ENROL, code)) for code, due in sorted(asked.items())]
    first = min(wanted, key=lambda w: w[:3], default=None)
    new = min(begin, key=lambda b: b[0], default=None)
    if first is None:
        return new[1] if new else None
    return new[1] if new and new[0] < first[0] else first[3]


def _step(one: Course) -> tuple[Step, str]:
    if one.lesson is None:
        return Step.EXAM, one.key
    return (Step.RESUME if one.begun else Step.LESSON), one.key


def earliest(days: Sequence[date | None]) -> date | None:
    return min((day for day in days if day is not None), default=None)


# --- reminders --------------------------------------------------------------------------------

DUE_IN = (1, 3, 14)
"""Days before the last one in time; the nearest that has come is the one said."""
EXPIRES_IN = (30, 90)
TOLD_LATE_UP_TO = timedelta(days=30)
"""An assignment or lateness older than this was there before reminders were: old news."""


class Occasion(StrEnum):
    ASSIGNED = "assigned"
    DUE = "due"
    OVERDUE = "overdue"
    EXPIRING = "expiring"


class Reminder(msgspec.Struct, frozen=True, kw_only=True):
    """`once` names the occasion within its subject, so that each is said one time."""

    occasion: Occasion
    once: str
    days: int | None = None
    """Until the day, or since it."""


def assignment_reminders(
    assignment_id: UUID,
    *,
    since: date,
    due_on: date | None,
    compulsory: bool,
    done: bool,
    today: date,
) -> list[Reminder]:
    """What a member is to be told today or has missed lately. What is voluntary is said once."""
    if done:
        return []
    found = []
    if today - since <= TOLD_LATE_UP_TO:
        found.append(Reminder(occasion=Occasion.ASSIGNED, once=f"assigned:{assignment_id}"))
    if compulsory and due_on is not None:
        found += due_reminders(str(assignment_id), since=since, due_on=due_on, today=today)
    return found


def due_reminders(subject: str, *, since: date, due_on: date, today: date) -> list[Reminder]:
    """The nearest of 14, 3 and 1 days that has come, unless the learner heard of the whole thing
    after it; then, once, that it is late. A day that moves is a new one."""
    left = (due_on - today).days
    at = f"{subject}:{due_on.isoformat()}"
    if left < 0:
        late = today - due_on <= TOLD_LATE_UP_TO
        return [Reminder(occasion=Occasion.OVERDUE, once=f"overdue:{at}", days=-left)] * late
    come = [days for days in DUE_IN if left <= days and since < due_on - timedelta(days=days)]
    return [Reminder(occasion=Occasion.DUE, once=f"due-{d}:{at}", days=left) for d in come[:1]]


def expiry_reminders(record: str, *, ends_on: date, issued_on: date, today: date) -> list[Reminder]:
    """The nearer of 90 and 30 days that has come, while the record still holds."""
    left = (ends_on - today).days
    come = [days for days in EXPIRES_IN if 0 <= left <= days and issued_on < ends_on - _days(days)]
    return [
        Reminder(occasion=Occasion.EXPIRING, once=f"expiring-{d}:{record}", days=left)
        for d in come[:1]
    ]


def _days(number: int) -> timedelta:
    return timedelta(days=number)
