"""Papers of an edition's last days are counted, and its newest count is asked for at each start."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

ID = "2026-11-23T09:04:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Indexes of papers drawn and of counts"


class RawTable(Table):
    pass


async def forwards():
    manager = MigrationManager(
        migration_id=ID, app_name="assessment", description=DESCRIPTION
    )

    async def run():
        await RawTable.raw(
            "CREATE INDEX paper_drawn_lately ON paper_drawn (drawn_at, edition)"
        )
        await RawTable.raw(
            "CREATE INDEX exposure_count_newest ON exposure_count (edition, counted_at DESC)"
        )

    manager.add_raw(run)
    return manager
