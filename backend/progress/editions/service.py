"""Going on to a newer edition: what was learned and is unchanged comes along, nothing is set back.

Whoever is half way may finish under the older edition until the last day that its release named;
goes on sooner by enrolling anew; and is moved after that day by `sweep`. Each learner is moved in
one transaction of their own, under the seat's lock: once, or not at all. docs/edition-change.md.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
import structlog

from backend.curriculum import service as curriculum
from backend.curriculum.domain import Step, last_day, steps_after
from backend.lectures import service as lectures
from backend.progress import repository
from backend.progress.domain import Round, shanghai_day
from backend.progress.editions import repository as carry_over_rows
from backend.progress.editions.changes import Stage, change_over, stages
from backend.progress.editions.domain import Carried, carried
from backend.progress.editions.finishing import Course, finished, learned_of
from backend.progress.presence import service as presence
from backend.progress.repository import Enrolment
from backend.progress.rules.facts import Learned
from courses.comparison import ProgrammeChange
from courses.format import Bilingual, Edition, Programme
from courses.programmes import every_lesson_of
from infra.database import UnitOfWork
from infra.engine import DB
from infra.ids import uuid7

PAGE = 500
_log = structlog.get_logger(__name__)


class Came(msgspec.Struct, frozen=True, kw_only=True):
    """What a learner took along from one enrolment to another."""

    old: Enrolment
    to: Enrolment
    had: Learned
    what: Carried


Tell = Callable[[Came], Awaitable[None]]


async def tell_nobody(_: Came) -> None: ...


class FinishedMeanwhile(Exception):
    """Rolls back the move of somebody who needs none any more."""


class Swept(msgspec.Struct, frozen=True, kw_only=True):
    moved: int = 0
    failed: int = 0
    waiting: tuple[str, ...] = ()
    """Programmes that people are in and that are not open in the newer edition yet."""

    def plus(self, more: "Swept") -> "Swept":
        return Swept(
            moved=self.moved + more.moved,
            failed=self.failed + more.failed,
            waiting=(*self.waiting, *more.waiting),
        )


async def is_open(edition: Edition, programme: Programme) -> bool:
    return await why_not_open(edition, programme) is None


async def why_not_open(edition: Edition, programme: Programme) -> Bilingual | None:
    """What is missing, with the lectures of now, for anybody to finish it; None: nothing is."""
    codes = {lesson.code for lesson in every_lesson_of(edition, programme) if lesson.written}
    found = await lectures.lectures_of_lessons(codes, programme.demonstration) if codes else {}
    seconds = {code: lecture.duration_seconds for code, lecture in found.items()}
    return curriculum.why_not_open(edition, programme, seconds)


async def may_finish(
    learner_id: UUID, programme: str, of_round: Round, *, now: datetime
) -> Enrolment | None:
    """The learner's enrolment of this round under an older edition that may still be finished, if
    there is one: enrolling again by chance must not move anybody."""
    steps = await curriculum.steps()
    for mine in await repository.enrolments(learner_id):
        if mine.programme_code == programme and mine.of_round == of_round:
            until = last_day(steps_after(mine.edition, steps))
            return mine if until is not None and shanghai_day(now) <= until else None
    return None


async def bring_along(to: Enrolment, *, now: datetime) -> list[Came]:
    """Everything unchanged that the learner has under older editions in this round of the
    programme; what came. In the caller's unit of work, which has just made the enrolment. Again is
    harmless."""
    older = await carry_over_rows.not_moved(to)
    if not older:
        return []
    await repository.lock_seat(to.learner_id)
    steps = await curriculum.steps()
    edition = await curriculum.edition(to.edition)
    found = []
    for old in older:
        if old.of_round != to.of_round:
            continue
        between = await stages(_between(steps, old.edition, to.edition))
        change = await change_over(between, to.programme_code)
        if change and (came := await _move(old, to, change, edition, now)):
            found.append(came)
    return found


def _between(steps: Sequence[Step], old: str, new: str) -> Sequence[Step]:
    """Both included; nothing when the newer one was not published later."""
    codes = [step.code for step in steps]
    return steps[codes.index(old) : codes.index(new) + 1]


async def _move(
    old: Enrolment, to: Enrolment, change: ProgrammeChange, edition: Edition, now: datetime
) -> Came | None:
    """None when somebody else has done it in the meantime."""
    had = await learned_of(old, await curriculum.edition(old.edition))
    complete = frozenset(had.balances())
    what = carried(complete, change)
    if not await carry_over_rows.move(old, to, what, now=now):
        return None
    modules = {code: edition.lesson(code).module for code in change.kept.values()}
    await carry_over_rows.carry(old, to, change.kept, complete, modules, now)
    return Came(old=old, to=to, had=had, what=what)


# --- after the last day -------------------------------------------------------------------------


async def sweep(*, now: datetime, tell: Tell = tell_nobody, page: int = PAGE) -> Swept:
    """Move everybody who is past the last day of their edition and has not finished it. One round;
    whoever could not be moved, or waits for a programme to open, is met again by the next.

    `tell` is called in the transaction of the move: told exactly if moved.
    """
    steps = await curriculum.steps()
    total = Swept()
    for step in steps[:-1]:
        later = steps_after(step.code, steps)
        until = last_day(later)
        if until is None or shanghai_day(now) <= until or await carry_over_rows.swept(step.code):
            continue
        done = await _sweep_edition(await stages([step, *later]), tell, page, now)
        if not done.failed and not done.waiting:
            await carry_over_rows.end_sweep(step.code, moved=done.moved, now=now)
        total = total.plus(done)
    return total


async def _sweep_edition(path: Sequence[Stage], tell: Tell, page: int, now: datetime) -> Swept:
    old, new = path[0][0], path[-1][0]
    total = Swept()
    for programme in old.programmes:
        change = await change_over(path, programme.code)
        if change is None:  # it is no more: whoever began may finish, without end
            continue
        if await is_open(new, new.programme(programme.code)):
            leaving = Leaving(course=Course(old, programme.code), to=path[-1], tell=tell)
            total = total.plus(await leaving.sweep(page, now))
        elif await carry_over_rows.earned(old, programme, year=shanghai_day(now).year, limit=1):
            total = total.plus(Swept(waiting=(programme.code,)))
    return total


class Leaving(msgspec.Struct, frozen=True, kw_only=True):
    """A programme whose people leave an edition."""

    course: Course
    to: Stage
    tell: Tell

    async def sweep(self, page: int, now: datetime) -> Swept:
        after, total = carry_over_rows.FIRST, Swept()
        here, year = (self.course.edition, self.course.programme), shanghai_day(now).year
        while found := await carry_over_rows.earned(*here, year=year, after=after, limit=page):
            after = found[-1][0].id
            for mine, has in found:
                if not await self.course.finished(mine, has):
                    total = total.plus(await self._move(mine, now))
        return total

    async def _move(self, mine: Enrolment, now: datetime) -> Swept:
        """One that fails must not keep the others waiting."""
        (edition, sha256, _), programme = self.to, self.course.programme.code
        who, again = mine.learner_id, mine.of_round
        try:
            await go_on(who, programme, edition, sha256, of_round=again, tell=self._told, now=now)
        except FinishedMeanwhile:
            return Swept()
        except Exception:
            _log.exception("edition move failed", programme=programme)
            return Swept(failed=1)
        return Swept(moved=1)

    async def _told(self, came: Came) -> None:
        """Under the seat's lock: what was read before may be old."""
        if came.old.edition == self.course.edition.code and finished(came.had):
            raise FinishedMeanwhile
        await self.tell(came)


async def go_on(
    learner_id: UUID,
    programme: str,
    edition: Edition,
    sha256: str,
    *,
    of_round: Round,
    tell: Tell = tell_nobody,
    now: datetime,
) -> tuple[Enrolment, bool]:
    """The learner's enrolment under this edition, with everything unchanged of the round from older
    ones, and whether it is new. Enrolment first, then the seat: always in this order."""
    async with UnitOfWork(DB):
        wanted = Enrolment(
            id=uuid7(),
            learner_id=learner_id,
            programme_code=programme,
            edition=edition.code,
            edition_sha256=sha256,
            demonstration=edition.programme(programme).demonstration,
            enrolled_at=now,
            period=of_round.period,
            round=of_round.number,
        )
        new = await repository.enrol(wanted, check_in_seconds=presence.draw_interval())
        kept = wanted if new else await repository.enrolment_like(wanted)
        for came in await bring_along(kept, now=now):
            await tell(came)
    return kept, new
