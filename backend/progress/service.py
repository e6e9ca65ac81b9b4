"""Enrolment, play sessions and check questions. Heartbeats have a module of their own."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from backend.curriculum import service as curriculum
from backend.lectures import service as lectures
from backend.lectures.domain import LessonLecture, PlaybackUrls
from backend.progress import cohorts, evidence_rows, plans, repository, rounds
from backend.progress.at_home import AtHome, Going, at_home, rounds_of
from backend.progress.domain import (
    FASTEST_RATE,
    HEARTBEAT_SECONDS,
    SLOWEST_RATE,
    CheckedPresence,
    CompletionFacts,
    Span,
    all_right,
    resume_second,
)
from backend.progress.editions import service as carry_over
from backend.progress.hours import class_hours
from backend.progress.hours.domain import ClassEntry as ClassEntry
from backend.progress.lecturers import lectured_by, lecturers_of
from backend.progress.presence import service as presence
from backend.progress.repository import Enrolment, Opening, Watch
from backend.progress.restudied import studied_again
from backend.progress.rounds import anew, record_of
from backend.progress.schemas import (
    CheckAnswer,
    EnrolmentScreen,
    PlaySessionOpened,
    QuestionResult,
)
from backend.progress.screens import Standing, standings
from courses.effort import credit_seconds
from courses.format import Bilingual, Lesson, Programme
from courses.programmes import every_lesson_of, lesson_rule
from infra.database import Reading, UnitOfWork
from infra.engine import DB
from infra.errors import Conflict, NotFound
from infra.vault import Vault

__all__ = [
    "AtHome",
    "Going",
    "anew",
    "at_home",
    "lectured_by",
    "lecturers_of",
    "record_of",
    "rounds_of",
    "studied_again",
]


class ProgrammeNotOpen(Conflict):
    """This programme is still being prepared; the list of programmes says what it waits for."""

    zh = "该培养方案尚在准备中，暂不能报名；培养方案列表中注明了所缺内容。"


class LessonNotInProgramme(NotFound):
    """This lesson is not part of the programme you enrolled in; the enrolment lists its lessons."""

    zh = "该小节不属于您报名的培养方案，请在报名页面查看小节列表。"


class LessonNotPlayable(Conflict):
    """This lesson's lecture is not ready to play yet; read its text now and come back later."""

    zh = "本小节的课件视频尚未就绪，您可以先阅读课文，稍后再来观看。"


async def enrol(
    learner_id: UUID,
    programme_code: str,
    *,
    demo: bool,
    newest_edition: bool = False,
    now: datetime,
) -> tuple[EnrolmentScreen, bool]:
    """The learner's enrolment in the present round (`Round`) under the present edition, and whether
    it is new; under an older edition while that may be finished, unless the newest is asked for."""
    async with UnitOfWork(DB):
        edition = await curriculum.current_edition()
        programme = curriculum.programme_in(edition, programme_code, demo=demo)
        wanted = await rounds.present(learner_id, programme, now=now)
        kept, new = await carry_over.may_finish(learner_id, programme.code, wanted, now=now), False
        if kept is None or newest_edition:
            if why := await carry_over.why_not_open(edition, programme):
                raise _not_open(why)
            await plans.check_prerequisites(learner_id, edition, programme, now=now)
            under = await curriculum.edition_sha256()
            kept, new = await carry_over.go_on(
                learner_id, programme.code, edition, under, of_round=wanted, now=now
            )
        standing = (await standings([kept], now=now))[0]
    return standing.screen(), new


def _not_open(why: Bilingual) -> ProgrammeNotOpen:
    english = " ".join((ProgrammeNotOpen.__doc__ or "").split())
    return ProgrammeNotOpen(f"{english} {why.en}.", zh=f"{ProgrammeNotOpen.zh}{why.zh}。")


