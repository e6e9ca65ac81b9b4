"""Indexes that Piccolo cannot declare: partial and compound."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

ID = "2026-11-23T02:40:18:000000"
VERSION = "1.38.0"
DESCRIPTION = "Partial and compound indexes"

INDEXES = (
    "CREATE INDEX notice_page ON notice (person_id, id)",
    "CREATE INDEX notice_unread ON notice (person_id) WHERE read_at IS NULL",
    "CREATE INDEX notice_by_age ON notice (at)",
    "CREATE INDEX notice_delivery_due ON notice_delivery (due_at) WHERE state = 'waiting'",
)


class RawTable(Table):
    pass


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="notices", description=DESCRIPTION)

    async def run():
        for statement in INDEXES:
            await RawTable.raw(statement)

    manager.add_raw(run)
    return manager
