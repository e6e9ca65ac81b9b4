"""A process that stands still in the middle of a transaction does not stop the others."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from infra.database import UnitOfWork, connection
from infra.engine import DB
from infra.local.postgres import LocalPostgres

HOLDS = """
import asyncio, sys
from infra.database import UnitOfWork, connection
from infra.engine import DB, configure
from infra.outage import until_back

async def write(name):
    async with UnitOfWork(DB):
        await connection().execute("UPDATE instance_fact SET value = value WHERE name = $1", name)
        print("held", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        return await connection().fetchval("SELECT 'committed'")

async def main():
    configure(sys.argv[1], idle_in_transaction_seconds=1)
    await DB.start_connection_pool(min_size=1, max_size=1)
    print(await until_back(lambda: write("frozen")), flush=True)

asyncio.run(main())
"""


@pytest.fixture
async def frozen(database: None) -> None:
    async with UnitOfWork(DB):
        await connection().execute(
            "INSERT INTO instance_fact (name, value, set_at) VALUES ('frozen', 'x', now())"
        )


@pytest.fixture
def holder(frozen: None, local_postgres: LocalPostgres) -> Iterator["subprocess.Popen[str]"]:
    dsn, pipe = local_postgres.dsn(), subprocess.PIPE
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDS, dsn], stdin=pipe, stdout=pipe, text=True
    )
    with process:
        yield process
        process.kill()


async def test_what_a_frozen_process_has_locked_is_given_free_and_it_goes_on_when_it_is_back(
    holder: "subprocess.Popen[str]",
) -> None:
    assert holder.stdin is not None
    assert holder.stdout is not None
    assert await asyncio.to_thread(holder.stdout.readline) == "held\n"
    holder.send_signal(signal.SIGSTOP)
    async with asyncio.timeout(20), UnitOfWork(DB):
        await connection().execute("UPDATE instance_fact SET value = 'y' WHERE name = 'frozen'")
    holder.send_signal(signal.SIGCONT)
    holder.stdin.write("\n\n")
    holder.stdin.flush()
    said = [await asyncio.to_thread(holder.stdout.readline) for _ in range(2)]
    assert said == ["held\n", "committed\n"]
