"""Rules of assignments: when one is due, where a member stands in it. No I/O: time and rows come
as arguments. Days and months are China's, which has had no summer time since 1991.
"""

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta, timezone
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

import msgspec

from infra.errors import Conflict, Invalid, NotFound, Unavailable

SHANGHAI = timezone(timedelta(hours=8))
CURRENT_LIMIT = 50
"""Assignments an organisation may have at a time; a dashboard shows them all."""
NAMED_LIMIT = 500
"""Departments or members one assignment may name."""
MONTHS_SHOWN = 12
LONGEST = timedelta(days=3650)
SMALL = 500
"""People up to which a dashboard is worked out anew at each look: some 50 ms. Larger ones are
worked out by a job and say as at when."""
FRESH_FOR = timedelta(minutes=10)


class AssignmentNotFound(NotFound):
    """Your organisation has no such assignment; the list of assignments shows those it has."""

    zh = "贵单位没有这项培训任务，请查看任务列表。"


class DueNotValid(Invalid):
    """Give a due date or a number of days after joining, or neither, but not both."""

    zh = "请填写固定截止日期或加入后的天数，二者择一，也可都不填。"


class AudienceNotValid(Invalid):
    """Name departments or members of this organisation exactly where the audience asks for them."""

    zh = "请按任务对象填写本单位的部门或成员。"


class TooManyAssignments(Conflict):
    """An organisation has at most 50 assignments at a time; withdraw one that is over."""

    zh = "每个单位同时最多有 50 项培训任务，请先撤回已结束的任务。"


class ExportsBusy(Unavailable):
    """Other exports are being made; try again in some seconds."""

    zh = "正在为他人生成导出文件，请几秒后重试。"

    def __init__(self) -> None:
        super().__init__()
        self.headers["Retry-After"] = "10"


class Audience(StrEnum):
    EVERYONE = "everyone"
    DEPARTMENTS = "departments"
    MEMBERS = "members"


