"""From a pool and a seed to a paper. docs/papers.md says each step, for whoever repeats it."""

from collections.abc import Iterable, Mapping

import msgspec

from courses.format import Blueprint, Exam, Item
from courses.items.shuffling import shuffled
from courses.papers.balance import BandMissed, balance
from courses.papers.chance import Chance
from courses.papers.exposure import UNSEEN, Seen
from courses.papers.matching import Filling, Lots
from courses.papers.pool import Pool, pool_of, rested

METHOD = "sha256-counter/1"
"""Kept with each paper: another way of drawing gets another name."""
TRIES = 20
NOBODY: Mapping[str, int] = {}


class Paper(msgspec.Struct, frozen=True, kw_only=True):
    method: str
    items: tuple[Item, ...]
    """Section by section, options in the order of this paper and keys moved along."""


def paper_of(
    bank: Iterable[Item], exam: Exam, blueprint: Blueprint, seed: bytes, seen: Seen = UNSEEN
) -> Paper:
    """The same arguments give the same paper, whatever the bank's order. Raises BankTooSmall and
    BandMissed, which `courses.exam_rules` finds before an exam opens."""
    pool = rested(pool_of(bank, exam, blueprint), seen.lately)
    return draw(pool, seed, seen.by_learner)


def draw(pool: Pool, seed: bytes, seen: Mapping[str, int] = NOBODY) -> Paper:
    """`seed`: 32 bytes; `seen`: how often this learner has had an item before."""
    filling = _filled(pool, seed, seen)
    items = [
        _with_options_shuffled(pool.items[id_], seed)
        for at in range(len(pool.exam.sections))
        for id_ in _in_order(filling, at, seed)
    ]
    return Paper(method=METHOD, items=tuple(items))


def _filled(pool: Pool, seed: bytes, seen: Mapping[str, int]) -> Filling:
    """With other lots when the first lead into a corner: twins may stand in the way of a band."""
    missed = None
    for number in range(TRIES):
        lots = [
            Lots(cell, seen, Chance(seed, f"cell/{number}/{at}"))
            for at, cell in enumerate(pool.cells)
        ]
        filling = Filling(pool, lots)
        filling.fill()
        try:
            for at in range(len(pool.exam.sections)):
                balance(filling, at)
        except BandMissed as error:
            missed = missed or error
        else:
            return filling
    assert missed is not None
    raise missed


def _in_order(filling: Filling, at: int, seed: bytes) -> list[str]:
    ids = sorted(id_ for _, id_ in filling.picked(at))
    return list(Chance(seed, f"order/{at}").dealt(ids))


def _with_options_shuffled(item: Item, seed: bytes) -> Item:
    mixed = shuffled(item.interaction, Chance(seed, f"options/{item.id}"))
    return msgspec.structs.replace(item, interaction=mixed)
