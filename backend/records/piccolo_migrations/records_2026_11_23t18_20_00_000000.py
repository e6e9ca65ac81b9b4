"""Records are found by whose they are; the constraint that served it is gone."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

ID = "2026-11-23T18:20:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Records by learner and programme"
_INDEX = "CREATE INDEX completion_record_of_learner ON completion_record (learner_id, programme)"


class RawTable(Table):
    pass


async def forwards():
    manager = MigrationManager(
        migration_id=ID, app_name="records", description=DESCRIPTION
    )

    async def run():
        await RawTable.raw(_INDEX)

    manager.add_raw(run)
    return manager
