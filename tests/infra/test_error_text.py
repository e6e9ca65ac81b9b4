"""What a refused row holds is in no log: not the API's, not the queue's, not PostgreSQL's own."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import httpx
import pytest
from litestar import Litestar, get
from pgqueuer.models import Job
from pgqueuer.types import QueueExecutionMode

from backend.logs import configure_logs
from backend.problems import HANDLERS
from infra.database import UnitOfWork, connection
from infra.engine import DB
from infra.lasting import lasting_queue
from infra.local.postgres import LocalPostgres
from infra.queue import enqueue

NAME, PHONE, CARD = "欧阳晓雯", "13900001234", "11010119900307775X"
HELD = f"{NAME} {PHONE} +86{PHONE} {CARD}"
REFUSED = {
    "a rule of the table": (
        "INSERT INTO revocation_proposal (id, record, reason, state, proposer_id, proposed_at)"
        " VALUES (gen_random_uuid(), gen_random_uuid(), $1, '?', gen_random_uuid(), now())",
        "revocation_proposal_state",
    ),
    "a name that is taken": (
        "INSERT INTO log_witness (id, name, vkey, added_at)"
        " SELECT gen_random_uuid(), 'w', $1, now() FROM generate_series(1, 2)",
        "log_witness_vkey_key",
    ),
}
STATEMENT = pytest.mark.parametrize(("statement", "why"), REFUSED.values(), ids=REFUSED.keys())


async def refused(statement: str) -> None:
    async with UnitOfWork(DB):
        await connection().execute(statement, HELD)


@pytest.fixture
async def logged(
    database: None, local_postgres: LocalPostgres, capsys: pytest.CaptureFixture[str]
) -> AsyncIterator[list[str]]:
    """What a test found written down; with it, what PostgreSQL and our own log have said since."""
    configure_logs()
    begin, found = local_postgres.log.stat().st_size, list[str]()
    yield found
    own = local_postgres.log.read_bytes()[begin:].decode()
    assert "ERROR" in own
    for text in (*found, capsys.readouterr().err, own):
        assert not any(value in text for value in (NAME, PHONE, CARD)), text


@STATEMENT
async def test_an_answer_of_the_api_that_failed_is_logged_without_the_row(
    logged: list[str], statement: str, why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    @get("/fails")
    async def fails() -> None:
        await refused(statement)

    app = Litestar([fails], exception_handlers=HANDLERS, logging_config=None)
    transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://guanbiao.test") as client:
        assert (await client.get("/fails")).status_code == 500
    logged.append(capsys.readouterr().err)
    assert why in logged[0]  # which rule it was is told


@STATEMENT
async def test_a_job_that_failed_is_kept_without_the_row(
    logged: list[str], statement: str, why: str, local_postgres: LocalPostgres
) -> None:
    async with asyncpg.create_pool(local_postgres.dsn(), min_size=1, max_size=4) as pool:
        queue = lasting_queue(pool, at_once=1)

        @queue.entrypoint("test.refused")
        async def work(_: Job) -> None:
            await refused(statement)

        async with UnitOfWork(DB):
            await enqueue("test.refused", {})
        async with asyncio.timeout(20):
            await queue.qm.run(mode=QueueExecutionMode.drain)
        kept = await pool.fetchval("SELECT traceback FROM pgqueuer_log ORDER BY id DESC LIMIT 1")
    logged.append(str(kept))
    assert why in logged[0]


@pytest.mark.usefixtures("unit")
@pytest.mark.parametrize(
    "statement",
    [
        pytest.param("SELECT ($1::text)::integer", id="the server reads it as a number"),
        pytest.param("SELECT ($1::text)::timestamptz", id="the server reads it as a moment"),
        pytest.param("SELECT $1::integer", id="the client sends it as a number"),
        pytest.param("SELECT $1::uuid", id="the client sends it as an id"),
    ],
)
async def test_a_value_that_does_not_fit_is_not_told(statement: str) -> None:
    with pytest.raises(asyncpg.PostgresError) as refusal:
        async with UnitOfWork(DB):
            await connection().execute(statement, f'"{HELD}"')
    assert "invalid input" in str(refusal.value)
    assert NAME not in str(refusal.value)
