"""What is wrong with a paper, judged without the code that draws."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

from msgspec import UNSET

from courses.blueprint import cells
from courses.format import Band, Blueprint, Exam, Item, Section
from courses.items.kinds import Difficulty
from courses.papers.pool import Pool

DEGREES: dict[object, int] = {UNSET: 3, **{degree: n for n, degree in enumerate(Difficulty, 1)}}


def faults(items: Iterable[Item], exam: Exam, blueprint: Blueprint) -> Iterator[str]:
    left = list(items)
    if repeated := [id_ for id_, n in Counter(item.id for item in left).items() if n > 1]:
        yield f"drawn twice: {repeated}"
    twins = Counter(item.twin_group for item in left if item.twin_group)
    yield from (f"twins of {group}" for group, n in twins.items() if n > 1)
    for section in exam.sections:
        here, left = left[: section.count], left[section.count :]
        yield from _section_faults(here, section, blueprint)
    if left:
        yield f"{len(left)} items too many"


def _section_faults(here: list[Item], section: Section, blueprint: Blueprint) -> Iterator[str]:
    if not {item.kind for item in here} <= {*section.kinds}:
        yield "a kind of another section"
    row = {topic: row.name for row in blueprint.topics for topic in row.topics}
    found = Counter((row[item.topic], item.level) for item in here)
    if found != Counter({cell: n for cell, n in cells(section, blueprint).items() if n}):
        yield f"cells {found}"
    if percent := blueprint.anchor_percent:
        wanted, anchors = section.count * percent / 100, sum(i.anchor is True for i in here)
        if abs(anchors - wanted) > 0.5:
            yield f"{anchors} anchors, {wanted} wanted"
    if isinstance(band := section.difficulty, Band) and here:
        mean = Decimal(sum(DEGREES[item.difficulty] for item in here)) / len(here)
        if not Decimal(str(band.lowest)) <= mean <= Decimal(str(band.highest)):
            yield f"average difficulty {mean}"


def can_be_filled(pool: Pool) -> bool:
    """Whether each place finds a group of its own: places and groups matched one by one."""
    places = [cell for cell in pool.cells for _ in range(cell.count)]
    wants = [sorted({pool.groups[id_] for id_ in cell.fit}) for cell in places]
    taken: dict[str, int] = {}

    def finds(place: int, asked: set[str]) -> bool:
        for group in wants[place]:
            if group not in asked:
                asked.add(group)
                if group not in taken or finds(taken[group], asked):
                    taken[group] = place
                    return True
        return False

    return all(finds(place, set()) for place in range(len(places)))


def reachable(pool: Pool, at: int) -> tuple[int, int]:
    """Least and greatest sum of degrees that a section can have, if nothing has a twin."""
    least = most = 0
    for cell in pool.cells:
        if cell.section == at:
            degrees = sorted(DEGREES[pool.items[id_].difficulty] for id_ in cell.fit)
            least += sum(degrees[: cell.count])
            most += sum(degrees[-cell.count :])
    return least, most


def shown_together(papers: Iterable[Iterable[Item]]) -> Mapping[str, int]:
    times: dict[str, int] = defaultdict(int)
    for paper in papers:
        for item in paper:
            times[item.id] += 1
    return times
