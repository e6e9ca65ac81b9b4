"""Partitions: statements find theirs, and what is append-only stays so behind the parent's back."""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, TypeAlias
from uuid import UUID

import asyncpg
import pytest

from backend.progress.heartbeats import repository as heartbeat_rows
from infra.clock import system_clock
from infra.database import UnitOfWork
from infra.engine import DB
from infra.ids import uuid7
from infra.local.postgres import OWNER, LocalPostgres
from infra.partitions import MODULUS
from tests.bench.progress_learners import LEARNERS, Viewer
from tests.waiting import condition

PARTED = ("learner_seat", "play_session", "lesson_watch", "lesson_check", "ledger_entry")
ONE = UUID(int=7)
DESK = "'heartbeat_desk'"
WAITS = "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND locktype = 'transactionid')"
if TYPE_CHECKING:
    Connected: TypeAlias = asyncpg.Connection[asyncpg.Record]


@pytest.fixture
async def owner(database: None, local_postgres: LocalPostgres) -> "AsyncIterator[Connected]":
    connection = await asyncpg.connect(local_postgres.dsn(OWNER))
    # As with many rows: a nested loop over the index of the one partition.
    await connection.execute("SET enable_hashjoin = off; SET enable_mergejoin = off")
    await connection.execute("SET enable_seqscan = off; SET plan_cache_mode = force_generic_plan")
    yield connection
    await connection.close()


@pytest.mark.parametrize("table", [*PARTED, "presence_check"])
async def test_a_table_is_in_sixteen_parts_keyed_by_learner(owner: "Connected", table: str) -> None:
    parts = await owner.fetchval("SELECT count(*) FROM pg_partition_tree($1) WHERE isleaf", table)
    key = await owner.fetchval(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE contype = 'p' AND conrelid = $1::regclass",
        table,
    )
    assert (parts, key.startswith("PRIMARY KEY (learner_id")) == (MODULUS, True)


async def of_the_desk(connection: "Connected") -> list[str]:
    """The lock and the read that `heartbeat_desk` makes."""
    source: str = await connection.fetchval(f"SELECT prosrc FROM pg_proc WHERE proname = {DESK}")
    lock, read = re.findall(r"(?:PERFORM|RETURN QUERY\s+SELECT) (.*?);", source, re.DOTALL)
    return [
        "SELECT " + re.sub(r"\blearners\b", "$1::uuid[]", s).replace("sessions)", "$2::uuid[])")
        for s in (lock, read)
    ]


@pytest.mark.parametrize("number", [0, 1], ids=["the lock", "the read"])
async def test_a_learner_s_statement_looks_into_one_partition_of_a_table(
    owner: "Connected", number: int
) -> None:
    statement = (await of_the_desk(owner))[number]
    await owner.execute(f"PREPARE asked AS {statement}")
    given = ", ".join([f"ARRAY['{ONE}']::uuid[]"] * (number + 1))
    plan = await owner.fetch(f"EXPLAIN (ANALYZE, COSTS OFF) EXECUTE asked({given})")
    looked: dict[str, int] = {}
    for (line,) in plan:
        found = re.search(r" on (\w+)_p\d\d", line)
        if found and "never executed" not in line:
            looked[found[1]] = looked.get(found[1], 0) + 1
    assert "learner_seat" in looked
    assert set(looked.values()) == {1}, "\n".join(line for (line,) in plan)


@pytest.fixture
async def many(database: None, local_postgres: LocalPostgres) -> "AsyncIterator[Connected]":
    """Some thousand learners that nobody else sees, and a planner that is free to choose."""
    dsn = local_postgres.dsn(OWNER)
    connection = await asyncpg.connect(dsn, server_settings={"random_page_cost": "1.1"})
    transaction = connection.transaction()
    await transaction.start()
    for statement in LEARNERS:
        await connection.execute(statement, 1, 3_000, system_clock())
    await connection.execute("ANALYZE learner_seat, play_session, lesson_watch")
    yield connection
    await transaction.rollback()
    await connection.close()


