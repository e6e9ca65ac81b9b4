"""Rounds of a programme: each year of a yearly one, and another after each revoked record."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from backend.progress import repository
from backend.progress.domain import Missing, Round, this_round
from backend.progress.repository import Enrolment
from backend.progress.schemas import Anew
from backend.records import service as records
from backend.records.domain import Earned
from courses.format import Programme
from infra.errors import Conflict

Reasons = dict[UUID, Anew]


class EditionLeft(Conflict):
    """You have gone on to a newer enrolment in this programme; open the lesson there."""

    zh = "您在该培养方案中已有新的报名（新版次、新年度或重新学习），请在新的报名中打开本小节。"


class YearOver(Conflict):
    """The year that this enrolment is for is over: nothing more can be learned for it. Enrol for
    this year under “My learning”."""

    zh = "该报名所属年度已经结束，不能再为它学习；请到“我的学习”报名本年度。"


async def present(learner_id: UUID, programme: Programme, *, now: datetime) -> Round:
    """The round that the learner begins, or goes on with, by enrolling now."""
    known = await records.rounds([learner_id], [programme.code])
    fresh = this_round(now, yearly=programme.yearly)
    gone = [one.round for one in known if one.revoked and one.period == fresh.period]
    return this_round(now, yearly=programme.yearly, revoked=max(gone, default=0))


async def check_learned_now(mine: Enrolment, *, now: datetime) -> None:
    """YearOver, EditionLeft: hours of such an enrolment would count nowhere."""
    if mine.of_round.is_over(now):
        raise YearOver
    if await repository.newer_enrolment(mine):
        raise EditionLeft


async def why_anew(learner_id: UUID, newest: Sequence[Enrolment], *, now: datetime) -> Reasons:
    """By enrolment, why enrolling again would begin another round. In the caller's unit of work."""
    known = await records.rounds([learner_id], [one.programme_code for one in newest])
    found = {}
    for one in newest:
        record = record_of(known, one.programme_code, one.of_round)
        if why := anew(record, over=one.of_round.is_over(now)):
            found[one.id] = why
    return found


def record_of(known: Iterable[Earned], programme: str, of_round: Round) -> Earned | None:
    """What the round brought, revoked or not."""
    wanted = programme, of_round
    same = (one for one in known if (one.programme, Round(one.period, one.round)) == wanted)
    return next(same, None)


def anew(record: Earned | None, *, over: bool) -> Anew | None:
    if over:
        return Anew.YEAR
    return Anew.REVOKED if record is not None and record.revoked else None


def year_over(year: str) -> Missing:
    return Missing(
        zh=f"{year} 年度已经结束，当年的学时未学满，不能补学。请报名本年度，学时重新计算。",
        en=f"The year {year} is over and its hours were not met; they cannot be made up. "
        "Enrol for this year: it is counted anew.",
    )


async def begun(mine: Sequence[Enrolment]) -> dict[UUID, datetime]:
    """By enrolment of one learner, from when its classes count (`Round.classes_from`)."""
    every = await repository.enrolments(mine[0].learner_id)
    return {one.id: _begun(one, every) for one in mine}


def _begun(mine: Enrolment, every: Iterable[Enrolment]) -> datetime:
    """Of the first round under whichever edition or year; of a later one, of it."""
    return min(
        one.enrolled_at
        for one in every
        if one.programme_code == mine.programme_code
        and (mine.round == 1 or one.of_round == mine.of_round)
    )
