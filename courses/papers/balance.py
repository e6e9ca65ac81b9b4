"""Bringing a section into its difficulty band by exchanging items within their cells."""

from collections.abc import Iterator
from fractions import Fraction
from math import ceil, floor

from courses.format import Band, Section
from courses.papers.matching import Filling
from courses.papers.pool import Pool, degree_of


class BandMissed(Exception):
    """The bank's items of a section are too easy or too hard for its band."""

    def __init__(self, section: int, reached: Fraction) -> None:
        self.section, self.reached = section, reached
        super().__init__(f"section {section + 1}: average difficulty {float(reached):.2f}")


def bounds(section: Section) -> tuple[int, int]:
    """Between which the degrees of the section's items may sum, both included."""
    if not isinstance(section.difficulty, Band):
        return section.count, 5 * section.count
    lowest, highest = (Fraction(str(e)) for e in (section.difficulty.lowest, _highest(section)))
    return ceil(lowest * section.count), floor(highest * section.count)


def _highest(section: Section) -> float:
    return section.difficulty.highest if isinstance(section.difficulty, Band) else 5


def balance(filling: Filling, at: int) -> None:
    """Exchange items of the section, in the order of the lots, until it is in its band; each step
    brings it nearer and none past the other end. Raises BandMissed."""
    pool, section = filling.pool, filling.pool.exam.sections[at]
    lowest, highest = bounds(section)
    while not lowest <= (now := _sum(filling, at)) <= highest:
        step = next(
            (
                (cell, old, new)
                for cell, old, new in _exchanges(filling, at)
                if _nearer(now, now + _gain(pool, old, new), lowest, highest)
            ),
            None,
        )
        if step is None:
            raise BandMissed(at, Fraction(now, section.count))
        filling.exchange(*step)


def _sum(filling: Filling, at: int) -> int:
    return sum(degree_of(filling.pool.items[id_]) for _, id_ in filling.picked(at))


def _gain(pool: Pool, old: str, new: str) -> int:
    return degree_of(pool.items[new]) - degree_of(pool.items[old])


def _nearer(now: int, then: int, lowest: int, highest: int) -> bool:
    return now < then <= highest if now < lowest else now > then >= lowest


def _exchanges(filling: Filling, at: int) -> Iterator[tuple[int, str, str]]:
    groups = filling.pool.groups
    for cell, old in filling.picked(at):
        for new in filling.lots[cell]:
            if groups[new] not in filling.held or (groups[new] == groups[old] and new != old):
                yield cell, old, new
