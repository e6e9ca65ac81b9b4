"""Rules of an exam attempt. No I/O: time and rows are passed in; points are exact decimals."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

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
"""For the way of an answer given in time over a bad line, and for the clocks of two servers, which
differ by less than a second. The clock shown to the learner does not include it."""
SWEEP_AFTER = GRACE + timedelta(seconds=30)
"""Past the end the worker hands in what nobody has looked at; later than any server would take
another answer, however its clock goes."""
MOST_ITEMS = 200
LAST_SITTING = 9_000
SEQUENCES_A_SITTING = 1_000_000
"""A sitting's sequences begin at so many times its number: what a later sitting saved is newer than
all that an earlier one still brings."""


class ExamNotOpen(Conflict):
    """The exam opens when the programme's hours are met."""

    zh = "学时达标后方可参加考试。"


class CoolingOff(Conflict):
    """There are 24 hours between two attempts."""

    zh = "两次考试之间须间隔 24 小时。"


class AttemptsUsedUp(Conflict):
    """All three attempts are used; study the failed modules again before another is given."""

    zh = "3 次考试机会已用完，请重新学习未通过的模块。"


class TakenOver(Conflict):
    """This exam goes on on another device; take it up here again to go on here."""

    zh = "本次考试已在另一台设备上继续。如需在此继续，请点击“在此设备继续”。"


class TooManySittings(Conflict):
    """This attempt was taken up on too many devices; go on where it is open."""

    zh = "本次考试切换设备次数过多，请在当前已打开的设备上继续。"


class SequenceAhead(Invalid):
    """A sequence lies beyond this sitting's; count up from the attempt's nextSequence."""

    zh = "答案序号超出本次作答的范围，请刷新页面后重试。"


class AwaitingMarks(Conflict):
    """Your last attempt is still being marked; its result comes before another attempt."""

    zh = "上一次考试仍在评阅中，请等待成绩公布。"


class AlreadyPassed(Conflict):
    """You have passed this exam; the first pass is the one recorded."""

    zh = "您已通过本考试，以首次通过的成绩为准。"


class TimeIsUp(Conflict):
    """The time of this attempt is up. What was saved in time has been graded."""

    zh = "考试时间已到，已按时保存的答案均已计分。"


class AttemptClosed(Conflict):
    """This attempt was handed in; its answers no longer change."""

    zh = "本次考试已交卷，答案不能再修改。"


class UnfitAnswer(Invalid):
    """The answer does not fit what the item asks for; correct it and save it again."""

    zh = "答案的形式与题目要求不符，请修改后再保存。"


class NoMarkers(Conflict):
    """This exam has questions that people mark, and fewer than two may mark yours: nobody of your
    own organisation or who taught you may. It opens to you when more markers are appointed."""

    zh = (
        "本考试含需要人工评阅的试题，目前可评阅您答卷的阅卷员不足 2 人"
        "（本单位人员和您的授课教师须回避）。增派阅卷员后即可考试。"
    )


class State(StrEnum):
    OPEN = "open"
    SUBMITTED = "submitted"
    EXPIRED = "expired"


MARKING = 1
"""Raise it with any change to `courses.items.marking` that could give an answer other points, and
keep what marked before."""


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
    module: str = ""
    """Empty on papers of before it was kept."""


class Drawn(msgspec.Struct, frozen=True, kw_only=True):
    """What a paper can be drawn again from, beside its seed and its edition."""

    method: str
    lately_sha256: str = ""
    """Of the count of what everybody had seen of late; empty before there was one."""
    by_learner: dict[str, int] = {}
    """On how many papers of the learner each item of the bank had stood."""


class Criterion(msgspec.Struct, frozen=True, kw_only=True):
    """All that decides the mark, frozen with the attempt."""

    pass_mark: Decimal
    total_points: Decimal
    rules: MarkingRules
    items: tuple[PaperItem, ...]
    blueprint_sha256: str = ""
    marking: int = MARKING
    """Edition of the marking rules' code; a mark is worked out again only by the same."""
    drawn: Drawn | UnsetType = UNSET
    """Unset on papers of before it was kept, which cannot be drawn again, only read and marked."""


class Past(msgspec.Struct, frozen=True, kw_only=True):
    """An attempt that is over."""

    ended_at: datetime
    passed: bool | None
    """None while people still mark."""


class Refusal(msgspec.Struct, frozen=True):
    flaw: str
    en: str
    zh: str


