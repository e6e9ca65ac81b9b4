"""A database of its own for tests whose requests must really commit, and at once.

Rows of the ledger cannot be taken back, so they do not belong where other tests count.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from infra.engine import DB, configure
from infra.instance import fix_public_url
from infra.local.postgres import LocalPostgres
from tests.conftest import PUBLIC_URL, START, new_database
from tests.prepared_cluster import MIGRATED


@asynccontextmanager
async def own_database(server: LocalPostgres, name: str) -> AsyncIterator[None]:
    """The engine points at a new, migrated database meanwhile. Needs the fixture `database`."""
    new_database(server, name, template=MIGRATED)
    before = dict(DB.config)
    pool, DB.pool = DB.pool, None
    try:
        configure(server.dsn(database=name))
        await DB.start_connection_pool(min_size=1, max_size=8)
        await fix_public_url(PUBLIC_URL, PUBLIC_URL, now=START)
        yield
        await DB.close_connection_pool()
    finally:
        DB.pool = pool
        DB.config.clear()
        DB.config.update(before)
