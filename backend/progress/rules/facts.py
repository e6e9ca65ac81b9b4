"""From rows to the facts that rules judge: what a learner has done of an enrolment's programme."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cached_property
from uuid import UUID

import msgspec

from backend.progress.repository import CheckedAnswers, Entry, Watch, balances
from backend.progress.rules.domain import (
    ElectiveStanding,
    LessonFacts,
    LessonStanding,
    ModuleFacts,
    ModuleStanding,
    ProgrammeFacts,
    Requirement,
)
from courses.effort import credit_seconds
from courses.format import Edition, Lesson, Programme
from courses.programmes import (
    lesson_rule,
    lessons_of,
    module_rule,
    programme_rule,
    required_seconds,
)


class Learned(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """One enrolment's rows, with the classes that count for it."""

    edition: Edition
    programme: Programme
    watches: Sequence[Watch]
    entries: Sequence[Entry]
    """Of lessons and of classes, corrections among them."""
    checks: Mapping[str, CheckedAnswers]
    """By lesson, the last answers to its check questions."""
    lecture_seconds: Mapping[str, int]
    """By lesson, of the lectures now shown."""
    today: date
    """Or the last day whose hours count, once that is over."""
    last_day: date
    classes_from: date
    """Classes count for a programme from the day it was begun."""

    # --- lessons --------------------------------------------------------------------------------

    @cached_property
    def best(self) -> dict[str, Watch]:
        """One watch a lesson: the completed one, else the one watched most."""
        order = sorted(self.watches, key=lambda w: (w.completed_at is not None, w.seen.seconds))
        return {watch.lesson_code: watch for watch in order}

    def balances(self, until: date = date.max) -> dict[str, int]:
        """By lesson, seconds awarded less those taken back, counting from `until` at the latest."""
        return balances(self.entries, until)

    def lesson(self, lesson: Lesson, *, awarded: bool) -> LessonStanding:
        watch, check = self.best.get(lesson.code), self.checks.get(lesson.code)
        duration = watch.duration_seconds if watch else self.lecture_seconds.get(lesson.code)
        facts = LessonFacts(
            duration_seconds=duration,
            watched_seconds=watch.watched_count if watch else 0,
            pending_seconds=watch.waiting_seconds if watch else 0,
            questions=len(lesson.check_questions),
            questions_right=check.right(lesson) if check else 0,
            read_seconds=watch.read_seconds if watch else 0,
            worth_seconds=credit_seconds(lesson, duration or 0),
            awarded=awarded,
        )
        rule = watch.rule if watch else lesson_rule(self.edition, self.programme, lesson)
        return LessonStanding(rule=rule, facts=facts)

    # --- classes --------------------------------------------------------------------------------

    @property
    def classes(self) -> list[Entry]:
        """Of the programme's modules, held since it was begun, up to today."""
        modules = {code for one in self.programme.requirements for code in one.modules}
        return [
            entry
            for entry in self.entries
            if entry.class_session_id is not None
            and entry.module_code in modules
            and self.classes_from <= entry.counts_on <= self.today
        ]

    @property
    def class_seconds(self) -> dict[str, int]:
        """By module."""
        sums: dict[str, int] = {}
        for entry in self.classes:
            module = str(entry.module_code)
            sums[module] = sums.get(module, 0) + entry.seconds
        return sums

    @property
    def by_module(self) -> dict[str, int]:
        """Seconds that count by today. Classes fill what a module, or a choice among several,
        still asks for after its lessons; sitting longer earns no other module's hours."""
        awarded = self.balances(self.today)
        found: dict[str, int] = {}
        for entry in self.entries:
            if entry.lesson_code in awarded and entry.counts_on <= self.today:
                module = str(entry.module_code)
                found[module] = found.get(module, 0) + entry.seconds
        for requirement in self.programme.requirements:
            room = self._asked(requirement.class_hours)
            room -= sum(found.get(code, 0) for code in requirement.modules)
            for code in requirement.modules:
                if (given := min(self.class_seconds.get(code, 0), max(0, room))) > 0:
                    found[code] = found.get(code, 0) + given
                    room -= given
        return found

    def _asked(self, class_hours: int) -> int:
        return class_hours * self.edition.class_hour_seconds

    # --- the whole ------------------------------------------------------------------------------

    @property
    def required(self) -> int:
        """What a started lesson was worth when it was opened holds, whatever is shown now."""
        seconds = {
            **self.lecture_seconds,
            **{code: watch.duration_seconds for code, watch in self.best.items()},
        }
        return required_seconds(self.edition, self.programme, seconds)

    @property
    def requirement(self) -> Requirement:
        in_classes = programme_rule(self.edition, self.programme).class_session_hours
        return Requirement(required_seconds=self.required, class_seconds=self._asked(in_classes))

    @property
    def electives(self) -> tuple[ElectiveStanding, ...]:
        by_module = self.by_module
        return tuple(
            ElectiveStanding(
                modules=one.modules,
                asked_seconds=self._asked(one.class_hours),
                earned_seconds=sum(by_module.get(code, 0) for code in one.modules),
            )
            for one in self.programme.requirements
            if one.elective
        )

    def facts(self) -> ProgrammeFacts:
        sat = self.class_seconds
        return ProgrammeFacts(
            modules=tuple(self._modules(sat)),
            electives=self.electives,
            earned_seconds=sum(self.by_module.values()),
            class_seconds=sum(
                min(sum(sat.get(code, 0) for code in one.modules), self._asked(one.class_hours))
                for one in self.programme.requirements
            ),
        )

    def _modules(self, sat: Mapping[str, int]) -> list[ModuleStanding]:
        awarded = self.balances(self.today)
        lessons: dict[str, list[LessonStanding]] = {}
        for one in lessons_of(self.edition, self.programme):
            standing = self.lesson(one, awarded=one.code in awarded)
            lessons.setdefault(one.module, []).append(standing)
        return [
            ModuleStanding(
                rule=module_rule(self.edition, self.programme, self.edition.module(code)),
                facts=ModuleFacts(
                    code=code,
                    lessons=tuple(lessons.get(code, ())),
                    class_seconds=sat.get(code, 0),
                    class_hour_seconds=self.edition.class_hour_seconds,
                ),
            )
            for code in self.programme.modules
        ]


def of_enrolment(entries: Sequence[Entry], enrolment_id: UUID) -> list[Entry]:
    """Its own entries, and those of classes, which are of no enrolment."""
    return [one for one in entries if one.enrolment_id in {None, enrolment_id}]
