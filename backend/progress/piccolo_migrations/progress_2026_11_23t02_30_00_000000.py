"""The rows come back from where the migration before set them aside."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

from infra.partitions import partition

ID = "2026-11-23T02:30:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Rows of learning into their partitions"

FILL = [
    *partition("presence_check", fillfactor=80),
    "DROP TABLE presence_check_unpartitioned",
    """
    INSERT INTO learner_seat (learner_id, active_play_session_id, day, day_seconds, day_pending,
        check_in_seconds)
    SELECT learner_id, active_play_session_id, day, day_seconds, 0, 480 + floor(random() * 241)
    FROM learner_seat_unpartitioned
    """,
    # What was watched before there were presence checks counts, as it was promised then.
    """
    INSERT INTO lesson_watch (id, learner_id, enrolment_id, lesson_code, module_code, lecture_id,
        duration_seconds, credit_seconds, watched, watched_seconds, completed_at, pending,
        pending_seconds, questions_passed_at)
    SELECT w.id, w.learner_id, w.enrolment_id, w.lesson_code, w.module_code, w.lecture_id,
        w.duration_seconds, w.credit_seconds, w.watched, w.watched_seconds, w.completed_at,
        decode(repeat('00', length(w.watched)), 'hex'), 0,
        (SELECT min(c.answered_at) FROM lesson_check_unpartitioned c
         WHERE c.passed AND c.learner_id = w.learner_id AND c.enrolment_id = w.enrolment_id
           AND c.lesson_code = w.lesson_code)
    FROM lesson_watch_unpartitioned w
    """,
    # Sessions that are open now have players at work: they go on.
    """
    INSERT INTO play_session (id, learner_id, lesson_watch_id, edition, lecture_id, rate_percent,
        credited_seconds, started_at, clock_from, playlist_at, segments_at, closed_at, beats,
        beat_gap_ms, beat_gap_square, judged_at)
    SELECT s.id, s.learner_id, s.lesson_watch_id, e.edition, w.lecture_id, 100,
        s.credited_seconds, s.started_at, s.started_at, s.started_at, s.started_at, s.closed_at, 0,
        0, 0, now()
    FROM play_session_unpartitioned s
    JOIN lesson_watch_unpartitioned w ON w.id = s.lesson_watch_id
    JOIN enrolment e ON e.id = w.enrolment_id
    """,
    "INSERT INTO lesson_check (id, learner_id, enrolment_id, lesson_code, answers, passed,"
    " answered_at) SELECT id, learner_id, enrolment_id, lesson_code, answers, passed, answered_at"
    " FROM lesson_check_unpartitioned",
    """
    INSERT INTO ledger_entry (id, learner_id, enrolment_id, programme_code, edition, module_code,
        lesson_code, lecture_id, source, seconds, watched_seconds, evidence, evidence_sha256,
        completed_at, counts_on)
    SELECT id, learner_id, enrolment_id, programme_code, edition, module_code, lesson_code,
        lecture_id, source, seconds, watched_seconds, evidence, evidence_sha256, completed_at,
        counts_on
    FROM ledger_entry_unpartitioned
    """,
    *(
        f"DROP TABLE {table}_unpartitioned"
        for table in (
            *("learner_seat", "lesson_watch", "play_session", "lesson_check", "ledger_entry"),
        )
    ),
    # For integrity signals: sessions not looked at yet, and who else uses a device.
    "CREATE INDEX play_session_unjudged ON play_session (started_at) WHERE judged_at IS NULL",
    "CREATE INDEX play_session_by_device ON play_session (device_id, started_at)"
    " WHERE device_id IS NOT NULL",
]


class RawTable(Table):
    pass


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="progress", description=DESCRIPTION)

    async def run():
        for statement in FILL:
            await RawTable.raw(statement)

    manager.add_raw(run)
    return manager
