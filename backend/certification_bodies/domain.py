"""The register of filed certification bodies (备案认证机构名录): what it said, of which day, when.

Two times run here. A fact holds *from a day on* (`effective_from`); we learn it *at a moment*
(`recorded_at`). Facts are only ever added, a correction names the fact it replaces: so "the state
on a day, as known at a moment" has one answer, and that answer never changes afterwards.
docs/decisions/0015 has the reasons.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from infra.errors import Conflict, Forbidden, Invalid, NotFound

SHANGHAI = ZoneInfo("Asia/Shanghai")
SETTLED = timedelta(seconds=60)
"""Longer than any request: an entry being written just now cannot change an older answer."""
FARTHEST_AHEAD = timedelta(days=366)
_STEP = timedelta(microseconds=1)


class RegisterState(StrEnum):
    LISTED = "listed"
    SUSPENDED = "suspended"
    REMOVED = "removed"


class NoSuchBody(NotFound):
    """No certification body by that code is in the register; check the 18 characters."""

    zh = "名录中没有该统一社会信用代码的认证机构，请核对 18 位代码。"


class NoSuchEntry(NotFound):
    """This body has no register entry by that id."""

    zh = "该机构没有这一名录条目。"


class AlreadyCorrected(Conflict):
    """This entry was corrected already; correct the entry that took its place."""

    zh = "该条目已被更正，请对取代它的条目进行更正。"


class WithdrawnWhat(Invalid):
    """Only an entry is withdrawn: name it in `corrects`."""

    zh = "撤回须指明所更正的条目（corrects）。"


class FirstMustBeListing(Conflict):
    """A body comes into the register by being listed; enter that first, with its day."""

    zh = "机构须先列入名录，请先登记列入及其生效日期。"


class OneEntryADay(Conflict):
    """Another entry holds from the same day; correct that one instead."""

    zh = "同一生效日已有条目，请对该条目进行更正。"


class NothingChanges(Conflict):
    """The body is in that state, under that name, just before or after that day already."""

    zh = "该日前后机构已处于相同状态且名称相同，条目没有变化。"


class AlreadyInRegister(Conflict):
    """This organisation is in the register already; add an entry to it."""

    zh = "该机构已在名录中，请为其追加条目。"


class NotACertificationBody(Conflict):
    """Only a confirmed organisation of kind certification-body can be filed; see to both first."""

    zh = "只有已确认且类型为认证机构的组织才能备案，请先确认或更正。"


class TooFarAhead(Invalid):
    """An entry may hold from at most a year ahead."""

    zh = "生效日期最多可提前一年登记。"


class NotSettledYet(Invalid):
    """`knownAt` has a time zone and lies a minute back or more; leave it out for what is known
    now."""

    zh = "knownAt 须带时区且为一分钟以前的时间；查询目前所知请省略该参数。"


class BodyNotListed(Forbidden):
    """The certification body is not listed today, so its rights rest; ask whoever keeps the
    register."""

    zh = "该认证机构目前不在列入状态，相关权限暂停，请联系名录管理部门。"


class Fact(msgspec.Struct, frozen=True):
    """One entry. `state` None: the entry it corrects was wrong altogether and nothing takes its
    place."""

    id: UUID
    state: RegisterState | None
    name: str
    effective_from: date
    recorded_at: datetime
    reason: str
    document: str
    """Reference of the paper behind it, such as 国知发运字〔2026〕12号."""
    corrects: UUID | None = None


def shanghai_day(now: datetime) -> date:
    return now.astimezone(SHANGHAI).date()


def standing(facts: Sequence[Fact], known_at: datetime | None = None) -> list[Fact]:
    """What counted as true at that moment (None: now): recorded by then, not corrected by then."""
    by_then = [f for f in facts if known_at is None or f.recorded_at <= known_at]
    corrected = {f.corrects for f in by_then}
    return sorted(
        (f for f in by_then if f.id not in corrected and f.state is not None),
        key=lambda f: f.effective_from,
    )


def status(facts: Sequence[Fact], on: date, known_at: datetime | None = None) -> Fact | None:
    """The fact that holds on that day; None before the body was ever listed."""
    holding = [f for f in standing(facts, known_at) if f.effective_from <= on]
    return holding[-1] if holding else None


def checked_addition(facts: Sequence[Fact], new: Fact, *, today: date) -> Fact:
    """`new`, stamped later than all before it, if the register with it still makes sense."""
    if new.effective_from > today + FARTHEST_AHEAD:
        raise TooFarAhead(fields={"effectiveFrom": TooFarAhead.zh})
    _check_correction(facts, new)
    latest = max((f.recorded_at for f in facts), default=None)
    if latest is not None and new.recorded_at <= latest:
        new = msgspec.structs.replace(new, recorded_at=latest + _STEP)
    _check_line(standing([*facts, new]))
    return new


def _check_correction(facts: Sequence[Fact], new: Fact) -> None:
    if new.corrects is None:
        if new.state is None:
            raise WithdrawnWhat(fields={"corrects": WithdrawnWhat.zh})
        return
    if new.corrects not in {f.id for f in facts}:
        raise NoSuchEntry
    if new.corrects in {f.corrects for f in facts}:
        raise AlreadyCorrected


def _check_line(line: list[Fact]) -> None:
    if line and line[0].state is not RegisterState.LISTED:
        raise FirstMustBeListing
    for before, after in pairwise(line):
        if before.effective_from == after.effective_from:
            raise OneEntryADay
        if (before.state, before.name) == (after.state, after.name):
            raise NothingChanges


def checked_known_at(known_at: datetime | None, *, now: datetime) -> datetime | None:
    if known_at is not None and (known_at.tzinfo is None or known_at > now - SETTLED):
        raise NotSettledYet(fields={"knownAt": NotSettledYet.zh})
    return known_at


_STATE_ZH = {RegisterState.SUSPENDED: "暂停", RegisterState.REMOVED: "移出"}


def check_listed(fact: Fact | None) -> None:
    """BodyNotListed with the state, its day and its paper, unless the body is listed."""
    if fact is not None and fact.state is RegisterState.LISTED:
        return
    if fact is None or fact.state is None:
        raise BodyNotListed
    since, paper = fact.effective_from.isoformat(), fact.document
    raise BodyNotListed(
        f"This certification body has been {fact.state} since {since} ({paper}); until it is"
        " listed again it can neither add auditors nor file documents, and rights that hang on"
        " it rest.",
        zh=f"该认证机构自 {since} 起已被{_STATE_ZH[fact.state]}（{paper}）；恢复列入之前，不能新增"
        "审核员或提交文件，依附于该机构的权限暂停。",
    )
