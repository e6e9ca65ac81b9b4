"""One line on an enrolment: what another edition of its programme means for it."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from backend.curriculum import service as curriculum
from backend.curriculum.domain import Step, last_day, steps_after
from backend.progress.domain import Missing
from backend.progress.editions import repository as carry_over_rows
from backend.progress.editions.changes import change_over, stages
from backend.progress.editions.domain import (
    PARTS,
    Carried,
    came_along,
    carried,
    left,
    may_stay,
)
from backend.progress.editions.finishing import finished
from backend.progress.repository import Enrolment
from backend.progress.rules.facts import Learned
from backend.progress.schemas import EditionNote, LessonFate, Words
from courses.comparison import Again, Part


async def notes_of(
    mine: Sequence[Enrolment], learned: Mapping[UUID, Learned]
) -> dict[UUID, EditionNote]:
    """By enrolment, of one learner's. Two queries; while one edition is all there is, one."""
    steps = await curriculum.steps()
    if len(steps) < 2 or not mine:
        return {}
    moves = await carry_over_rows.moves_of(mine[0].learner_id, [one.id for one in mine])
    gone = {move["from_enrolment_id"]: move for move in moves}
    came = {move["to_enrolment_id"]: move for move in moves}
    found: dict[UUID, EditionNote] = {}
    for one in mine:
        here = learned[one.id]
        if one.id in gone:
            to = gone[one.id]["to_edition"]
            found[one.id] = _note("left", to, left(to), [])
        elif later := steps_after(one.edition, steps):
            if said := await _may_stay(one, steps, later, here):
                found[one.id] = said
        elif one.id in came:
            since, what = came[one.id]["from_edition"], _of(came[one.id], here)
            now = {code: code for code in what.kept.values()}
            found[one.id] = _note(
                "came-along", since, came_along(since, what), _fates(now, what.again, ())
            )
    return found


async def _may_stay(
    one: Enrolment, steps: Sequence[Step], later: Sequence[Step], here: Learned
) -> EditionNote | None:
    """None for whoever has finished: nothing changes."""
    mine = next(step for step in steps if step.code == one.edition)
    change = await change_over(await stages([mine, *later]), one.programme_code)
    if change is not None and finished(here):
        return None
    until = last_day(later) if change else None
    will = carried(here.balances(), change) if change else Carried(kept={}, again={}, lost=())
    said = may_stay(one.edition, later[-1].code, until, will)
    fates = _fates(will.kept, will.again, will.lost)
    return msgspec.structs.replace(_note("may-stay", later[-1].code, said, fates), until=until)


def _of(move: Mapping[str, Any], here: Learned) -> Carried:
    """What has been learned again in the meantime is no longer to be."""
    came = [entry for entry in here.entries if isinstance(entry, carry_over_rows.CarriedEntry)]
    return Carried(
        kept={entry.earned_as: str(entry.lesson_code) for entry in came},
        again={
            code: Again(code, tuple(map(Part, parts)))
            for code, parts in move["again"]
            if code not in here.balances()
        },
        lost=tuple(move["lost"]),
    )


def _fates(
    kept: Collection[str], again: Mapping[str, Again], lost: Collection[str]
) -> list[LessonFate]:
    changed = {code: [Words(*PARTS[part]) for part in found.parts] for code, found in again.items()}
    return [
        *(LessonFate(code, "kept", []) for code in sorted(kept)),
        *(LessonFate(code, "again", changed[code]) for code in sorted(changed)),
        *(LessonFate(code, "lost", []) for code in sorted(lost)),
    ]


def _note(kind: Any, edition: str, said: Missing, lessons: list[LessonFate]) -> EditionNote:
    return EditionNote(kind, edition, None, Words(said.zh, said.en), lessons)
