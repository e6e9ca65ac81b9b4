"""Papers as they were frozen, one by one, ready to be collected.

An item stands on thousands of papers: its text, key and parts are read from the first of them, and
what is repeated on the others is passed over.
"""

from collections.abc import Mapping
from decimal import Decimal

import msgspec

from backend.assessment.criteria import criterion_from
from backend.assessment.statistics.collecting import Answered, named
from courses.items.answers import Answer
from courses.items.interactions import (
    Case,
    Choice,
    Interaction,
    Multiple,
    Single,
    TrueFalse,
    machine_marked,
)
from courses.items.marking import mark
from courses.items.marking_rules import MarkingRules
from courses.items.rich_text import RichText


class _Item(msgspec.Struct, frozen=True):
    id: str
    stem: msgspec.Raw
    interaction: msgspec.Raw
    points: Decimal
    version: int = 1


class _Frozen(msgspec.Struct, frozen=True):
    """A criterion, of which only what changes from paper to paper is read."""

    pass_mark: Decimal
    total_points: Decimal
    rules: MarkingRules
    items: tuple[_Item, ...]


class Wording(msgspec.Struct, frozen=True):
    """What was asked, for whoever looks at the figures."""

    stem: RichText
    options: tuple[Choice, ...]


class SatPaper(msgspec.Struct, frozen=True):
    items: list[Answered]
    rules: MarkingRules
    pass_share: float


_open = msgspec.json.Decoder(_Frozen).decode
_stem = msgspec.json.Decoder(RichText).decode
_interaction = msgspec.json.Decoder(Interaction).decode


class PaperReader:
    def __init__(self) -> None:
        self._asked: dict[tuple[str, int], Interaction] = {}
        self.wordings: dict[str, Wording] = {}
        """By the names of items and of the questions of cases, as they are collected."""

    def read(
        self,
        criterion: bytes | msgspec.Raw,
        answers: Mapping[str, Answer],
        points: Mapping[str, Decimal] | None = None,
    ) -> SatPaper:
        """`points` as they were given; without them what a machine cannot mark is left out."""
        paper = _opened(criterion)
        items = []
        for one in paper.items:
            asked = self._known(one)
            if points is None and not machine_marked(asked):
                continue
            answer = answers.get(one.id)
            if points is None:
                earned = mark(asked, answer, one.points, paper.rules).points
            else:
                earned = points.get(one.id, Decimal(0))
            if one.points > 0:
                items.append(
                    Answered(
                        code=one.id,
                        version=one.version,
                        interaction=asked,
                        answer=answer,
                        points=earned,
                        worth=one.points,
                    )
                )
        return SatPaper(items, paper.rules, float(paper.pass_mark / paper.total_points))

    def _known(self, item: _Item) -> Interaction:
        place = item.id, item.version
        if place not in self._asked:
            asked: Interaction = _interaction(item.interaction)
            self._asked[place] = asked
            self.wordings[named(item.id, item.version)] = _wording(_stem(item.stem), asked)
            if isinstance(asked, Case):
                for part in asked.parts:
                    name = named(f"{item.id}/{part.id}", item.version)
                    self.wordings[name] = _wording(part.stem, part.interaction)
        return self._asked[place]


def _wording(stem: RichText, asked: Interaction) -> Wording:
    if not isinstance(asked, Single | Multiple | TrueFalse):
        return Wording(stem, ())
    plain = [msgspec.structs.replace(one, feedback=msgspec.UNSET) for one in asked.options]
    return Wording(stem, tuple(sorted(plain, key=lambda option: option.id)))


def _opened(criterion: bytes | msgspec.Raw) -> _Frozen:
    try:
        return _open(criterion)
    except msgspec.ValidationError:  # the first form, with its key beside the items
        return _open(msgspec.json.encode(criterion_from(msgspec.json.decode(criterion))))
