"""Answers that fit no question: told to the client at once, which a wrong answer never is."""

from collections.abc import Collection, Iterator, Mapping
from enum import StrEnum
from itertools import chain

from courses.items.answers import (
    Answer,
    Filled,
    Number,
    Ordered,
    Paired,
    Parts,
    Picked,
    Written,
    blank,
)
from courses.items.interactions import (
    Case,
    Choice,
    Cloze,
    Essay,
    Interaction,
    Matching,
    Multiple,
    Numeric,
    Ordering,
    ShortText,
    Single,
    TrueFalse,
)
from courses.items.wording import read_number

MOST_OF_A_SHORT_TEXT = 200
MOST_PICKED = 1
"""Of a single choice, and of true or false."""


class Flaw(StrEnum):
    OTHER_FORM = "other-form"
    """An order where a number is asked for, and the like."""
    UNKNOWN_OPTION = "unknown-option"
    """An option, element, gap or question that the item does not have."""
    TOO_MANY = "too-many"
    TWICE = "twice"
    NO_NUMBER = "no-number"
    TOO_LONG = "too-long"
    NO_TEXT = "no-text"
    """A NUL, which no keyboard types and no database keeps."""


def flaw_of(interaction: Interaction, answer: Answer) -> Flaw | None:
    """The first thing that keeps the answer from being kept; None when it can be marked."""
    return next(_flaws(interaction, answer), None)


def _flaws(interaction: Interaction, answer: Answer) -> Iterator[Flaw]:
    match interaction, answer:
        case (Single(options=options) | TrueFalse(options=options), Picked(picked=picked)):
            yield from _unknown(picked, options)
            if len(set(picked)) > MOST_PICKED:
                yield Flaw.TOO_MANY
        case Multiple(options=options), Picked(picked=picked):
            yield from _unknown(picked, options)
        case Ordering(options=options), Ordered(order=order):
            yield from _unknown(order, options)
            if len(set(order)) != len(order):
                yield Flaw.TWICE
        case Matching(left=left, right=right), Paired(pairs=pairs):
            yield from chain(_unknown(pairs, left), _unknown(pairs.values(), right))
        case Numeric(), Number():
            yield from _number(interaction, answer)
        case ShortText(), Written(text=text):
            yield from _text(text, MOST_OF_A_SHORT_TEXT)
        case Essay(at_most=most), Written(text=text):
            yield from _text(text, most)
        case Cloze(), Filled():
            yield from _within({gap.id: gap.interaction for gap in interaction.gaps}, answer.gaps)
        case Case(), Parts():
            yield from _within({one.id: one.interaction for one in interaction.parts}, answer.parts)
        case _:
            yield Flaw.OTHER_FORM


def _unknown(ids: Collection[str], options: tuple[Choice, ...]) -> Iterator[Flaw]:
    if set(ids) - {option.id for option in options}:
        yield Flaw.UNKNOWN_OPTION


def _text(text: str, most: int) -> Iterator[Flaw]:
    if "\0" in text:
        yield Flaw.NO_TEXT
    if len(text) > most:
        yield Flaw.TOO_LONG


def _number(asked: Numeric, answer: Number) -> Iterator[Flaw]:
    yield from _text(answer.value + answer.unit, MOST_OF_A_SHORT_TEXT)
    if blank(answer):
        return
    found = read_number(answer.value)
    if found is None or (found[1] and not asked.units):
        yield Flaw.NO_NUMBER


def _within(asked: Mapping[str, Interaction], given: Mapping[str, Answer]) -> Iterator[Flaw]:
    if given.keys() - asked.keys():
        yield Flaw.UNKNOWN_OPTION
    for id_ in given.keys() & asked.keys():
        yield from _flaws(asked[id_], given[id_])
