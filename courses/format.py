"""What an edition of the curriculum is made of (docs/how-to-author-content.md has the files).

Authors are lawyers and auditors, not programmers, so the files are TOML (short keyed lines,
comments allowed, no meaning in indentation, read by Python itself) and the texts Markdown (opens in
any editor). JSON was left aside for its quotes and commas, YAML for its guesses (`no` is false).

Codes: module `M03`, lesson `M03-L01`, item `M03-001`. Words are those of the field: 模块 module,
小节 lesson, 学时 class hour, 试题 item, 双向细目表 blueprint. Everything is frozen.
"""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import Annotated, Protocol, TypeVar

import msgspec
from msgspec import UNSET, Meta, UnsetType

from courses.items.item import Item as Item
from courses.items.kinds import Citation as Citation
from courses.items.kinds import Kind as Kind
from courses.items.kinds import Level as Level
from courses.items.marking_rules import EachRule, MarkingRules, OrderingRule
from courses.items.marking_rules import MultipleRule as MultipleRule
from courses.rules import RulesGiven


class Bilingual(msgspec.Struct, frozen=True, kw_only=True):
    zh: str
    en: str


class Standard(msgspec.Struct, frozen=True, kw_only=True):
    """A standard or rule and the edition of it that is taught: `GB/T 29490`, `2023`."""

    code: str
    edition: str


class ModuleOrder(StrEnum):
    """How the modules of a programme may be studied."""

    FREE = "free"
    IN_ORDER = "in-order"


