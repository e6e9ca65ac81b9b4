"""A pass that waits for hours is marked, so that it is looked at again."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns.column_types import Timestamptz
from piccolo.columns.indexes import IndexMethod

ID = "2026-11-23T13:52:54:615679"
VERSION = "1.38.0"
DESCRIPTION = "Passes whose records are owed"


async def forwards():
    manager = MigrationManager(
        migration_id=ID, app_name="assessment", description=DESCRIPTION
    )

    manager.add_column(
        table_class_name="ExamAttempt",
        tablename="exam_attempt",
        column_name="owed_looked_at",
        db_column_name="owed_looked_at",
        column_class_name="Timestamptz",
        column_class=Timestamptz,
        params={
            "default": None,
            "null": True,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema=None,
    )

    return manager
