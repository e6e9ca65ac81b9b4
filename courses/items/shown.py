"""What a learner may see of an item. No type here has a place for a key, an accepted answer, a
feedback or an explanation, so none can be sent by mistake; a test walks all their fields."""

from collections.abc import Mapping
from decimal import Decimal
from typing import assert_never

import msgspec

from courses.items.interactions import (
    Case,
    Choice,
    Cloze,
    Essay,
    Gap,
    GapInteraction,
    Interaction,
    Matching,
    Multiple,
    Numeric,
    Ordering,
    PartInteraction,
    ShortText,
    Single,
    TrueFalse,
)
from courses.items.marking import split
from courses.items.rich_text import RichText, paragraphs


class ShownOption(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    id: str
    text: RichText


Options = tuple[ShownOption, ...]


class _Shown(msgspec.Struct, frozen=True, kw_only=True, rename="camel", tag_field="kind"):
    id: str
    stem: RichText
    points: float
    """To be read; marks are worked out in exact hundredths."""


class _ShownChoice(_Shown, frozen=True, kw_only=True):
    options: Options


class ShownSingle(_ShownChoice, frozen=True, kw_only=True, tag="single"):
    pass


class ShownMultiple(_ShownChoice, frozen=True, kw_only=True, tag="multiple"):
    pass


class ShownTrueFalse(_ShownChoice, frozen=True, kw_only=True, tag="true-false"):
    pass


class ShownOrdering(_ShownChoice, frozen=True, kw_only=True, tag="ordering"):
    pass


class ShownMatching(_Shown, frozen=True, kw_only=True, tag="matching"):
    left: Options
    right: Options


class ShownNumeric(_Shown, frozen=True, kw_only=True, tag="numeric"):
    units: tuple[str, ...]
    """To choose from; empty: a bare number is asked for."""


class ShownShortText(_Shown, frozen=True, kw_only=True, tag="short-text"):
    pass


class _ShownGap(msgspec.Struct, frozen=True, kw_only=True, rename="camel", tag_field="kind"):
    id: str


class ChoiceGap(_ShownGap, frozen=True, kw_only=True, tag="single"):
    options: Options


class NumericGap(_ShownGap, frozen=True, kw_only=True, tag="numeric"):
    units: tuple[str, ...]


class TextGap(_ShownGap, frozen=True, kw_only=True, tag="short-text"):
    pass


ShownGap = ChoiceGap | NumericGap | TextGap


class ShownCloze(_Shown, frozen=True, kw_only=True, tag="cloze"):
    """The stem is in blocks, with a mark where each gap stands."""

    gaps: tuple[ShownGap, ...]


class ShownEssay(_Shown, frozen=True, kw_only=True, tag="essay"):
    at_least: int
    at_most: int
    """In characters."""


ShownPart = (
    ShownSingle
    | ShownMultiple
    | ShownTrueFalse
    | ShownOrdering
    | ShownMatching
    | ShownNumeric
    | ShownShortText
    | ShownCloze
    | ShownEssay
)


class ShownCase(_Shown, frozen=True, kw_only=True, tag="case"):
    parts: tuple[ShownPart, ...]


ShownItem = ShownPart | ShownCase


def shown(id_: str, stem: RichText, interaction: Interaction, worth: Decimal) -> ShownItem:
    if not isinstance(interaction, Case):
        return _part(id_, stem, interaction, worth)
    each = split(worth, [part.weight for part in interaction.parts])
    parts = [
        _part(part.id, part.stem, part.interaction, points)
        for part, points in zip(interaction.parts, each, strict=True)
    ]
    return ShownCase(id=id_, stem=stem, points=float(worth), parts=tuple(parts))


_CHOICES: Mapping[
    type[Interaction], type[ShownSingle | ShownMultiple | ShownTrueFalse | ShownOrdering]
] = {
    Single: ShownSingle,
    Multiple: ShownMultiple,
    TrueFalse: ShownTrueFalse,
    Ordering: ShownOrdering,
}


def _part(id_: str, stem: RichText, interaction: PartInteraction, worth: Decimal) -> ShownPart:
    points = float(worth)
    match interaction:
        case Single() | Multiple() | TrueFalse() | Ordering():
            of_choices = _CHOICES[type(interaction)]
            options = _options(interaction.options)
            return of_choices(id=id_, stem=stem, points=points, options=options)
        case Matching(left=left, right=right):
            sides = _options(left), _options(right)
            return ShownMatching(id=id_, stem=stem, points=points, left=sides[0], right=sides[1])
        case Numeric():
            return ShownNumeric(id=id_, stem=stem, points=points, units=_units(interaction))
        case ShortText():
            return ShownShortText(id=id_, stem=stem, points=points)
        case Cloze(gaps=gaps):
            gapped = tuple(map(_gap, gaps))
            return ShownCloze(id=id_, stem=paragraphs(stem), points=points, gaps=gapped)
        case Essay(at_least=least, at_most=most):
            return ShownEssay(id=id_, stem=stem, points=points, at_least=least, at_most=most)
        case _:
            assert_never(interaction)


def _gap(gap: Gap) -> ShownGap:
    asked: GapInteraction = gap.interaction
    match asked:
        case Single(options=options):
            return ChoiceGap(id=gap.id, options=_options(options))
        case Numeric():
            return NumericGap(id=gap.id, units=_units(asked))
        case ShortText():
            return TextGap(id=gap.id)


def _options(options: tuple[Choice, ...]) -> Options:
    return tuple(ShownOption(id=one.id, text=one.text) for one in options)


def _units(asked: Numeric) -> tuple[str, ...]:
    return tuple(unit.symbol for unit in asked.units)
