"""What lessons are worth and what is missing, as lines that an author reads in a terminal."""

from collections.abc import Iterator

from courses.format import Edition
from courses.worth import (
    LectureSeconds,
    ProgrammeWorth,
    RequirementWorth,
    module_worth,
    worth_of,
)


def lines(
    edition: Edition, lectures: LectureSeconds, for_demonstrations: LectureSeconds
) -> Iterator[str]:
    """Modules that somebody has begun to write, each with its short lessons; then programmes.
    Without lectures it says how long they will have to be."""
    for module in edition.modules:
        if any(lesson.written for lesson in module.lessons):
            yield from _module(module_worth(edition, module.code, lectures))
    for programme in edition.programmes:
        seconds = for_demonstrations if programme.demonstration else lectures
        yield _programme(worth_of(edition, programme, seconds))


def _module(one: RequirementWorth) -> Iterator[str]:
    yield f"{one.modules[0]}: {_come_to(one)}"
    for lesson in one.short:
        has = "no lecture yet"
        if lesson.lecture_seconds is not None:
            has = f"its lecture has {_clock(lesson.lecture_seconds)}"
        yield (
            f"  {lesson.code}: worth {_clock(lesson.seconds)} of 15:00; "
            f"a lecture of {_clock(lesson.lecture_needed_seconds)} makes it whole ({has})"
        )


def _programme(one: ProgrammeWorth) -> str:
    lacking = [
        f"{_named(part)} {_minutes(part.missing_seconds)} min"
        for part in one.requirements
        if part.missing_seconds
    ]
    if not lacking:
        return f"{one.programme}: its lessons are worth its hours"
    missing = _minutes(one.missing_seconds)
    return f"{one.programme}: {missing} minutes missing: {', '.join(lacking)}"


def _come_to(one: RequirementWorth) -> str:
    asked, worth = one.asked_seconds // 60, one.lessons_seconds // 60
    if not one.missing_seconds:
        return f"lessons are worth its {asked} minutes"
    return f"lessons are worth {worth} of {asked} minutes, {_minutes(one.missing_seconds)} missing"


def _named(part: RequirementWorth) -> str:
    return "electives" if part.elective else part.modules[0]


def _minutes(seconds: int) -> int:
    """Rounded up: less than a minute is missing, too."""
    return -(-seconds // 60)


def _clock(seconds: int) -> str:
    return f"{seconds // 60}:{seconds % 60:02d}"
