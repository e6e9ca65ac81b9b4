"""What marking keeps of a person: told to the person, and taken away."""

from typing import Any
from uuid import UUID

from piccolo.query import Select

from backend.assessment.marking.tables import AttemptCorrection, Essay, EssayMark


async def personal_data(person_id: UUID) -> dict[str, Any]:
    """Essays with the points they came to, and corrections; marks given to others."""
    essay, correction, mark = Essay, AttemptCorrection, EssayMark
    essays = (
        await essay.select(
            essay.attempt_id.as_alias("attempt"),
            essay.item_id.as_alias("item"),
            essay.answer,
            essay.points,
            essay.handed_in_at.as_alias("handedInAt"),
        )
        .where(essay.learner_id == person_id)
        .order_by(essay.id)
    )
    corrections = (
        await correction.select(
            correction.attempt_id.as_alias("attempt"),
            correction.before,
            correction.score,
            correction.corrected_at.as_alias("correctedAt"),
        )
        .where(correction.learner_id == person_id)
        .order_by(correction.id)
    )
    given = (
        await mark.select(mark.points, mark.comment, mark.done_at.as_alias("at"))
        .where(mark.marked_by == person_id, mark.state == "given")
        .order_by(mark.done_at)
    )
    return {"essays": essays, "corrections": corrections, "marksGiven": given}


def passed_by_correction(person_id: UUID) -> Select[AttemptCorrection]:
    """Ids of attempts that failed at first, and brought a record since."""
    one = AttemptCorrection
    return one.select(one.attempt_id).where(one.learner_id == person_id, one.passed.eq(True))


async def erase_person(person_id: UUID) -> None:
    """Essays and their marks; a passed attempt's evidence has them as long as it is kept."""
    own = Essay.select(Essay.id).where(Essay.learner_id == person_id)
    await EssayMark.delete().where(EssayMark.essay.is_in(own))
    await Essay.delete().where(Essay.learner_id == person_id)
