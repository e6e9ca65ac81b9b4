"""Going on to a newer edition: what was learned and is unchanged comes along, nothing is set back.

Whoever is half way may finish under the older edition until the last day that its release named;
goes on sooner by enrolling anew; and is moved after that day by `sweep`. Each learner is moved in
one transaction of their own, under the seat's lock: once, or not at all. docs/edition-change.md.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
import structlog

from backend.curriculum import service as curriculum
from backend.curriculum.domain import Step, last_day, steps_after
from backend.lectures import service as lectures
from backend.progress import carry_over_rows, presence, repository
from backend.progress.carry_over_rules import Fate, carried, fate, required_of
from backend.progress.domain import shanghai_day
from backend.progress.edition_changes import Stage, change_over, stages
from backend.progress.repository import Enrolment
from courses.checker import whats_missing
from courses.comparison import ProgrammeChange
from courses.format import Edition, Programme
from courses.programmes import lessons_of
from infra.database import UnitOfWork
from infra.engine import DB
from infra.ids import uuid7

PAGE = 500
_log = structlog.get_logger(__name__)


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
    """Every lesson written and playable, the bank large enough: else nobody could finish."""
    codes = {lesson.code for lesson in lessons_of(edition, programme)}
    if whats_missing(edition, programme):
        return False
    return not codes - set(await lectures.lectures_of_lessons(codes, programme.demonstration))


async def may_finish(learner_id: UUID, programme: str, *, now: datetime) -> Enrolment | None:
    """The learner's enrolment under an older edition that may still be finished, if there is one:
    enrolling again by chance must not move anybody."""
    steps = await curriculum.steps()
    for mine in await repository.enrolments(learner_id):
        if mine.programme_code == programme:
            until = last_day(steps_after(mine.edition, steps))
            return mine if until is not None and shanghai_day(now) <= until else None
    return None


async def bring_along(to: Enrolment, *, now: datetime) -> None:
    """Everything unchanged that the learner has under older editions of the programme. In the
    caller's unit of work, which has just made the enrolment. Again is harmless."""
    older = await carry_over_rows.not_moved(to)
    if not older:
        return
    await repository.lock_seat(to.learner_id)
    steps = await curriculum.steps()
    edition = await curriculum.edition(to.edition)
    for old in older:
        between = await stages(_between(steps, old.edition, to.edition))
        change = await change_over(between, to.programme_code)
        if change is not None:
            await _move(old, to, change, edition, now)


def _between(steps: Sequence[Step], old: str, new: str) -> Sequence[Step]:
    """Both included; nothing when the newer one was not published later."""
    codes = [step.code for step in steps]
    return steps[codes.index(old) : codes.index(new) + 1]


async def _move(
    old: Enrolment, to: Enrolment, change: ProgrammeChange, edition: Edition, now: datetime
) -> None:
    entries = [
        *await repository.entries(old.learner_id, [old.id]),
        *await carry_over_rows.carried_entries(old.learner_id, [old.id]),
    ]
    what = carried({entry.lesson_code for entry in entries}, change)
    if await carry_over_rows.move(old, to, what, now=now):
        modules = [edition.lesson(code).module for code in change.kept.values()]
        await carry_over_rows.carry(old, to, change.kept, modules, now)


# --- after the last day -------------------------------------------------------------------------


async def sweep(*, now: datetime, page: int = PAGE) -> Swept:
    """Move everybody who is past the last day of their edition and has not finished it. One round;
    whoever could not be moved, or waits for a programme to open, is met again by the next."""
    steps = await curriculum.steps()
    total = Swept()
    for step in steps[:-1]:
        later = steps_after(step.code, steps)
        until = last_day(later)
        if until is None or shanghai_day(now) <= until or await carry_over_rows.swept(step.code):
            continue
        done = await _sweep_edition(await stages([step, *later]), page, now)
        if not done.failed and not done.waiting:
            await carry_over_rows.end_sweep(step.code, moved=done.moved, now=now)
        total = total.plus(done)
    return total


async def _sweep_edition(path: Sequence[Stage], page: int, now: datetime) -> Swept:
    old, new = path[0][0], path[-1][0]
    total = Swept()
    for programme in old.programmes:
        change = await change_over(path, programme.code)
        if change is None:  # it is no more: whoever began may finish, without end
            continue
        if await is_open(new, new.programme(programme.code)):
            total = total.plus(await _sweep_programme(path, programme.code, change, page, now))
        elif await carry_over_rows.earned(old.code, programme.code, limit=1):
            total = total.plus(Swept(waiting=(programme.code,)))
    return total


async def _sweep_programme(
    path: Sequence[Stage], programme: str, change: ProgrammeChange, page: int, now: datetime
) -> Swept:
    old, to = path[0][0], path[-1]
    required = required_of(old, programme)
    after, total = carry_over_rows.FIRST, Swept()
    while found := await carry_over_rows.earned(old.code, programme, after=after, limit=page):
        after = found[-1][0]
        for _, learner_id, earned in found:
            if fate(earned, required, change) is not Fate.FINISHED:
                done = await _moved(learner_id, programme, to, now)
                total = total.plus(Swept(moved=done, failed=not done))
    return total


async def _moved(learner_id: UUID, programme: str, to: Stage, now: datetime) -> bool:
    """One that fails must not keep the others waiting."""
    try:
        await go_on(learner_id, programme, to[0], to[1], now=now)
    except Exception:
        _log.exception("edition move failed", programme=programme)
        return False
    return True


async def go_on(
    learner_id: UUID, programme: str, edition: Edition, sha256: str, *, now: datetime
) -> tuple[Enrolment, bool]:
    """The learner's enrolment under this edition, with everything unchanged from older ones, and
    whether it is new. Enrolment first, then the seat: always in this order."""
    async with UnitOfWork(DB):
        wanted = Enrolment(
            id=uuid7(),
            learner_id=learner_id,
            programme_code=programme,
            edition=edition.code,
            edition_sha256=sha256,
            demonstration=edition.programme(programme).demonstration,
            enrolled_at=now,
        )
        new = await repository.enrol(wanted, check_in_seconds=presence.draw_interval())
        kept = await repository.enrolment_in(learner_id, programme, edition.code)
        await bring_along(kept, now=now)
    return kept, new
