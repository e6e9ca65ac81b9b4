"""What a programme asks of a learner, worked out from its edition."""

from collections.abc import Mapping
from typing import Any

import msgspec

from courses.effort import credit_seconds
from courses.format import Edition, Item, Lesson, Module, Programme
from courses.rules import LessonRule, ModuleRule, ProgrammeRule, RulesGiven, overridden


def lessons_of(edition: Edition, programme: Programme) -> tuple[Lesson, ...]:
    """Compulsory lessons in order. Electives are the learner's choice and not among them."""
    lessons = [lesson for code in programme.modules for lesson in edition.module(code).lessons]
    if programme.lessons:
        lessons = [lesson for lesson in lessons if lesson.code in programme.lessons]
    return tuple(lessons)


def electives_of(edition: Edition, programme: Programme) -> tuple[Lesson, ...]:
    """Lessons of the modules that a learner may choose among, in the order of the choices."""
    codes = [code for one in programme.requirements if one.elective for code in one.modules]
    return tuple(lesson for code in codes for lesson in edition.module(code).lessons)


def every_lesson_of(edition: Edition, programme: Programme) -> tuple[Lesson, ...]:
    """All that may be learned in it: the compulsory lessons, then the electives."""
    return (*lessons_of(edition, programme), *electives_of(edition, programme))


def bank_of(edition: Edition, programme: Programme) -> tuple[Item, ...]:
    """Items of its modules: what its exam may draw from."""
    return tuple(item for item in edition.items if item.module in programme.modules)


def required_seconds(
    edition: Edition, programme: Programme, lecture_seconds: Mapping[str, int]
) -> int:
    """Seconds to earn before the exam. `lecture_seconds` by lesson code, used by a demonstration:
    it asks for exactly what its few lessons are worth, a real programme for its class hours."""
    if not programme.demonstration:
        return programme.class_hours * edition.class_hour_seconds
    lessons = lessons_of(edition, programme)
    return sum(credit_seconds(lesson, lecture_seconds.get(lesson.code, 0)) for lesson in lessons)


def lesson_rule(edition: Edition, programme: Programme, lesson: Lesson) -> LessonRule:
    """What completes the lesson for a learner of this programme."""
    places = _places(edition, edition.module(lesson.module), programme)
    return overridden(LessonRule(), *(given.lesson for given in places))


def module_rule(edition: Edition, programme: Programme, module: Module) -> ModuleRule:
    places = _places(edition, module, programme)
    return overridden(ModuleRule(), *(given.module for given in places))


def programme_rule(edition: Edition, programme: Programme) -> ProgrammeRule:
    places = _places(edition, programme)
    return overridden(ProgrammeRule(), *(given.programme for given in places))


def rules_of(edition: Edition, programme: Programme) -> dict[str, Any]:
    """The rules that a learner of the programme is judged by, to be kept with a record."""
    modules = {code: edition.module(code) for code in programme.modules}
    return {
        "programme": msgspec.to_builtins(programme_rule(edition, programme)),
        "modules": {
            code: msgspec.to_builtins(module_rule(edition, programme, module))
            for code, module in modules.items()
        },
        "lessons": {
            lesson.code: msgspec.to_builtins(lesson_rule(edition, programme, lesson))
            for lesson in every_lesson_of(edition, programme)
        },
    }


def _places(*said: Edition | Module | Programme) -> list[RulesGiven]:
    return [one.rules for one in said if isinstance(one.rules, RulesGiven)]
