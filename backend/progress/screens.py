"""How far a learner is in an enrolment: as a screen to look at, as facts to examine on.

Five queries for any number of enrolments and lessons, one more for who sat in classes, besides
what the edition costs.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import TypeVar
from uuid import UUID

import msgspec

from backend.curriculum import service as curriculum
from backend.lectures import service as lectures
from backend.progress import plans, repository, rounds
from backend.progress.domain import (
    ClassFact,
    CompletionFacts,
    CountedRow,
    LessonFact,
    Missing,
    lesson_state,
    shanghai_day,
)
from backend.progress.editions import notes as edition_notes
from backend.progress.editions import repository as carry_over_rows
from backend.progress.repository import CheckedAnswers, Enrolment, Entry, Watch
from backend.progress.rules.domain import ElectiveStanding, Explanation, evaluate, gate
from backend.progress.rules.facts import Learned, of_enrolment
from backend.progress.schemas import (
    Anew,
    EditionNote,
    ElectiveChoice,
    EnrolmentScreen,
    ExamGate,
    Hours,
    LessonLock,
    LessonProgress,
    MissingPartView,
    Words,
)
from courses.format import Bilingual, Edition, Lesson
from courses.programmes import electives_of, every_lesson_of, lessons_of

Row = TypeVar("Row", Watch, CheckedAnswers, Entry)


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    enrolment: Enrolment
    learned: Learned
    note: EditionNote | None
    over: bool = False
    """The year it is for is over."""

    @property
    def left(self) -> bool:
        """The learner has gone on to a newer edition."""
        return self.note is not None and self.note.kind == "left"

    @property
    def watches(self) -> Sequence[Watch]:
        return self.learned.watches

    @property
    def explanation(self) -> Explanation:
        """What is missing before the exam opens."""
        return evaluate(self.learned.requirement, self.learned.facts())

    @property
    def missing(self) -> Missing | None:
        """The same in words. The exam of a year whose hours were met in it stays open."""
        told = self.explanation
        if told.met:
            return None
        if self.over:
            return rounds.year_over(str(self.enrolment.period))
        return Missing(zh=gate(told)[0], en=gate(told)[1])

    def lesson(self, lesson: Lesson) -> LessonProgress:
        learned = self.learned
        watch = learned.best.get(lesson.code)
        complete = lesson.code in learned.balances()
        standing = learned.lesson(lesson, awarded=complete)
        told = evaluate(standing.rule, standing.facts)
        return LessonProgress(
            code=lesson.code,
            title=words(lesson.title),
            state=lesson_state(watched=watch is not None and watch.covered, complete=complete),
            watched_seconds=watch.seen.seconds if watch else 0,
            duration_seconds=standing.facts.duration_seconds,
            missing=_parts(told),
            why_not=None if told.met else Words(told.zh, told.en),
            locked=self.lock(lesson),
        )

    def lock(self, lesson: Lesson) -> LessonLock | None:
        learned = self.learned
        left = plans.stands_before(learned.edition, learned.programme, lesson, learned.balances())
        if left is None:
            return None
        module, told = left
        return LessonLock(module, Words(*plans.first_finish(learned.edition, module, told)))

    def lessons_of_choice(self, choice: ElectiveStanding) -> list[Lesson]:
        """Those of its modules that there is something to learn in."""
        learned = self.learned
        known = learned.lecture_seconds.keys() | learned.best.keys()
        return [
            lesson
            for lesson in electives_of(learned.edition, learned.programme)
            if lesson.module in choice.modules and lesson.written and lesson.code in known
        ]

    def _electives(self) -> list[ElectiveChoice]:
        return [
            ElectiveChoice(
                modules=list(one.modules),
                asked_seconds=one.asked_seconds,
                earned_seconds=one.earned_seconds,
                missing_seconds=one.missing_seconds,
                lessons=[self.lesson(lesson) for lesson in self.lessons_of_choice(one)],
            )
            for one in self.learned.electives
        ]

    def screen(self, *, anew: Anew | None = None) -> EnrolmentScreen:
        mine, learned, why = self.enrolment, self.learned, self.missing
        lessons = lessons_of(learned.edition, learned.programme)
        return EnrolmentScreen(
            id=mine.id,
            programme=mine.programme_code,
            title=words(learned.programme.title),
            edition=mine.edition,
            demonstration=mine.demonstration,
            enrolled_at=mine.enrolled_at,
            hours=self.hours(),
            lessons=[self.lesson(one) for one in lessons],
            exam=ExamGate(
                open=why is None,
                why_not=Words(why.zh, why.en) if why else None,
                missing=_parts(self.explanation),
            ),
            edition_note=self.note,
            period=mine.period,
            round=mine.round,
            anew=anew,
            electives=self._electives(),
        )

    def hours(self) -> Hours:
        learned = self.learned
        now, later = learned.balances(learned.today), learned.balances(learned.last_day)
        return Hours(
            earned_seconds=sum(learned.by_module.values()),
            required_seconds=learned.required,
            waiting_seconds=sum(later.values()) - sum(now.values()),
        )

    def facts(self) -> CompletionFacts:
        mine, learned = self.enrolment, self.learned
        balances, by_module = learned.balances(learned.today), learned.by_module
        counting = [e for e in learned.entries if e.counts_on <= learned.today]
        return CompletionFacts(
            programme=mine.programme_code,
            edition=mine.edition,
            edition_sha256=mine.edition_sha256,
            demonstration=mine.demonstration,
            round=mine.of_round,
            earned_seconds=sum(by_module.values()),
            required_seconds=learned.required,
            hours_by_module=by_module,
            lessons=tuple(
                _fact(e, balances[str(e.lesson_code)])
                for e in counting
                if e.kind == "awarded" and e.lesson_code in balances
            ),
            classes=tuple(_class_fact(e) for e in learned.classes),
            corrections=tuple(
                (str(e.lesson_code), e.evidence_sha256)
                for e in counting
                if e.kind == "correction" and e.lesson_code
            ),
            counted=tuple(
                _counted(e) for e in (*(e for e in counting if e.lesson_code), *learned.classes)
            ),
            missing=self.missing,
        )


async def standings(
    mine: Sequence[Enrolment], *, now: datetime, only: Collection[UUID] | None = None
) -> list[Standing]:
    """Of one learner's enrolments, in their order. `only`: as if the ledger had just these rows."""
    if not mine:
        return []
    learner_id, ids = mine[0].learner_id, [enrolment.id for enrolment in mine]
    watches = _by_enrolment(await repository.watches(learner_id, ids))
    checks = _by_enrolment(await repository.last_checks(learner_id, ids))
    own = await repository.entries(learner_id, ids)
    carried = await carry_over_rows.carried_entries(learner_id, ids)
    entries = [e for e in (*own, *carried) if only is None or e.id in only]
    editions = {code: await curriculum.edition(code) for code in {e.edition for e in mine}}
    begun = await rounds.begun(mine) if any(one.class_session_id for one in entries) else {}
    seconds = {
        demonstration: await _lecture_seconds(editions.values(), mine, demonstration)
        for demonstration in {enrolment.demonstration for enrolment in mine}
    }

    def learned(enrolment: Enrolment) -> Learned:
        edition = editions[enrolment.edition]
        programme = edition.programme(enrolment.programme_code)
        of_round = enrolment.of_round
        return Learned(
            edition=edition,
            programme=programme,
            watches=watches.get(enrolment.id, []),
            checks={one.lesson_code: one for one in checks.get(enrolment.id, [])},
            entries=of_enrolment(entries, enrolment.id),
            lecture_seconds=seconds[enrolment.demonstration],
            today=min(shanghai_day(now), of_round.last_day),
            last_day=of_round.last_day,
            classes_from=of_round.classes_from(begun.get(enrolment.id, enrolment.enrolled_at)),
        )

    known = {one.id: learned(one) for one in mine}
    notes = await edition_notes.notes_of(mine, known)
    return [
        Standing(
            enrolment=one,
            learned=known[one.id],
            note=notes.get(one.id),
            over=one.of_round.is_over(now),
        )
        for one in mine
    ]


