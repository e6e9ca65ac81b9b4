"""Corrections of the clock are found among millions of entries, whenever a trust file is asked for."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

ID = "2026-11-23T20:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "An index of the log's corrections of its clock"
STATEMENT = "CREATE INDEX log_leaf_clock ON log_leaf (leaf_index) WHERE kind = 'clock.corrected'"


class RawTable(Table):
    pass


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="records", description=DESCRIPTION)

    async def run():
        await RawTable.raw(STATEMENT)

    manager.add_raw(run)
    return manager