async def enrolments(learner_id: UUID, *, now: datetime) -> list[EnrolmentScreen]:
    async with UnitOfWork(DB):
        mine = await repository.enrolments(learner_id)
        found = await standings(mine, now=now)
        newest = {one.programme_code: one for one in reversed(mine)}
        why = await rounds.why_anew(learner_id, [*newest.values()], now=now)
    return [one.screen(anew=why.get(one.enrolment.id)) for one in found]


async def enrolment(enrolment_id: UUID, learner_id: UUID, *, now: datetime) -> EnrolmentScreen:
    """Whether it may be begun anew, the list says."""
    return (await _standing(enrolment_id, learner_id, now)).screen()


async def completion_facts(
    enrolment_id: UUID,
    learner_id: UUID,
    *,
    now: datetime,
    only: Collection[UUID] | None = None,
) -> CompletionFacts:
    """Whether the hours of an enrolment are met by today, and by what. `only`: by these rows of
    the ledger, whatever was entered since."""
    return (await _standing(enrolment_id, learner_id, now, only)).facts()


async def presence_behind(
    learner_id: UUID, entries: Collection[UUID]
) -> tuple[CheckedPresence, ...]:
    """Presence checks of the lessons that these rows of the ledger award."""
    async with UnitOfWork(DB):
        return await evidence_rows.presence_behind(learner_id, entries)


async def hours_hashed(learner_id: UUID, entries: Collection[UUID]) -> dict[UUID, str]:
    """By row, the hash of its evidence worked out from the evidence, not read beside it."""
    async with UnitOfWork(DB):
        return await evidence_rows.hashes(learner_id, entries)


async def learns(enrolment_id: UUID, learner_id: UUID) -> tuple[str, str]:
    """Edition and programme of a learner's enrolment; EnrolmentNotFound."""
    mine = await repository.enrolment(enrolment_id, learner_id=learner_id)
    return mine.edition, mine.programme_code


async def _standing(
    enrolment_id: UUID, learner_id: UUID, now: datetime, only: Collection[UUID] | None = None
) -> Standing:
    async with Reading(DB):
        mine = await repository.enrolment(enrolment_id, learner_id=learner_id)
        found = await standings([mine], now=now, only=only)
    return found[0]


async def open_play_session(
    learner_id: UUID,
    enrolment_id: UUID,
    lesson_code: str,
    *,
    device_id: UUID | None = None,
    vault: Vault,
    now: datetime,
) -> PlaySessionOpened:
    """One play session a learner: this one takes over from whichever was active."""
    async with UnitOfWork(DB):
        mine = await repository.enrolment(enrolment_id, learner_id=learner_id)
        await rounds.check_learned_now(mine, now=now)
        programme, lesson = await lesson_of(mine, lesson_code)
        lecture = await lectures.lecture_of_lesson(lesson.code, mine.demonstration)
        if lecture is None:
            raise LessonNotPlayable
        before = (await repository.lock_seat(learner_id)).active_play_session_id
        watch = await repository.watch_of(
            mine,
            lesson_code=lesson.code,
            module_code=lesson.module,
            lecture_id=lecture.lecture_id,
            duration_seconds=lecture.duration_seconds,
            credit_seconds=credit_seconds(lesson, lecture.duration_seconds),
            rule=lesson_rule(await curriculum.edition(mine.edition), programme, lesson),
        )
        opening = Opening(
            device_id=device_id,
            edition=mine.edition,
            rate_percent=round(programme.credit_rate_or_one * 100),
        )
        session_id = await repository.take_seat(
            learner_id, watch, opening, instead_of=before, now=now
        )
    urls = await lectures.playback_urls(watch.lecture_id, session_id, learner_id, now, vault=vault)
    return _opened(session_id, watch, urls, rate=programme.credit_rate_or_one)


async def playlist_fetched(
    learner_id: UUID, session_id: UUID, *, segments: bool, now: datetime
) -> None:
    """A player of this session has begun: without it there is no credit. `segments`: it has asked
    for a list of them, too, without which nothing can be seen."""
    column = "segments_at" if segments else "playlist_at"
    await repository.note_playlist(learner_id, session_id, column, now)


