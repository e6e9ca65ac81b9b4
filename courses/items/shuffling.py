"""The order in which one learner sees options: drawn from a seed, so anyone can repeat it."""

import random
from typing import TypeVar

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


def shuffled(interaction: Interaction, chance: random.Random) -> Interaction:
    """Options in another order; the key is moved along.

    Options of a choice keep their ids. Elements to be ordered and right sides of pairs are numbered
    anew as they are shown: authors write them in the right order, and their ids would tell it.
    """
    replace = msgspec.structs.replace
    match interaction:
        case Single() | Multiple():
            return replace(interaction, options=_mixed(interaction.options, chance))
        case Ordering():
            options, now = _renumbered(_mixed(interaction.options, chance))
            return replace(
                interaction, options=options, key=tuple(now[id_] for id_ in interaction.key)
            )
        case Matching():
            right, now = _renumbered(_mixed(interaction.right, chance))
            pairs = {left: now[to] for left, to in interaction.pairs.items()}
            return replace(interaction, right=right, pairs=pairs)
        case Cloze(gaps=gaps):
            return replace(interaction, gaps=tuple(_within(gap, chance) for gap in gaps))
        case Case(parts=parts):
            return replace(interaction, parts=tuple(_within(part, chance) for part in parts))
        case TrueFalse() | Numeric() | ShortText() | Essay():
            return interaction


def _within(holder: H, chance: random.Random) -> H:
    within = shuffled(holder.interaction, chance)
    return msgspec.structs.replace(holder, interaction=within)


def _mixed(options: tuple[Choice, ...], chance: random.Random) -> tuple[Choice, ...]:
    return tuple(chance.sample(options, len(options)))


def _renumbered(options: tuple[Choice, ...]) -> tuple[tuple[Choice, ...], dict[str, str]]:
    now = {option.id: str(number) for number, option in enumerate(options, 1)}
    return tuple(msgspec.structs.replace(o, id=now[o.id]) for o in options), now
