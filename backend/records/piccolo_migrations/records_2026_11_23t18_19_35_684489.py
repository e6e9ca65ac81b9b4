from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns.column_types import SmallInt
from piccolo.columns.indexes import IndexMethod
from piccolo.constraints import Unique

ID = "2026-11-23T18:19:35:684489"
VERSION = "1.38.0"
DESCRIPTION = "The round of a record: a year, or anew after a revocation"


async def forwards():
    manager = MigrationManager(
        migration_id=ID, app_name="records", description=DESCRIPTION
    )

    manager.add_column(
        table_class_name="DueRecord",
        tablename="due_record",
        column_name="round",
        db_column_name="round",
        column_class_name="SmallInt",
        column_class=SmallInt,
        params={
            "default": 1,
            "null": False,
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

    manager.drop_constraint(
        table_class_name="CompletionRecord",
        tablename="completion_record",
        constraint_name="completion_record_once",
        schema=None,
    )

    manager.drop_constraint(
        table_class_name="DueRecord",
        tablename="due_record",
        constraint_name="due_record_once",
        schema=None,
    )

    manager.drop_constraint(
        table_class_name="DueRecord",
        tablename="due_record",
        constraint_name="due_record_once_a_period",
        schema=None,
    )

    manager.add_constraint(
        table_class_name="DueRecord",
        tablename="due_record",
        constraint_name="due_record_once_a_round",
        constraint_class=Unique,
        params={
            "columns": [
                "learner_id",
                "programme",
                "edition",
                "period",
                "round",
                "revision",
            ],
            "nulls_distinct": False,
        },
        schema=None,
    )

    manager.add_constraint(
        table_class_name="DueRecord",
        tablename="due_record",
        constraint_name="due_record_once_a_year",
        constraint_class=Unique,
        params={
            "columns": ["learner_id", "programme", "period", "round", "revision"],
            "nulls_distinct": True,
        },
        schema=None,
    )

    return manager
