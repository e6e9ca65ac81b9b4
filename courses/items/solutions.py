"""What would have been right, and what is said about it: for practice, after the answer.

Never for an exam: its items are asked again of others.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import TypeVar

import msgspec
from msgspec import UnsetType

from courses.items.answers import (
    Answer,
    Filled,
    GapAnswer,
    Number,
    Ordered,
    Paired,
    PartAnswer,
    Parts,
    Picked,
    Written,
)
from courses.items.interactions import (
    AcceptedNumber,
    AcceptedText,
    Case,
    Choice,
    Cloze,
    Essay,
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
from courses.items.kinds import Citation
from courses.items.marking import mark, split
from courses.items.marking_rules import MarkingRules
from courses.items.rich_text import RichText, plain

T = TypeVar("T")
N = TypeVar("N", AcceptedNumber, AcceptedText)


class Feedback(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Of an item, or of a question or gap within one."""

    points: float
    worth: float
    right: bool
    """All of its points."""
    solution: Answer | None
    """An answer that earns everything; None where people judge."""
    options: dict[str, RichText] = {}
    """By option, what its author says to who chose it."""
    explanation: RichText | None = None
    citation: Citation | None = None
    within: dict[str, "Feedback"] = {}
    """By question of a case, or by gap."""


def solution(interaction: Interaction) -> Answer | None:
    match interaction:
        case Case(parts=parts):
            solved = {one.id: _of_part(one.interaction) for one in parts}
            return Parts(parts={id_: one for id_, one in solved.items() if one is not None})
        case _:
            return _of_part(interaction)


def _of_part(interaction: PartInteraction) -> PartAnswer | None:
    match interaction:
        case Ordering(key=key):
            return Ordered(order=key)
        case Matching(pairs=pairs):
            return Paired(pairs=dict(pairs))
        case Cloze(gaps=gaps):
            return Filled(gaps={gap.id: _of_gap(gap.interaction) for gap in gaps})
        case Essay(model_answer=model):
            return None if isinstance(model, UnsetType) else Written(text=plain(model))
        case Multiple(key=key) | TrueFalse(key=key):
            return Picked(picked=key)
        case _:
            return _of_gap(interaction)


def _of_gap(asked: GapInteraction) -> GapAnswer:
    match asked:
        case Single(key=key):
            return Picked(picked=key)
        case Numeric(accepted=numbers, units=units):
            unit = next((one.symbol for one in units if one.factor == 1), "")
            return Number(value=f"{_best(numbers).value:f}", unit=unit)
        case ShortText(accepted=texts):
            return Written(text=_best(texts).text)


def _best(accepted: tuple[N, ...]) -> N:
    return max(accepted, key=lambda one: one.percent)


def feedback(
    interaction: Interaction, answer: Answer | None, worth: Decimal, rules: MarkingRules
) -> Feedback:
    earned = mark(interaction, answer, worth, rules).points
    return Feedback(
        points=float(earned),
        worth=float(worth),
        right=earned == worth,
        solution=solution(interaction),
        options=_said(interaction),
        within=_within(interaction, answer, worth, rules),
    )


def _within(
    interaction: Interaction, answer: Answer | None, worth: Decimal, rules: MarkingRules
) -> dict[str, Feedback]:
    if isinstance(interaction, Case):
        given: Mapping[str, Answer] = answer.parts if isinstance(answer, Parts) else {}
        shares = split(worth, [part.weight for part in interaction.parts])
        return {
            part.id: msgspec.structs.replace(
                feedback(part.interaction, given.get(part.id), share, rules),
                explanation=_or_none(part.explanation),
                citation=_or_none(part.citation),
            )
            for part, share in zip(interaction.parts, shares, strict=True)
        }
    if isinstance(interaction, Cloze):
        filled = answer.gaps if isinstance(answer, Filled) else {}
        shares = split(worth, [gap.weight for gap in interaction.gaps])
        return {
            gap.id: feedback(gap.interaction, filled.get(gap.id), share, rules)
            for gap, share in zip(interaction.gaps, shares, strict=True)
        }
    return {}


def _said(interaction: Interaction) -> dict[str, RichText]:
    match interaction:
        case Single(options=options) | Multiple(options=options) | TrueFalse(options=options):
            return _of_options(options)
        case Ordering(options=options) | Matching(left=options):
            return _of_options(options)
        case _:
            return {}


def _of_options(options: tuple[Choice, ...]) -> dict[str, RichText]:
    return {o.id: o.feedback for o in options if not isinstance(o.feedback, UnsetType)}


def _or_none(value: T | UnsetType) -> T | None:
    return None if isinstance(value, UnsetType) else value
