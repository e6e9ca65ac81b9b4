"""Banks to send around, and what a format may change about ids: nobody sees them."""

from pathlib import Path

import msgspec

from courses.authored import Report as Reading
from courses.bank_files import items_of
from courses.exchange.filing import Filing, Place
from courses.exchange.gaps import with_gaps
from courses.exchange.report import Outcome, Report
from courses.items.interactions import (
    Case,
    Choice,
    Cloze,
    Essay,
    Matching,
    Multiple,
    Ordering,
    PartInteraction,
    Single,
    SubQuestion,
)
from courses.items.item import Item
from courses.items.rich_text import GAP, RichText, gap_ids

PLACE = Place(module="M02", topic="诚信")


def a_filing() -> Filing:
    return Filing(PLACE, Report())


def told(report: Report) -> list[tuple[str, str, Outcome]]:
    """Where, element, outcome of every element, in the order they were met."""
    return [(one.where, one.element, one.outcome) for one in report.told]


def read_bank(folder: Path, text: str) -> list[Item]:
    (folder / "bank.toml").write_text(text)
    reading = Reading(folder)
    items = items_of(reading.read(folder / "bank.toml"), {"code": "M02", "topic": "诚信"})
    assert reading.problems == []
    return items


def renamed(item: Item) -> Item:
    """Options by their order, right sides by the order in which they are first wanted, gaps and
    lines of a rubric by their order."""
    asked = item.interaction
    if isinstance(asked, Case):
        parts = tuple(map(_renamed_part, asked.parts))
        return msgspec.structs.replace(item, interaction=Case(parts=parts))
    stem, asked = _renamed(item.stem, asked)
    return msgspec.structs.replace(item, stem=stem, interaction=asked)


def _renamed_part(part: SubQuestion) -> SubQuestion:
    stem, asked = _renamed(part.stem, part.interaction)
    return msgspec.structs.replace(part, stem=stem, interaction=asked)


def _renamed(stem: RichText, asked: PartInteraction) -> tuple[RichText, PartInteraction]:
    match asked:
        case Single() | Multiple() | Ordering():
            new = {one.id: f"o{at}" for at, one in enumerate(asked.options)}
            key = tuple(new[id_] for id_ in asked.key)
            options = _with(asked.options, new)
            return stem, msgspec.structs.replace(asked, options=options, key=key)
        case Matching():
            return stem, _matching(asked)
        case Cloze(gaps=gaps):
            new = {id_: f"g{at}" for at, id_ in enumerate(gap_ids(stem))}
            made = [msgspec.structs.replace(gap, id=new[gap.id]) for gap in gaps]
            inner = [_renamed("", gap.interaction)[1] for gap in made]
            pairs = zip(made, inner, strict=True)
            asked = Cloze(gaps=tuple(msgspec.structs.replace(a, interaction=b) for a, b in pairs))
            return with_gaps(stem, GAP, new.__getitem__) if isinstance(stem, str) else stem, asked
        case Essay(rubric=rubric):
            lines = (msgspec.structs.replace(one, id=f"r{n}") for n, one in enumerate(rubric))
            return stem, msgspec.structs.replace(asked, rubric=tuple(lines))
    return stem, asked


def _matching(asked: Matching) -> Matching:
    left = {one.id: f"l{at}" for at, one in enumerate(asked.left)}
    wanted = list(dict.fromkeys(asked.pairs[id_] for id_ in left))
    order = [*wanted, *(one.id for one in asked.right if one.id not in wanted)]
    right = {id_: f"r{at}" for at, id_ in enumerate(order)}
    sides = sorted(_with(asked.right, right), key=lambda one: one.id)
    pairs = {left[a]: right[b] for a, b in asked.pairs.items()}
    return Matching(left=_with(asked.left, left), right=tuple(sides), pairs=pairs)


def _with(choices: tuple[Choice, ...], ids: dict[str, str]) -> tuple[Choice, ...]:
    return tuple(msgspec.structs.replace(one, id=ids[one.id]) for one in choices)
