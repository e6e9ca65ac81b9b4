from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

ID = "2026-11-22T23:43:11:100001"
VERSION = "1.38.0"
DESCRIPTION = "Partial and compound indexes"

INDEXES = (
    "CREATE INDEX class_session_to_come ON class_session (begins_at, id) WHERE state = 'planned'",
    "CREATE INDEX class_seat_queue ON class_seat (session, state, queued_at, id)",
    "CREATE INDEX attendance_entry_of_day ON attendance_entry (person, counts_on)",
)


class RawTable(Table):
    pass


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="class_sessions", description=DESCRIPTION)

    async def run():
        for statement in INDEXES:
            await RawTable.raw(statement)

    manager.add_raw(run)
    return manager
