"""A bank laid out by the cells of a blueprint: worked out once, drawn from many times."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec
from msgspec.structs import replace

from courses.apportionment import apportion
from courses.blueprint import cells
from courses.format import Blueprint, Exam, Item, Kind, Level, Section
from courses.items.kinds import Difficulty
from courses.papers.exposure import exposure_of, resting

Shelf = tuple[Kind, str, Level, bool]
"""Kind, topic, level, and whether it is an anchor."""
Shelves = Mapping[Shelf, Sequence[str]]


class PoolCell(msgspec.Struct, frozen=True, kw_only=True):
    """So many items of one section, topic and level, anchors apart from the others."""

    section: int
    """Its place in the exam, from 0."""
    kinds: tuple[Kind, ...]
    topic: str
    level: Level
    anchor: bool
    count: int
    fit: tuple[str, ...]
    """Ids of the items that may fill it, sorted; first those that do not rest."""
    awake: int
    """How many do not rest."""


class Pool(msgspec.Struct, frozen=True, kw_only=True):
    exam: Exam
    blueprint: Blueprint
    cells: tuple[PoolCell, ...]
    """By section, row of the blueprint and level; others before anchors. None is empty by plan."""
    items: Mapping[str, Item]
    groups: Mapping[str, str]
    """Of each item. One that has no twins is a group of its own."""


def pool_of(bank: Iterable[Item], exam: Exam, blueprint: Blueprint) -> Pool:
    """`blueprint` comes from `blueprint_of`. Items that are not in use are left out."""
    items = {item.id: item for item in sorted(bank, key=lambda item: item.id) if item.in_use}
    shelves = _shelved(items.values(), apart=bool(blueprint.anchor_percent))
    found = [
        cell
        for at, section in enumerate(exam.sections)
        for cell in _cells_of(at, section, blueprint, shelves)
    ]
    groups = {id_: group_of(item) for id_, item in items.items()}
    return Pool(exam=exam, blueprint=blueprint, cells=tuple(found), items=items, groups=groups)


def group_of(item: Item) -> str:
    return f"twins {item.twin_group}" if isinstance(item.twin_group, str) else f"item {item.id}"


def degree_of(item: Item) -> int:
    """How hard, 1 to 5."""
    return (item.difficulty or Difficulty.MIDDLE).degree


def rested(pool: Pool, lately: Mapping[str, int]) -> Pool:
    """The pool with what was seen most lately laid aside, cell by cell."""
    percent = exposure_of(pool.blueprint).resting_percent
    return replace(pool, cells=tuple(_laid(cell, lately, percent) for cell in pool.cells))


def _laid(cell: PoolCell, lately: Mapping[str, int], percent: int) -> PoolCell:
    aside = resting(cell.fit, lately, percent)
    awake = sorted(id_ for id_ in cell.fit if id_ not in aside)
    return replace(cell, fit=(*awake, *sorted(aside)), awake=len(awake))


def _shelved(items: Iterable[Item], *, apart: bool) -> Shelves:
    """Ids by what a cell asks for. Without `apart` nobody asks which are anchors."""
    shelves: dict[Shelf, list[str]] = {}
    for item in items:
        shelf = (item.kind, item.topic, item.level, apart and item.is_anchor)
        shelves.setdefault(shelf, []).append(item.id)
    return shelves


def _cells_of(
    at: int, section: Section, blueprint: Blueprint, shelves: Shelves
) -> Iterator[PoolCell]:
    if not section.count:
        return
    counts = cells(section, blueprint)
    anchors = apportion(_anchors(section, blueprint), list(counts.values()))
    topics = {row.name: sorted({*row.topics}) for row in blueprint.topics}
    for ((topic, level), count), of_anchors in zip(counts.items(), anchors, strict=True):
        for anchor, wanted in ((False, count - of_anchors), (True, of_anchors)):
            fit = [
                id_
                for kind in {*section.kinds}
                for named in topics[topic]
                for id_ in shelves.get((kind, named, level, anchor), ())
            ]
            if wanted:
                yield PoolCell(
                    section=at,
                    kinds=section.kinds,
                    topic=topic,
                    level=level,
                    anchor=anchor,
                    count=wanted,
                    fit=tuple(sorted(fit)),
                    awake=len(fit),
                )


def _anchors(section: Section, blueprint: Blueprint) -> int:
    """Of a section, rounded; halves upwards."""
    percent = blueprint.anchor_percent or 0
    return (section.count * percent + 50) // 100
