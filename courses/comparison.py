"""Two editions beside each other: what somebody who learned under the old one still knows.

A lesson is what it teaches and asks, not its code: the same text, questions and standard under
another code are the same lesson, moved. What completes it is its programme's affair, too: a lesson
whose rule differs in a programme is changed there. Title, objective and summary announce a lesson
and are not part of it; neither is its lecture, which lives outside of the edition and is judged by
its own identity.
"""

import hashlib
from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Any

import msgspec

from courses.format import Edition, Lesson
from courses.programmes import every_lesson_of, lesson_rule, lessons_of
from courses.rules import LessonRule

ANNOUNCED = frozenset({"code", "module", "title", "objective", "summary"})
"""Fields of a lesson that are about it. All others, also those to come, are the lesson."""


class Change(StrEnum):
    SAME = "same"
    CHANGED = "changed"
    NEW = "new"
    GONE = "gone"
    MOVED = "moved"


class Part(StrEnum):
    TEXT = "text"
    QUESTIONS = "questions"
    STANDARD = "standard"
    RULE = "rule"


_PART_OF = {"text": Part.TEXT, "check_questions": Part.QUESTIONS, "standard": Part.STANDARD}


class LessonChange(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    """In the new edition; in the old one for a lesson that is gone."""
    before: str | None = None
    """Its code in the old edition, if it was there."""
    change: Change
    parts: tuple[Part, ...] = ()
    """What differs. With `SAME`: by an editorial correction, which leaves what is learned."""


class Again(msgspec.Struct, frozen=True):
    """A lesson to be learned again: its code now, and what changed."""

    code: str
    parts: tuple[Part, ...]


class ProgrammeChange(msgspec.Struct, frozen=True, kw_only=True):
    """What an edition changes for the learners of one programme."""

    asked: tuple[str, ...]
    """Its lessons in the old edition, in order; `asks` those in the new one."""
    asks: tuple[str, ...]
    kept: Mapping[str, str]
    """Old code -> new code, of lessons whose hours go along, electives among them."""
    again: Mapping[str, Again]
    """By old code."""

    @property
    def new(self) -> tuple[str, ...]:
        known = {*self.kept.values(), *(again.code for again in self.again.values())}
        return tuple(code for code in self.asks if code not in known)

    @property
    def gone(self) -> tuple[str, ...]:
        return tuple(code for code in self.asked if code not in {*self.kept, *self.again})

    def then(self, later: "ProgrammeChange") -> "ProgrammeChange":
        """Both changes, one after the other, for who took no part in the edition between."""
        again = {old: _again(middle, (), later) for old, middle in self.kept.items()}
        again |= {old: _again(a.code, a.parts, later) for old, a in self.again.items()}
        return ProgrammeChange(
            asked=self.asked,
            asks=later.asks,
            kept={
                old: later.kept[middle] for old, middle in self.kept.items() if middle in later.kept
            },
            again={old: found for old, found in again.items() if found and found.parts},
        )


def _again(middle: str, parts: tuple[Part, ...], later: ProgrammeChange) -> Again | None:
    if middle in later.kept:
        return Again(later.kept[middle], parts)
    if (found := later.again.get(middle)) is None:
        return None
    return Again(found.code, tuple(part for part in Part if part in {*parts, *found.parts}))


def lesson_sha256(lesson: Lesson) -> str:
    """Of what the lesson teaches and asks, in canonical JSON. Ids of questions are left out: they
    follow the lesson's code."""
    return hashlib.sha256(
        msgspec.json.encode(_substance(lesson), order="deterministic")
    ).hexdigest()


def _substance(lesson: Lesson) -> dict[str, Any]:
    fields: dict[str, Any] = msgspec.to_builtins(lesson)
    questions = [
        {name: value for name, value in question.items() if name != "id"}
        for question in fields["check_questions"]
    ]
    kept = {name: value for name, value in fields.items() if name not in ANNOUNCED}
    return {**kept, "check_questions": questions}


def compare(
    old: Edition, new: Edition, *, editorial: Collection[str] = ()
) -> tuple[LessonChange, ...]:
    """Each lesson of either edition once: those of the new one in its order, then what is gone.

    `editorial`: new codes whose difference was judged to leave what is learned as it was.
    """
    before, after = _lessons(old), _lessons(new)
    source, rules = _sources(before, after), (_rules(old), _rules(new))
    changes = []
    for code, lesson in after.items():
        continued = before.get(source.get(code, ""))
        ruled = continued is not None and _differ(rules[0][continued.code], rules[1][code])
        changes.append(_judged(lesson, continued, ruled, editorial))
    taken = set(source.values())
    gone = [
        LessonChange(code=code, before=code, change=Change.GONE)
        for code in before
        if code not in taken
    ]
    return (*changes, *gone)


def _lessons(edition: Edition) -> dict[str, Lesson]:
    return {lesson.code: lesson for module in edition.modules for lesson in module.lessons}


def _rules(edition: Edition) -> dict[str, dict[str, LessonRule]]:
    """By lesson and programme."""
    found: dict[str, dict[str, LessonRule]] = {code: {} for code in _lessons(edition)}
    for programme in edition.programmes:
        for lesson in every_lesson_of(edition, programme):
            found[lesson.code][programme.code] = lesson_rule(edition, programme, lesson)
    return found


def _differ(old: Mapping[str, LessonRule], new: Mapping[str, LessonRule]) -> bool:
    return any(old[programme] != new[programme] for programme in old.keys() & new.keys())


def _sources(before: Mapping[str, Lesson], after: Mapping[str, Lesson]) -> dict[str, str]:
    """New code -> the old code it continues. One to one, so that no hours go along twice: first
    the same content under the same code, then under another, last another content of that code."""
    old, new = _hashes(before), _hashes(after)
    found = {code: code for code in new if old.get(code) == new[code]}
    free: dict[str, list[str]] = {}
    for code, sha256 in old.items():
        if code not in found and before[code].written:
            free.setdefault(sha256, []).append(code)
    for code, sha256 in new.items():
        if code not in found and free.get(sha256):
            found[code] = free[sha256].pop(0)
    taken = set(found.values())
    return found | {c: c for c in new if c not in found and c in old and c not in taken}


def _hashes(lessons: Mapping[str, Lesson]) -> dict[str, str]:
    return {code: lesson_sha256(lesson) for code, lesson in lessons.items()}


def _judged(
    lesson: Lesson, before: Lesson | None, ruled: bool, editorial: Collection[str]
) -> LessonChange:
    if before is None or (lesson.written and not before.written):  # nobody can have learned it
        return LessonChange(
            code=lesson.code, before=before.code if before else None, change=Change.NEW
        )
    parts = _parts(before, lesson, ruled)
    change = Change.MOVED if before.code != lesson.code else Change.SAME
    if parts and lesson.code not in editorial:
        change = Change.CHANGED
    return LessonChange(code=lesson.code, before=before.code, change=change, parts=parts)


def _parts(before: Lesson, after: Lesson, ruled: bool) -> tuple[Part, ...]:
    old, new = _substance(before), _substance(after)
    differ = {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}
    parts = {_PART_OF.get(name, Part.RULE) for name in differ} | ({Part.RULE} if ruled else set())
    return tuple(part for part in Part if part in parts)


def for_programme(
    old: Edition, new: Edition, programme: str, changes: Collection[LessonChange]
) -> ProgrammeChange | None:
    """None when the new edition has no such programme. A lesson that has left the programme is
    gone for its learners, also where another programme still has it."""
    if programme not in {one.code for one in new.programmes}:
        return None
    asked = tuple(lesson.code for lesson in lessons_of(old, old.programme(programme)))
    asks = tuple(lesson.code for lesson in lessons_of(new, new.programme(programme)))
    before = {lesson.code for lesson in every_lesson_of(old, old.programme(programme))}
    after = {lesson.code for lesson in every_lesson_of(new, new.programme(programme))}
    known = {
        change.before: change
        for change in changes
        if change.before in before and change.code in after and change.change is not Change.GONE
    }
    again = {
        str(before): Again(change.code, parts)
        for before, change in known.items()
        if change.change is Change.CHANGED and (parts := _here(change, old, new, programme))
    }
    return ProgrammeChange(
        asked=asked,
        asks=asks,
        kept={
            str(before): change.code
            for before, change in known.items()
            if change.change is not Change.NEW and before not in again
        },
        again=again,
    )


def _here(change: LessonChange, old: Edition, new: Edition, programme: str) -> tuple[Part, ...]:
    """A rule may have changed in another programme alone."""
    was = lesson_rule(old, old.programme(programme), old.lesson(str(change.before)))
    ruled = was != lesson_rule(new, new.programme(programme), new.lesson(change.code))
    return tuple(part for part in change.parts if part is not Part.RULE or ruled)
