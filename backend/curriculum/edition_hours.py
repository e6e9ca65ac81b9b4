"""Whether the lessons of an edition are worth its hours, with the lectures of the day: for its
authors, who have to make what is missing."""

from collections.abc import Collection, Mapping

from backend.curriculum.hours_schemas import (
    EditionHours,
    HoursOfProgramme,
    HoursOfRequirement,
    ShortLesson,
)
from backend.curriculum.opening import why_not_open
from backend.lectures import service as lectures
from courses.format import Edition, Programme
from courses.programmes import every_lesson_of
from courses.worth import LectureSeconds, RequirementWorth, worth_of


async def edition_hours(edition: Edition, *, demo: bool = True) -> EditionHours:
    """Two look-ups of two queries, however many programmes."""
    shown = [one for one in edition.programmes if demo or not one.demonstration]
    seconds = await lecture_seconds(edition, shown)
    return EditionHours(
        edition=edition.code,
        programmes=[_programme(edition, one, seconds[one.demonstration]) for one in shown],
    )


async def lecture_seconds(
    edition: Edition, programmes: Collection[Programme]
) -> Mapping[bool, LectureSeconds]:
    """By demonstration or not. Lectures of lessons that are not written yet open nothing."""
    found: dict[bool, LectureSeconds] = {}
    for demonstration in (False, True):
        wanted = [one for one in programmes if one.demonstration is demonstration]
        codes = {c.code for one in wanted for c in every_lesson_of(edition, one) if c.written}
        shown = await lectures.lectures_of_lessons(codes, demonstration) if codes else {}
        found[demonstration] = {code: one.duration_seconds for code, one in shown.items()}
    return found


def _programme(edition: Edition, programme: Programme, seconds: LectureSeconds) -> HoursOfProgramme:
    worth = worth_of(edition, programme, seconds)
    return HoursOfProgramme(
        programme=programme.code,
        title=programme.title,
        missing_seconds=worth.missing_seconds,
        why_not_open=why_not_open(edition, programme, seconds),
        requirements=[_requirement(one) for one in worth.requirements],
    )


def _requirement(one: RequirementWorth) -> HoursOfRequirement:
    return HoursOfRequirement(
        modules=one.modules,
        elective=one.elective,
        asked_seconds=one.asked_seconds,
        lessons_seconds=one.lessons_seconds,
        class_seconds=one.class_seconds,
        missing_seconds=one.missing_seconds,
        short=[
            ShortLesson(
                code=lesson.code,
                worth_seconds=lesson.seconds,
                missing_seconds=lesson.missing_seconds,
                lecture_seconds=lesson.lecture_seconds,
                lecture_needed_seconds=lesson.lecture_needed_seconds,
            )
            for lesson in one.short
        ],
    )
