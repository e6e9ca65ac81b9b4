"""Banks as large as one likes, for exams whose modules nobody has written yet."""

from collections.abc import Iterable, Sequence
from itertools import cycle, islice

from msgspec import UNSET
from msgspec.structs import replace

from courses.format import Blueprint, Edition, Exam, Item, Kind, Level
from courses.items.kinds import Difficulty
from courses.papers.pool import Pool, pool_of
from tests.courses.items.samples import CASE, EVERY, an_item

SECTIONED = {
    "E1": "TECH",
    "E2": "MGR",
    "E3": "IA-E",
    "E4": "AUD",
    "E5": "TR-AUD",
}
"""A programme with each exam."""
ASKED = {**EVERY, Kind.CASE: CASE}


def item(kind: Kind, topic: str, level: Level, number: int) -> Item:
    written = an_item(ASKED[kind], f"{kind}-{topic}-{list(Level).index(level)}-{number:04}")
    return replace(written, topic=topic, level=level)


def bank_for(pool: Pool, times: int = 1) -> list[Item]:
    """Items for each cell, `times` what a paper draws; every kind and topic of it in turn."""
    topics = {row.name: row.topics for row in pool.blueprint.topics}
    made: list[Item] = []
    for at, cell in enumerate(pool.cells):
        places = islice(cycle(_places(cell.kinds, topics[cell.topic])), cell.count * times)
        for n, (kind, topic) in enumerate(places):
            one = item(kind, topic, cell.level, 1000 * at + n)
            made.append(replace(one, anchor=cell.anchor or UNSET, difficulty=_degree(len(made))))
    return made


def _degree(at: int) -> Difficulty:
    return list(Difficulty)[at % 4]


def _places(kinds: Sequence[Kind], topics: Iterable[str]) -> list[tuple[Kind, str]]:
    return [(kind, topic) for topic in topics for kind in kinds]


def empty_pool(exam: Exam, blueprint: Blueprint) -> Pool:
    return pool_of((), exam, blueprint)


def exam_of(edition: Edition, programme: str) -> Exam:
    return edition.exam(edition.programme(programme).exam)
