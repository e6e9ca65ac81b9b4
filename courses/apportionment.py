"""Whole numbers in proportion: items of a paper over cells, hundredths of a point over gaps."""

from collections.abc import Sequence


def apportion(total: int, weights: Sequence[int]) -> list[int]:
    """Whole numbers that sum to `total`, in proportion, by largest remainder; ties go to the first.

    Hamilton's method, in integers so that every machine gives the same.
    """
    if not sum(weights):
        raise ValueError("weights are all zero")
    shares = [divmod(total * weight, sum(weights)) for weight in weights]
    counts = [whole for whole, _ in shares]
    by_remainder = sorted(range(len(weights)), key=lambda at: (-shares[at][1], at))
    for at in by_remainder[: total - sum(counts)]:
        counts[at] += 1
    return counts
