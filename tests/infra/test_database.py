import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from infra.database import KeyedWork, Reading, UnitOfWork, connection
from infra.engine import DB
from infra.local.postgres import LocalPostgres
from infra.tables import InstanceFact

_SESSION = "SELECT pg_backend_pid(), current_setting('plan_cache_mode')"
NOW = datetime(2026, 1, 1, tzinfo=UTC)


async def insert(name: str) -> None:
    await InstanceFact.insert(InstanceFact(name=name, value="x", set_at=NOW))


async def insert_and_fail(name: str) -> None:
    async with UnitOfWork(DB):
        await insert(name)
        raise ZeroDivisionError


async def exists(name: str) -> bool:
    return await InstanceFact.exists().where(InstanceFact.name == name)


async def test_an_inner_unit_that_fails_undoes_only_itself(unit: None) -> None:
    await insert("outer")
    with pytest.raises(ZeroDivisionError):
        await insert_and_fail("inner")
    assert (await exists("outer"), await exists("inner")) == (True, False)


async def test_who_only_reads_is_part_of_the_unit_around_or_a_unit_alone(database: None) -> None:
    async with UnitOfWork(DB) as outer:
        async with Reading(DB) as inner:
            assert inner is outer
        assert not await exists("nothing")  # the unit around goes on
    async with Reading(DB) as alone:
        assert alone is not outer
        assert not await exists("nothing")
    assert DB.current_transaction.get() is None


async def test_a_lost_connection_gives_its_place_in_the_pool_back(database: None) -> None:
    assert DB.pool is not None
    free = DB.pool.get_size() - DB.pool.get_idle_size()
    with pytest.raises(Exception, match="connection"):
        async with UnitOfWork(DB) as transaction:
            transaction.connection.terminate()
    assert DB.pool.get_size() - DB.pool.get_idle_size() <= free
    async with UnitOfWork(DB):
        assert not await exists("nothing")


async def fail_without_a_session(server: LocalPostgres) -> None:
    async with UnitOfWork(DB) as transaction:
        pid = await transaction.connection.fetchval("SELECT pg_backend_pid()")
        server._psql(f"SELECT pg_terminate_backend({pid}, 5000)")
        raise ZeroDivisionError


async def test_what_went_wrong_is_told_though_the_server_ended_the_session_meanwhile(
    database: None, local_postgres: LocalPostgres
) -> None:
    assert DB.pool is not None
    free = DB.pool.get_size() - DB.pool.get_idle_size()
    with pytest.raises(ZeroDivisionError):
        await fail_without_a_session(local_postgres)
    assert DB.pool.get_size() - DB.pool.get_idle_size() <= free


async def begin_and_stay() -> None:
    async with UnitOfWork(DB):
        await asyncio.Event().wait()


@pytest.mark.parametrize("steps", range(0, 12, 2))
async def test_a_unit_cancelled_while_it_begins_gives_its_place_in_the_pool_back(
    database: None, steps: int
) -> None:
    assert DB.pool is not None
    free = DB.pool.get_size() - DB.pool.get_idle_size()
    task = asyncio.create_task(begin_and_stay())
    for _ in range(steps):
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait({task})
    assert DB.pool.get_size() - DB.pool.get_idle_size() <= free


@pytest.fixture
async def one_connection(local_postgres: LocalPostgres, database: None) -> AsyncIterator[None]:
    """The pool, with a single connection: whatever somebody leaves in it meets the next one."""
    await DB.close_connection_pool()
    await DB.start_connection_pool(min_size=1, max_size=1)
    yield
    await DB.close_connection_pool()
    await DB.start_connection_pool(min_size=1, max_size=8)


async def test_nothing_of_one_unit_of_work_is_left_in_its_connection_for_the_next(
    one_connection: None,
) -> None:
    async with KeyedWork(DB):
        pid, planning = await connection().fetchrow(_SESSION)
        assert planning == "force_generic_plan"
    with pytest.raises(ZeroDivisionError):
        async with KeyedWork(DB):
            raise ZeroDivisionError
    async with UnitOfWork(DB):
        assert tuple(await connection().fetchrow(_SESSION)) == (pid, "auto")


async def test_a_transaction_that_is_left_open_is_rolled_back_before_the_next_one(
    one_connection: None,
) -> None:
    assert DB.pool is not None
    held = await DB.pool.acquire()
    await held.execute("BEGIN")
    await held.execute("SELECT pg_advisory_xact_lock(1)")
    await DB.pool.release(held)
    async with UnitOfWork(DB):
        assert not await connection().fetchval("SELECT count(*) FROM pg_locks WHERE objid = 1")
