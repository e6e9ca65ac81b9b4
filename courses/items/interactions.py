"""What an item asks for and the key to it, one type for each kind.

An interaction holds the key. What a learner may see of it is another type (`courses.items.shown`),
and what he answers a third (`courses.items.answers`).
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from courses.items.kinds import Citation, Kind
from courses.items.rich_text import GapId, RichText

OptionId = Annotated[str, Meta(min_length=1, max_length=64)]
Percent = Annotated[int, Meta(ge=1, le=100)]
Weight = Annotated[int, Meta(ge=1, le=10_000)]
ShortWords = Annotated[str, Meta(max_length=200)]
MOST_CHARACTERS = 20_000


class Choice(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An option, or an element to be put in order or matched."""

    id: OptionId
    text: RichText
    feedback: RichText | UnsetType = UNSET
    """Said to who chose it, when the item may be talked about."""


Choices = Annotated[tuple[Choice, ...], Meta(max_length=20)]
Key = Annotated[tuple[str, ...], Meta(max_length=20)]


class _Interaction(
    msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", forbid_unknown_fields=True
):
    @property
    def kind(self) -> Kind:
        return Kind(str(self.__struct_config__.tag))


class _Choosing(_Interaction, frozen=True, kw_only=True):
    options: Choices
    key: Key


class Single(_Choosing, frozen=True, kw_only=True, tag="single"):
    """One option is right."""


class Multiple(_Choosing, frozen=True, kw_only=True, tag="multiple"):
    """Two options or more are right."""


class TrueFalse(_Choosing, frozen=True, kw_only=True, tag="true-false"):
    """Options keep their order."""


class Ordering(_Interaction, frozen=True, kw_only=True, tag="ordering"):
    options: Choices
    key: Key
    """All options in the right order."""


class Matching(_Interaction, frozen=True, kw_only=True, tag="matching"):
    left: Choices
    right: Choices
    """Some may belong to no left one, or to several."""
    pairs: Mapping[str, str]
    """Left id -> right id, of every left one."""


class AcceptedNumber(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    value: Decimal
    tolerance: Decimal = Decimal(0)
    """Right from `value - tolerance` to `value + tolerance`, both ends included."""
    percent: Percent = 100
    """Of the points."""
    feedback: RichText | UnsetType = UNSET


class Unit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    symbol: ShortWords
    factor: Decimal = Decimal(1)
    """What one of it is in the unit of the accepted values: 0.001 for 克 where those are 千克."""


class Numeric(_Interaction, frozen=True, kw_only=True, tag="numeric"):
    accepted: Annotated[tuple[AcceptedNumber, ...], Meta(max_length=20)]
    units: Annotated[tuple[Unit, ...], Meta(max_length=20)] = ()
    unit_needed: bool = False
    """False: a number without a unit is taken in that of the accepted values."""


class AcceptedText(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    text: ShortWords
    percent: Percent = 100
    feedback: RichText | UnsetType = UNSET


class ShortText(_Interaction, frozen=True, kw_only=True, tag="short-text"):
    accepted: Annotated[tuple[AcceptedText, ...], Meta(max_length=50)]
    case_matters: bool = False


GapInteraction = Single | Numeric | ShortText


class Gap(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    id: GapId
    interaction: GapInteraction
    weight: Weight = 1


class Cloze(_Interaction, frozen=True, kw_only=True, tag="cloze"):
    """The stem says where each gap stands, once."""

    gaps: Annotated[tuple[Gap, ...], Meta(max_length=30)]


class RubricLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing a marker looks for."""

    id: OptionId
    text: RichText
    weight: Weight = 1


class Essay(_Interaction, frozen=True, kw_only=True, tag="essay"):
    """Marked by people. Lengths in characters."""

    rubric: Annotated[tuple[RubricLine, ...], Meta(max_length=20)]
    model_answer: RichText | UnsetType = UNSET
    at_least: Annotated[int, Meta(ge=0, le=MOST_CHARACTERS)] = 0
    at_most: Annotated[int, Meta(ge=1, le=MOST_CHARACTERS)] = 5000


PartInteraction = (
    Single | Multiple | TrueFalse | Ordering | Matching | Numeric | ShortText | Cloze | Essay
)


class SubQuestion(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One of the questions about a case; `weight` is its share of the item's points."""

    id: GapId
    stem: RichText
    interaction: PartInteraction
    weight: Weight = 1
    explanation: RichText | UnsetType = UNSET
    citation: Citation | UnsetType = UNSET


class Case(_Interaction, frozen=True, kw_only=True, tag="case"):
    """The item's stem tells the case that all its questions are about."""

    parts: Annotated[tuple[SubQuestion, ...], Meta(max_length=20)]


Interaction = PartInteraction | Case
BY_KIND: Mapping[Kind, type[Interaction]] = {
    Kind(str(one.__struct_config__.tag)): one
    for one in (
        *(Single, Multiple, TrueFalse, Ordering, Matching),
        *(Numeric, ShortText, Cloze, Case, Essay),
    )
}


def machine_marked(interaction: Interaction) -> bool:
    """Whether its points need nobody's judgement."""
    if isinstance(interaction, Case):
        return all(machine_marked(part.interaction) for part in interaction.parts)
    return not isinstance(interaction, Essay)
