"""One line on an enrolment: what another edition of its programme means for it."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from backend.curriculum import service as curriculum
from backend.curriculum.domain import Step, last_day, steps_after
from backend.progress import repository
from backend.progress.domain import Missing
from backend.progress.editions import repository as carry_over_rows
from backend.progress.editions.changes import change_over, stages
from backend.progress.editions.domain import (
    Carried,
    Earned,
    Fate,
    came_along,
    carried,
    fate,
    left,
    may_stay,
    required_of,
)
from backend.progress.repository import Enrolment, Entry
from backend.progress.schemas import EditionNote, Words
from courses.comparison import Again

Entries = Mapping[UUID, Sequence[Entry]]


async def notes_of(mine: Sequence[Enrolment], entries: Entries) -> dict[UUID, EditionNote]:
    """By enrolment, of one learner's. Two queries; while one edition is all there is, one."""
    steps = await curriculum.steps()
    if len(steps) < 2 or not mine:
        return {}
    moves = await carry_over_rows.moves_of(mine[0].learner_id, [one.id for one in mine])
    gone = {move["from_enrolment_id"]: move for move in moves}
    came = {move["to_enrolment_id"]: move for move in moves}
    found: dict[UUID, EditionNote] = {}
    for one in mine:
        here = entries.get(one.id, [])
        if one.id in gone:
            to = gone[one.id]["to_edition"]
            found[one.id] = _note("left", to, left(to))
        elif later := steps_after(one.edition, steps):
            if said := await _may_stay(one, steps, later, here):
                found[one.id] = said
        elif one.id in came:
            since = came[one.id]
            found[one.id] = _note(
                "came-along",
                since["from_edition"],
                came_along(since["from_edition"], _of(since, here)),
            )
    return found


async def _may_stay(
    one: Enrolment, steps: Sequence[Step], later: Sequence[Step], here: Sequence[Entry]
) -> EditionNote | None:
    """None for whoever has finished: nothing changes."""
    mine = next(step for step in steps if step.code == one.edition)
    change = await change_over(await stages([mine, *later]), one.programme_code)
    edition = await curriculum.edition(one.edition)
    required = required_of(edition, one.programme_code)
    balances = repository.balances(here)
    complete = frozenset(balances)
    has = Earned(complete=complete, seconds=sum(balances.values()))
    if change is not None and fate(has, required, change) is Fate.FINISHED:
        return None
    until = last_day(later) if change else None
    will = carried(complete, change) if change else Carried(kept={}, again={}, lost=())
    said = may_stay(one.edition, later[-1].code, until, will)
    return msgspec.structs.replace(_note("may-stay", later[-1].code, said), until=until)


def _of(move: Mapping[str, Any], here: Sequence[Entry]) -> Carried:
    came = [entry for entry in here if isinstance(entry, carry_over_rows.CarriedEntry)]
    return Carried(
        kept={entry.earned_as: str(entry.lesson_code) for entry in came},
        again={code: Again(code, tuple(parts)) for code, parts in move["again"]},
        lost=tuple(move["lost"]),
    )


def _note(kind: Any, edition: str, said: Missing) -> EditionNote:
    return EditionNote(kind, edition, None, Words(said.zh, said.en))
