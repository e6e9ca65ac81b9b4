"""From a blueprint to a paper: cells by largest remainder, then a draw anyone can repeat."""

import random
from collections.abc import Iterable

import msgspec

from courses.apportionment import apportion as apportion
from courses.format import (
    Blueprint,
    Edition,
    Exam,
    Item,
    Kind,
    Level,
    Programme,
    Section,
    TopicShare,
)
from courses.items.shuffling import shuffled

Cell = tuple[str, Level]
"""Name of a blueprint row, and a level."""


class BankTooSmall(Exception):
    """The bank holds too few items for the exam; add items to the cells named."""


class Shortage(msgspec.Struct, frozen=True):
    """A cell of a section whose bank is too small for the exam to open."""

    kinds: tuple[Kind, ...]
    topic: str
    level: Level
    held: int
    needed: int


def blueprint_of(edition: Edition, programme: Programme) -> Blueprint:
    """The blueprint of a programme's exam with the rows that its modules can fill.

    Rows without a module in the programme fall away (a university's auditor has no 合规 module);
    the others keep their proportions.
    """
    blueprint = next(b for b in edition.blueprints if b.exam == programme.exam)
    hours = _hours_by_topic(edition, programme)
    rows = blueprint.topics or tuple(
        TopicShare(name=topic, share=share, topics=(topic,)) for topic, share in hours.items()
    )
    rows = tuple(row for row in rows if any(topic in hours for topic in row.topics))
    return msgspec.structs.replace(blueprint, topics=rows)


def _hours_by_topic(edition: Edition, programme: Programme) -> dict[str, int]:
    modules = [edition.module(code) for code in programme.modules]
    hours = {m.topic: 0 for m in modules}
    for module in modules:
        hours[module.topic] += module.class_hours
    return hours


def cells(section: Section, blueprint: Blueprint) -> dict[Cell, int]:
    """How many items of the section come from each topic × level; the counts sum to its count."""
    names = [
        ((row.name, level), row.share * blueprint.levels.get(level, 0))
        for row in blueprint.topics
        for level in Level
    ]
    counts = apportion(section.count, [weight for _, weight in names])
    return {cell: count for (cell, _), count in zip(names, counts, strict=True)}


def shortages(bank: Iterable[Item], exam: Exam, blueprint: Blueprint) -> list[Shortage]:
    """Cells with fewer than `bank_multiple` times what a paper draws: the exam stays closed."""
    held = list(bank)
    found = []
    for section in exam.sections:
        for (topic, level), count in cells(section, blueprint).items():
            have = len(_fitting(held, section, blueprint, (topic, level)))
            if have < count * blueprint.bank_multiple:
                needed = count * blueprint.bank_multiple
                found.append(Shortage(section.kinds, topic, level, have, needed))
    return found


def draw(bank: Iterable[Item], exam: Exam, blueprint: Blueprint, seed: int) -> list[Item]:
    """A paper: items in section order, options shuffled, keys moved along.

    `seed` is a 256-bit integer kept with the attempt; `blueprint` comes from `blueprint_of`. The
    same arguments give the same paper whatever the bank's order. Raises BankTooSmall.
    """
    chance = random.Random(seed)
    left = sorted(bank, key=lambda item: item.id)
    paper: list[Item] = []
    for section in exam.sections:
        drawn = _draw_section(left, section, blueprint, chance)
        taken = {item.id for item in drawn}
        left = [item for item in left if item.id not in taken]
        paper += drawn
    return [_shuffled(item, chance) for item in paper]


def _draw_section(
    left: list[Item], section: Section, blueprint: Blueprint, chance: random.Random
) -> list[Item]:
    drawn: list[Item] = []
    for cell, count in cells(section, blueprint).items():
        fitting = _fitting(left, section, blueprint, cell)
        if len(fitting) < count:
            raise BankTooSmall(f"{cell[0]} × {cell[1]}: {len(fitting)} items, {count} are drawn")
        drawn += chance.sample(fitting, count)
    chance.shuffle(drawn)
    return drawn


def _fitting(items: list[Item], section: Section, blueprint: Blueprint, cell: Cell) -> list[Item]:
    name, level = cell
    topics = {topic for row in blueprint.topics if row.name == name for topic in row.topics}
    return [
        item
        for item in items
        if item.in_use
        and item.kind in section.kinds
        and item.level == level
        and item.topic in topics
    ]


def _shuffled(item: Item, chance: random.Random) -> Item:
    return msgspec.structs.replace(item, interaction=shuffled(item.interaction, chance))
