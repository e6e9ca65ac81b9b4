from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from backend.privacy.tables import Erasure

ID = "2026-11-22T23:26:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "One open export and one open erasure a person"

_INDEXES = (
    "CREATE UNIQUE INDEX export_one_at_a_time ON export (person_id)"
    " WHERE state IN ('waiting', 'making')",
    "CREATE UNIQUE INDEX erasure_one_at_a_time ON erasure (person_id)"
    " WHERE state IN ('waiting', 'running')",
    "CREATE INDEX export_to_look_at ON export (state, requested_at) WHERE state <> 'removed'",
    "CREATE INDEX erasure_to_do ON erasure (due_at) WHERE state IN ('waiting', 'running')",
    "CREATE INDEX erasure_to_forget ON erasure (kept_until)"
    " WHERE kept_until IS NOT NULL AND forgotten_at IS NULL",
)


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="privacy", description=DESCRIPTION)

    async def run():
        for statement in _INDEXES:
            await Erasure.raw(statement)

    manager.add_raw(run)
    return manager
