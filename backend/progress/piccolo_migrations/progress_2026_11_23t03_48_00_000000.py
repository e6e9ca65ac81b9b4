"""No silent defaults; one award a lesson and edition; and the hours of classes held so far."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns.column_types import Boolean, Integer, SmallInt, Varchar
from piccolo.table import Table

ID = "2026-11-23T03:48:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "One award a lesson; attendance in the ledger"

WERE = [
    ("LedgerEntry", "ledger_entry", "kind", Varchar, "awarded"),
    ("LessonWatch", "lesson_watch", "needs_questions", Boolean, True),
    ("LessonWatch", "lesson_watch", "needs_reading_seconds", SmallInt, 0),
    ("LessonWatch", "lesson_watch", "read_seconds", Integer, 0),
    ("LessonWatch", "lesson_watch", "watched_percent", SmallInt, 95),
]
STATEMENTS = [
    "CREATE UNIQUE INDEX ledger_entry_one_award_a_lesson ON ledger_entry"
    " (learner_id, programme_code, edition, lesson_code) WHERE kind = 'awarded'",
    "CREATE UNIQUE INDEX ledger_entry_one_award_a_class_and_day ON ledger_entry"
    " (learner_id, class_session_id, counts_on) WHERE kind = 'awarded'",
]
# The evidence is what `backend.progress.ledger` writes: RFC 8785, so keys in order and no blanks.
ATTENDANCE = """
INSERT INTO ledger_entry (id, learner_id, kind, source, module_code, class_session_id, seconds,
    evidence, evidence_sha256, completed_at, counts_on, reason, entered_by)
SELECT a.id, a.person, CASE a.kind WHEN 'attended' THEN 'awarded' ELSE 'correction' END,
    'class-session', s.module, a.session, a.seconds, convert_to(e.text, 'UTF8'),
    encode(sha256(convert_to(e.text, 'UTF8')), 'hex'), a.entered_at, a.counts_on, a.reason,
    a.entered_by
FROM attendance_entry a JOIN class_session s ON s.id = a.session
CROSS JOIN LATERAL (SELECT
    '{"attendance":"' || a.id || '","classSession":"' || a.session || '","countsOn":"'
    || a.counts_on || '","kind":"class-hours","learner":"' || a.person || '","module":'
    || coalesce('"' || s.module || '"', 'null') || ',"seconds":' || a.seconds
    || ',"source":"class-session"}' AS text) e
"""


class RawTable(Table):
    pass


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="progress", description=DESCRIPTION)

    async def run():
        for statement in STATEMENTS:
            await RawTable.raw(statement)
        if (await RawTable.raw("SELECT to_regclass('attendance_entry') AS found"))[0]["found"]:
            # As an argument of `raw` it would be read as a format.
            await RawTable.raw(ATTENDANCE.replace("{", "{{").replace("}", "}}"))

    manager.add_raw(run)

    for class_name, table, column, kind, was in WERE:
        manager.alter_column(
            table_class_name=class_name,
            tablename=table,
            column_name=column,
            db_column_name=column,
            params={"default": None},
            old_params={"default": was},
            column_class=kind,
            old_column_class=kind,
            schema=None,
        )
    return manager
