"""When a programme is open: every lesson written and playable, every bank five papers deep, and the
lessons worth the hours that it asks for."""

from courses.checker import whats_missing
from courses.format import Bilingual, Edition, Programme
from courses.programmes import lessons_of
from courses.worked_out import WorkedOut
from courses.worth import LectureSeconds, RequirementWorth, worth_of

_MISSING = WorkedOut[tuple[str, ...]](most=64)
"""Texts and items do not change with the lectures of the day."""


def why_not_open(
    edition: Edition, programme: Programme, lectures: LectureSeconds
) -> Bilingual | None:
    """The first thing missing and how many more; None when the programme is open.

    `lectures`: lengths by lesson, of those with a playable lecture for this kind of programme,
    electives among them.
    """
    missing = _MISSING.of(edition, programme, lambda: _places(edition, programme))
    if missing:
        return Bilingual(
            zh=f"内容编写中：{missing[0]} 等 {len(missing)} 处尚未完成",
            en=f"Being written: {missing[0]} and {len(missing) - 1} more are not finished",
        )
    silent = [c.code for c in lessons_of(edition, programme) if c.code not in lectures]
    if silent:
        return Bilingual(
            zh=f"课件制作中：{silent[0]} 等 {len(silent)} 个小节尚无可播放的课件",
            en=f"{silent[0]} and {len(silent) - 1} more lessons have no playable lecture yet",
        )
    lacking = [
        one for one in worth_of(edition, programme, lectures).requirements if one.missing_seconds
    ]
    few = [one for one in lacking if not one.short]
    if few:
        return _too_few_electives(few[0])
    return _too_short(lacking) if lacking else None


def _places(edition: Edition, programme: Programme) -> tuple[str, ...]:
    return tuple(problem.where for problem in whats_missing(edition, programme))


def _too_few_electives(one: RequirementWorth) -> Bilingual:
    worth, asked = one.lessons_seconds // 60, one.asked_seconds // 60
    return Bilingual(
        zh=f"选修模块准备中：已开放的选修小节合计 {worth} 分钟，要求 {asked} 分钟",
        en=f"Electives being prepared: those that are open come to {worth} of {asked} minutes",
    )


def _too_short(short: list[RequirementWorth]) -> Bilingual:
    """The first module in numbers, the others counted: the author's list names each lesson."""
    first, others = short[0], len(short) - 1
    worth = (first.lessons_seconds + first.class_seconds) // 60
    asked = first.asked_seconds // 60
    lesson, more = first.short[0].code, len(first.short)
    names = "、".join(first.modules), " or ".join(first.modules)
    zh = (
        f"学时不足：{names[0]} 的小节合计 {worth} 分钟，要求 {asked} 分钟，"
        f"还差 {asked - worth} 分钟（{lesson} 等 {more} 个小节的课件偏短）"
    )
    en = (
        f"Too short: the lessons of {names[1]} come to {worth} of {asked} minutes, "
        f"{asked - worth} are missing (from {lesson} and {more - 1} more)"
    )
    if others:
        zh, en = f"{zh}；另有 {others} 个模块", f"{en}; so are {others} more modules"
    return Bilingual(zh=zh, en=en)
