"""What the API says of the curriculum. Keys and explanations of questions have no field here."""

from uuid import UUID

import msgspec

from courses.format import Bilingual, Kind, Level, ModuleOrder, MultipleRule, Option, Standard


class EditionRef(msgspec.Struct, rename="camel", frozen=True):
    code: str
    sha256: str


class ProgrammeCard(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    code: str
    title: Bilingual
    learner: Bilingual
    class_hours: int
    modules: tuple[str, ...]
    exam: str
    standard: Standard
    demonstration: bool
    requires: tuple[str, ...]
    """Programmes whose record, in force, is asked for at enrolment."""
    open: bool
    why_not_open: Bilingual | None


class ProgrammeList(msgspec.Struct, rename="camel", frozen=True):
    edition: EditionRef
    items: list[ProgrammeCard]


class Requirement(msgspec.Struct, rename="camel", frozen=True):
    modules: tuple[str, ...]
    class_hours: int
    elective: bool


class SectionPage(msgspec.Struct, rename="camel", frozen=True):
    kinds: tuple[Kind, ...]
    count: int
    points: float


class ExamPage(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    code: str
    title: Bilingual
    minutes: int
    pass_mark: int
    total_points: float
    multiple_rule: MultipleRule
    levels: dict[Level, int]
    sections: list[SectionPage]


class LessonCard(msgspec.Struct, rename="camel", frozen=True):
    code: str
    title: Bilingual
    written: bool


class ProgrammePage(ProgrammeCard, rename="camel", frozen=True, kw_only=True):
    requirements: list[Requirement]
    module_order: ModuleOrder
    required_seconds: int
    lessons: list[LessonCard]
    """The compulsory ones."""
    electives: list[LessonCard]
    exam_details: ExamPage


class ModulePage(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    code: str
    edition: EditionRef
    title: Bilingual
    objective: Bilingual
    class_hours: int
    standard: Standard
    lessons: list[LessonCard]


class Question(msgspec.Struct, rename="camel", frozen=True):
    id: str
    kind: Kind
    stem: str
    options: tuple[Option, ...]


class LectureRef(msgspec.Struct, rename="camel", frozen=True):
    id: UUID
    duration_seconds: int


class LessonPage(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    code: str
    module: str
    edition: EditionRef
    title: Bilingual
    objective: Bilingual
    standard: Standard
    summary: str
    text: str
    credit_seconds: int
    check_questions: list[Question]
    lecture: LectureRef | None
