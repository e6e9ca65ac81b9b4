"""What waits to be looked at, and who took lectures along on a device."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

ID = "2026-11-23T06:56:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Leases by device, and those that no signal has looked at"

INDEXES = (
    "CREATE INDEX download_lease_unseen ON download_lease (unseen_since)"
    " WHERE unseen_since IS NOT NULL",
    "CREATE INDEX download_lease_of_device ON download_lease (device_id, issued_at)",
)


class RawTable(Table):
    pass


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="progress", description=DESCRIPTION)

    async def run():
        for statement in INDEXES:
            await RawTable.raw(statement)

    manager.add_raw(run)
    return manager
