"""The three-year cycle of a certificate: dated facts, and what is due next. Pure.

《知识产权认证管理办法》: surveillance at most 12 months after the decision, then every 12.
"""

import calendar
from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from typing import Literal
from uuid import UUID

import msgspec

from infra.errors import Conflict, Invalid


class FactKind(StrEnum):
    CERTIFIED = "certified"
    SURVEILLANCE = "surveillance"
    RECERTIFIED = "recertified"
    ENDED = "ended"
    WITHDRAWAL = "withdrawal"


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    kind: FactKind
    happened_on: date
    standard: str | None = None
    certificate_number: str | None = None
    withdraws: UUID | None = None


class CycleRule(msgspec.Struct, frozen=True):
    since: date
    surveillance_months: int
    cycle_months: int


RULES = (CycleRule(date(2018, 4, 1), 12, 36),)
"""Effective-dated; the rule of the day of the decision holds for its whole cycle."""


class FactInTheFuture(Invalid):
    """A fact has happened: its date cannot lie in the future."""

    zh = "日期不能晚于今天。"


class FactDoesNotFit(Conflict):
    """This fact does not fit those before it; withdraw the wrong one first."""

    zh = "该事项与此前登记的事项不符，请先撤回有误的一项。"


class Due(msgspec.Struct, frozen=True):
    what: Literal["surveillance", "recertification"]
    on: date
    overdue: bool


class Cycle(msgspec.Struct, frozen=True, kw_only=True):
    """Where a certificate stands; `due` is empty once it has run out or ended."""

    state: Literal["none", "running", "expired", "ended"]
    certified_from: date | None = None
    valid_until: date | None = None
    due: Due | None = None


def standing(facts: Sequence[Fact]) -> list[Fact]:
    """Those that nobody took back, in the order of their days."""
    withdrawn = {fact.withdraws for fact in facts if fact.withdraws}
    return sorted(
        (f for f in facts if f.kind is not FactKind.WITHDRAWAL and f.id not in withdrawn),
        key=lambda fact: (fact.happened_on, fact.id),
    )


def cycle(facts: Sequence[Fact], *, today: date) -> Cycle:
    first: date | None = None
    decided: date | None = None
    looked = None
    for fact in standing(facts):
        match fact.kind:
            case FactKind.CERTIFIED | FactKind.RECERTIFIED:
                first = fact.happened_on if fact.kind is FactKind.CERTIFIED else first
                decided = looked = fact.happened_on
            case FactKind.SURVEILLANCE:
                looked = fact.happened_on
            case FactKind.ENDED:
                decided = looked = None
    if decided is None or looked is None:
        return Cycle(state="ended" if first else "none", certified_from=first)
    rule = _rule_of(decided)
    until = months_after(decided, rule.cycle_months)
    if today > until:
        return Cycle(state="expired", certified_from=first, valid_until=until)
    due_on = months_after(looked, rule.surveillance_months)
    due = (
        Due("surveillance", due_on, overdue=today > due_on)
        if due_on < until
        else Due("recertification", until, overdue=False)
    )
    return Cycle(state="running", certified_from=first, valid_until=until, due=due)


def checked_fact(fact: Fact, before: Sequence[Fact], *, today: date) -> Fact:
    """FactInTheFuture, FactDoesNotFit: surveillance and recertification need a certificate."""
    if fact.happened_on > today:
        raise FactInTheFuture(fields={"happenedOn": "不能晚于今天 / not after today"})
    held = cycle(
        [f for f in standing(before) if f.happened_on <= fact.happened_on],
        today=fact.happened_on,
    ).state
    fits = {
        FactKind.CERTIFIED: held != "running",
        FactKind.SURVEILLANCE: held == "running",
        FactKind.RECERTIFIED: held in {"running", "expired"},
        FactKind.ENDED: held in {"running", "expired"},
        FactKind.WITHDRAWAL: fact.withdraws in {f.id for f in standing(before)},
    }
    if not fits[fact.kind]:
        raise FactDoesNotFit
    return fact


def months_after(day: date, months: int) -> date:
    """The same day of a later month, or its last: 29 February + 12 months is 28 February."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def _rule_of(day: date) -> CycleRule:
    return next((rule for rule in reversed(RULES) if rule.since <= day), RULES[0])