class GivenMark(msgspec.Struct, frozen=True, kw_only=True):
    by: UUID
    percents: Mapping[str, int]
    """By line of the rubric."""
    points: Decimal


class MarkedByPeople(msgspec.Struct, frozen=True, kw_only=True):
    """An essay, or one within a case, and the points that its markers came to."""

    item_id: str
    part_id: str
    points: Decimal
    marks: tuple[GivenMark, ...]


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    score: Decimal
    passed: bool
    points: dict[str, Decimal]
    """By item, every item of the paper."""


Answers = Mapping[str, Answer]
"""By item."""


def grade(criterion: Criterion, answers: Answers, essays: Sequence[MarkedByPeople] = ()) -> Mark:
    """A blank is a wrong answer; items that are not on the paper count for nothing."""
    if criterion.marking != MARKING:
        raise ValueError(f"marking edition {criterion.marking} is not {MARKING}: keep its code")
    points = {
        item.id: mark(item.interaction, answers.get(item.id), item.points, criterion.rules).points
        for item in criterion.items
    }
    for essay in essays:
        points[essay.item_id] += essay.points
    score = sum(points.values(), Decimal(0))
    return Mark(score=score, passed=score >= criterion.pass_mark, points=points)


def needs_people(criterion: Criterion) -> bool:
    """Whether its mark needs somebody's judgement."""
    return not all(machine_marked(item.interaction) for item in criterion.items)


def check_may_start(past: list[Past], *, now: datetime) -> None:
    """`past`: the attempts of one enrolment, oldest first, none of them open."""
    if any(attempt.passed for attempt in past):
        raise AlreadyPassed
    if past and past[-1].passed is None:
        raise AwaitingMarks
    if past and now < (opens := past[-1].ended_at + COOLING_OFF):
        shanghai = opens + timedelta(hours=8)
        raise CoolingOff(
            f"24 hours lie between two attempts; the next opens at {opens:%Y-%m-%d %H:%M} UTC.",
            zh=f"两次考试之间须间隔 24 小时，请于北京时间 {shanghai:%m 月 %d 日 %H:%M} 之后再考。",
        )


def first_sequence(sitting: int) -> int:
    return sitting * SEQUENCES_A_SITTING + 1


def check_sequences(sitting: int, sequences: Iterable[int]) -> None:
    """Those of earlier sittings may come late; none may come from the future."""
    if any(one >= first_sequence(sitting + 1) for one in sequences):
        raise SequenceAhead


def is_over(due_at: datetime, *, now: datetime) -> bool:
    return now > due_at + GRACE


def remaining_seconds(due_at: datetime, *, now: datetime) -> int:
    return max(0, (due_at - now) // timedelta(seconds=1))


def due(started_at: datetime, minutes: int, extra_percent: int) -> tuple[datetime, int]:
    """When the attempt ends, and how many minutes of that are extra, rounded up."""
    extra = -(-minutes * extra_percent // 100)
    return started_at + timedelta(minutes=minutes + extra), extra


def failed_modules(criterion: Criterion, points: Mapping[str, Decimal]) -> list[str]:
    """Modules whose share of their points lies below the pass mark's. Who failed has at least one:
    were every module at the mark, so would be the whole."""
    earned: dict[str, Decimal] = {}
    worth: dict[str, Decimal] = {}
    for item in criterion.items:
        earned[item.module] = earned.get(item.module, Decimal(0)) + points[item.id]
        worth[item.module] = worth.get(item.module, Decimal(0)) + item.points
    total, mark_at = criterion.total_points, criterion.pass_mark
    return sorted(m for m in worth if m and earned[m] * total < mark_at * worth[m])


def last_of_round(past: list[Past]) -> Past | None:
    """The attempt after which the failed modules are studied again; None: there is one left."""
    return past[-1] if past and len(past) % MAX_ATTEMPTS == 0 else None


def refusal(item: PaperItem | None, answer: Answer) -> Refusal | None:
    """Why an answer cannot be kept; None when it can be marked, right or wrong. `item` in the
    letters of its paper; None: there is none at that place."""
    if item is None:
        return Refusal("no-such-item", *_NO_SUCH_ITEM)
    flaw = flaw_of(item.interaction, answer)
    return Refusal(flaw.value, *_REFUSED[flaw]) if flaw else None


_NO_SUCH_ITEM = ("There is no item at this place of the paper.", "试卷上没有这道题。")
_REFUSED = {
    Flaw.UNKNOWN_OPTION: (
        "An option is not among the item's own.",
        "所选选项不属于该题。",
    ),
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
