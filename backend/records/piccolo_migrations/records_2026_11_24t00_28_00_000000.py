"""Entries that wait are dated as they say; corrections of the clock are found among millions."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

ID = "2026-11-24T00:28:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Dates of entries that wait, and an index of the log's corrections of its clock"
STATEMENTS = (
    """
    UPDATE log_pending
    SET dated_at = (convert_from(entry, 'UTF8')::json ->> 'ts')::timestamptz
    """,
    "CREATE INDEX log_pending_clock ON log_pending (position) WHERE kind = 'clock.corrected'",
    "CREATE INDEX log_leaf_clock ON log_leaf (leaf_index) WHERE kind = 'clock.corrected'",
)


class RawTable(Table):
    pass


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="records", description=DESCRIPTION)

    async def run():
        for statement in STATEMENTS:
            await RawTable.raw(statement)

    manager.add_raw(run)
    return manager
