"""Rows of going on from one edition to the next.

Nothing that was earned is written anew: hours stay where the ledger has them, and a carried lesson
cites its entry, so no sum counts them twice.
"""

from piccolo.columns import JSONB, UUID, Integer, Timestamptz, Varchar
from piccolo.constraints import Check, Unique
from piccolo.table import Table


class EditionMove(Table, tags=["append-only"]):
    """A learner has left an enrolment for one under a newer edition: once, for good."""

    id = UUID(primary_key=True, default=None, null=False)
    learner_id = UUID(default=None, null=False)
    from_enrolment_id = UUID(default=None, null=False)
    to_enrolment_id = UUID(default=None, null=False)
    from_edition = Varchar(length=16, default=None, null=False)
    to_edition = Varchar(length=16, default=None, null=False)
    again = JSONB(default=None, null=False)
    """[[code in the new edition, [what changed]]] of lessons the learner had completed."""
    lost = JSONB(default=None, null=False)
    """Codes of completed lessons that the new edition no longer has."""
    moved_at = Timestamptz(default=None, null=False)

    edition_move_once = Unique([learner_id, from_enrolment_id])
    edition_move_goes_on = Check("from_enrolment_id <> to_enrolment_id")


class CarriedLesson(Table, tags=["append-only"]):
    """Hours of an unchanged lesson count for the newer enrolment as well, under `lesson_code`."""

    id = UUID(primary_key=True, default=None, null=False)
    learner_id = UUID(default=None, null=False)
    enrolment_id = UUID(default=None, null=False)
    module_code = Varchar(length=16, default=None, null=False)
    lesson_code = Varchar(length=16, default=None, null=False)
    ledger_entry_id = UUID(default=None, null=False)
    carried_at = Timestamptz(default=None, null=False)

    carried_lesson_once = Unique([learner_id, enrolment_id, lesson_code])
    carried_lesson_entry_once = Unique([learner_id, enrolment_id, ledger_entry_id])


class EditionSweep(Table, tags=["append-only"]):
    """Everybody who had to leave an edition has left it."""

    id = UUID(primary_key=True, default=None, null=False)
    edition = Varchar(length=16, default=None, null=False)
    moved = Integer(default=None, null=False)
    """In the last round alone; rows of `edition_move` are the whole."""
    ended_at = Timestamptz(default=None, null=False)

    edition_sweep_once = Unique([edition])
    edition_sweep_moved_not_negative = Check("moved >= 0")
