"""What an edition's lessons are worth, over HTTP. Durations in whole seconds."""

import msgspec

from courses.format import Bilingual


class ShortLesson(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Worth less than its nominal quarter hour."""

    code: str
    worth_seconds: int
    missing_seconds: int
    lecture_seconds: int | None
    """Null: it has no lecture yet."""
    lecture_needed_seconds: int
    """A lecture of this length makes the lesson whole."""


class HoursOfRequirement(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """One module, or a choice among several, of which the open ones count."""

    modules: tuple[str, ...]
    elective: bool
    asked_seconds: int
    lessons_seconds: int
    class_seconds: int
    """That a rule has everybody sit in a class."""
    missing_seconds: int
    short: list[ShortLesson]
    """Empty where nothing is missing."""


class HoursOfProgramme(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    programme: str
    title: Bilingual
    missing_seconds: int
    why_not_open: Bilingual | None
    """Anything that keeps it closed: unwritten lessons come before short ones."""
    requirements: list[HoursOfRequirement]


class EditionHours(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    edition: str
    programmes: list[HoursOfProgramme]


class ClosedProgramme(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    programme: str
    why: Bilingual
