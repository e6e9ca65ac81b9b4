from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

ID = "2026-11-22T23:43:10:100001"
VERSION = "1.38.0"
DESCRIPTION = "Partial and compound indexes"

INDEXES = (
    # Nobody is employed by two bodies at once; periods in the past are judged by our rule.
    "CREATE UNIQUE INDEX auditor_employment_open_once ON auditor_employment (auditor)"
    " WHERE ends_on IS NULL",
    "CREATE INDEX auditor_employment_page ON auditor_employment (body, id)",
    "CREATE INDEX register_entry_of_body ON register_entry (body, recorded_at)",
)


class RawTable(Table):
    pass


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="certification_bodies", description=DESCRIPTION)

    async def run():
        for statement in INDEXES:
            await RawTable.raw(statement)

    manager.add_raw(run)
    return manager
