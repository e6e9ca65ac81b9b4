"""Migrations over rows of an older version: the backfills alone, as the owner, rolled back."""

from collections.abc import AsyncIterator, Iterable
from datetime import timedelta
from importlib import import_module
from typing import Any, TypeAlias
from uuid import UUID

import asyncpg
import msgspec
import pytest

from infra.ids import uuid7
from infra.local.postgres import OWNER, LocalPostgres
from tests.backend.records.making import START

rounds = import_module("backend.progress.piccolo_migrations.progress_2026_11_23t18_20_00_000000")
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

_EDITION = """
INSERT INTO published_edition (id, code, sha256, content, published_at) VALUES ($1, $2, '', $3, $4)
"""
_ENROLMENT = """
INSERT INTO enrolment (id, learner_id, programme_code, edition, edition_sha256, demonstration,
    enrolled_at) VALUES ($1, $2, $3, $4, '', false, $5::text::timestamptz)
"""
_ANEW = """
INSERT INTO enrolment SELECT (jsonb_populate_record(one, $2)).* FROM enrolment AS one WHERE id = $1
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


async def enrolled(owner: Owner, at: str, learner: UUID, *, to: str = "CE-AUD old.1") -> UUID:
    row, (programme, edition) = uuid7(), to.split()
    await owner.execute(_ENROLMENT, row, learner, programme, edition, at)
    return row


async def test_an_enrolment_of_before_rounds_is_of_its_year_and_of_its_records(
    owner: Owner,
) -> None:
    """One was had a programme and edition, and a record was of the year of its exam."""
    content = {"programmes": [{"code": "CE-AUD", "yearly": True}, {"code": "IA-E"}]}
    for edition in ("old.1", "old.2"):
        await owner.execute(_EDITION, uuid7(), edition, msgspec.json.encode(content), START)
    one, revoked, late = uuid7(), uuid7(), uuid7()
    rows = {
        "of a year": (await enrolled(owner, "2025-03-01 09:00+08", one), "2025"),
        "of the next, in China": (
            await enrolled(owner, "2025-12-31 16:30+00", one, to="CE-AUD old.2"),
            "2026",
        ),
        "open": (await enrolled(owner, "2026-05-01 09:00+08", uuid7()), "2026"),
        "revoked": (await enrolled(owner, "2026-02-01 09:00+08", revoked), "2026"),
        "passed in January": (await enrolled(owner, "2025-12-20 09:00+08", late), "2026"),
        "of no year": (await enrolled(owner, "2025-03-01 09:00+08", one, to="IA-E old.1"), None),
    }
    for learner in (revoked, late):
        await due(owner, learner, "old.1", 1, '{"period": "2026"}')
    for statement in (rounds._YEARS, rounds._OF_RECORDS):
        await owner.execute(statement)
    found = await owner.fetch("SELECT id, period, round FROM enrolment")
    now = {row["id"]: (row["period"], row["round"]) for row in found}
    assert {name: now[row] for name, (row, _) in rows.items()} == {
        name: (year, 1) for name, (_, year) in rows.items()
    }
    again: dict[str, Any] = {"id": str(uuid7()), "round": 2}
    await owner.execute(_ANEW, rows["revoked"][0], msgspec.json.encode(again).decode())
    again["id"], again["round"] = str(uuid7()), 1
    with pytest.raises(asyncpg.UniqueViolationError):
        await owner.execute(_ANEW, rows["open"][0], msgspec.json.encode(again).decode())
