"""First attempts by exam, which are counted; ended ones by day; figures by item."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

ID = "2026-11-23T12:32:30:000000"
VERSION = "1.38.0"
DESCRIPTION = "Indexes for figures of exams and for what exam days show"
STATEMENTS = (
    "CREATE INDEX exam_attempt_first ON exam_attempt (exam_code, edition, id)"
    " WHERE number = 1 AND score IS NOT NULL",
    "CREATE INDEX exam_attempt_ended ON exam_attempt (ended_at, exam_code, edition)"
    " WHERE ended_at IS NOT NULL",
    "CREATE INDEX item_statistics_by_code ON item_statistics (split_part(code, ' v', 1))",
    "CREATE INDEX exam_day_looked_by_day ON exam_day_looked (day, exam_code, edition)",
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
    return manager
