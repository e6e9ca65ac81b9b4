"""An API process over a database of its own, in which anything may be asked for."""

import asyncio
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import asyncpg
import httpx
import pytest

from backend.accounts.domain import Caller, Role
from backend.accounts.tables import Person
from backend.accounts.tokens import AccessTokens
from infra.clock import system_clock
from infra.ids import uuid7
from infra.local.objects import LocalObjects
from infra.local.ports import free_port
from infra.local.postgres import OWNER, LocalPostgres
from infra.settings import Settings
from infra.vault import Vault, place
from tests import forks
from tests.bench.servers import answering
from tests.conftest import has_database, new_database
from tests.prepared_cluster import MIGRATED

DATABASE = "contract"
_PERSON = """
WITH who AS (
    INSERT INTO person (id, name_sealed, password_hash, demonstration, created_at)
    VALUES ($1, $2, '!', false, $3) RETURNING id
), session AS (
    INSERT INTO sign_in_session (id, person, started_at, expires_at, method, second_factor_at)
    SELECT $4, id, $3, $5, 'password', $3 FROM who
)
INSERT INTO person_role (id, person, role, granted_at) SELECT $6, id, $7, $3 FROM who
"""


@dataclass(frozen=True)
class Contract:
    url: str
    settings: Settings

    def headers_of(self, role: Role) -> dict[str, str]:
        """Of a new person with this role, as if signed in with both factors."""
        caller = Caller(uuid7(), frozenset({role}), uuid7())
        asyncio.run(self._enter(caller, role))
        tokens = AccessTokens.of(self.settings.keys, self.url)
        return {"Authorization": f"Bearer {tokens.mint(caller, now=system_clock())}"}

    async def _enter(self, caller: Caller, role: Role) -> None:
        now, person = system_clock(), caller.person_id
        at, ends = place(Person.name_sealed, person), now + timedelta(hours=1)
        name = Vault.of(self.settings.keys).seal("王小明", at)
        connection = await asyncpg.connect(self.settings.database_url)
        await connection.execute(
            _PERSON, person, name, now, caller.session_id, ends, uuid7(), role.value
        )
        await connection.close()


@pytest.fixture(scope="package")
def contract(
    local_postgres: LocalPostgres, local_objects: LocalObjects, stack_folder: Path
) -> Iterator[Contract]:
    schema = MIGRATED if has_database(local_postgres, MIGRATED) else "template1"
    new_database(local_postgres, DATABASE, template=schema)
    values = {
        "DATABASE_URL": local_postgres.dsn(database=DATABASE),
        "DATABASE_OWNER_URL": local_postgres.dsn(OWNER, DATABASE),
        "OBJECTS_URL": local_objects.url,
        "GUANBIAO_DATA_DIR": str(stack_folder / DATABASE),
        "GUANBIAO_PORT": str(free_port()),
        "GUANBIAO_DEMO": "true",
        "GUANBIAO_LIMIT_FACTOR": "10000",
    }
    environment = {**os.environ, **values}
    prepared = forks.run("backend.cli", "migrate", env=environment)
    assert prepared.returncode == 0, prepared.stderr
    settings = Settings.model_validate(
        {name.removeprefix("GUANBIAO_").lower() if name.startswith("GUANBIAO_") else name: value
         for name, value in values.items()}
    )  # fmt: skip
    api = forks.Forked(
        *("backend.cli", "api"), env=environment, errors=stack_folder / "contract.log"
    )
    try:
        url = answering(f"http://127.0.0.1:{settings.port}", "/healthz")
        # Written at the first request for it, for which schemathesis waits no longer than 10 s.
        httpx.get(f"{url}/openapi.json", timeout=120).raise_for_status()
        yield Contract(url, settings)
    finally:
        api.terminate()
        api.wait(20)
