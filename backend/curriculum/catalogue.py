"""The curriculum as the app shows it: content of the edition joined with the lectures of the day.

Kept apart from `service`, which the lectures area may call: so the two areas form no cycle.
"""

from typing import Any

from backend.curriculum import service
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
from courses.checker import whats_missing
from courses.effort import credit_seconds
from courses.format import Bilingual, Edition, Lesson, Programme
from courses.programmes import lessons_of, required_seconds


async def programmes(*, demo: bool) -> ProgrammeList:
    edition = await service.current_edition()
    shown = [p for p in edition.programmes if demo or not p.demonstration]
    items = [ProgrammeCard(**await _card(edition, p)) for p in shown]
    return ProgrammeList(await _edition_ref(edition), items)


async def programme(code: str, *, demo: bool) -> ProgrammePage:
    edition = await service.current_edition()
    found = service.programme_in(edition, code, demo=demo)
    lessons = lessons_of(edition, found)
    seconds = await _lecture_seconds(lessons) if found.demonstration else {}
    return ProgrammePage(
        **await _card(edition, found),
        requirements=[
            Requirement(r.modules, r.class_hours, r.elective) for r in found.requirements
        ],
        required_seconds=required_seconds(edition, found, seconds),
        lessons=[_lesson_card(lesson) for lesson in lessons],
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
        if found not in lessons_of(edition, taken):
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


async def why_not_open(edition: Edition, programme: Programme) -> Bilingual | None:
    """The first thing missing, and how many more; None when the programme is open."""
    missing = [problem.where for problem in whats_missing(edition, programme)]
    if missing:
        return Bilingual(
            zh=f"内容编写中：{missing[0]} 等 {len(missing)} 处尚未完成",
            en=f"Being written: {missing[0]} and {len(missing) - 1} more are not finished",
        )
    for lesson in lessons_of(edition, programme):
        if await lectures.lecture_of_lesson(lesson.code, programme.demonstration) is None:
            return Bilingual(
                zh=f"小节 {lesson.code} 尚无可播放的课件",
                en=f"Lesson {lesson.code} has no playable lecture yet",
            )
    return None


async def _card(edition: Edition, programme: Programme) -> dict[str, Any]:
    reason = await why_not_open(edition, programme)
    return {
        "code": programme.code,
        "title": programme.title,
        "learner": programme.learner,
        "class_hours": programme.class_hours,
        "modules": programme.modules,
        "exam": programme.exam,
        "standard": programme.standard,
        "demonstration": programme.demonstration,
        "open": reason is None,
        "why_not_open": reason,
    }


async def _edition_ref(edition: Edition) -> EditionRef:
    return EditionRef(edition.code, await service.edition_sha256())


async def _lecture_seconds(lessons: tuple[Lesson, ...]) -> dict[str, int]:
    """Of a demonstration's few lessons."""
    found = {lesson.code: await lectures.lecture_of_lesson(lesson.code, True) for lesson in lessons}
    return {code: lecture.duration_seconds for code, lecture in found.items() if lecture}


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
