"""Can the banks of an edition fill its exams, how often will an item be seen, and are the exams and
the fields that only they read sound?"""

from collections import defaultdict
from collections.abc import Iterator

import msgspec

from courses.blueprint import blueprint_of
from courses.format import Band, Edition, Exam, Kind, Level, Programme
from courses.papers.balance import BandMissed, bounds
from courses.papers.drawing import draw
from courses.papers.exposure import exposure_of
from courses.papers.matching import BankTooSmall
from courses.papers.pool import Pool, PoolCell, pool_of
from courses.problem import Problem
from courses.programmes import bank_of, lessons_of

_ANY_SEED = bytes(32)


class Shortage(msgspec.Struct, frozen=True, kw_only=True):
    """A cell with fewer items than it needs, twins counted once."""

    exam: str
    section: int
    """From 1, as people count."""
    kinds: tuple[Kind, ...]
    topic: str
    level: Level
    anchor: bool
    held: int
    needed: int

    @property
    def en(self) -> str:
        what = "anchor items" if self.anchor else "items"
        return (
            f"{self.exam} section {self.section} ({'/'.join(self.kinds)}),"
            f" {self.topic} × {self.level}: {self.held} {what}, {self.needed} needed"
        )

    @property
    def zh(self) -> str:
        what = "锚题" if self.anchor else "试题"
        kinds = "、".join(kind.zh for kind in self.kinds)
        return (
            f"{self.exam} 第 {self.section} 部分（{kinds}）{self.topic} × {self.level}："
            f"现有{what} {self.held} 题，需要 {self.needed} 题"
        )

    def __str__(self) -> str:
        return f"{self.zh} · {self.en}"


def check(edition: Edition) -> Iterator[Problem]:
    """A programme whose lessons are all written must be able to hold its exam."""
    yield from _bands(edition)
    yield from _lone_twins(edition)
    for programme in edition.programmes:
        if all(lesson.written for lesson in lessons_of(edition, programme)):
            yield from bank_problems(edition, programme)


def bank_problems(edition: Edition, programme: Programme) -> Iterator[Problem]:
    """Every cell that holds too little; where each holds enough, what keeps a paper from being
    drawn all the same (twins that stand in each other's way, a band out of reach)."""
    pool = pool_for(edition, programme)
    times = pool.blueprint.bank_multiple
    short = shortages(pool, times)
    for one in short:
        cure = f"write {one.needed - one.held} more: {times} times a paper"
        yield Problem(programme.code, str(one), cure)
    if times and not short:
        yield from _undrawable(programme, pool)


def pool_for(edition: Edition, programme: Programme) -> Pool:
    """What the programme's exam draws from, laid out by cells."""
    blueprint = blueprint_of(edition, programme)
    return pool_of(bank_of(edition, programme), edition.exam(programme.exam), blueprint)


def shortages(pool: Pool, times: int) -> list[Shortage]:
    """Cells that hold less than `times` what one paper draws from them."""
    lacking = [(cell, _held(pool, cell), cell.count * times) for cell in pool.cells]
    return [_shortage(pool, *one) for one in lacking if one[1] < one[2]]


def worn(pool: Pool) -> list[Shortage]:
    """Cells whose items must stand on more papers than the blueprint would have them."""
    asked = exposure_of(pool.blueprint)
    times = max(1, asked.papers * asked.most_percent // 100)
    found = []
    for cell in pool.cells:
        needed = -(-cell.count * asked.papers // times)
        if (held := _held(pool, cell)) < needed:
            found.append(_shortage(pool, cell, held, needed))
    return found


def warnings(edition: Edition, programme: Programme) -> Iterator[Problem]:
    """What does not keep an exam closed. Of a programme that says nothing of exposure: nothing."""
    pool = pool_for(edition, programme)
    asked = exposure_of(pool.blueprint)
    for one in worn(pool) if pool.blueprint.exposure else ():
        cure = f"write {one.needed - one.held} more, so that of {asked.papers} papers an item is"
        yield Problem(programme.code, str(one), f"{cure} on {asked.most_percent}% at most")


def _held(pool: Pool, cell: PoolCell) -> int:
    return len({pool.groups[id_] for id_ in cell.fit})


def _shortage(pool: Pool, cell: PoolCell, held: int, needed: int) -> Shortage:
    return Shortage(
        exam=pool.exam.code,
        section=cell.section + 1,
        kinds=cell.kinds,
        topic=cell.topic,
        level=cell.level,
        anchor=cell.anchor,
        held=held,
        needed=needed,
    )


def _undrawable(programme: Programme, pool: Pool) -> Iterator[Problem]:
    try:
        draw(pool, _ANY_SEED)
    except BankTooSmall as error:
        short = _shortage(pool, error.cell, error.placed, error.cell.count)
        cure = "write items that are no twins of those other cells draw"
        yield Problem(programme.code, str(short), cure)
    except BandMissed as error:
        yield _out_of_band(programme, pool.exam, error)


def _out_of_band(programme: Programme, exam: Exam, error: BandMissed) -> Problem:
    lowest, highest = bounds(section := exam.sections[error.section])
    told = f"{lowest / section.count:.2f}–{highest / section.count:.2f}"
    what = (
        f"{exam.code} 第 {error.section + 1} 部分：平均难度为 {float(error.reached):.2f}，"
        f"不在 {told} 之内 · {exam.code} section {error.section + 1}: average difficulty"
        f" {float(error.reached):.2f}, not within {told}"
    )
    easy = error.reached * section.count < lowest
    cure = f"write {'harder' if easy else 'easier'} items for it, or have the band changed"
    return Problem(programme.code, what, cure)


def _bands(edition: Edition) -> Iterator[Problem]:
    for exam in edition.exams:
        for at, section in enumerate(exam.sections, 1):
            lowest, highest = bounds(section)
            if isinstance(section.difficulty, Band) and lowest > highest:
                what = f"section {at}: no average difficulty lies within its band"
                yield Problem(exam.code, what, "set `lowest` below `highest`, further apart")


def _lone_twins(edition: Edition) -> Iterator[Problem]:
    groups = defaultdict(list)
    for item in edition.items:
        if isinstance(item.twin_group, str):
            groups[item.twin_group].append(item.id)
    for group, ids in groups.items():
        if len(ids) == 1:
            what = f"it is alone in the twin group {group}"
            yield Problem(ids[0], what, "write the group's name alike in both, or take it out")
