"""Can a programme be finished? What its lessons are worth, held against the hours that it asks for.

A lesson is worth what it really takes, at most its nominal quarter hour (`courses.effort`), so the
hours of a programme with short lectures do not come together. Nobody is given the difference: the
programme stays closed, and here stands from which lessons it is missing.
"""

from collections.abc import Iterable, Mapping

import msgspec

from courses.effort import NOMINAL_SECONDS, credit_seconds, effort_apart_from_lecture
from courses.format import Edition, Lesson, ModuleRequirement, Programme
from courses.programmes import lessons_of, module_rule, programme_rule

LectureSeconds = Mapping[str, int]
"""By lesson code, of those that have a lecture."""


class LessonWorth(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    seconds: int
    lecture_seconds: int | None
    """None: there is no lecture yet."""
    lecture_needed_seconds: int
    """That would make it whole."""

    @property
    def missing_seconds(self) -> int:
        return NOMINAL_SECONDS - self.seconds


class RequirementWorth(msgspec.Struct, frozen=True, kw_only=True):
    """One module, or a choice among several: of these only the modules that are open count."""

    modules: tuple[str, ...]
    elective: bool
    asked_seconds: int
    lessons: tuple[LessonWorth, ...]
    class_seconds: int = 0
    """That a rule has everybody sit in a class."""

    @property
    def lessons_seconds(self) -> int:
        return sum(lesson.seconds for lesson in self.lessons)

    @property
    def missing_seconds(self) -> int:
        return max(0, self.asked_seconds - self.lessons_seconds - self.class_seconds)

    @property
    def short(self) -> tuple[LessonWorth, ...]:
        """Lessons that are worth less than a quarter hour, if it matters."""
        if not self.missing_seconds:
            return ()
        return tuple(lesson for lesson in self.lessons if lesson.missing_seconds)


class ProgrammeWorth(msgspec.Struct, frozen=True, kw_only=True):
    programme: str
    requirements: tuple[RequirementWorth, ...]

    @property
    def missing_seconds(self) -> int:
        return sum(one.missing_seconds for one in self.requirements)


def worth_of(edition: Edition, programme: Programme, lectures: LectureSeconds) -> ProgrammeWorth:
    """A demonstration asks for exactly what its lessons are worth: it lacks nothing."""
    in_classes = programme_rule(edition, programme).class_session_hours * edition.class_hour_seconds
    found = []
    for requirement in programme.requirements:
        one = _requirement(edition, programme, requirement, lectures)
        in_classes -= one.class_seconds
        # Classes that the programme asks for anywhere fill what is still missing.
        more = min(one.missing_seconds, max(0, in_classes))
        in_classes -= more
        found.append(msgspec.structs.replace(one, class_seconds=one.class_seconds + more))
    return ProgrammeWorth(programme=programme.code, requirements=tuple(found))


def _requirement(
    edition: Edition, programme: Programme, asked: ModuleRequirement, lectures: LectureSeconds
) -> RequirementWorth:
    modules = [edition.module(code) for code in asked.modules]
    rules = [module_rule(edition, programme, module) for module in modules]
    sat = 0 if asked.elective else rules[0].class_session_hours * edition.class_hour_seconds
    lessons = tuple(_worth(lesson, lectures) for lesson in _taught(edition, programme, asked))
    if asked.elective:
        open_ = {code for code in asked.modules if module_open(edition, code, lectures)}
        lessons = tuple(one for one in lessons if edition.lesson(one.code).module in open_)
    worth = sum(lesson.seconds for lesson in lessons)
    due = worth if programme.demonstration else asked.class_hours * edition.class_hour_seconds
    return RequirementWorth(
        modules=asked.modules,
        elective=asked.elective,
        asked_seconds=due,
        lessons=lessons,
        class_seconds=min(sat, max(0, due - worth)),
    )


def _taught(edition: Edition, programme: Programme, asked: ModuleRequirement) -> Iterable[Lesson]:
    if asked.elective:
        return [lesson for code in asked.modules for lesson in edition.module(code).lessons]
    return [one for one in lessons_of(edition, programme) if one.module in asked.modules]


def module_open(edition: Edition, code: str, lectures: LectureSeconds) -> bool:
    """Each of its lessons has its text, questions and a lecture."""
    lessons = edition.module(code).lessons
    return all(lesson.written and lesson.code in lectures for lesson in lessons)


def _worth(lesson: Lesson, lectures: LectureSeconds) -> LessonWorth:
    return LessonWorth(
        code=lesson.code,
        seconds=credit_seconds(lesson, lectures.get(lesson.code, 0)),
        lecture_seconds=lectures.get(lesson.code),
        lecture_needed_seconds=max(0, NOMINAL_SECONDS - effort_apart_from_lecture(lesson)),
    )


def module_worth(edition: Edition, code: str, lectures: LectureSeconds) -> RequirementWorth:
    """A module by itself, whoever asks for it."""
    module = edition.module(code)
    return RequirementWorth(
        modules=(code,),
        elective=False,
        asked_seconds=module.class_hours * edition.class_hour_seconds,
        lessons=tuple(_worth(lesson, lectures) for lesson in module.lessons),
    )