async def lecture_to_take_along(
    learner_id: UUID, enrolment_id: UUID, lesson_code: str
) -> LessonLecture:
    """What the lesson shows now, for a learner who is enrolled in it."""
    mine = await repository.enrolment(enrolment_id, learner_id=learner_id)
    _, lesson = await lesson_of(mine, lesson_code)
    lecture = await lectures.lecture_of_lesson(lesson.code, mine.demonstration)
    if lecture is None:
        raise LessonNotPlayable
    return lecture


def _opened(
    session_id: UUID, watch: Watch, urls: PlaybackUrls, *, rate: float
) -> PlaySessionOpened:
    seconds, duration = watch.seen, watch.duration_seconds
    return PlaySessionOpened(
        id=session_id,
        lesson_code=watch.lesson_code,
        lecture_id=watch.lecture_id,
        duration_seconds=duration,
        playlist_url=urls.playlist_url,
        poster_url=urls.poster_url,
        storyboard_url=urls.storyboard_url,
        heartbeat_seconds=HEARTBEAT_SECONDS,
        min_rate=SLOWEST_RATE,
        max_rate=FASTEST_RATE if watch.covered else rate,
        watched=seconds.spans(),
        furthest_second=seconds.end,
        resume_second=resume_second(seconds, duration),
        reading_seconds=max(0, watch.needs_reading_seconds - watch.read_seconds),
    )


async def lesson_of(mine: Enrolment, code: str) -> tuple[Programme, Lesson]:
    edition = await curriculum.edition(mine.edition)
    programme = edition.programme(mine.programme_code)
    found = [lesson for lesson in every_lesson_of(edition, programme) if lesson.code == code]
    if not found:
        raise LessonNotInProgramme
    await plans.check_order(mine, edition, programme, found[0])
    return programme, found[0]


async def answer_check(
    learner_id: UUID,
    enrolment_id: UUID,
    lesson_code: str,
    answers: Mapping[str, list[str]],
    *,
    now: datetime,
) -> CheckAnswer:
    """Judge a lesson's check questions. They may be answered again until all are right."""
    async with UnitOfWork(DB):
        mine = await repository.enrolment(enrolment_id, learner_id=learner_id)
        _, lesson = await lesson_of(mine, lesson_code)
        seat = await repository.lock_seat(learner_id)
        key = {question.id: frozenset(question.key) for question in lesson.check_questions}
        given = {question: frozenset(picks) for question, picks in answers.items()}
        passed = all_right(key, given)
        await repository.store_check(mine, lesson_code, answers, passed=passed, now=now)
        if passed:
            found = await repository.watches(learner_id, [mine.id])
            shown = [watch for watch in found if watch.lesson_code == lesson_code]
            await presence.join_at_the_lesson_s_end(learner_id, shown, seat, now=now)
        standing = (await standings([mine], now=now))[0]
    results = {
        question.id: QuestionResult(
            given.get(question.id) == key[question.id], question.explanation
        )
        for question in lesson.check_questions
    }
    return CheckAnswer(passed, results, standing.lesson(lesson))


# --- many learners at once, inside the caller's `UnitOfWork` ------------------------------------


async def begun(
    learner_ids: Sequence[UUID], programmes: Collection[str]
) -> dict[tuple[UUID, str], datetime]:
    """(learner, programme) -> when they first enrolled; who never did is not in it."""
    return await cohorts.begun(learner_ids, programmes)


async def hours_by_month(spans: Sequence[Span]) -> dict[tuple[int, date], int]:
    """(cohort, first of a month) -> seconds of class hours awarded to its learners."""
    return await cohorts.hours_by_month(spans)


# --- classes, inside their own `UnitOfWork` -----------------------------------------------------

day_totals, enter_class_hours = class_hours.day_totals, class_hours.enter
