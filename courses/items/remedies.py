"""When an item is found faulty after people have answered it: what each remedy makes of a mark.

Pure: the caller shows both marks before anything changes, and keeps the first one. No remedy may
leave anybody with less than before for a fault that was not his; `mended` says what the mark would
be, `never_less` what he gets.
"""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

import msgspec

from courses.items.answers import Answer
from courses.items.interactions import Interaction
from courses.items.marking import mark
from courses.items.marking_rules import MarkingRules


class _Remedy(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind"):
    pass


class Void(_Remedy, frozen=True, kw_only=True, tag="void"):
    """The item counts for nobody; the points of the others are raised to the paper's total."""


class FullMarks(_Remedy, frozen=True, kw_only=True, tag="full-marks"):
    """Everybody whose paper has it gets all of its points, also for a blank."""


class NewKey(_Remedy, frozen=True, kw_only=True, tag="new-key"):
    """Marked again by another key. `interaction` has its options as this paper shows them."""

    interaction: Interaction


Remedy = Void | FullMarks | NewKey


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """An item of a paper and what was answered to it."""

    interaction: Interaction
    answer: Answer | None
    worth: Decimal
    people: Decimal = Decimal("0.00")
    """Points that people gave; they stand, whatever the key."""


def mended(
    paper: Mapping[str, Answered], remedies: Mapping[str, Remedy], rules: MarkingRules
) -> Decimal:
    """The paper's score under the remedies, by item; whole hundredths, rounded down.

    A paper of void items alone has no score to raise: everybody gets its total.
    """
    total = sum((one.worth for one in paper.values()), Decimal(0))
    counted = {id_: one for id_, one in paper.items() if not isinstance(remedies.get(id_), Void)}
    left = sum((one.worth for one in counted.values()), Decimal(0))
    if not left:
        return total
    points = (_points(one, remedies.get(id_), rules) for id_, one in counted.items())
    earned = sum(points, Decimal(0))
    cents = Fraction(earned) * 100 * Fraction(total) / Fraction(left)
    return Decimal(int(cents)).scaleb(-2)


def _points(one: Answered, remedy: Remedy | None, rules: MarkingRules) -> Decimal:
    if isinstance(remedy, FullMarks):
        return one.worth
    asked = remedy.interaction if isinstance(remedy, NewKey) else one.interaction
    return mark(asked, one.answer, one.worth, rules).points + one.people


def never_less(before: Decimal, after: Decimal) -> Decimal:
    """What counts when a mark was already told."""
    return max(before, after)
