"""By hand: Piccolo knows no UNLOGGED tables."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from backend.limits.tables import RateLimitCount

ID = "2026-11-22T23:33:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Counts of a minute need no write-ahead log"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="limits", description=DESCRIPTION)

    async def unlogged():
        await RateLimitCount.raw("ALTER TABLE rate_limit_count SET UNLOGGED")

    async def logged():
        await RateLimitCount.raw("ALTER TABLE rate_limit_count SET LOGGED")

    manager.add_raw(unlogged)
    manager.add_raw_backwards(logged)
    return manager
