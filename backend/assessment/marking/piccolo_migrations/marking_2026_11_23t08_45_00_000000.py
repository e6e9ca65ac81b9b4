from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

ID = "2026-11-23T08:45:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Indexes for the marking desk"

STATEMENTS = (
    "CREATE INDEX essay_to_mark ON essay (handed_in_at, id) WHERE points IS NULL",
    "CREATE INDEX essay_of_attempt ON essay (attempt_id)",
    "CREATE INDEX essay_mark_of_marker ON essay_mark (marked_by, state)",
    "CREATE INDEX item_remedy_of_item ON item_remedy (item_id)",
    "CREATE INDEX attempt_correction_of_learner ON attempt_correction (learner_id)",
)


class RawTable(Table):
    pass


async def forwards():
    manager = MigrationManager(
        migration_id=ID, app_name="marking", description=DESCRIPTION
    )

    async def run():
        for statement in STATEMENTS:
            await RawTable.raw(statement)

    manager.add_raw(run)
    return manager
