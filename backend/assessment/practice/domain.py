"""Rules of practice. Its items are those with the status `practice`, which no exam draws: a bank
that is practised on proves nothing in an exam any more."""

from collections.abc import Iterable
from decimal import Decimal
from itertools import islice

import msgspec

from backend.assessment.domain import PaperItem
from courses.items.answers import Answer
from courses.items.interactions import machine_marked
from courses.items.item import Item, content_sha256
from courses.items.kinds import Citation, Status
from courses.items.lettering import lettered
from courses.items.marking_rules import MarkingRules
from courses.items.rich_text import RichText
from courses.items.shuffling import shuffled
from courses.items.solutions import Feedback, feedback
from courses.papers.chance import Chance
from infra.errors import Conflict, Invalid

WORTH = Decimal(10)


class NothingToPractise(Conflict):
    """This programme has no items set aside for practice yet; the lessons' questions are open."""

    zh = "本培养方案暂无练习题，可先做各小节的检查题。"


class NoSuchPracticeItem(Invalid):
    """There is no item at this place of the practice paper."""

    zh = "练习卷上没有这道题。"


class PracticeItem(msgspec.Struct, frozen=True, kw_only=True):
    """In the letters of its paper, with all that is said about it."""

    item: PaperItem
    explanation: RichText
    citation: Citation


class PracticePaper(msgspec.Struct, frozen=True, kw_only=True):
    rules: MarkingRules
    items: tuple[PracticeItem, ...]


def draw(bank: Iterable[Item], rules: MarkingRules, count: int, seed: bytes) -> PracticePaper:
    """`seed`: 32 bytes. Raises NothingToPractise."""
    fit = [i for i in bank if i.status is Status.PRACTICE and machine_marked(i.interaction)]
    if not fit:
        raise NothingToPractise
    chance = Chance(seed, "practice")
    drawn = islice(chance.dealt(sorted(fit, key=lambda one: one.id)), count)
    return PracticePaper(rules=rules, items=tuple(_item(one, chance) for one in list(drawn)))


def _item(item: Item, chance: Chance) -> PracticeItem:
    return PracticeItem(
        item=PaperItem(
            id=item.id,
            version=item.version_or_one,
            sha256=content_sha256(item),
            stem=item.stem,
            interaction=lettered(shuffled(item.interaction, chance)),
            points=WORTH,
            module=item.module,
        ),
        explanation=item.explanation,
        citation=item.citation,
    )


def told(one: PracticeItem, answer: Answer, rules: MarkingRules) -> Feedback:
    found = feedback(one.item.interaction, answer, one.item.points, rules)
    return msgspec.structs.replace(found, explanation=one.explanation, citation=one.citation)
