"""Indexes that Piccolo cannot declare: compound ones."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

ID = "2026-11-22T23:39:30:000000"
VERSION = "1.38.0"
DESCRIPTION = "Compound indexes"

INDEXES = (
    "CREATE INDEX assignment_page ON assignment (organisation, id)",
    # Working out goes through members in order; a list through those of one state, in order too.
    "CREATE UNIQUE INDEX assignment_standing_once"
    " ON assignment_standing (organisation, membership, assignment)",
    "CREATE INDEX assignment_standing_by_state"
    " ON assignment_standing (assignment, state, membership)",
    "CREATE INDEX assignment_standing_page ON assignment_standing (assignment, membership)",
    "CREATE INDEX dashboard_count_of ON dashboard_count (organisation, assignment)",
    "CREATE INDEX dashboard_hours_of ON dashboard_hours (organisation)",
)


class RawTable(Table):
    pass


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="assignments", description=DESCRIPTION)

    async def run():
        for statement in INDEXES:
            await RawTable.raw(statement)

    manager.add_raw(run)
    return manager
