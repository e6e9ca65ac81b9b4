from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns.column_types import Varchar
from piccolo.columns.indexes import IndexMethod
from piccolo.constraints import Unique

ID = "2026-11-23T15:35:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "The year of a due record: continuing education is completed once a year"


async def forwards():
    manager = MigrationManager(
        migration_id=ID, app_name="records", description=DESCRIPTION
    )

    manager.add_column(
        table_class_name="DueRecord",
        tablename="due_record",
        column_name="period",
        db_column_name="period",
        column_class_name="Varchar",
        column_class=Varchar,
        params={
            "length": 8,
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

    manager.add_constraint(
        table_class_name="DueRecord",
        tablename="due_record",
        constraint_name="due_record_once_a_period",
        constraint_class=Unique,
        params={
            "columns": ["learner_id", "programme", "period", "revision"],
            "nulls_distinct": True,
        },
        schema=None,
    )

    return manager
