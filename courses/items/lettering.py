"""Options under letters of their own on each paper: A is what stands first there.

In the bank an option's id stays for good, so that answers of all papers can be counted together.
On the way to the learner it would tell: authors like to write the right option first, and whoever
sat the exam before could pass ids on. True and false keep theirs, which say no more than the words.
"""

from collections.abc import Mapping
from string import ascii_uppercase
from typing import TypeVar

from msgspec.structs import replace

from courses.items.answers import Answer, Filled, Parts, Picked
from courses.items.interactions import (
    Case,
    Choice,
    Cloze,
    Gap,
    Interaction,
    Multiple,
    Single,
    SubQuestion,
)

Letters = Mapping[str, str]
H = TypeVar("H", Gap, SubQuestion)
A = TypeVar("A", bound=Answer)


def lettered(interaction: Interaction) -> Interaction:
    """As the paper shows it; the key is moved along."""
    match interaction:
        case Single(options=options, key=key) | Multiple(options=options, key=key):
            letters = _letters(options)
            shown = tuple(replace(one, id=letters[one.id]) for one in options)
            return replace(interaction, options=shown, key=tuple(letters[one] for one in key))
        case Cloze(gaps=gaps):
            return replace(interaction, gaps=tuple(map(_within, gaps)))
        case Case(parts=parts):
            return replace(interaction, parts=tuple(map(_within, parts)))
        case _:
            return interaction


def _within(holder: H) -> H:
    inner = lettered(holder.interaction)
    return replace(holder, interaction=inner)


def from_paper(interaction: Interaction, answer: A) -> A:
    """An answer in letters, as the bank says it. It has no flaw (`courses.items.flaws`)."""
    return _renamed(interaction, answer, back=True)


def to_paper(interaction: Interaction, answer: A) -> A:
    return _renamed(interaction, answer, back=False)


def _renamed(interaction: Interaction, answer: A, *, back: bool) -> A:
    match interaction, answer:
        case (Single(options=options) | Multiple(options=options), Picked(picked=picked)):
            letters = _letters(options)
            names = {letter: id_ for id_, letter in letters.items()} if back else letters
            return replace(answer, picked=tuple(names.get(one, one) for one in picked))
        case Cloze(gaps=gaps), Filled(gaps=given):
            asked = {gap.id: gap.interaction for gap in gaps}
            return replace(answer, gaps=_each(asked, given, back=back))
        case Case(parts=parts), Parts(parts=answers):
            of_part = {part.id: part.interaction for part in parts}
            return replace(answer, parts=_each(of_part, answers, back=back))
    return answer


def _each(asked: Mapping[str, Interaction], given: Mapping[str, A], *, back: bool) -> dict[str, A]:
    return {
        id_: _renamed(asked[id_], one, back=back) if id_ in asked else one
        for id_, one in given.items()
    }


def _letters(options: tuple[Choice, ...]) -> Letters:
    return {one.id: ascii_uppercase[place] for place, one in enumerate(options)}
