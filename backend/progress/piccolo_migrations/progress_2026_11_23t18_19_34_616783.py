from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns.column_types import SmallInt
from piccolo.columns.column_types import Varchar
from piccolo.columns.indexes import IndexMethod
from piccolo.constraints import Check
from piccolo.constraints import Unique

ID = "2026-11-23T18:19:34:616783"
VERSION = "1.38.0"
DESCRIPTION = "The year and round of an enrolment"


async def forwards():
    manager = MigrationManager(
        migration_id=ID, app_name="progress", description=DESCRIPTION
    )

    manager.add_column(
        table_class_name="Enrolment",
        tablename="enrolment",
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

    manager.add_column(
        table_class_name="Enrolment",
        tablename="enrolment",
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
        table_class_name="Enrolment",
        tablename="enrolment",
        constraint_name="enrolment_once_per_edition",
        schema=None,
    )

    manager.add_constraint(
        table_class_name="Enrolment",
        tablename="enrolment",
        constraint_name="enrolment_once_a_round",
        constraint_class=Unique,
        params={
            "columns": [
                "learner_id",
                "programme_code",
                "edition",
                "period",
                "round",
            ],
            "nulls_distinct": False,
        },
        schema=None,
    )

    manager.add_constraint(
        table_class_name="Enrolment",
        tablename="enrolment",
        constraint_name="enrolment_round_positive",
        constraint_class=Check,
        params={"condition": "round > 0"},
        schema=None,
    )

    return manager
