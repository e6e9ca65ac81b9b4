from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.constraints import Check

ID = "2026-11-23T08:35:55:133290"
VERSION = "1.38.0"
DESCRIPTION = ""


async def forwards():
    manager = MigrationManager(
        migration_id=ID, app_name="accounts", description=DESCRIPTION
    )

    manager.drop_constraint(
        table_class_name="PersonRole",
        tablename="person_role",
        constraint_name="person_role_known",
        schema=None,
    )

    manager.add_constraint(
        table_class_name="PersonRole",
        tablename="person_role",
        constraint_name="person_role_is_known",
        constraint_class=Check,
        params={
            "condition": "role IN ('learner', 'author', 'reviewer', 'organisation-manager', 'marker', 'certifier', 'inspector', 'administrator')"
        },
        schema=None,
    )

    return manager
