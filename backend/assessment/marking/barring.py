"""Who may mark whose answers: nobody their own, a colleague's, or one of somebody they taught, in a
class or by a lecture."""

from collections.abc import Collection
from uuid import UUID

from backend.accounts import service as accounts
from backend.accounts.domain import Role
from backend.assessment.domain import NoMarkers
from backend.assessment.marking.domain import MARKERS
from backend.class_sessions import service as class_sessions
from backend.organisations import service as organisations
from backend.progress import service as progress


async def barred(marker: UUID, learners: Collection[UUID]) -> set[UUID]:
    """Of these learners, those whose answers the marker must not see. Three statements."""
    if not learners:
        return set()
    known = await organisations.colleagues(marker, learners)
    known |= await class_sessions.taught_by(marker, learners)
    known |= await progress.lectured_by(marker, learners)
    return known | ({marker} & set(learners))


async def markers_for(learner: UUID) -> set[UUID]:
    """Who may mark this learner's answers today."""
    markers = await accounts.people_in(Role.MARKER) - {learner}
    if not markers:
        return set()
    taught = await class_sessions.teachers_of(learner) | await progress.lecturers_of(learner)
    return markers - await organisations.colleagues(learner, markers) - taught


async def check_can_be_marked(learner: UUID) -> None:
    """NoMarkers."""
    if len(await markers_for(learner)) < MARKERS:
        raise NoMarkers
