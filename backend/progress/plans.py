"""What comes first: programmes before a programme, modules before a module. The order is data of
the edition (`courses.order`); here it is kept, and told in words."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from msgspec.structs import replace

from backend.progress import repository
from backend.progress.editions import repository as carry_over_rows
from backend.progress.repository import Enrolment
from backend.progress.rules.domain import (
    Explanation,
    LessonFacts,
    LessonStanding,
    ModuleFacts,
    evaluate,
)
from backend.records import service as records
from courses.format import Edition, Lesson, Programme
from courses.order import modules_before, required
from courses.programmes import lessons_of, module_rule
from infra.errors import Conflict


class ModuleNotYet(Conflict):
    """This programme's modules are studied in order; finish the ones before this module first."""

    zh = "本培养方案须按模块顺序学习，请先完成前面的模块。"


class RecordNeededFirst(Conflict):
    """Another programme's record is asked for before this one; earn that record first."""

    zh = "报名本培养方案前，须先取得其他培养方案的培训证明。"


async def check_prerequisites(
    learner_id: UUID, edition: Edition, programme: Programme, *, now: datetime
) -> None:
    """RecordNeededFirst, naming the programmes whose record in force is missing."""
    missing = [
        code
        for code in required(programme)
        if learner_id not in await records.in_force_of([learner_id], [code], now=now)
    ]
    if missing:
        titles = [edition.programme(code).title for code in missing]
        raise RecordNeededFirst(
            f"First earn the record of: {', '.join(title.en for title in titles)}.",
            zh=f"请先取得以下培养方案的培训证明：{'、'.join(title.zh for title in titles)}。",
        )


async def check_order(
    mine: Enrolment, edition: Edition, programme: Programme, lesson: Lesson
) -> None:
    """ModuleNotYet, naming the module to go on with. Asks nothing where the order is free."""
    if not modules_before(programme, lesson.module):
        return
    entries = [
        *await repository.entries(mine.learner_id, [mine.id]),
        *await carry_over_rows.carried_entries(mine.learner_id, [mine.id]),
    ]
    left = stands_before(edition, programme, lesson, repository.balances(entries))
    if left is not None:
        zh, en = first_finish(edition, *left)
        raise ModuleNotYet(en, zh=zh)


def stands_before(
    edition: Edition, programme: Programme, lesson: Lesson, complete: Collection[str]
) -> tuple[str, Explanation] | None:
    """The module to finish before this lesson may be opened. What is complete stays open."""
    if lesson.code in complete:
        return None
    return first_left(edition, programme, modules_before(programme, lesson.module), complete)


def first_finish(edition: Edition, module: str, missing: Explanation) -> tuple[str, str]:
    """Chinese and English."""
    title = edition.module(module).title
    return (
        f"请先完成模块 {module}《{title.zh}》：{missing.zh}。",
        f"First finish module {module} ({title.en}): {missing.en}.",
    )


def first_left(
    edition: Edition, programme: Programme, modules: Collection[str], complete: Collection[str]
) -> tuple[str, Explanation] | None:
    """The first of these modules whose lessons are not done as far as its rule asks, and what is
    missing. A class in a room has a day of its own: nobody waits for it."""
    lessons = lessons_of(edition, programme)
    for code in modules:
        rule = replace(module_rule(edition, programme, edition.module(code)), class_session_hours=0)
        standings = tuple(
            LessonStanding(facts=LessonFacts(awarded=lesson.code in complete))
            for lesson in lessons
            if lesson.module == code
        )
        missing = evaluate(rule, ModuleFacts(code=code, lessons=standings))
        if not missing.met:
            return code, missing
    return None
