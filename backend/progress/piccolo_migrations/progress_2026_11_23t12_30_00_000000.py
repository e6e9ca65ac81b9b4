"""The desk of a batch of heartbeats looks for a lecture watched in its learner's partition alone."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

ID = "2026-11-23T12:30:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "heartbeat_desk: one partition a row"

# In a volatile function each statement sees what is committed when it begins: the read sees what
# the transactions wrote for which the lock waited. Seats are locked in key order, so batches of
# several processes cannot deadlock. `LIMIT cardinality(...)` leaves out nothing: it has the planner
# look each row up by primary key, with one plan for every batch. A lecture watched is joined to its
# session in both columns: joined to what was asked in one of them, PostgreSQL 18 looked for it by
# its id in all partitions, and took five times as long.
FUNCTION = """
CREATE OR REPLACE FUNCTION heartbeat_desk(learners uuid[], sessions uuid[])
RETURNS TABLE (
    learner_id uuid, active_play_session_id uuid, day date, day_seconds int, day_pending int,
    check_in_seconds smallint, open_check_id uuid, check_issued_at timestamptz,
    id uuid, started_at timestamptz, clock_from timestamptz, rate_percent smallint,
    credited_seconds int, playing boolean, beats int, last_beat_at timestamptz,
    beat_gap_ms bigint, beat_gap_square bigint, lesson_watch_id uuid, enrolment_id uuid,
    lesson_code varchar, duration_seconds int, watched bytea, pending bytea,
    questions_passed_at timestamptz, watched_percent smallint, needs_questions boolean,
    needs_reading_seconds smallint, completed_at timestamptz, left_at timestamptz
) LANGUAGE plpgsql VOLATILE SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
BEGIN
    PERFORM l.learner_id
    FROM (SELECT unnest(learners) AS id LIMIT cardinality(learners)) AS asked
    JOIN learner_seat l ON l.learner_id = asked.id
    ORDER BY l.learner_id FOR NO KEY UPDATE OF l;
    RETURN QUERY
    SELECT l.learner_id, l.active_play_session_id, l.day, l.day_seconds, l.day_pending,
        l.check_in_seconds, l.open_check_id, l.check_issued_at,
        s.id, s.started_at, s.clock_from, s.rate_percent, s.credited_seconds,
        s.playlist_at IS NOT NULL, s.beats, s.last_beat_at, s.beat_gap_ms, s.beat_gap_square,
        s.lesson_watch_id, w.enrolment_id, w.lesson_code, w.duration_seconds, w.watched, w.pending,
        w.questions_passed_at, w.watched_percent, w.needs_questions, w.needs_reading_seconds,
        w.completed_at, w.left_at
    FROM (SELECT * FROM unnest(learners, sessions) AS pairs(learner_id, id)
        LIMIT cardinality(learners)) AS asked
    JOIN learner_seat l ON l.learner_id = asked.learner_id
    LEFT JOIN play_session s ON s.learner_id = asked.learner_id AND s.id = asked.id
    LEFT JOIN lesson_watch w ON w.learner_id = s.learner_id AND w.id = s.lesson_watch_id;
END $$
"""


class RawTable(Table):
    pass


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="progress", description=DESCRIPTION)

    async def run():
        await RawTable.raw(FUNCTION)

    manager.add_raw(run)
    return manager