class State(StrEnum):
    """Every member that an assignment reaches is in exactly one of these."""

    DONE = "done"
    LATE = "late"
    UNDER_WAY = "under-way"
    NOT_STARTED = "not-started"


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """Fixed (`on`), relative (`days` after joining), or neither: no due date."""

    on: date | None = None
    days: int | None = None
    grace_days: int = 0
    """For a fixed date: whoever joins later has at least so long from the day of joining."""

    def day(self, *, assigned_on: date, joined_on: date) -> date | None:
        """The last day in time, for one member.

        An assignment never begins before it was made: for those who had joined by then, relative
        days run from that day.
        """
        if self.days is not None:
            return max(assigned_on, joined_on) + timedelta(days=self.days)
        if self.on is None or joined_on <= assigned_on:
            return self.on
        return max(self.on, joined_on + timedelta(days=self.grace_days))


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """What the rules need to know of an assignment."""

    id: UUID
    programme: str
    compulsory: bool
    audience: Audience
    due: Due
    assigned_at: datetime
    departments: frozenset[UUID] = frozenset()
    members: frozenset[UUID] = frozenset()
    """Memberships, not people: who leaves and comes back is a new member."""

    def within(self, departments: frozenset[UUID]) -> "Rule":
        return msgspec.structs.replace(self, departments=departments)

    def reaches(self, membership_id: UUID, department_id: UUID | None) -> bool:
        match self.audience:
            case Audience.EVERYONE:
                return True
            case Audience.DEPARTMENTS:
                return department_id in self.departments
            case Audience.MEMBERS:
                return membership_id in self.members


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What a member has done about a programme, whoever asked for it."""

    begun_at: datetime | None = None
    """When the member enrolled."""
    earned_at: datetime | None = None
    """When hours and exam were met, so that a record was due."""
    valid_until: datetime | None = None
    """Of that record; None: for good."""

    NOTHING: ClassVar["Facts"]


Facts.NOTHING = Facts()


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    state: State
    due_on: date | None
    begun_on: date | None
    done_on: date | None


def standing(rule: Rule, joined_at: datetime, facts: Facts, *, today: date) -> Standing:
    """Where a member stands. What is voluntary is never late; the due day itself is in time."""
    due_on = rule.due.day(assigned_on=day_of(rule.assigned_at), joined_on=day_of(joined_at))
    done_at = _done_at(rule, facts)
    if done_at is not None:
        state = State.DONE
    elif rule.compulsory and due_on is not None and today > due_on:
        state = State.LATE
    else:
        state = State.UNDER_WAY if facts.begun_at else State.NOT_STARTED
    return Standing(
        state=state,
        due_on=due_on,
        begun_on=day_of(facts.begun_at) if facts.begun_at else None,
        done_on=day_of(done_at) if done_at else None,
    )


def _done_at(rule: Rule, facts: Facts) -> datetime | None:
    """A record earned before counts if it was still valid when the programme was assigned; that it
    runs out afterwards undoes nothing."""
    if facts.valid_until is not None and facts.valid_until <= rule.assigned_at:
        return None
    return facts.earned_at


def overall(standings: Collection[Standing]) -> tuple[State, bool] | None:
    """A member's state over all compulsory assignments, and whether anything was begun.

    Late in one is late; done is done with all. None for somebody who was assigned nothing.
    """
    states = {found.state for found in standings}
    if not states:
        return None
    begun = any(found.begun_on or found.done_on for found in standings)
    if State.LATE in states:
        return State.LATE, begun
    return (states.pop(), begun) if len(states) == 1 else (State.UNDER_WAY, begun)


class Counts(msgspec.Struct, rename="camel", kw_only=True):
    """Members by state. `late_not_started` are among the late, so it adds nothing to `people`."""

    done: int = 0
    under_way: int = 0
    late: int = 0
    late_not_started: int = 0
    not_started: int = 0

    @property
    def people(self) -> int:
        return self.done + self.under_way + self.late + self.not_started

    def plus(self, other: "Counts") -> "Counts":
        return Counts(
            **{name: getattr(self, name) + getattr(other, name) for name in self.__struct_fields__}
        )

    def add(self, state: State, *, begun: bool) -> None:
        match state:
            case State.DONE:
                self.done += 1
            case State.UNDER_WAY:
                self.under_way += 1
            case State.NOT_STARTED:
                self.not_started += 1
            case State.LATE:
                self.late += 1
                self.late_not_started += not begun


def with_those_below(
    departments: Collection[UUID], parents: Mapping[UUID, UUID | None]
) -> frozenset[UUID]:
    """These departments and all below them. `parents`: of every department of the organisation."""
    chosen = set(departments)
    for department in parents:
        path: list[UUID] = []
        above: UUID | None = department
        while above is not None and above not in chosen:
            path.append(above)
            above = parents.get(above)
        if above is not None:
            chosen.update(path)
    return frozenset(chosen)


def day_of(moment: datetime) -> date:
    return moment.astimezone(SHANGHAI).date()


def month_of(day: date) -> date:
    """The first of its month."""
    return day.replace(day=1)


def months_up_to(today: date, count: int = MONTHS_SHOWN) -> list[date]:
    """The first days of the last `count` months, this one included, oldest first."""
    index = today.year * 12 + today.month - 1
    return [date(n // 12, n % 12 + 1, 1) for n in range(index - count + 1, index + 1)]


def checked_due(due: Due, *, today: date) -> Due:
    if due.on is not None and due.days is not None:
        raise DueNotValid
    if due.on is not None and not today <= due.on <= today + LONGEST:
        text = "今天起十年以内 / from today on, within ten years"
        raise DueNotValid(fields={"dueOn": text})
    return due


def is_fresh(as_at: datetime, *, now: datetime) -> bool:
    """Whether what was worked out then may be shown now. A new day makes people late."""
    return now - as_at < FRESH_FOR and day_of(as_at) == day_of(now)


def checked_audience(rule: Rule) -> Rule:
    """Departments exactly for departments, members exactly for members."""
    named = (bool(rule.departments), bool(rule.members))
    wanted = (rule.audience is Audience.DEPARTMENTS, rule.audience is Audience.MEMBERS)
    if named != wanted:
        raise AudienceNotValid
    return rule
