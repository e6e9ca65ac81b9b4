"""No silent defaults; the hashes of criteria kept so far; what is open, by when it is due."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns.column_types import BigInt, SmallInt, Varchar
from piccolo.table import Table

ID = "2026-11-23T08:39:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Hashes of criteria; open attempts by their end"

WERE = [
    ("ExamAttempt", "exam_attempt", "criterion_sha256", Varchar, ""),
    ("ExamAttempt", "exam_attempt", "extra_minutes", SmallInt, 0),
    ("ExamAttempt", "exam_attempt", "sitting", SmallInt, 1),
    ("AttemptAnswer", "attempt_answer", "sequence", BigInt, 0),
]
STATEMENTS = (
    "UPDATE exam_attempt SET criterion_sha256 = encode(sha256(criterion), 'hex')",
    "CREATE INDEX exam_attempt_open_until ON exam_attempt (due_at) WHERE state = 'open'",
    "CREATE INDEX extra_time_of_learner ON extra_time (learner_id, decided_at)",
    "CREATE INDEX practice_paper_of_learner ON practice_paper (learner_id, started_at)",
)


class RawTable(Table):
    pass


async def forwards():
    manager = MigrationManager(
        migration_id=ID, app_name="assessment", description=DESCRIPTION
    )

    async def run():
        for statement in STATEMENTS:
            await RawTable.raw(statement)

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
