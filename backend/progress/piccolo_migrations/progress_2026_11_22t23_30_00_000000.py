"""An index that Piccolo cannot declare: with a column beside its key."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

ID = "2026-11-22T23:30:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Hours of a learner by day, from the index alone"

# The ledger's rows are wide (their evidence is in them): sums of hours must not read them.
INDEX = "CREATE INDEX ledger_entry_by_day ON ledger_entry (learner_id, counts_on) INCLUDE (seconds)"


class RawTable(Table):
    pass


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="progress", description=DESCRIPTION)

    async def run():
        await RawTable.raw(INDEX)

    manager.add_raw(run)
    return manager
