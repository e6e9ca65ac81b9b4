"""What people give an answer: lines of a rubric to points, and two or three markers to one mark."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from courses.items.interactions import Essay
from courses.items.marking import split


def rubric_points(asked: Essay, given: Mapping[str, int], worth: Decimal) -> Decimal:
    """`given`: per cent of each line of the rubric, by its id; a line not named gets nothing."""
    each = split(worth, [line.weight for line in asked.rubric])
    points = (
        int(of_line * 100) * min(100, max(0, given.get(line.id, 0))) // 100
        for line, of_line in zip(asked.rubric, each, strict=True)
    )
    return Decimal(sum(points)).scaleb(-2)


def third_needed(marks: Sequence[Decimal], worth: Decimal, apart_percent: int) -> bool:
    """Whether the first two markers differ by more than so many per cent of the item's points."""
    first, second, *_ = marks
    return abs(first - second) * 100 > worth * apart_percent


def agreed(marks: Sequence[Decimal]) -> Decimal:
    """The mean of two; of three, the mean of the two that are nearest to each other, the higher
    pair where two pairs are equally near. Half a hundredth is rounded up, for the learner."""
    ordered = sorted(marks)
    pairs = list(pairwise(ordered)) or [(ordered[0], ordered[0])]
    low, high = min(reversed(pairs), key=lambda pair: pair[1] - pair[0])
    cents = Fraction(low + high) * 50
    return Decimal(-(-cents.numerator // cents.denominator)).scaleb(-2)
