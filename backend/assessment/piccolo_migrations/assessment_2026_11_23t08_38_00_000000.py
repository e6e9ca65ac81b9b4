"""A criterion is kept as the bytes that are hashed: JSONB orders and spaces as it likes."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

ID = "2026-11-23T08:38:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Criteria as bytes"


class RawTable(Table):
    pass


async def forwards():
    manager = MigrationManager(
        migration_id=ID, app_name="assessment", description=DESCRIPTION
    )

    async def run():
        await RawTable.raw(
            "ALTER TABLE exam_attempt ALTER COLUMN criterion TYPE bytea"
            " USING convert_to(criterion::text, 'UTF8')"
        )

    manager.add_raw(run)
    return manager
