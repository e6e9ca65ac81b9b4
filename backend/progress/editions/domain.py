"""What a newer edition means for somebody who is half way. No I/O."""

from collections.abc import Collection, Mapping
from datetime import date
from enum import StrEnum

import msgspec

from backend.progress.domain import Missing
from courses.comparison import Again, Part, ProgrammeChange


class Fate(StrEnum):
    """Of an enrolment when a newer edition comes."""

    FINISHED = "finished"
    """All hours met: it stays under its edition, with its exam."""
    KEEPS_ALL = "keeps-all"
    AGAIN = "again"
    """Has completed lessons that have changed or are no more."""
    NOT_BEGUN = "not-begun"


class Earned(msgspec.Struct, frozen=True, kw_only=True):
    """What an enrolment has: (lesson, seconds) and (module, seconds in classes), in order of code.
    Whoever has the same stands the same."""

    lessons: tuple[tuple[str, int], ...]
    classes: tuple[tuple[str, int], ...] = ()

    @property
    def complete(self) -> frozenset[str]:
        return frozenset(code for code, _ in self.lessons)

    @property
    def seconds(self) -> int:
        """Of which no more than this can count."""
        return sum(seconds for _, seconds in (*self.lessons, *self.classes))


def fate(earned: Earned, change: ProgrammeChange, *, finished: bool) -> Fate:
    """Classes belong to the learner: they count in every edition."""
    if finished:
        return Fate.FINISHED
    if not earned.complete and not earned.classes:
        return Fate.NOT_BEGUN
    return Fate.KEEPS_ALL if earned.complete <= change.kept.keys() else Fate.AGAIN


class Carried(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of completed lessons: old code -> new one, to learn again, no longer there."""

    kept: Mapping[str, str]
    again: Mapping[str, Again]
    lost: tuple[str, ...]


def carried(complete: Collection[str], change: ProgrammeChange) -> Carried:
    return Carried(
        kept={old: new for old, new in change.kept.items() if old in complete},
        again={old: again for old, again in change.again.items() if old in complete},
        lost=tuple(sorted(code for code in complete if code not in {*change.kept, *change.again})),
    )


PARTS = {
    Part.TEXT: ("课文", "text"),
    Part.QUESTIONS: ("检查题", "check questions"),
    Part.STANDARD: ("标准版本", "standard"),
    Part.RULE: ("完成规则", "completion rule"),
}


def may_stay(edition: str, newer: str, until: date | None, will: Carried) -> Missing:
    """For an enrolment under an edition that is no longer the newest."""
    zh = f"本方案已有新版次 {newer}。"
    en = f"Edition {newer} of this programme is out. "
    if until is None:
        return Missing(zh=f"{zh}您可以按 {edition} 学完。", en=f"{en}You may finish {edition}.")
    zh += f"您可以按 {edition} 学到 {until}（含当日）；届时未学完的转入新版次，"
    en += f"You may learn under {edition} until {until}; whoever has not finished then goes on to "
    return Missing(zh=zh + _fate_zh(will), en=f"{en}the new one: {_fate_en(will)}")


def came_along(edition: str, will: Carried) -> Missing:
    """For the enrolment that went on from `edition`."""
    return Missing(
        zh=f"您的学习已从版次 {edition} 转入：{_fate_zh(will)}",
        en=f"Your learning came along from edition {edition}: {_fate_en(will)}",
    )


def left(newer: str) -> Missing:
    return Missing(
        zh=f"您已转入新版次 {newer}，请在那里继续学习；此处的记录保持不变。",
        en=f"You have gone on to edition {newer}; learn there. What you earned here stays here.",
    )


def _fate_zh(will: Carried) -> str:
    parts = [f"{len(will.kept)} 个已完成小节的学时保留" if will.kept else ""]
    if will.again:
        parts.append(f"{len(will.again)} 个小节有改动需重学（{_named(will, 0, '、')}）")
    parts.append(f"{len(will.lost)} 个小节在新版次中已取消" if will.lost else "")
    return "，".join(filter(None, parts)) + "。" if any(parts) else "您还没有已完成的小节。"


def _fate_en(will: Carried) -> str:
    parts = [f"the hours of {_lessons(len(will.kept))} you completed stay" if will.kept else ""]
    if will.again:
        parts.append(
            f"{_lessons(len(will.again))} changed, to learn again ({_named(will, 1, ', ')})"
        )
    parts.append(f"{_lessons(len(will.lost))} left the edition" if will.lost else "")
    return "; ".join(filter(None, parts)) + "." if any(parts) else "you have completed none yet."


def _lessons(count: int) -> str:
    return f"{count} lesson{'s' * (count != 1)}"


def _named(will: Carried, language: int, between: str) -> str:
    return between.join(
        f"{again.code} " + between.join(PARTS[part][language] for part in again.parts)
        for again in will.again.values()
    )