async def _lecture_seconds(
    editions: Iterable[Edition], mine: Sequence[Enrolment], demonstration: bool
) -> dict[str, int]:
    codes = {
        lesson.code
        for edition in editions
        for enrolment in mine
        if enrolment.demonstration == demonstration and enrolment.edition == edition.code
        for lesson in every_lesson_of(edition, edition.programme(enrolment.programme_code))
    }
    found = await lectures.lectures_of_lessons(codes, demonstration)
    return {code: lecture.duration_seconds for code, lecture in found.items()}


def _by_enrolment(rows: Iterable[Row]) -> dict[UUID, list[Row]]:
    """Without the classes, which are of none."""
    found: dict[UUID, list[Row]] = {}
    for row in rows:
        if row.enrolment_id is not None:
            found.setdefault(row.enrolment_id, []).append(row)
    return found


def _fact(entry: Entry, balance: int) -> LessonFact:
    assert entry.lecture_id is not None
    return LessonFact(
        code=str(entry.lesson_code),
        ref=entry.ref,
        seconds=balance,
        watched_seconds=entry.watched_seconds or 0,
        lecture_id=entry.lecture_id,
        evidence_sha256=entry.evidence_sha256,
        completed_at=entry.completed_at,
    )


def _class_fact(entry: Entry) -> ClassFact:
    assert entry.class_session_id is not None
    return ClassFact(
        class_session_id=entry.class_session_id,
        module=str(entry.module_code),
        seconds=entry.seconds,
        counts_on=entry.counts_on,
        evidence_sha256=entry.evidence_sha256,
    )


def _counted(entry: Entry) -> CountedRow:
    return CountedRow(
        id=entry.id,
        ref=entry.ref,
        module=str(entry.module_code),
        source=entry.source,
        kind=entry.kind,
        seconds=entry.seconds,
        evidence_sha256=entry.evidence_sha256,
    )


def _parts(told: Explanation) -> list[MissingPartView]:
    return [MissingPartView(one.part, one.amount, one.module) for one in told.missing]


def words(text: Bilingual) -> Words:
    return Words(text.zh, text.en)
