from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from backend.curriculum.tables import EditionRelease

ID = "2026-11-23T02:42:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "One open proposal at a time; an edition is released once"

_INDEXES = (
    "CREATE UNIQUE INDEX edition_release_one_open ON edition_release (state)"
    " WHERE state = 'proposed'",
    "CREATE UNIQUE INDEX edition_release_once ON edition_release (code) WHERE state = 'released'",
)


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="curriculum", description=DESCRIPTION)

    async def run():
        for statement in _INDEXES:
            await EditionRelease.raw(statement)

    manager.add_raw(run)
    return manager
