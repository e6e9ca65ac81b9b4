"""Points of an answer. Pure and exact: shares are fractions, points hundredths, never floats.

Every answer has a mark: one that does not fit the item earns nothing, like a blank or a wrong one.
Whether it should have been refused is `courses.items.flaws`' question.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import msgspec

from courses.apportionment import apportion
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
from courses.items.marking_rules import EachRule, MarkingRules, MultipleRule, OrderingRule
from courses.items.wording import normalised, read_number

NOTHING, ALL = Fraction(0), Fraction(1)


class Marked(msgspec.Struct, frozen=True):
    points: Decimal
    waiting: Decimal = Decimal("0.00")
    """Of the points, how many a person still decides about."""


def mark(
    interaction: Interaction, answer: Answer | None, worth: Decimal, rules: MarkingRules
) -> Marked:
    """`worth`: the points of the item, in whole hundredths. A share is rounded down to one."""
    match interaction:
        case Case(parts=parts):
            given = answer.parts if isinstance(answer, Parts) else {}
            each = split(worth, [part.weight for part in parts])
            marks = [
                mark(part.interaction, given.get(part.id), points, rules)
                for part, points in zip(parts, each, strict=True)
            ]
            return Marked(_sum(m.points for m in marks), _sum(m.waiting for m in marks))
        case Cloze():
            return Marked(_cloze(interaction, answer, worth, rules))
        case Essay():
            answered = isinstance(answer, Written) and not blank(answer)
            return Marked(Decimal("0.00"), worth if answered else Decimal("0.00"))
        case _:
            return Marked(_part_of(worth, _share(interaction, answer, rules)))


def split(worth: Decimal, weights: Sequence[int]) -> list[Decimal]:
    """Points of sub-questions or gaps; they sum to `worth` to the hundredth."""
    if not weights:
        return []
    return [Decimal(cents).scaleb(-2) for cents in apportion(int(worth * 100), weights)]


def _part_of(worth: Decimal, share: Fraction) -> Decimal:
    return Decimal(int(int(worth * 100) * share)).scaleb(-2)


def _share(interaction: Interaction, answer: Answer | None, rules: MarkingRules) -> Fraction:
    """From nothing to all, of an interaction that is not made of others."""
    if blank(answer):
        return NOTHING
    match interaction, answer:
        case (Single() | TrueFalse(), Picked(picked=given)):
            return ALL if set(given) == set(interaction.key) else NOTHING
        case Multiple(key=key), Picked(picked=given):
            return _multiple(frozenset(key), frozenset(given), rules.multiple)
        case Ordering(key=key), Ordered(order=order):
            return _ordering(key, order, rules.ordering)
        case Matching(pairs=pairs), Paired(pairs=paired):
            right = sum(paired.get(left) == wanted for left, wanted in pairs.items())
            return _of_all(right, len(pairs), rules.matching)
        case Numeric(), Number():
            return _number(interaction, answer)
        case ShortText(), Written(text=text):
            return _short_text(interaction, text)
    return NOTHING


def _multiple(key: frozenset[str], given: frozenset[str], rule: MultipleRule) -> Fraction:
    if given == key:
        return ALL
    if rule is MultipleRule.PARTIAL_WITHOUT_WRONG_PICK and given < key:
        return Fraction(len(given), len(key))
    if rule is MultipleRule.RIGHT_LESS_WRONG and key:
        return max(NOTHING, Fraction(len(given & key) - len(given - key), len(key)))
    return NOTHING


def _ordering(key: tuple[str, ...], order: tuple[str, ...], rule: OrderingRule) -> Fraction:
    if order == key:
        return ALL
    if len(set(order)) != len(order):  # one element twice would earn twice
        return NOTHING
    if rule is OrderingRule.BY_POSITION:
        return Fraction(sum(a == b for a, b in zip(key, order, strict=False)), len(key))
    if rule is OrderingRule.ADJACENT_PAIRS and len(key) > 1:
        wanted = set(pairwise(key))
        return Fraction(len(wanted & set(pairwise(order))), len(wanted))
    return NOTHING


def _of_all(right: int, all_: int, rule: EachRule) -> Fraction:
    if right == all_:
        return ALL
    return Fraction(right, all_) if all_ and rule is EachRule.EACH else NOTHING


def _number(asked: Numeric, answer: Number) -> Fraction:
    factor = unit_factor(asked, answer)
    found = read_number(answer.value)
    if found is None or factor is None:
        return NOTHING
    number = found[0] * factor
    return _best(
        one.percent
        for one in asked.accepted
        if abs(number - Fraction(one.value)) <= Fraction(one.tolerance)
    )


def unit_factor(asked: Numeric, answer: Number) -> Fraction | None:
    """What one of the answer's unit is in the accepted values' unit; None for a unit that is
    unknown, missing where one is needed, or said in two ways."""
    found = read_number(answer.value)
    said = {
        normalised(unit, case_matters=True) for unit in (found[1] if found else "", answer.unit)
    }
    said -= {""} if len(said) > 1 else set()
    if len(said) != 1:
        return None
    (unit,) = said
    factors = {normalised(u.symbol, case_matters=True): Fraction(u.factor) for u in asked.units}
    return factors.get(unit, None if unit or asked.unit_needed else ALL)


def _short_text(asked: ShortText, text: str) -> Fraction:
    said = normalised(text, case_matters=asked.case_matters)
    return _best(
        one.percent
        for one in asked.accepted
        if said and said == normalised(one.text, case_matters=asked.case_matters)
    )


def _best(percents: Iterable[int]) -> Fraction:
    return Fraction(max(percents, default=0), 100)


def _cloze(asked: Cloze, answer: Answer | None, worth: Decimal, rules: MarkingRules) -> Decimal:
    given = answer.gaps if isinstance(answer, Filled) else {}
    shares = [_share(gap.interaction, given.get(gap.id), rules) for gap in asked.gaps]
    if rules.cloze is EachRule.ALL_OR_NOTHING:
        return _part_of(worth, ALL if set(shares) == {ALL} else NOTHING)
    each = split(worth, [gap.weight for gap in asked.gaps])
    return _sum(_part_of(points, share) for points, share in zip(each, shares, strict=True))


def _sum(points: Iterable[Decimal]) -> Decimal:
    return sum(points, Decimal("0.00"))