class Option(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    text: str


class CheckQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """A question at a lesson's end; answering it right is part of the lesson's rule. Its options
    are sent to learners as they are, so they have no feedback, which items' have."""

    id: str
    kind: Kind
    stem: str
    options: tuple[Option, ...]
    key: tuple[str, ...]
    explanation: str
    citation: Citation


class Lesson(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    module: str
    title: Bilingual
    standard: Standard
    objective: Bilingual | None = None
    summary: str = ""
    """One English paragraph."""
    text: str = ""
    """Markdown; empty until the lesson is written."""
    check_questions: tuple[CheckQuestion, ...] = ()

    @property
    def written(self) -> bool:
        return bool(self.text and self.check_questions)


class Module(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    title: Bilingual
    objective: Bilingual
    class_hours: int
    topic: str
    standard: Standard
    lessons: tuple[Lesson, ...]
    rules: RulesGiven | UnsetType = UNSET


class ModuleRequirement(msgspec.Struct, frozen=True, kw_only=True):
    """`class_hours` to be earned from `modules`: one module whole, or a choice among several."""

    modules: tuple[str, ...]
    class_hours: int

    @property
    def elective(self) -> bool:
        return len(self.modules) > 1


class Programme(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    title: Bilingual
    learner: Bilingual
    requirements: tuple[ModuleRequirement, ...]
    class_hours: int
    """0 for a demonstration, which is shorter than one class hour."""
    exam: str
    standard: Standard
    validity: str = ""
    """Name of the dated figure with the years its record is valid; empty: no end."""
    yearly: bool = False
    demonstration: bool = False
    lessons: tuple[str, ...] = ()
    """Only these lessons of its modules; empty: all of them."""
    module_order: ModuleOrder | msgspec.UnsetType = msgspec.UNSET
    requires: tuple[str, ...] | msgspec.UnsetType = msgspec.UNSET
    """Programmes whose record comes first. Both are left out where they are not said, so that
    editions published before they were known keep their hash; `courses.order` reads them."""
    rules: RulesGiven | UnsetType = UNSET
    credit_rate: float | msgspec.UnsetType = msgspec.UNSET
    """How fast a lecture may be watched for credit, as a multiple of the clock: 1 to 2. Left out
    where it is not said, so that editions published before it was known keep their hash."""

    @property
    def credit_rate_or_one(self) -> float:
        return 1.0 if self.credit_rate is msgspec.UNSET else self.credit_rate

    @property
    def modules(self) -> tuple[str, ...]:
        """Compulsory modules, in order."""
        return tuple(r.modules[0] for r in self.requirements if not r.elective)


class Band(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How hard the items of a section are on average: 易 counts 1 … 难 5, an item that does not say
    as 中等, 3. Both ends included."""

    lowest: Annotated[float, Meta(ge=1, le=5)]
    highest: Annotated[float, Meta(ge=1, le=5)]


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """`count` items of any of `kinds`, each worth `points`."""

    kinds: tuple[Kind, ...]
    count: int
    points: float
    difficulty: Band | UnsetType = UNSET
    """Any, unless said."""


class Exam(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    title: Bilingual
    sections: tuple[Section, ...]
    pass_mark: int
    minutes: int

    @property
    def total_points(self) -> float:
        return sum(section.count * section.points for section in self.sections)


class TopicShare(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the blueprint: the edition's `topics` gathered under `name`, and their weight."""

    name: str
    share: int
    topics: tuple[str, ...]


class Exposure(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How often an item may be seen."""

    resting_percent: Annotated[int, Meta(ge=0, le=80)] = 30
    """Of each cell, so many of those seen most lately are drawn only when the others run out."""
    papers: Annotated[int, Meta(ge=1, le=100_000)] = 100
    most_percent: Annotated[int, Meta(ge=1, le=100)] = 25
    """Authors are warned of a cell whose items must stand on more of so many papers."""


class Blueprint(msgspec.Struct, frozen=True, kw_only=True):
    """双向细目表 of one exam. Without `topics`, they weigh by their modules' class hours."""

    exam: str
    levels: dict[Level, int]
    multiple_rule: MultipleRule
    bank_multiple: int
    """The bank holds at least this many times what one paper draws from a cell."""
    topics: tuple[TopicShare, ...] = ()
    anchor_percent: Annotated[int, Meta(ge=0, le=100)] | UnsetType = UNSET
    """Of each section, drawn from the items marked as anchors; the rest from the others."""
    exposure: Exposure | UnsetType = UNSET
    ordering_rule: OrderingRule | UnsetType = UNSET
    matching_rule: EachRule | UnsetType = UNSET
    cloze_rule: EachRule | UnsetType = UNSET
    third_marker_percent: Annotated[int, Meta(ge=0, le=100)] | UnsetType = UNSET
    """Left out where they are not said, so that editions published before there were such items
    keep their hash; `marking_rules` reads them."""

    @property
    def marking_rules(self) -> MarkingRules:
        given = {
            "ordering": self.ordering_rule,
            "matching": self.matching_rule,
            "cloze": self.cloze_rule,
            "third_marker_percent": self.third_marker_percent,
        }
        said = {name: rule for name, rule in given.items() if rule is not UNSET}
        return msgspec.structs.replace(MarkingRules(multiple=self.multiple_rule), **said)


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """A number set from outside that may change: valid from `since` until a later one."""

    name: str
    value: int
    since: date
    confirmed: bool
    """False until the course owner has confirmed it."""
    source: str


class Coded(Protocol):
    @property
    def code(self) -> str: ...


C = TypeVar("C", bound=Coded)


def next_with(code: str, among: Iterable[C]) -> C:
    for one in among:
        if one.code == code:
            return one
    raise KeyError(code)


class Edition(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    title: Bilingual
    class_hour_seconds: int
    lesson_seconds: int
    topics: tuple[str, ...]
    figures: tuple[Figure, ...]
    modules: tuple[Module, ...]
    programmes: tuple[Programme, ...]
    exams: tuple[Exam, ...]
    blueprints: tuple[Blueprint, ...]
    items: tuple[Item, ...]
    rules: RulesGiven | UnsetType = UNSET
    """For all its modules and programmes that say nothing else."""

    def module(self, code: str) -> Module:
        return next_with(code, self.modules)

    def lesson(self, code: str) -> Lesson:
        return next_with(code, (lesson for module in self.modules for lesson in module.lessons))

    def programme(self, code: str) -> Programme:
        return next_with(code, self.programmes)

    def exam(self, code: str) -> Exam:
        return next_with(code, self.exams)

    def figure(self, name: str, on: date) -> int:
        """The value in force on a day. KeyError when none was yet."""
        known = [figure for figure in self.figures if figure.name == name and figure.since <= on]
        if not known:
            raise KeyError(name)
        return max(known, key=lambda figure: figure.since).value
