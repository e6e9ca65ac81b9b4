"""Banks to send around, and what a format may change about ids: nobody sees them."""

from pathlib import Path

import msgspec

from courses.authored import Report as Reading
from courses.bank_files import items_of
from courses.exchange.filing import Filing, Place
from courses.exchange.report import Outcome, Report
from courses.items.interactions import Choice, Matching, Multiple, Ordering, Single
from courses.items.item import Item

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
    """Options by their order, right sides by the order in which they are first wanted."""
    asked = item.interaction
    match asked:
        case Single() | Multiple() | Ordering():
            new = {one.id: f"o{at}" for at, one in enumerate(asked.options)}
            key = tuple(new[id_] for id_ in asked.key)
            options = _with(asked.options, new)
            asked = msgspec.structs.replace(asked, options=options, key=key)
        case Matching():
            left = {one.id: f"l{at}" for at, one in enumerate(asked.left)}
            wanted = list(dict.fromkeys(asked.pairs[id_] for id_ in left))
            order = [*wanted, *(one.id for one in asked.right if one.id not in wanted)]
            right = {id_: f"r{at}" for at, id_ in enumerate(order)}
            sides = sorted(_with(asked.right, right), key=lambda one: one.id)
            pairs = {left[a]: right[b] for a, b in asked.pairs.items()}
            lefts = _with(asked.left, left)
            asked = Matching(left=lefts, right=tuple(sides), pairs=pairs)
    return msgspec.structs.replace(item, interaction=asked)


def _with(choices: tuple[Choice, ...], ids: dict[str, str]) -> tuple[Choice, ...]:
    return tuple(msgspec.structs.replace(one, id=ids[one.id]) for one in choices)
