"""Partitions: statements find theirs, and what is append-only stays so behind the parent's back."""

import re
from collections.abc import AsyncIterator
from uuid import UUID

import asyncpg
import pytest

from backend.progress.heartbeats import repository as heartbeat_rows
from infra.local.postgres import OWNER, LocalPostgres
from infra.partitions import MODULUS

PARTED = ("learner_seat", "play_session", "lesson_watch", "lesson_check", "ledger_entry")
ONE = UUID(int=7)


@pytest.fixture
async def owner(
    database: None, local_postgres: LocalPostgres
) -> "AsyncIterator[asyncpg.Connection[asyncpg.Record]]":
    connection = await asyncpg.connect(local_postgres.dsn(OWNER))
    # As with many rows: a nested loop over the index of the one partition.
    await connection.execute("SET enable_hashjoin = off; SET enable_mergejoin = off")
    await connection.execute("SET enable_seqscan = off; SET plan_cache_mode = force_generic_plan")
    yield connection
    await connection.close()


@pytest.mark.parametrize("table", [*PARTED, "presence_check"])
async def test_a_table_is_in_sixteen_parts_keyed_by_learner(
    owner: "asyncpg.Connection[asyncpg.Record]", table: str
) -> None:
    parts = await owner.fetchval("SELECT count(*) FROM pg_partition_tree($1) WHERE isleaf", table)
    key = await owner.fetchval(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE contype = 'p' AND conrelid = $1::regclass",
        table,
    )
    assert (parts, key.startswith("PRIMARY KEY (learner_id")) == (MODULUS, True)


@pytest.mark.parametrize(
    ("statement", "values"),
    [
        pytest.param(heartbeat_rows._LOCK, 1, id="the lock"),
        pytest.param(heartbeat_rows._READ, 2, id="the read"),
    ],
)
async def test_a_learner_s_statement_looks_into_one_partition_of_a_table(
    owner: "asyncpg.Connection[asyncpg.Record]", statement: str, values: int
) -> None:
    await owner.execute(f"PREPARE asked({', '.join(['uuid[]'] * values)}) AS {statement}")
    given = ", ".join([f"ARRAY['{ONE}']::uuid[]"] * values)
    plan = await owner.fetch(f"EXPLAIN (ANALYZE, COSTS OFF) EXECUTE asked({given})")
    looked: dict[str, int] = {}
    for (line,) in plan:
        found = re.search(r" on (\w+)_p\d\d", line)
        if found and "never executed" not in line:
            looked[found[1]] = looked.get(found[1], 0) + 1
    assert looked
    assert set(looked.values()) == {1}, "\n".join(line for (line,) in plan)


@pytest.mark.parametrize("table", ["ledger_entry", "lesson_check"])
async def test_a_partition_is_as_append_only_as_its_table(
    owner: "asyncpg.Connection[asyncpg.Record]", local_postgres: LocalPostgres, table: str
) -> None:
    part = f"{table}_p03"
    with pytest.raises(asyncpg.RestrictViolationError, match="append-only"):
        await owner.execute(f"TRUNCATE {part}")
    rights = "has_table_privilege('guanbiao_app', $1, 'UPDATE, DELETE, TRUNCATE')"
    assert not await owner.fetchval(f"SELECT {rights}", part)
    guards = await owner.fetch(
        "SELECT tgname FROM pg_trigger WHERE tgrelid = $1::regclass AND tgenabled = 'O'", part
    )
    assert {row["tgname"] for row in guards} == {"append_only_rows", "append_only_table"}
