"""What a programme's exam draws from each topic and level: cells by largest remainder."""

import msgspec

from courses.apportionment import apportion
from courses.format import Blueprint, Edition, Level, Programme, Section, TopicShare

Cell = tuple[str, Level]
"""Name of a blueprint row, and a level."""


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
