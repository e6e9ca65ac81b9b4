"""Who has finished under an edition, and so stays there: asked of the one `evaluate` that opens the
exam, for one learner or for all of an edition."""

import msgspec

from backend.progress import repository, rounds
from backend.progress.editions import repository as carry_over_rows
from backend.progress.editions.domain import Earned
from backend.progress.repository import Enrolment
from backend.progress.rules.domain import evaluate
from backend.progress.rules.facts import Learned, of_enrolment
from courses.format import Edition, Programme
from infra.database import UnitOfWork
from infra.engine import DB


def finished(learned: Learned) -> bool:
    """Hours that the day's cap has put off until tomorrow are earned, too."""
    whole = msgspec.structs.replace(learned, today=learned.last_day)
    return evaluate(whole.requirement, whole.facts()).met


async def learned_of(mine: Enrolment, edition: Edition) -> Learned:
    """What counts for an enrolment, in the caller's unit of work. What was only begun is left out,
    and lectures are: a demonstration asks for no more than its lessons are worth without them."""
    programme = edition.programme(mine.programme_code)
    entries = [
        *await repository.entries(mine.learner_id, [mine.id]),
        *await carry_over_rows.carried_entries(mine.learner_id, [mine.id]),
    ]
    begun = await rounds.begun([mine])
    return Learned(
        edition=edition,
        programme=programme,
        watches=(),
        entries=of_enrolment(entries, mine.id),
        checks={},
        lecture_seconds={},
        today=mine.of_round.last_day,
        last_day=mine.of_round.last_day,
        classes_from=mine.of_round.classes_from(begun[mine.id]),
    )


class Course:
    """A programme of an edition, with what was found of its learners: those who have the same hours
    of the same lessons and classes are judged once."""

    def __init__(self, edition: Edition, programme: str) -> None:
        self.edition, self.programme = edition, edition.programme(programme)
        self._least = _least_seconds(edition, self.programme)
        self._known: dict[Earned, bool] = {}

    async def finished(self, mine: Enrolment, earned: Earned) -> bool:
        if earned.seconds < self._least:
            return False
        if earned not in self._known:
            async with UnitOfWork(DB):
                self._known[earned] = finished(await learned_of(mine, self.edition))
        return self._known[earned]


def _least_seconds(edition: Edition, programme: Programme) -> int:
    """Nobody with fewer has finished: spares most people's rows a second look."""
    return 1 if programme.demonstration else programme.class_hours * edition.class_hour_seconds
