"""Rows of learning, by learner.

All but `enrolment` are hash-partitioned by `learner_id`, which Piccolo cannot say: their primary
key is (learner_id, id) in the database, so every statement names the learner beside the id. A new
table of this kind is partitioned by `infra.partitions` in the migration that makes it.
"""

from piccolo.columns import (
    JSONB,
    UUID,
    BigInt,
    Boolean,
    Bytea,
    Date,
    Integer,
    SmallInt,
    Timestamptz,
    Varchar,
)
from piccolo.constraints import Check, Unique
from piccolo.table import Table


class Enrolment(Table):
    """A learner in a programme, under the edition as it was on that day. A yearly programme is
    begun anew each year, and any other after its record was revoked: in another round."""

    id = UUID(primary_key=True, default=None, null=False)
    learner_id = UUID(default=None, null=False)
    programme_code = Varchar(length=16, default=None, null=False)
    edition = Varchar(length=16, default=None, null=False)
    edition_sha256 = Varchar(length=64, default=None, null=False)
    demonstration = Boolean(default=None, null=False)
    enrolled_at = Timestamptz(default=None, null=False)
    period = Varchar(length=8, default=None, null=True)
    """The calendar year, of a yearly programme."""
    round = SmallInt(default=1, null=False)

    enrolment_once_a_round = Unique(
        [learner_id, programme_code, edition, period, round], nulls_distinct=False
    )
    enrolment_round_positive = Check("round > 0")


class LearnerSeat(Table):
    """One a learner. Whoever changes a learner's progress locks this row first, so there is one
    lock, always the same, and no two orders to deadlock in."""

    learner_id = UUID(primary_key=True, default=None, null=False)
    active_play_session_id = UUID(default=None, null=True)
    day = Date(default=None, null=False)
    day_seconds = Integer(default=None, null=False)
    day_pending = Integer(default=None, null=False)
    check_in_seconds = SmallInt(default=None, null=False)
    open_check_id = UUID(default=None, null=True)
    check_issued_at = Timestamptz(default=None, null=True)
    read_at = Timestamptz(default=None, null=True)

    learner_seat_day_not_negative = Check("day_seconds >= 0")
    learner_seat_pending_within_the_day = Check("day_pending BETWEEN 0 AND day_seconds")
    learner_seat_check_ahead = Check("check_in_seconds BETWEEN 0 AND 720")
    learner_seat_check_is_whole = Check("(open_check_id IS NULL) = (check_issued_at IS NULL)")


class PlaySession(Table):
    """Server-timed: what it may be granted is counted from `clock_from`, which moves past the time
    that a presence check stood open. `beats` and the sums over the milliseconds between them are
    for integrity signals alone."""

    id = UUID(primary_key=True, default=None, null=False)
    learner_id = UUID(default=None, null=False)
    lesson_watch_id = UUID(default=None, null=False)
    device_id = UUID(default=None, null=True)
    edition = Varchar(length=16, default=None, null=False)
    lecture_id = UUID(default=None, null=False)
    rate_percent = SmallInt(default=None, null=False)
    credited_seconds = Integer(default=None, null=False)
    started_at = Timestamptz(default=None, null=False)
    clock_from = Timestamptz(default=None, null=False)
    playlist_at = Timestamptz(default=None, null=True)
    segments_at = Timestamptz(default=None, null=True)
    closed_at = Timestamptz(default=None, null=True)
    beats = Integer(default=None, null=False)
    last_beat_at = Timestamptz(default=None, null=True)
    beat_gap_ms = BigInt(default=None, null=False)
    beat_gap_square = BigInt(default=None, null=False)
    judged_at = Timestamptz(default=None, null=True)

    play_session_credit_not_negative = Check("credited_seconds >= 0")
    play_session_rate_within_bounds = Check("rate_percent BETWEEN 100 AND 200")


class LessonWatch(Table):
    """The seconds of one lecture that a learner has watched, what the lesson is worth and what
    completes it, frozen when he first opened it. `watched` counts, `pending` waits for a presence
    check; no second is in both. `left_at`: the learner went on to a newer edition."""

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
    pending = Bytea(default=None, null=False)
    pending_seconds = Integer(default=None, null=False)
    questions_passed_at = Timestamptz(default=None, null=True)
    watched_percent = SmallInt(default=None, null=False)
    needs_questions = Boolean(default=None, null=False)
    needs_reading_seconds = SmallInt(default=None, null=False)
    read_seconds = Integer(default=None, null=False)
    completed_at = Timestamptz(default=None, null=True)
    left_at = Timestamptz(default=None, null=True)

    lesson_watch_one_per_lecture = Unique(
        [learner_id, enrolment_id, lesson_code, lecture_id], name="lesson_watch_one_per_lecture"
    )
    lesson_watch_within_the_lecture = Check(
        "watched_seconds BETWEEN 0 AND duration_seconds AND duration_seconds > 0"
    )
    lesson_watch_pending_within_the_lecture = Check(
        "pending_seconds BETWEEN 0 AND duration_seconds - watched_seconds"
    )
    lesson_watch_rule_within_bounds = Check(
        "watched_percent BETWEEN 1 AND 100 AND needs_reading_seconds BETWEEN 0 AND 900"
        " AND read_seconds >= 0"
    )


