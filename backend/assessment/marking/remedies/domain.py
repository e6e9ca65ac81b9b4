"""Rules of putting right what a faulty item did to marks. No I/O; points are exact decimals."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

import msgspec

from backend.assessment.domain import Answers, Criterion, MarkedByPeople
from courses.items.corrected_keys import on_paper
from courses.items.interactions import Interaction
from courses.items.remedies import Answered, FullMarks, NewKey, Remedy, Void, mended, never_less
from infra.errors import Conflict, Forbidden, Invalid, NotFound

MOST_LISTED = 500
"""Attempts, and records, named one by one; all of them are counted."""


class RemedyKind(StrEnum):
    VOID = "void"
    FULL_MARKS = "full-marks"
    NEW_KEY = "new-key"


class RemedyState(StrEnum):
    PROPOSED = "proposed"
    APPLIED = "applied"
    REFUSED = "refused"


class NoSuchRemedy(NotFound):
    """There is no such proposal; GET /v1/item-remedies lists them."""

    zh = "没有这项处理建议，请刷新列表。"


class NobodyAnswered(NotFound):
    """No paper has this version of the item; check its code and version."""

    zh = "没有试卷含有该版本的试题，请核对题号与版本。"


class NotThatItem(Invalid):
    """The corrected item shows something else than papers did. Change its key alone."""

    zh = "更正后的试题与试卷上的不一致：只能更改答案，不能改动题干或选项。"


class UnfitKey(Invalid):
    """Nobody could be marked by this key; correct it."""

    zh = "按此答案无法评分：单选与判断须恰有一个正确答案，多选须两个以上，数值须为有限数。"


class DecidedAlready(Conflict):
    """This remedy is decided, and a decision does not change. Propose another one."""

    zh = "该处理建议已有决定，不能更改；如需再次更正，请另行提出。"


class PreviewOld(Conflict):
    """Marks have changed since this preview. Look at the new one, then decide."""

    zh = "预览之后成绩已有变化，请查看新的预览后再决定。"


class SomebodyElseDecides(Forbidden):
    """A remedy needs two people: somebody else must decide on what you proposed."""

    zh = "试题处理须由两人作出：请由另一位管理员决定您提出的建议。"


class Faulty(msgspec.Struct, frozen=True, kw_only=True):
    """An item, and what is done about it. `corrected` has the new key, options in any order."""

    item_id: str
    item_sha256: str
    kind: RemedyKind
    corrected: Interaction | None = None


class Sat(msgspec.Struct, frozen=True, kw_only=True):
    """A marked attempt, by its evidence. `score` and `passed` as they count now."""

    attempt_id: UUID
    learner_id: UUID
    programme: str
    edition: str
    criterion: Criterion
    answers: Answers
    essays: Sequence[MarkedByPeople]
    score: Decimal
    passed: bool


class Effect(msgspec.Struct, frozen=True, kw_only=True):
    """On one attempt. `mended` is what the remedy makes of the mark; `after` what counts."""

    attempt_id: UUID
    learner_id: UUID
    programme: str
    edition: str
    before: Decimal
    mended: Decimal
    after: Decimal
    passed_before: bool
    passed: bool
    would_fail: bool
    """Passed, and would not have, by this remedy for the first time: people decide what follows."""

    @property
    def changes(self) -> bool:
        return self.after != self.before or self.would_fail


def effect(sat: Sat, remedies: Iterable[Faulty]) -> Effect:
    """`remedies`: all that were applied before, oldest first, and the one in question. Of two for
    one item the later stands. Nobody ends with less than was told him. Raises OtherItem."""
    criterion = sat.criterion
    people: dict[str, Decimal] = {}
    for one in sat.essays:
        people[one.item_id] = people.get(one.item_id, Decimal("0.00")) + one.points
    paper = {
        item.id: Answered(
            interaction=item.interaction,
            answer=sat.answers.get(item.id),
            worth=item.points,
            people=people.get(item.id, Decimal("0.00")),
        )
        for item in criterion.items
    }
    known = tuple(remedies)
    after_all = mended(paper, _by_item(criterion, known), criterion.rules)
    without = mended(paper, _by_item(criterion, known[:-1]), criterion.rules)
    counts = never_less(sat.score, after_all)
    return Effect(
        attempt_id=sat.attempt_id,
        learner_id=sat.learner_id,
        programme=sat.programme,
        edition=sat.edition,
        before=sat.score,
        mended=after_all,
        after=counts,
        passed_before=sat.passed,
        passed=sat.passed or counts >= criterion.pass_mark,
        would_fail=sat.passed and after_all < criterion.pass_mark <= without,
    )


def _by_item(criterion: Criterion, remedies: Iterable[Faulty]) -> Mapping[str, Remedy]:
    on = {(item.id, item.sha256): item.interaction for item in criterion.items}
    found: dict[str, Remedy] = {}
    for one in remedies:
        shown = on.get((one.item_id, one.item_sha256))
        if shown is not None:
            found[one.item_id] = _remedy(one, shown)
    return found


def _remedy(one: Faulty, shown: Interaction) -> Remedy:
    match one.kind:
        case RemedyKind.VOID:
            return Void()
        case RemedyKind.FULL_MARKS:
            return FullMarks()
        case RemedyKind.NEW_KEY:
            assert one.corrected is not None
            return NewKey(interaction=on_paper(shown, one.corrected))


def preview_sha256(effects: Sequence[Effect]) -> str:
    """What a decision names, so that it is about what was seen."""
    return hashlib.sha256(msgspec.json.encode(effects, order="sorted")).hexdigest()
