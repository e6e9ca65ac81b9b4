"""Rules of an exam attempt. No I/O: time and rows are passed in; points are exact decimals."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import ROUND_DOWN, Decimal
from enum import StrEnum

import msgspec

from infra.errors import Conflict, Invalid

MAX_ATTEMPTS = 3
COOLING_OFF = timedelta(hours=24)
GRACE = timedelta(seconds=30)
"""For the way of an answer given in time; the clock shown to the learner does not include it."""
_CENT = Decimal("0.01")


class ExamNotOpen(Conflict):
    """The exam opens when the programme's hours are met."""

    zh = "学时达标后方可参加考试。"


class CoolingOff(Conflict):
    """There are 24 hours between two attempts."""

    zh = "两次考试之间须间隔 24 小时。"


class AttemptsUsedUp(Conflict):
    """All three attempts are used; study the failed modules again before another is given."""

    zh = "3 次考试机会已用完，请重新学习未通过的模块。"


class AlreadyPassed(Conflict):
    """You have passed this exam; the first pass is the one recorded."""

    zh = "您已通过本考试，以首次通过的成绩为准。"


class TimeIsUp(Conflict):
    """The time of this attempt is up. What was saved in time has been graded."""

    zh = "考试时间已到，已按时保存的答案均已计分。"


class AttemptClosed(Conflict):
    """This attempt was handed in; its answers no longer change."""

    zh = "本次考试已交卷，答案不能再修改。"


class UnknownItem(Invalid):
    """This item is not on the paper of this attempt, or an option is not among its own."""

    zh = "该试题不在本次试卷中，或所选选项不属于该题。"


class State(StrEnum):
    OPEN = "open"
    SUBMITTED = "submitted"
    EXPIRED = "expired"


class Kind(StrEnum):
    SINGLE = "single"
    MULTIPLE = "multiple"
    TRUE_FALSE = "true-false"


class MultipleRule(StrEnum):
    ALL_OR_NOTHING = "all-or-nothing"
    PARTIAL_WITHOUT_WRONG_PICK = "partial-without-wrong-pick"


class PaperOption(msgspec.Struct, frozen=True):
    id: str
    text: str


class PaperItem(msgspec.Struct, frozen=True, kw_only=True):
    """What a learner may see of an item; the key is kept apart and has no place here."""

    id: str
    kind: Kind
    stem: str
    options: tuple[PaperOption, ...]
    points: Decimal


class Criterion(msgspec.Struct, frozen=True, kw_only=True):
    """All that decides the mark, frozen with the attempt."""

    pass_mark: Decimal
    total_points: Decimal
    multiple_rule: MultipleRule
    items: tuple[PaperItem, ...]
    key: Mapping[str, tuple[str, ...]]


class Past(msgspec.Struct, frozen=True, kw_only=True):
    """An attempt that is over."""

    ended_at: datetime
    passed: bool


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    score: Decimal
    passed: bool
    points: dict[str, Decimal]
    """By item, every item of the paper."""


Picks = Mapping[str, frozenset[str]]


def points_of(item: PaperItem, key: frozenset[str], picked: frozenset[str], rule: str) -> Decimal:
    """Full points for exactly the key. Some of it earns its share, rounded down to the cent, only
    for a multiple item under the rule that says so, and never beside a wrong pick."""
    if picked == key:
        return item.points
    partial = item.kind is Kind.MULTIPLE and rule == MultipleRule.PARTIAL_WITHOUT_WRONG_PICK
    if partial and picked < key:
        return (item.points * len(picked) / len(key)).quantize(_CENT, ROUND_DOWN)
    return Decimal(0)


def grade(criterion: Criterion, picks: Picks) -> Mark:
    """A blank is a wrong answer; items that are not on the paper count for nothing."""
    points = {
        item.id: points_of(
            item,
            frozenset(criterion.key[item.id]),
            picks.get(item.id, frozenset()),
            criterion.multiple_rule,
        )
        for item in criterion.items
    }
    score = sum(points.values(), Decimal(0))
    return Mark(score=score, passed=score >= criterion.pass_mark, points=points)


def check_may_start(past: list[Past], *, now: datetime) -> None:
    """`past`: the attempts of one enrolment, oldest first, none of them open."""
    if any(attempt.passed for attempt in past):
        raise AlreadyPassed
    if len(past) >= MAX_ATTEMPTS:
        raise AttemptsUsedUp
    if past and now < (opens := past[-1].ended_at + COOLING_OFF):
        shanghai = opens + timedelta(hours=8)
        raise CoolingOff(
            f"24 hours lie between two attempts; the next opens at {opens:%Y-%m-%d %H:%M} UTC.",
            zh=f"两次考试之间须间隔 24 小时，请于北京时间 {shanghai:%m 月 %d 日 %H:%M} 之后再考。",
        )


def is_over(due_at: datetime, *, now: datetime) -> bool:
    return now > due_at + GRACE


def check_picks(criterion: Criterion, picks: Picks) -> None:
    """Only items of the paper, only options of theirs; a single choice takes one at most."""
    items = {item.id: item for item in criterion.items}
    for item_id, picked in picks.items():
        item = items.get(item_id)
        if item is None or picked - {option.id for option in item.options}:
            raise UnknownItem
        if item.kind is not Kind.MULTIPLE and len(picked) > 1:
            raise UnknownItem
