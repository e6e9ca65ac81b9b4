"""How much of an item's points an answer earns that is right in part. The blueprint says it."""

from enum import StrEnum

import msgspec


class MultipleRule(StrEnum):
    """How an item with several right options earns points."""

    ALL_OR_NOTHING = "all-or-nothing"
    PARTIAL_WITHOUT_WRONG_PICK = "partial-without-wrong-pick"
    RIGHT_LESS_WRONG = "right-less-wrong"
    """Each right pick earns its share, each wrong one takes it away again; never below nothing."""


class OrderingRule(StrEnum):
    EXACT = "exact"
    BY_POSITION = "by-position"
    """A share for each element in its own place."""
    ADJACENT_PAIRS = "adjacent-pairs"
    """A share for each element followed by the one that should follow it."""


class EachRule(StrEnum):
    """Of pairs, and of gaps."""

    ALL_OR_NOTHING = "all-or-nothing"
    EACH = "each"


class MarkingRules(msgspec.Struct, frozen=True, kw_only=True):
    multiple: MultipleRule = MultipleRule.ALL_OR_NOTHING
    ordering: OrderingRule = OrderingRule.EXACT
    matching: EachRule = EachRule.EACH
    cloze: EachRule = EachRule.EACH
    third_marker_percent: int = 20
    """A third person marks an essay when the first two differ by more than this of its points."""
