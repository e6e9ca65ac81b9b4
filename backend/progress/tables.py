"""Rows of learning. Every key leads with the learner: that is what this grows and splits by."""

from piccolo.columns import (
    JSONB,
    UUID,
    Boolean,
    Bytea,
    Date,
    Integer,
    Timestamptz,
    Varchar,
)
from piccolo.constraints import Check, Unique
from piccolo.table import Table


class Enrolment(Table):
    """A learner in a programme, under the edition as it was on that day."""

    id = UUID(primary_key=True, default=None, null=False)
    learner_id = UUID(default=None, null=False)
    programme_code = Varchar(length=16, default=None, null=False)
    edition = Varchar(length=16, default=None, null=False)
    edition_sha256 = Varchar(length=64, default=None, null=False)
    demonstration = Boolean(default=None, null=False)
    enrolled_at = Timestamptz(default=None, null=False)

    enrolment_once_per_edition = Unique([learner_id, programme_code, edition])


class LearnerSeat(Table):
    """One a learner. Whoever changes a learner's progress locks this row first, so there is one
    lock, always the same, and no two orders to deadlock in."""

    learner_id = UUID(primary_key=True, default=None, null=False)
    active_play_session_id = UUID(default=None, null=True)
    day = Date(default=None, null=False)
    day_seconds = Integer(default=None, null=False)

    learner_seat_day_not_negative = Check("day_seconds >= 0")


class PlaySession(Table):
    """Server-timed: no more is credited than seconds have passed since `started_at`."""

    id = UUID(primary_key=True, default=None, null=False)
    learner_id = UUID(default=None, null=False)
    lesson_watch_id = UUID(default=None, null=False)
    credited_seconds = Integer(default=None, null=False)
    started_at = Timestamptz(default=None, null=False)
    closed_at = Timestamptz(default=None, null=True)

    play_session_credit_not_negative = Check("credited_seconds >= 0")


class LessonWatch(Table):
    """The seconds of one lecture that a learner has watched, and what the lesson is worth, frozen
    when he first opened it."""

    id = UUID(primary_key=True, default=None, null=False)
    learner_id = UUID(default=None, null=False)
    enrolment_id = UUID(default=None, null=False)
    lesson_code = Varchar(length=16, default=None, null=False)
    module_code = Varchar(length=16, default=None, null=False)
    lecture_id = UUID(default=None, null=False)
    duration_seconds = Integer(default=None, null=False)
    credit_seconds = Integer(default=None, null=False)
    watched = Bytea(default=None, null=False)
    watched_seconds = Integer(default=None, null=False)
    completed_at = Timestamptz(default=None, null=True)

    lesson_watch_one_per_lecture = Unique(
        [learner_id, enrolment_id, lesson_code, lecture_id], name="lesson_watch_one_per_lecture"
    )
    lesson_watch_within_the_lecture = Check(
        "watched_seconds BETWEEN 0 AND duration_seconds AND duration_seconds > 0"
    )


class LessonCheck(Table, tags=["append-only"]):
    """Answers to a lesson's check questions, each time they were given."""

    id = UUID(primary_key=True, default=None, null=False)
    learner_id = UUID(default=None, null=False, index=True)
    enrolment_id = UUID(default=None, null=False)
    lesson_code = Varchar(length=16, default=None, null=False)
    answers = JSONB(default=None, null=False)
    passed = Boolean(default=None, null=False)
    answered_at = Timestamptz(default=None, null=False)


class LedgerEntry(Table, tags=["append-only"]):
    """Class hours awarded, in seconds. `evidence` is canonical JSON (RFC 8785), hashed as kept."""

    id = UUID(primary_key=True, default=None, null=False)
    learner_id = UUID(default=None, null=False)
    enrolment_id = UUID(default=None, null=False)
    programme_code = Varchar(length=16, default=None, null=False)
    edition = Varchar(length=16, default=None, null=False)
    module_code = Varchar(length=16, default=None, null=False)
    lesson_code = Varchar(length=16, default=None, null=False)
    lecture_id = UUID(default=None, null=False)
    source = Varchar(length=16, default=None, null=False)
    seconds = Integer(default=None, null=False)
    watched_seconds = Integer(default=None, null=False)
    evidence = Bytea(default=None, null=False)
    evidence_sha256 = Varchar(length=64, default=None, null=False)
    completed_at = Timestamptz(default=None, null=False)
    counts_on = Date(default=None, null=False)

    ledger_entry_once_per_lesson = Unique(
        [learner_id, programme_code, edition, lesson_code], name="ledger_entry_once_per_lesson"
    )
    ledger_entry_seconds_positive = Check("seconds > 0")
    ledger_entry_known_source = Check("source IN ('online')")