class PresenceCheck(Table):
    """Whether somebody is there. The question is drawn when it is first asked for; until then the
    check is withheld, not missed. `answer` (an option's id) never leaves the server."""

    id = UUID(primary_key=True, default=None, null=False)
    learner_id = UUID(default=None, null=False)
    enrolment_id = UUID(default=None, null=False)
    lesson_watch_id = UUID(default=None, null=False)
    lesson_code = Varchar(length=16, default=None, null=False)
    issued_at = Timestamptz(default=None, null=False)
    delivered_at = Timestamptz(default=None, null=True)
    question = JSONB(default=None, null=True)
    answer = Varchar(length=1, default=None, null=True)
    wrong_tries = SmallInt(default=None, null=False)
    outcome = Varchar(length=8, default=None, null=True)
    resolved_at = Timestamptz(default=None, null=True)
    reaction_ms = Integer(default=None, null=True)
    lost = JSONB(default=None, null=True)

    presence_check_known_outcome = Check("outcome IN ('passed', 'missed')")
    presence_check_delivery_is_whole = Check(
        "(delivered_at IS NULL) = (question IS NULL) AND (delivered_at IS NULL) = (answer IS NULL)"
    )
    presence_check_end_is_whole = Check("(outcome IS NULL) = (resolved_at IS NULL)")
    presence_check_delivered_before_its_end = Check("outcome IS NULL OR delivered_at IS NOT NULL")
    presence_check_tries = Check("wrong_tries BETWEEN 0 AND 2")


class LessonCheck(Table, tags=["append-only"]):
    """Answers to a lesson's check questions, each time they were given."""

    id = UUID(primary_key=True, default=None, null=False)
    learner_id = UUID(default=None, null=False)
    enrolment_id = UUID(default=None, null=False)
    lesson_code = Varchar(length=16, default=None, null=False)
    answers = JSONB(default=None, null=False)
    passed = Boolean(default=None, null=False)
    answered_at = Timestamptz(default=None, null=False)


class LedgerEntry(Table, tags=["append-only"]):
    """Class hours, in seconds: awarded, or taken back and given again by a correction. The sum of
    a learner's rows counts. `evidence` is canonical JSON (RFC 8785), hashed as kept.

    Of a lesson, with its enrolment; or of a class, which belongs to the learner and a module alone.
    A correction of a lesson names the award it `corrects`; one of a class is the class's own.
    """

    id = UUID(primary_key=True, default=None, null=False)
    learner_id = UUID(default=None, null=False)
    kind = Varchar(length=10, default=None, null=False)
    source = Varchar(length=16, default=None, null=False)
    enrolment_id = UUID(default=None, null=True)
    programme_code = Varchar(length=16, default=None, null=True)
    edition = Varchar(length=16, default=None, null=True)
    module_code = Varchar(length=16, default=None, null=True)
    lesson_code = Varchar(length=16, default=None, null=True)
    lecture_id = UUID(default=None, null=True)
    class_session_id = UUID(default=None, null=True)
    seconds = Integer(default=None, null=False)
    watched_seconds = Integer(default=None, null=True)
    evidence = Bytea(default=None, null=False)
    evidence_sha256 = Varchar(length=64, default=None, null=False)
    completed_at = Timestamptz(default=None, null=False)
    counts_on = Date(default=None, null=False)
    corrects = UUID(default=None, null=True)
    reason = Varchar(length=500, default=None, null=True)
    entered_by = UUID(default=None, null=True)

    ledger_entry_known_kind = Check("kind IN ('awarded', 'correction')")
    ledger_entry_negative_only_as_correction = Check(
        "seconds <> 0 AND (seconds > 0 OR kind = 'correction')"
    )
    ledger_entry_source_known = Check("source IN ('online', 'offline', 'class-session')")
    ledger_entry_of_lesson_or_class = Check(
        "CASE WHEN source = 'class-session' THEN class_session_id IS NOT NULL"
        " AND enrolment_id IS NULL AND lesson_code IS NULL AND corrects IS NULL"
        " ELSE class_session_id IS NULL AND enrolment_id IS NOT NULL AND programme_code IS NOT NULL"
        " AND edition IS NOT NULL AND module_code IS NOT NULL AND lesson_code IS NOT NULL"
        " AND lecture_id IS NOT NULL AND watched_seconds IS NOT NULL"
        " AND (corrects IS NOT NULL) = (kind = 'correction') END"
    )
    ledger_entry_correction_is_whole = Check(
        "(kind = 'correction') = (reason IS NOT NULL)"
        " AND (kind = 'awarded' OR entered_by IS NOT NULL)"
    )
