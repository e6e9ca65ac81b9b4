"""Bring a database to the present schema: tables, queue, rights, append-only guards.

Runs as the owner of the tables, once at a time (advisory lock); the application's role owns none.
Safe to repeat: each step leaves what is already there.
"""

import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, redirect_stdout
from typing import TypeAlias

import asyncpg
from pgqueuer import AsyncpgDriver, Queries
from piccolo.apps.migrations.commands.base import BaseMigrationManager
from piccolo.apps.migrations.commands.forwards import run_forwards
from piccolo.apps.migrations.tables import Migration
from piccolo.conf.apps import Finder
from piccolo.table import Table

from infra.engine import DB, configure
from infra.errors import Conflict
from infra.resealing import sealed_in

APPLICATION_ROLE = "guanbiao_app"
APPEND_ONLY = "append-only"
KEPT_A_WHILE = "kept-180-days"
BLANKABLE = "blankable:"
"""`tags=["append-only", "blankable:<column>"]`: a sealed name that may be emptied, once."""
_LOCK = 0x6775616E  # "guan"

_GUARD_FUNCTION = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- The arguments are the sealed columns. The table's owner may seal them anew under another key
    -- (infra.resealing); anybody with the right to update one may empty it, and no more. Every
    -- other column stays as it was.
    IF TG_OP = 'UPDATE' AND TG_NARGS > 0 THEN
        IF to_jsonb(NEW) - TG_ARGV = to_jsonb(OLD) - TG_ARGV AND (
            current_setting('guanbiao.resealing', true) = 'on' AND pg_has_role(
                current_user, (SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'USAGE')
            OR NOT EXISTS (
                SELECT FROM unnest(TG_ARGV) AS c WHERE to_jsonb(NEW) ->> c <> '\\x'
                AND to_jsonb(NEW) -> c IS DISTINCT FROM to_jsonb(OLD) -> c)
        ) THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation';
END $$;
"""
_GUARD = """
CREATE OR REPLACE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON "{table}"
    FOR EACH ROW EXECUTE FUNCTION refuse_change({sealed});
CREATE OR REPLACE TRIGGER append_only_table BEFORE TRUNCATE ON "{table}"
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
REVOKE UPDATE, DELETE, TRUNCATE ON "{table}" FROM "{role}";
"""
# Triggers for rows are inherited by partitions, those for TRUNCATE and rights are not.
_GUARD_PARTITION = """
CREATE OR REPLACE TRIGGER append_only_table BEFORE TRUNCATE ON "{table}"
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
REVOKE UPDATE, DELETE, TRUNCATE ON "{table}" FROM "{role}";
"""
_PARTITIONS = """
SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
WHERE i.inhparent = $1::regclass ORDER BY c.relname
"""
_WHILE_FUNCTION = """
CREATE OR REPLACE FUNCTION refuse_early_removal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.at < now() - interval '180 days' THEN RETURN OLD; END IF;
    END IF;
    RAISE EXCEPTION '% is kept for 180 days: % is refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation';
END $$;
"""
_WHILE = """
CREATE OR REPLACE TRIGGER kept_rows BEFORE UPDATE OR DELETE ON "{table}"
    FOR EACH ROW EXECUTE FUNCTION refuse_early_removal();
CREATE OR REPLACE TRIGGER kept_table BEFORE TRUNCATE ON "{table}"
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_early_removal();
REVOKE UPDATE, TRUNCATE ON "{table}" FROM "{role}";
"""
_RIGHTS = """
GRANT USAGE ON SCHEMA public TO "{role}";
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO "{role}";
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO "{role}";
REVOKE INSERT, UPDATE, DELETE ON migration FROM "{role}";
"""

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


class RoleUnfit(Conflict):
    """The application needs a role of its own that owns no table."""

    zh = "应用程序需要一个不拥有任何表的独立数据库角色。"


class MigrationFailed(Conflict):
    """A migration did not run; the database is as the migration before it left it."""

    zh = "数据库迁移未能完成，数据库停留在上一迁移之后的状态。"


async def migrate(owner_dsn: str, role: str = APPLICATION_ROLE) -> None:
    """Leaves the engine pointed at the owner; call `engine.configure` again before serving."""
    configure(owner_dsn)
    lock: Connection = await asyncpg.connect(owner_dsn)
    try:
        await _check_role(lock, role)
        await lock.execute("SELECT pg_advisory_lock($1)", _LOCK)
        async with _one_session():
            await _run_migrations()
        await _install_queue(lock)
        async with lock.transaction():  # never a moment without the guards
            await _give_rights(lock, role)
    finally:
        await lock.close()


def append_only_tables() -> list[type[Table]]:
    """Every table declared with `tags=["append-only"]`, in any area."""
    return _tagged(APPEND_ONLY)


def kept_a_while_tables() -> list[type[Table]]:
    """Append-only too, but rows older than 180 days (column `at`) may go: access logs, which
    GB/T 22239 wants for six months and PIPL no longer than needed."""
    return _tagged(KEPT_A_WHILE)


def _blankable(table: type[Table]) -> str:
    tags = [tag for tag in table._meta.tags if tag.startswith(BLANKABLE)]
    return tags[0].removeprefix(BLANKABLE) if tags else ""


def _tagged(tag: str) -> list[type[Table]]:
    return [table for table in Finder().get_table_classes() if tag in table._meta.tags]


async def pending(dsn: str) -> list[str]:
    """Migrations that `migrate` would run, as "area: id"."""
    configure(dsn)
    connection: Connection = await asyncpg.connect(dsn)
    try:
        done = await _already_run(connection)
    finally:
        await connection.close()
    return [
        f"{app}: {name}"
        for app in BaseMigrationManager().get_sorted_app_names()
        for name in _known(app)
        if (app, name) not in done
    ]


def _known(app: str) -> list[str]:
    manager = BaseMigrationManager()
    folder = manager.get_app_config(app_name=app).resolved_migrations_folder_path
    return manager.get_migration_ids(manager.get_migration_modules(folder))


async def _already_run(connection: Connection) -> set[tuple[str, str]]:
    table = Migration._meta.tablename
    if await connection.fetchval("SELECT to_regclass($1)", table) is None:
        return set()
    return {
        (row["app_name"], row["name"])
        for row in await connection.fetch(f"SELECT app_name, name FROM {table}")
    }


async def _check_role(connection: Connection, role: str) -> None:
    if role == await connection.fetchval("SELECT current_user"):
        raise RoleUnfit(
            f"the application must not connect as {role}, who owns the tables: append-only tables"
            " would be no more than a wish; give DATABASE_URL another role",
            zh=f"应用程序不得以表的所有者 {role} 连接数据库；请在 DATABASE_URL 中使用另一角色",
        )
    if not await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", role):
        raise RoleUnfit(
            f"the database has no role {role}; create it: CREATE ROLE {role} LOGIN PASSWORD '...'",
            zh=f"数据库中没有角色 {role}；请先创建：CREATE ROLE {role} LOGIN PASSWORD '...'",
        )


@asynccontextmanager
async def _one_session() -> AsyncIterator[None]:
    """Else Piccolo would sign in anew for each of some hundred migrations, twice."""
    await DB.start_connection_pool(min_size=1, max_size=2)
    try:
        yield
    finally:
        await DB.close_connection_pool()


async def _run_migrations() -> None:
    said = io.StringIO()  # Piccolo tells its story on standard output, which belongs to --json
    with redirect_stdout(said):
        result = await run_forwards("all")
    if not result.success:
        raise MigrationFailed(f"{result.message or MigrationFailed.__doc__}\n{said.getvalue()}")


async def _install_queue(connection: Connection) -> None:
    queries = Queries(AsyncpgDriver(connection))
    if await queries.schema_is_installed():
        await queries.upgrade()
    else:
        await queries.install()


async def _give_rights(connection: Connection, role: str) -> None:
    quoted = role.replace('"', '""')
    await connection.execute(_RIGHTS.format(role=quoted))
    await connection.execute(_GUARD_FUNCTION)
    for table in append_only_tables():
        sealed = ", ".join(f"'{name}'" for name in sealed_in(table))
        name = table._meta.tablename
        await connection.execute(_GUARD.format(table=name, role=quoted, sealed=sealed))
        for part in await connection.fetch(_PARTITIONS, name):
            guard = _GUARD_PARTITION.format(table=part["relname"], role=quoted)
            await connection.execute(guard)
        if column := _blankable(table):
            await connection.execute(f'GRANT UPDATE ("{column}") ON "{name}" TO "{quoted}"')
    await connection.execute(_WHILE_FUNCTION)
    for table in kept_a_while_tables():
        await connection.execute(_WHILE.format(table=table._meta.tablename, role=quoted))