async def test_a_batch_of_any_size_looks_its_rows_up_by_key_with_one_plan(
    many: "Connected",
) -> None:
    for statement in (*await of_the_desk(many), heartbeat_rows._STORE):
        values = max(map(int, re.findall(r"\$(\d+)", statement)))
        await many.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        await many.execute(f"PREPARE asked AS {statement}")
        given = ", ".join(["NULL"] * values)
        plan = await many.fetch(f"EXPLAIN (COSTS OFF) EXECUTE asked({given})")
        await many.execute("DEALLOCATE asked; SET LOCAL plan_cache_mode = auto")
        said = "\n".join(line for (line,) in plan)
        assert len(re.findall(r"Index Scan using \w+_p\d\d_\w+", said)) >= MODULUS
        assert not re.search(r"Seq Scan|Hash Join|Merge Join", said), said


async def test_a_batch_is_looked_up_in_one_partition_a_learner_and_table(many: "Connected") -> None:
    """Each look costs as much as the row itself, and there are sixteen to look into."""
    watching = [Viewer(number) for number in range(1, 41)]
    await many.execute("SET LOCAL plan_cache_mode = force_generic_plan")
    await many.execute(f"PREPARE asked AS {(await of_the_desk(many))[1]}")
    ids = ([v.learner_id for v in watching], [v.session_id for v in watching])
    given = ", ".join(f"'{{{','.join(map(str, half))}}}'" for half in ids)
    plan = await many.fetch(f"EXPLAIN (ANALYZE, COSTS OFF) EXECUTE asked({given})")
    looked: Counter[str] = Counter()
    for (line,) in plan:
        if found := re.search(r" on (\w+)_p\d\d .*loops=(\d+)", line):
            looked[found[1]] += int(found[2])
    once = len(watching)
    assert looked == {"learner_seat": once, "play_session": once, "lesson_watch": once}


async def test_the_database_keeps_that_plan(many: "Connected") -> None:
    kept = await many.fetchval(f"SELECT proconfig FROM pg_proc WHERE proname = {DESK}")
    assert kept == ["plan_cache_mode=force_generic_plan"]
    pairs = [(Viewer(n).learner_id, Viewer(n).session_id) for n in (5, 6)]
    people, sessions = [list(half) for half in zip(*pairs, strict=True)]
    assert len(await many.fetch(heartbeat_rows._DESK, people, sessions)) == 2


@pytest.fixture
async def seated(owner: "Connected") -> AsyncIterator[list[UUID]]:
    """Two learners of each partition or so, whom every connection sees."""
    ids = [uuid7() for _ in range(2 * MODULUS)]
    await owner.execute(
        "INSERT INTO learner_seat (learner_id, day, day_seconds, day_pending, check_in_seconds)"
        " SELECT unnest($1::uuid[]), '2026-01-01', 0, 0, 700",
        ids,
    )
    yield ids
    await owner.execute("DELETE FROM learner_seat WHERE learner_id = ANY($1::uuid[])", ids)


async def test_seats_that_others_were_changing_are_waited_for_and_none_is_left_out(
    owner: "Connected", seated: list[UUID]
) -> None:
    async def laid_out() -> dict[UUID, heartbeat_rows.SeatRow]:
        async with UnitOfWork(DB):
            return (await heartbeat_rows.lay_out((one, uuid7()) for one in seated)).seats

    for _ in range(6):  # as it plans and as it has planned
        assert len(await laid_out()) == len(seated)
    for number, busy in enumerate(seated[:: MODULUS // 4], start=1):
        async with owner.transaction():
            await owner.execute(
                "UPDATE learner_seat SET day_seconds = $2 WHERE learner_id = $1", busy, number
            )
            waiting = asyncio.create_task(laid_out())
            await condition(lambda: owner.fetchval(WAITS), seconds=20)
        found = await waiting
        assert (len(found), found[busy].seat.day.seconds) == (len(seated), number)


@pytest.mark.parametrize("table", ["ledger_entry", "lesson_check"])
async def test_a_partition_is_as_append_only_as_its_table(
    owner: "Connected", local_postgres: LocalPostgres, table: str
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
