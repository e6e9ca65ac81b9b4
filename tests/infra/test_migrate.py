from collections.abc import AsyncIterator, Iterator

import asyncpg
import pytest
from piccolo.apps.migrations.commands.new import AutoMigrationManager
from piccolo.conf.apps import Finder

import backend  # noqa: F401  # names Piccolo's configuration
from infra.engine import DB, configure
from infra.local.postgres import OWNER, LocalPostgres
from infra.migrate import RoleUnfit, append_only_tables, migrate, pending

APPS = sorted(app.app_name for app in Finder().get_app_registry().app_configs.values())
TABLES = sorted(table._meta.tablename for table in append_only_tables())


@pytest.fixture
async def application(
    database: None, local_postgres: LocalPostgres
) -> "AsyncIterator[asyncpg.Connection[asyncpg.Record]]":
    connection = await asyncpg.connect(local_postgres.dsn())
    yield connection
    await connection.close()


@pytest.fixture
async def owner(
    database: None, local_postgres: LocalPostgres
) -> "AsyncIterator[asyncpg.Connection[asyncpg.Record]]":
    connection = await asyncpg.connect(local_postgres.dsn(OWNER))
    yield connection
    await connection.close()


def test_evidence_and_the_log_are_among_what_is_append_only() -> None:
    assert {"ledger_entry", "log_leaf", "completion_record", "published_edition"} <= set(TABLES)


@pytest.mark.parametrize("table", TABLES)
async def test_the_application_may_not_change_what_is_append_only(
    application: "asyncpg.Connection[asyncpg.Record]", table: str
) -> None:
    for statement in (f"DELETE FROM {table}", f"TRUNCATE {table}"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await application.execute(statement)
    assert not await application.fetchval("SELECT has_table_privilege($1, 'UPDATE')", table)
    assert await application.fetchval("SELECT has_table_privilege($1, 'INSERT')", table)


@pytest.mark.parametrize("table", TABLES)
async def test_not_even_the_owner_changes_what_is_append_only(
    owner: "asyncpg.Connection[asyncpg.Record]", table: str
) -> None:
    with pytest.raises(asyncpg.RestrictViolationError, match="append-only"):
        await owner.execute(f"TRUNCATE {table} CASCADE")
    guards = await owner.fetch(
        "SELECT pg_get_triggerdef(oid) AS says FROM pg_trigger"
        " WHERE tgrelid = $1::regclass AND tgenabled = 'O' AND NOT tgisinternal",
        table,
    )
    assert any("BEFORE DELETE OR UPDATE" in row["says"] for row in guards)


async def test_the_guard_on_rows_refuses(owner: "asyncpg.Connection[asyncpg.Record]") -> None:
    await owner.execute("CREATE TEMP TABLE written AS SELECT 1 AS n")
    await owner.execute(
        "CREATE TRIGGER guard BEFORE UPDATE OR DELETE ON written"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    for statement in ("UPDATE written SET n = 2", "DELETE FROM written"):
        with pytest.raises(asyncpg.RestrictViolationError, match="append-only"):
            await owner.execute(statement)


async def test_the_application_may_read_which_migrations_ran_and_no_more(
    application: "asyncpg.Connection[asyncpg.Record]",
) -> None:
    assert await application.fetchval("SELECT count(*) FROM migration")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await application.execute("DELETE FROM migration")


@pytest.fixture
def dsn_kept(database: None) -> Iterator[None]:
    """`migrate` points the engine at the owner; the pool of the other tests stays as it was."""
    before = dict(DB.config)
    yield
    configure(before.pop("dsn"), **before)


async def test_migrating_again_changes_nothing_and_finds_nothing_pending(
    dsn_kept: None, local_postgres: LocalPostgres, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await pending(local_postgres.dsn()) == []
    pool, DB.pool = DB.pool, None  # as in a process of its own
    try:
        await migrate(local_postgres.dsn(OWNER))
    finally:
        DB.pool = pool
    assert capsys.readouterr().out == "", "standard output belongs to --json"


@pytest.mark.parametrize(
    ("role", "said"), [(OWNER, "owns the tables"), ("nobody_here", "CREATE ROLE")]
)
async def test_a_role_that_could_undo_the_guards_or_does_not_exist_is_refused(
    dsn_kept: None, local_postgres: LocalPostgres, role: str, said: str
) -> None:
    with pytest.raises(RoleUnfit, match=said):
        await migrate(local_postgres.dsn(OWNER), role)


@pytest.mark.parametrize("app", APPS)
async def test_the_migrations_make_exactly_the_tables_that_the_code_declares(app: str) -> None:
    """What `piccolo migrations new all --auto` would write: nothing."""
    config = Finder().get_app_config(app_name=app)
    statements = await AutoMigrationManager(auto_input="y").get_alter_statements(config)
    assert [line for part in statements for line in part.statements] == []
