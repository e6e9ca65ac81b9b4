"""What comes first: programmes before a programme, modules before a module. The order is data of
the edition (`courses.order`); here it is kept, and told in words."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from backend.progress import carry_over_rows, repository
from backend.progress.repository import Enrolment
from backend.records import service as records
from courses.format import Edition, Lesson, Programme
from courses.order import modules_before, required
from courses.programmes import lessons_of
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
    before = modules_before(programme, lesson.module)
    if not before:
        return
    entries = [
        *await repository.entries(mine.learner_id, [mine.id]),
        *await carry_over_rows.carried_entries(mine.learner_id, [mine.id]),
    ]
    left = first_left(edition, programme, before, {entry.lesson_code for entry in entries})
    if left is None:
        return
    code, lessons = left
    title = edition.module(code).title
    raise ModuleNotYet(
        f"First finish module {code} ({title.en}): {lessons} lesson{'s' * (lessons > 1)} to go.",
        zh=f"请先完成模块 {code}《{title.zh}》：还差 {lessons} 个小节。",
    )


def first_left(
    edition: Edition, programme: Programme, modules: Collection[str], complete: Collection[str]
) -> tuple[str, int] | None:
    """The first of these modules that is not finished, and how many of its lessons are left."""
    lessons = lessons_of(edition, programme)
    for module in modules:
        left = sum(one.module == module and one.code not in complete for one in lessons)
        if left:
            return module, left
    return None
