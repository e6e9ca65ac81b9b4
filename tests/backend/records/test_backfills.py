"""Migrations over rows of an older version: the backfills alone, as the owner, rolled back."""

from collections.abc import AsyncIterator, Iterable
from datetime import timedelta
from importlib import import_module
from typing import TypeAlias
from uuid import UUID

import asyncpg
import pytest

from infra.ids import uuid7
from infra.local.postgres import OWNER, LocalPostgres
from tests.backend.records.making import START

Owner: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
_DUE = """
INSERT INTO due_record (id, learner_id, programme, edition, revision, facts, demonstration, state,
    requested_at) VALUES ($1, $2, 'CE-AUD', $3, $4, $5, false, 'issued', $6)
"""
_RECORD = """
INSERT INTO completion_record (id, due, learner_id, number, code, programme, edition, revision,
    demonstration, facts, holder_sealed, identity_method, evidence_sha256, evidence, jws, kid,
    status_list, status_index, entry_id, issued_at)
SELECT id, id, learner_id, left(id::text, 32), right(id::text, 12), programme, edition, revision,
    false, '', '', '', '', '', '', '', 901, 1, id, requested_at FROM due_record WHERE id = $1
"""
_PROPOSAL = """
INSERT INTO revocation_proposal (id, record, reason, state, proposer_id, proposed_at)
VALUES ($1, $2, '替考，经查实', 'proposed', $1, $3)
"""


@pytest.fixture
async def owner(database: None, local_postgres: LocalPostgres) -> AsyncIterator[Owner]:
    connection = await asyncpg.connect(local_postgres.dsn(OWNER))
    await connection.execute("BEGIN")
    yield connection
    await connection.close()


def statements(name: str) -> Iterable[str]:
    module = import_module(f"backend.records.piccolo_migrations.records_2026_11_23t{name}")
    found = getattr(module, "STATEMENTS", None) or (module._YEARS,)
    return [statement for statement in found if not statement.startswith("CREATE INDEX")]


async def due(owner: Owner, learner: UUID, edition: str, revision: int, facts: str) -> UUID:
    row = uuid7()
    at = START + timedelta(days=int(edition[-1]))
    await owner.execute(_DUE, row, learner, edition, revision, facts.encode(), at)
    return row


async def test_of_one_year_the_first_record_has_it_and_none_is_in_the_way(owner: Owner) -> None:
    learner, other, year = uuid7(), uuid7(), '{"period": "2026"}'
    rows = {
        "second": await due(owner, learner, "2026.2", 1, year),
        "first": await due(owner, learner, "2026.1", 1, year),
        "corrected": await due(owner, learner, "2026.1", 2, year),
        "of no year": await due(owner, other, "2026.3", 1, "{}"),
        "another's": await due(owner, other, "2026.4", 1, year),
    }
    for statement in statements("15_36_00_000000"):
        await owner.execute(statement)
    found = await owner.fetch("SELECT id, period FROM due_record WHERE id = ANY($1)", rows.values())
    periods = {row["id"]: row["period"] for row in found}
    assert {name for name, row in rows.items() if periods[row] == "2026"} == {
        *("first", "corrected", "another's")
    }


async def test_of_several_open_proposals_of_a_record_the_first_stays(owner: Owner) -> None:
    record = await due(owner, uuid7(), "2026.1", 1, "{}")
    await owner.execute(_RECORD, record)
    await owner.execute("DROP INDEX revocation_proposal_one_open")
    proposals = [uuid7() for _ in range(3)]
    for proposal in proposals:
        await owner.execute(_PROPOSAL, proposal, record, START)
    for statement in statements("18_10_00_000000"):
        await owner.execute(statement)
    found = await owner.fetch(
        "SELECT state FROM revocation_proposal WHERE record = $1 ORDER BY id", record
    )
    assert [row["state"] for row in found] == ["proposed", "declined", "declined"]
