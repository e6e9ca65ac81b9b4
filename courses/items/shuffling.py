"""The order in which one learner sees options: drawn from a seed, so anyone can repeat it.

What is to be put in order never stands in the right order already, nor do right sides of three
pairs or more stand each beside its left one: who touches nothing would have answered. Two right
sides may, for otherwise the order would tell the answer.
"""

from collections.abc import Iterator, Sequence
from typing import Protocol, TypeVar

import msgspec

from courses.items.interactions import (
    Case,
    Choice,
    Cloze,
    Essay,
    Gap,
    Interaction,
    Matching,
    Multiple,
    Numeric,
    Ordering,
    ShortText,
    Single,
    SubQuestion,
    TrueFalse,
)

H = TypeVar("H", Gap, SubQuestion)
T = TypeVar("T")
_TELLING = 2
"""Of two orders, to exclude one is to tell the other."""


class Deals(Protocol):
    def dealt(self, cards: Sequence[T]) -> Iterator[T]:
        """All cards in random order."""


def shuffled(interaction: Interaction, chance: Deals) -> Interaction:
    """Options in another order; the key is moved along.

    Options of a choice keep their ids. Elements to be ordered and right sides of pairs are numbered
    anew as they are shown: authors write them in the right order, and their ids would tell it.
    """
    replace = msgspec.structs.replace
    match interaction:
        case Single() | Multiple():
            return replace(interaction, options=_mixed(interaction.options, chance))
        case Ordering():
            options, now = _renumbered(_not_as(interaction.key, interaction.options, chance))
            return replace(
                interaction, options=options, key=tuple(now[id_] for id_ in interaction.key)
            )
        case Matching():
            beside = tuple(interaction.pairs[left.id] for left in interaction.left)
            right, now = _renumbered(_not_as(beside, interaction.right, chance))
            pairs = {left: now[to] for left, to in interaction.pairs.items()}
            return replace(interaction, right=right, pairs=pairs)
        case Cloze(gaps=gaps):
            return replace(interaction, gaps=tuple(_within(gap, chance) for gap in gaps))
        case Case(parts=parts):
            return replace(interaction, parts=tuple(_within(part, chance) for part in parts))
        case TrueFalse() | Numeric() | ShortText() | Essay():
            return interaction


def _within(holder: H, chance: Deals) -> H:
    within = shuffled(holder.interaction, chance)
    return msgspec.structs.replace(holder, interaction=within)


def _mixed(options: tuple[Choice, ...], chance: Deals) -> tuple[Choice, ...]:
    return tuple(chance.dealt(options))


def _not_as(key: Sequence[str], options: tuple[Choice, ...], chance: Deals) -> tuple[Choice, ...]:
    """Mixed, and again while they begin with the key."""
    while True:
        mixed = _mixed(options, chance)
        begun = [option.id for option in mixed[: len(key)]]
        if len(options) <= _TELLING or begun != list(key):
            return mixed


def _renumbered(options: tuple[Choice, ...]) -> tuple[tuple[Choice, ...], dict[str, str]]:
    now = {option.id: str(number) for number, option in enumerate(options, 1)}
    return tuple(msgspec.structs.replace(o, id=now[o.id]) for o in options), now
