"""Which item stands for which cell, when no two of a group may stand on one paper.

A cell takes the first of its candidates whose group is free. Where none is left, a cell that holds
such a group is asked to take another (augmenting paths): so a filling is found whenever there is
one.
"""

from collections.abc import Iterator, Mapping, Sequence

from courses.papers.chance import Chance
from courses.papers.pool import Pool, PoolCell


class BankTooSmall(Exception):
    """The bank cannot fill the exam's paper; add items to the cell named."""

    def __init__(self, cell: PoolCell, placed: int) -> None:
        self.cell, self.placed = cell, placed
        super().__init__(
            f"section {cell.section + 1}, {cell.topic} × {cell.level}: {placed} items,"
            f" {cell.count} are drawn"
        )


class Lots:
    """A cell's candidates in the order in which they come up; dealt as far as somebody looks.

    First those this learner has seen least often, of these first those that do not rest.
    """

    def __init__(self, cell: PoolCell, seen: Mapping[str, int], chance: Chance) -> None:
        self._dealt: list[str] = []
        self._more = self._deal(_tiers(cell, seen), chance)

    def __iter__(self) -> Iterator[str]:
        yield from self._dealt
        for id_ in self._more:
            self._dealt.append(id_)
            yield id_

    @staticmethod
    def _deal(tiers: Sequence[Sequence[str]], chance: Chance) -> Iterator[str]:
        for tier in tiers:
            yield from chance.dealt(tier)


def _tiers(cell: PoolCell, seen: Mapping[str, int]) -> list[Sequence[str]]:
    awake, asleep = cell.fit[: cell.awake], cell.fit[cell.awake :]
    if seen.keys().isdisjoint(cell.fit):
        return [awake, asleep]
    times = sorted({seen.get(id_, 0) for id_ in cell.fit})
    return [
        [id_ for id_ in ids if seen.get(id_, 0) == had] for had in times for ids in (awake, asleep)
    ]


class Filling:
    """Cells being filled; `held`: group -> the cell it stands for, and with which item."""

    def __init__(self, pool: Pool, lots: Sequence[Lots]) -> None:
        self.pool, self.lots = pool, lots
        self.held: dict[str, tuple[int, str]] = {}

    def fill(self) -> None:
        """Raises BankTooSmall when no choice of items fills every cell."""
        for at, cell in enumerate(self.pool.cells):
            for placed in range(cell.count):
                if not self._place(at, set()):
                    raise BankTooSmall(cell, placed)

    def picked(self, section: int) -> list[tuple[int, str]]:
        """Cell and item, of a section."""
        cells = self.pool.cells
        return sorted(one for one in self.held.values() if cells[one[0]].section == section)

    def exchange(self, at: int, old: str, new: str) -> None:
        """Another item of the same cell."""
        del self.held[self.pool.groups[old]]
        self.held[self.pool.groups[new]] = (at, new)

    def _place(self, at: int, asked: set[str]) -> bool:
        """One more item in the cell; `asked`: groups that have been asked to move already."""
        groups = self.pool.groups
        for id_ in self.lots[at]:
            if groups[id_] not in self.held:
                self.held[groups[id_]] = (at, id_)
                return True
        for id_ in self.lots[at]:
            group = groups[id_]
            holder = self.held[group][0]
            if group in asked or holder == at:
                continue
            asked.add(group)
            if self._place_instead(holder, at, id_, asked):
                return True
        return False

    def _place_instead(self, holder: int, at: int, id_: str, asked: set[str]) -> bool:
        """The holder of the item's group takes another, and leaves the group to the cell."""
        if not self._place(holder, asked):
            return False
        self.held[self.pool.groups[id_]] = (at, id_)
        return True
