"""The curriculum as the app shows it: content of the edition joined with the lectures of the day.

Kept apart from `service`, which the lectures area may call: so the two areas form no cycle.
"""

from typing import Any

from backend.curriculum import service
from backend.curriculum.edition_hours import lecture_seconds
from backend.curriculum.opening import why_not_open
from backend.curriculum.schemas import (
    EditionRef,
    ExamPage,
    LectureRef,
    LessonCard,
    LessonPage,
    ModulePage,
    ProgrammeCard,
    ProgrammeList,
    ProgrammePage,
    Question,
    Requirement,
    SectionPage,
)
from backend.lectures import service as lectures
from courses.blueprint import blueprint_of
from courses.effort import credit_seconds
from courses.format import Edition, Lesson, Programme
from courses.order import module_order, required
from courses.programmes import electives_of, every_lesson_of, lessons_of, required_seconds
from courses.worth import LectureSeconds


async def programmes(*, demo: bool) -> ProgrammeList:
    edition = await service.current_edition()
    shown = [p for p in edition.programmes if demo or not p.demonstration]
    seconds = await lecture_seconds(edition, shown)
    items = [ProgrammeCard(**_card(edition, p, seconds[p.demonstration])) for p in shown]
    return ProgrammeList(await _edition_ref(edition), items)


async def programme(code: str, *, demo: bool) -> ProgrammePage:
    edition = await service.current_edition()
    found = service.programme_in(edition, code, demo=demo)
    seconds = (await lecture_seconds(edition, [found]))[found.demonstration]
    return ProgrammePage(
        **_card(edition, found, seconds),
        requirements=[
            Requirement(r.modules, r.class_hours, r.elective) for r in found.requirements
        ],
        module_order=module_order(found),
        required_seconds=required_seconds(edition, found, seconds),
        lessons=[_lesson_card(lesson) for lesson in lessons_of(edition, found)],
        electives=[_lesson_card(lesson) for lesson in electives_of(edition, found)],
        exam_details=_exam(edition, found),
    )


async def module(code: str) -> ModulePage:
    found = await service.module(code)
    return ModulePage(
        code=found.code,
        edition=await _edition_ref(await service.current_edition()),
        title=found.title,
        objective=found.objective,
        class_hours=found.class_hours,
        standard=found.standard,
        lessons=[_lesson_card(lesson) for lesson in found.lessons],
    )


async def lesson(code: str, programme_code: str | None, *, demo: bool) -> LessonPage:
    """`programme_code` decides which lecture plays: a demonstration has its own, short one."""
    edition, found = await service.current_edition(), await service.lesson(code)
    demonstration = False
    if programme_code is not None:
        taken = service.programme_in(edition, programme_code, demo=demo)
        if found not in every_lesson_of(edition, taken):
            raise service.UnknownLesson
        demonstration = taken.demonstration
    lecture = await lectures.lecture_of_lesson(code, demonstration)
    return LessonPage(
        code=found.code,
        module=found.module,
        edition=await _edition_ref(edition),
        title=found.title,
        objective=found.objective or edition.module(found.module).objective,
        standard=found.standard,
        summary=found.summary,
        text=found.text,
        credit_seconds=credit_seconds(found, lecture.duration_seconds if lecture else 0),
        check_questions=[Question(q.id, q.kind, q.stem, q.options) for q in found.check_questions],
        lecture=LectureRef(lecture.lecture_id, lecture.duration_seconds) if lecture else None,
    )


def _card(edition: Edition, programme: Programme, seconds: LectureSeconds) -> dict[str, Any]:
    reason = why_not_open(edition, programme, seconds)
    return {
        "code": programme.code,
        "title": programme.title,
        "learner": programme.learner,
        "class_hours": programme.class_hours,
        "modules": programme.modules,
        "exam": programme.exam,
        "standard": programme.standard,
        "demonstration": programme.demonstration,
        "requires": required(programme),
        "open": reason is None,
        "why_not_open": reason,
    }


async def _edition_ref(edition: Edition) -> EditionRef:
    return EditionRef(edition.code, await service.edition_sha256())


def _lesson_card(lesson: Lesson) -> LessonCard:
    return LessonCard(lesson.code, lesson.title, lesson.written)


def _exam(edition: Edition, programme: Programme) -> ExamPage:
    exam, blueprint = edition.exam(programme.exam), blueprint_of(edition, programme)
    return ExamPage(
        code=exam.code,
        title=exam.title,
        minutes=exam.minutes,
        pass_mark=exam.pass_mark,
        total_points=exam.total_points,
        multiple_rule=blueprint.multiple_rule,
        levels=blueprint.levels,
        sections=[SectionPage(s.kinds, s.count, s.points) for s in exam.sections],
    )
