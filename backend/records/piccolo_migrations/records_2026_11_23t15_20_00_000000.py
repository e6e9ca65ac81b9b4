"""Records that are due, found without a look at those that are made; decisions, without a look at
all that was issued."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

ID = "2026-11-23T15:20:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Indexes for records that wait to be made, and for decisions"
STATEMENTS = (
    "CREATE INDEX due_record_due ON due_record (requested_at) WHERE state = 'due'",
    "CREATE INDEX due_record_waiting ON due_record (requested_at)"
    " WHERE state = 'waiting-for-identity'",
    "CREATE INDEX record_event_decided ON record_event (record) WHERE kind <> 'issued'",
)


class RawTable(Table):
    pass


async def forwards():
    manager = MigrationManager(
        migration_id=ID, app_name="records", description=DESCRIPTION
    )

    async def run():
        for statement in STATEMENTS:
            await RawTable.raw(statement)

    manager.add_raw(run)
    return manager
