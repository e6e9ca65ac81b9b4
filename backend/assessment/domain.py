"""Rules of an exam attempt. No I/O: time and rows are passed in; points are exact decimals."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

import msgspec

from courses.items.answers import Answer
from courses.items.flaws import Flaw, flaw_of
from courses.items.interactions import Interaction, machine_marked
from courses.items.marking import mark
from courses.items.marking_rules import MarkingRules
from courses.items.rich_text import RichText
from infra.errors import Conflict, Invalid

MAX_ATTEMPTS = 3
COOLING_OFF = timedelta(hours=24)
GRACE = timedelta(seconds=30)
"""For the way of an answer given in time; the clock shown to the learner does not include it."""


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


class UnfitAnswer(Invalid):
    """The answer does not fit what the item asks for; correct it and save it again."""

    zh = "答案的形式与题目要求不符，请修改后再保存。"


class NoMarkers(Conflict):
    """This exam has questions that people mark, and nobody marks here yet."""

    zh = "本考试含需要人工评阅的试题，目前尚未安排评阅。"


class State(StrEnum):
    OPEN = "open"
    SUBMITTED = "submitted"
    EXPIRED = "expired"


class PaperItem(msgspec.Struct, frozen=True, kw_only=True):
    """An item as it stands on one paper, with its key: options in the order of this draw.

    What a learner may see of it is made by `courses.items.shown`.
    """

    id: str
    version: int = 1
    sha256: str = ""
    """Of what that version asks; empty on papers of before there were versions."""
    stem: RichText
    interaction: Interaction
    points: Decimal


class Criterion(msgspec.Struct, frozen=True, kw_only=True):
    """All that decides the mark, frozen with the attempt."""

    pass_mark: Decimal
    total_points: Decimal
    rules: MarkingRules
    items: tuple[PaperItem, ...]


class Past(msgspec.Struct, frozen=True, kw_only=True):
    """An attempt that is over."""

    ended_at: datetime
    passed: bool


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    score: Decimal
    passed: bool
    points: dict[str, Decimal]
    """By item, every item of the paper."""


Answers = Mapping[str, Answer]
"""By item."""


def grade(criterion: Criterion, answers: Answers) -> Mark:
    """A blank is a wrong answer; items that are not on the paper count for nothing."""
    points = {
        item.id: mark(item.interaction, answers.get(item.id), item.points, criterion.rules).points
        for item in criterion.items
    }
    score = sum(points.values(), Decimal(0))
    return Mark(score=score, passed=score >= criterion.pass_mark, points=points)


def check_markable(criterion: Criterion) -> None:
    if not all(machine_marked(item.interaction) for item in criterion.items):
        raise NoMarkers


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


def check_answers(criterion: Criterion, answers: Answers) -> None:
    """Only items of the paper, and answers that can be marked, right or wrong."""
    items = {item.id: item for item in criterion.items}
    for item_id, answer in answers.items():
        flaw = flaw_of(items[item_id].interaction, answer) if item_id in items else None
        if item_id not in items or flaw is Flaw.UNKNOWN_OPTION:
            raise UnknownItem
        if flaw is not None:
            english, chinese = _REFUSED[flaw]
            raise UnfitAnswer(english, zh=chinese)


_REFUSED = {
    Flaw.OTHER_FORM: (
        "The answer is of another form than the item asks for.",
        "答案的形式与题目要求不符。",
    ),
    Flaw.TOO_MANY: ("This item takes one option only.", "该题只能选择一个选项。"),
    Flaw.TWICE: ("An element stands in the order twice.", "同一项不能在顺序中出现两次。"),
    Flaw.NO_NUMBER: (
        "This is not a number; write one such as 12.5 or 1,200.",
        "答案不是数字，请填写数字，例如 12.5 或 1,200。",
    ),
    Flaw.TOO_LONG: (
        "The answer is too long for this item; shorten it.",
        "答案超出该题的字数限制，请缩短。",
    ),
    Flaw.NO_TEXT: (
        "The answer has a character that cannot be kept; type it again.",
        "答案中含有无法保存的字符，请重新输入。",
    ),
}
