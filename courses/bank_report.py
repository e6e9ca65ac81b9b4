"""What a bank holds, as its authors read it: counts, faults, and the papers it is enough for."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from courses.exam_report import papers_of
from courses.exam_rules import pool_for
from courses.format import Edition
from courses.item_rules import item_problems
from courses.items.item import Item
from courses.items.kinds import Difficulty, Kind, Level, Status

Counts = Mapping[str, int]


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    item: str
    what: str
    cure: str


class Enough(msgspec.Struct, frozen=True, kw_only=True):
    """For a programme's exam. `papers`: at most so many without an item in common; `lacking`:
    items to be written until it may open."""

    programme: str
    exam: str
    papers: int
    lacking: int


class BankReport(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    items: int
    kinds: Counts
    modules: Counts
    statuses: Counts
    difficulties: Counts
    """Items that say none are under ``."""
    levels_by_topic: Mapping[str, Counts]
    twins: int
    """Items that stand in a group of twins."""
    anchors: int
    faults: tuple[Fault, ...]
    papers: tuple[Enough, ...]
    """Empty where only a bank was read, without the edition that says the exams."""

    def lines(self) -> Iterator[str]:
        yield f"试题 items: {self.items}（锚题 anchors {self.anchors}，孪生 twins {self.twins}）"
        kinds = {f"{Kind(kind).zh} {kind}": count for kind, count in self.kinds.items()}
        yield f"题型 kinds: {_row(kinds)}"
        yield f"模块 modules: {_row(self.modules)}"
        yield f"状态 statuses: {_row(self.statuses)}"
        hard = {name or "未标 none": count for name, count in self.difficulties.items()}
        yield f"难度 difficulties: {_row(hard)}"
        yield "知识点 × 层次 topics × levels:"
        for topic, levels in self.levels_by_topic.items():
            yield f"  {topic}: {_row(levels)}"
        for one in self.papers:
            lack = f"，缺 {one.lacking} 题 lacks {one.lacking} items" if one.lacking else ""
            en = f"papers without an item in common: {one.papers}"
            yield f"{one.programme} {one.exam}: 不重题试卷至多 {one.papers} 份 · {en}{lack}"
        yield f"有误的试题 items with faults: {len({fault.item for fault in self.faults})}"
        for fault in self.faults:
            yield f"  {fault.item}: {fault.what} -> {fault.cure}"


def bank_report(items: Sequence[Item], edition: Edition | None) -> BankReport:
    """`edition`: for the papers of its exams."""
    topics = sorted({item.topic for item in items})
    return BankReport(
        items=len(items),
        kinds=_counts((item.kind for item in items), Kind),
        modules=_counts((item.module for item in items), sorted({item.module for item in items})),
        statuses=_counts((_status(item) for item in items), Status),
        difficulties=_counts((_difficulty(item) for item in items), [*Difficulty, ""]),
        levels_by_topic={
            topic: _counts((item.level for item in items if item.topic == topic), Level)
            for topic in topics
        },
        twins=sum(isinstance(item.twin_group, str) for item in items),
        anchors=sum(item.is_anchor for item in items),
        faults=tuple(_faults(items)),
        papers=tuple(_papers(edition)) if edition else (),
    )


def _counts(found: Iterable[str], order: Iterable[str]) -> Counts:
    """In the order of the words themselves; those that nobody is of are left out."""
    counted = Counter(map(str, found))
    return {str(one): counted[str(one)] for one in order if counted[str(one)]}


def _row(counts: Counts) -> str:
    return "，".join(f"{name} {count}" for name, count in counts.items()) or "—"


def _status(item: Item) -> str:
    return item.status if isinstance(item.status, Status) else Status.IN_USE


def _difficulty(item: Item) -> str:
    return item.difficulty if isinstance(item.difficulty, Difficulty) else ""


def _faults(items: Sequence[Item]) -> Iterator[Fault]:
    for item in items:
        for problem in item_problems(item):
            yield Fault(item=item.id, what=problem.what, cure=problem.cure)


def _papers(edition: Edition) -> Iterator[Enough]:
    for programme in edition.programmes:
        report, pool = papers_of(edition, programme), pool_for(edition, programme)
        held = [len({pool.groups[id_] for id_ in cell.fit}) // cell.count for cell in pool.cells]
        yield Enough(
            programme=programme.code,
            exam=programme.exam,
            papers=min(held, default=0),
            lacking=report.lacking,
        )
