"""Bring a database to the present schema: tables, queue, rights, append-only guards.

Runs as the owner of the tables, once at a time (advisory lock); the application's role owns none.
"""

import asyncpg
from pgqueuer import AsyncpgDriver, Queries
from piccolo.apps.migrations.commands.forwards import run_forwards
from piccolo.conf.apps import Finder
from piccolo.table import Table

from infra.engine import configure

APPLICATION_ROLE = "guanbiao_app"
APPEND_ONLY = "append-only"
_LOCK = 0x6775616E  # "guan"

_GUARD_FUNCTION = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation';
END $$;
"""
_GUARD = """
CREATE OR REPLACE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON "{table}"
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER append_only_table BEFORE TRUNCATE ON "{table}"
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
REVOKE UPDATE, DELETE, TRUNCATE ON "{table}" FROM {role};
"""
_RIGHTS = """
GRANT USAGE ON SCHEMA public TO {role};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role};
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role};
REVOKE ALL ON migration FROM {role};
"""


async def migrate(owner_dsn: str) -> None:
    """Leaves the engine pointed at the owner; call `engine.configure` again before serving."""
    configure(owner_dsn)
    lock: asyncpg.Connection[asyncpg.Record] = await asyncpg.connect(owner_dsn)
    try:
        await lock.execute("SELECT pg_advisory_lock($1)", _LOCK)
        await run_forwards("all")
        await _install_queue(lock)
        await lock.execute(_RIGHTS.format(role=APPLICATION_ROLE))
        await lock.execute(_GUARD_FUNCTION)
        for table in append_only_tables():
            await lock.execute(_GUARD.format(table=table._meta.tablename, role=APPLICATION_ROLE))
    finally:
        await lock.close()


def append_only_tables() -> list[type[Table]]:
    """Every table declared with `tags=["append-only"]`, in any area."""
    return [table for table in Finder().get_table_classes() if APPEND_ONLY in table._meta.tags]


async def _install_queue(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    queries = Queries(AsyncpgDriver(connection))
    if await queries.schema_is_installed():
        await queries.upgrade()
    else:
        await queries.install()
