"""How far a learner is in an enrolment: as a screen to look at, as facts to examine on.

Four queries for any number of enrolments and lessons, besides what the edition costs.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import TypeVar
from uuid import UUID

import msgspec

from backend.curriculum import service as curriculum
from backend.lectures import service as lectures
from backend.progress import carry_over_rows, edition_notes, repository
from backend.progress.domain import (
    CompletionFacts,
    LessonFact,
    Missing,
    covered,
    lesson_state,
    shanghai_day,
    what_is_missing,
)
from backend.progress.repository import Enrolment, Entry, Watch
from backend.progress.schemas import (
    EditionNote,
    EnrolmentScreen,
    ExamGate,
    Hours,
    LessonProgress,
    Words,
)
from courses.format import Bilingual, Edition, Lesson, Programme
from courses.programmes import lessons_of, required_seconds

Row = TypeVar("Row", Watch, Entry)


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    enrolment: Enrolment
    edition: Edition
    programme: Programme
    watches: Sequence[Watch]
    entries: Sequence[Entry]
    lecture_seconds: Mapping[str, int]
    """By lesson code, of the lectures now shown."""
    today: date
    note: EditionNote | None

    @property
    def left(self) -> bool:
        """The learner has gone on to a newer edition."""
        return self.note is not None and self.note.kind == "left"

    @property
    def _counting(self) -> list[Entry]:
        return [entry for entry in self.entries if entry.counts_on <= self.today]

    @property
    def _required(self) -> int:
        """What a started lesson was worth when it was opened holds, whatever is shown now."""
        seconds = {
            **self.lecture_seconds,
            **{w.lesson_code: w.duration_seconds for w in self._best},
        }
        return required_seconds(self.edition, self.programme, seconds)

    @property
    def _best(self) -> list[Watch]:
        """One watch a lesson: the completed one, else the one watched most."""
        order = sorted(self.watches, key=lambda w: (w.completed_at is not None, w.seen.seconds))
        return list({watch.lesson_code: watch for watch in order}.values())

    @property
    def missing(self) -> Missing | None:
        return what_is_missing(
            frozenset(lesson.code for lesson in lessons_of(self.edition, self.programme)),
            frozenset(entry.lesson_code for entry in self._counting),
            sum(entry.seconds for entry in self._counting),
            self._required,
        )

    def lesson(self, lesson: Lesson) -> LessonProgress:
        watch = next((w for w in self._best if w.lesson_code == lesson.code), None)
        duration = watch.duration_seconds if watch else self.lecture_seconds.get(lesson.code)
        return LessonProgress(
            code=lesson.code,
            title=words(lesson.title),
            state=lesson_state(
                watched=watch is not None and covered(watch.seen, watch.duration_seconds),
                complete=any(entry.lesson_code == lesson.code for entry in self.entries),
            ),
            watched_seconds=watch.seen.seconds if watch else 0,
            duration_seconds=duration,
        )

    def screen(self) -> EnrolmentScreen:
        mine, missing = self.enrolment, self.missing
        return EnrolmentScreen(
            id=mine.id,
            programme=mine.programme_code,
            title=words(self.programme.title),
            edition=mine.edition,
            demonstration=mine.demonstration,
            enrolled_at=mine.enrolled_at,
            hours=self._hours(),
            lessons=[self.lesson(one) for one in lessons_of(self.edition, self.programme)],
            exam=ExamGate(missing is None, Words(missing.zh, missing.en) if missing else None),
            edition_note=self.note,
        )

    def _hours(self) -> Hours:
        earned = sum(entry.seconds for entry in self._counting)
        waiting = sum(entry.seconds for entry in self.entries) - earned
        return Hours(earned, self._required, waiting)

    def facts(self) -> CompletionFacts:
        mine, counting = self.enrolment, self._counting
        by_module: dict[str, int] = {}
        for entry in counting:
            by_module[entry.module_code] = by_module.get(entry.module_code, 0) + entry.seconds
        return CompletionFacts(
            programme=mine.programme_code,
            edition=mine.edition,
            edition_sha256=mine.edition_sha256,
            demonstration=mine.demonstration,
            earned_seconds=sum(by_module.values()),
            required_seconds=self._required,
            hours_by_module=by_module,
            lessons=tuple(map(_fact, counting)),
            missing=self.missing,
        )


async def standings(mine: Sequence[Enrolment], *, now: datetime) -> list[Standing]:
    """Of one learner's enrolments, in their order."""
    if not mine:
        return []
    learner_id, ids = mine[0].learner_id, [enrolment.id for enrolment in mine]
    watches = _by_enrolment(await repository.watches(learner_id, ids))
    own = await repository.entries(learner_id, ids)
    entries = _by_enrolment([*own, *await carry_over_rows.carried_entries(learner_id, ids)])
    notes = await edition_notes.notes_of(mine, entries)
    editions = {code: await curriculum.edition(code) for code in {e.edition for e in mine}}
    seconds = {
        demonstration: await _lecture_seconds(editions.values(), mine, demonstration)
        for demonstration in {enrolment.demonstration for enrolment in mine}
    }
    return [
        Standing(
            enrolment=enrolment,
            edition=editions[enrolment.edition],
            programme=editions[enrolment.edition].programme(enrolment.programme_code),
            watches=watches.get(enrolment.id, []),
            entries=entries.get(enrolment.id, []),
            lecture_seconds=seconds[enrolment.demonstration],
            today=shanghai_day(now),
            note=notes.get(enrolment.id),
        )
        for enrolment in mine
    ]


async def _lecture_seconds(
    editions: Iterable[Edition], mine: Sequence[Enrolment], demonstration: bool
) -> dict[str, int]:
    codes = {
        lesson.code
        for edition in editions
        for enrolment in mine
        if enrolment.demonstration == demonstration and enrolment.edition == edition.code
        for lesson in lessons_of(edition, edition.programme(enrolment.programme_code))
    }
    found = await lectures.lectures_of_lessons(codes, demonstration)
    return {code: lecture.duration_seconds for code, lecture in found.items()}


def _by_enrolment(rows: Iterable[Row]) -> dict[UUID, list[Row]]:
    found: dict[UUID, list[Row]] = {}
    for row in rows:
        found.setdefault(row.enrolment_id, []).append(row)
    return found


def _fact(entry: Entry) -> LessonFact:
    return LessonFact(
        code=entry.lesson_code,
        ref=entry.ref,
        seconds=entry.seconds,
        watched_seconds=entry.watched_seconds,
        lecture_id=entry.lecture_id,
        evidence_sha256=entry.evidence_sha256,
        completed_at=entry.completed_at,
    )


def words(text: Bilingual) -> Words:
    return Words(text.zh, text.en)
