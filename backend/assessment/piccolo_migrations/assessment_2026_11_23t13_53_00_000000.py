"""Passes whose records are owed are looked for every few seconds, and are few."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

ID = "2026-11-23T13:53:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Index of passes whose records are owed"


class RawTable(Table):
    pass


async def forwards():
    manager = MigrationManager(
        migration_id=ID, app_name="assessment", description=DESCRIPTION
    )

    async def run():
        await RawTable.raw(
            "CREATE INDEX exam_attempt_owed ON exam_attempt (owed_looked_at)"
            " WHERE owed_looked_at IS NOT NULL"
        )

    manager.add_raw(run)
    return manager
