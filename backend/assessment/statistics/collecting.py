"""From marked papers to arrays.

Another version of an item is another item. The questions of a structured case may count one by one,
which shows the author each, or together, as reliability wants it: they share a stem, and who
misreads it misses them all.
"""

import hashlib
from array import array
from collections.abc import Iterable, Iterator
from decimal import Decimal

import msgspec
import numpy as np

from backend.assessment.statistics.responses import KeyedItem, Responses, picks_bits
from courses.items.answers import Answer, Parts, Picked, Written, blank
from courses.items.interactions import (
    Case,
    Interaction,
    Multiple,
    Single,
    TrueFalse,
    machine_marked,
)
from courses.items.marking import mark, split
from courses.items.marking_rules import MarkingRules
from courses.items.wording import normalised


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """An item on somebody's paper, marked."""

    code: str
    version: int = 1
    interaction: Interaction
    answer: Answer | None
    points: Decimal
    """Earned; for items that people mark, as they decided."""
    worth: Decimal


def named(code: str, version: int) -> str:
    return code if version == 1 else f"{code} v{version}"


class Collector:
    """Papers one by one, so that a year's attempts need not be in memory at once."""

    def __init__(self, *, cases_whole: bool) -> None:
        self._whole = cases_whole
        self._items: dict[str, int] = {}
        self._keyed: list[KeyedItem] = []
        self._columns = {
            name: array(kind)
            for name, kind in (
                *(("attempt", "i"), ("item", "i"), ("points", "i"), ("worth", "i")),
                ("picked", "q"),
            )
        }
        self._attempts = 0

    def add(self, paper: Iterable[Answered], rules: MarkingRules) -> int:
        """Returns the attempt's number in the arrays."""
        for answered in paper:
            for one in [answered] if self._whole else _questions(answered, rules):
                self._add(one)
        self._attempts += 1
        return self._attempts - 1

    def _add(self, one: Answered) -> None:
        name = named(one.code, one.version)
        place = self._items.setdefault(name, len(self._items))
        if place == len(self._keyed):
            self._keyed.append(_keyed(name, one.interaction))
        for column, value in (
            *(("attempt", self._attempts), ("item", place), ("points", int(100 * one.points))),
            *(("worth", int(100 * one.worth)), ("picked", _picked(self._keyed[place], one.answer))),
        ):
            self._columns[column].append(value)

    def responses(self) -> Responses:
        columns = {name: np.array(column) for name, column in self._columns.items()}
        return Responses(
            items=tuple(self._keyed),
            attempts=self._attempts,
            attempt=columns["attempt"].astype(np.int32),
            item=columns["item"].astype(np.int32),
            points=columns["points"].astype(np.int32),
            worth=columns["worth"].astype(np.int32),
            picked=columns["picked"].astype(np.int64),
        )


def _questions(answered: Answered, rules: MarkingRules) -> Iterator[Answered]:
    """Of a case, its questions; a case with an essay in it has points that no one can divide."""
    case = answered.interaction
    if not isinstance(case, Case) or not machine_marked(case):
        yield answered
        return
    given = answered.answer.parts if isinstance(answered.answer, Parts) else {}
    worths = split(answered.worth, [part.weight for part in case.parts])
    for part, worth in zip(case.parts, worths, strict=True):
        answer = given.get(part.id)
        yield Answered(
            code=f"{answered.code}/{part.id}",
            version=answered.version,
            interaction=part.interaction,
            answer=answer,
            points=mark(part.interaction, answer, worth, rules).points,
            worth=worth,
        )


def _keyed(name: str, interaction: Interaction) -> KeyedItem:
    """Options by their ids, as each paper shows them in an order of its own."""
    if not isinstance(interaction, Single | Multiple | TrueFalse):
        return KeyedItem(code=name)
    return KeyedItem(
        code=name,
        options=tuple(sorted(option.id for option in interaction.options)),
        key=frozenset(interaction.key),
        multiple=isinstance(interaction, Multiple),
    )


def _picked(item: KeyedItem, answer: Answer | None) -> int:
    if answer is None or blank(answer):
        return 0
    if item.options:
        return picks_bits(item, frozenset(answer.picked)) if isinstance(answer, Picked) else 0
    said = normalised(answer.text) if isinstance(answer, Written) else answer
    digest = hashlib.sha256(msgspec.json.encode(said, order="sorted")).digest()
    return 1 + int.from_bytes(digest[:7])
