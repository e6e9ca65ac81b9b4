"""Watching offline in partitions, as all rows of learning."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

from infra.partitions import partition

ID = "2026-11-23T03:15:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Leases of downloads in partitions"

SPLIT = [
    *partition("download_lease", fillfactor=80),
    "DROP TABLE download_lease_unpartitioned",
    "CREATE INDEX download_lease_by_device ON download_lease"
    " (learner_id, device_id, lesson_watch_id)",
    *partition("offline_check", fillfactor=80),
    "DROP TABLE offline_check_unpartitioned",
    "ALTER TABLE offline_check ADD CONSTRAINT offline_check_once_a_number"
    " UNIQUE (learner_id, lease_id, number)",
    *partition("offline_time"),
    "DROP TABLE offline_time_unpartitioned",
    "CREATE INDEX offline_time_by_end ON offline_time (learner_id, ended_at)",
]


class RawTable(Table):
    pass


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="progress", description=DESCRIPTION)

    async def run():
        for statement in SPLIT:
            await RawTable.raw(statement)

    manager.add_raw(run)
    return manager
