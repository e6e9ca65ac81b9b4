"""The least that PostgreSQL can do for a start, a save and a submission: the same rows and bytes, a
transaction each, on as many connections as two API processes serve abreast."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg

from backend.assessment.at_the_door import ABREAST
from infra.ids import uuid7

CONNECTIONS = 2 * ABREAST
SAMPLE = 3_000
_TABLES = """
CREATE TABLE bare_attempt (LIKE exam_attempt INCLUDING ALL);
CREATE TABLE bare_answer (LIKE attempt_answer INCLUDING ALL);
GRANT SELECT, INSERT, UPDATE ON bare_attempt, bare_answer TO guanbiao_app
"""
_BEGUN = """id, learner_id, enrolment_id, number, exam_code, programme_code, edition,
    edition_sha256, seed, criterion, criterion_sha256, extra_minutes, started_at, due_at"""
_MARKED = "state, ended_at, score, passed, evidence"
_ENDED = f"SELECT {_BEGUN}, {_MARKED} FROM exam_attempt ORDER BY id LIMIT $1"
_START = f"""
INSERT INTO bare_attempt ({_BEGUN}, sitting, state)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 1, 'open')
"""
_SAVE = """
INSERT INTO bare_answer AS kept (id, learner_id, attempt_id, item_id, picked, sequence, saved_at)
VALUES ($1, $2, $3, 'a', $4, 1, now()), ($5, $2, $3, 'b', $4, 1, now())
"""
_SUBMIT = """
UPDATE bare_attempt SET state = $2, ended_at = $3, score = $4, passed = $5, evidence = $6,
    evidence_sha256 = $7
WHERE id = $1
"""
_PICKED = '{"kind":"choice","picked":["B"]}'


@dataclass(frozen=True)
class Floors:
    """Transactions a second."""

    starts: float
    saves: float
    submissions: float


async def floors(dsn: str, owner: str) -> Floors:
    """Of attempts that have ended, written once more."""
    database = await asyncpg.connect(owner)
    await database.execute(_TABLES)
    ended = await database.fetch(_ENDED, SAMPLE)
    await database.close()
    starts = await _rate(dsn, _START, [tuple(one.values())[:14] for one in ended])
    saves = await _rate(
        dsn, _SAVE, [(uuid7(), o["learner_id"], o["id"], _PICKED, uuid7()) for o in ended]
    )
    marks = [
        (o["id"], o["state"], o["ended_at"], o["score"], o["passed"], o["evidence"], "0" * 64)
        for o in ended
    ]
    return Floors(starts, saves, await _rate(dsn, _SUBMIT, marks))


async def _rate(dsn: str, statement: str, rows: Sequence[tuple[object, ...]]) -> float:
    async with asyncpg.create_pool(dsn, min_size=CONNECTIONS, max_size=CONNECTIONS) as pool:

        async def some(mine: Sequence[tuple[object, ...]]) -> None:
            async with pool.acquire() as connection:
                for row in mine:
                    await connection.execute(statement, *row)

        began = time.perf_counter()
        await asyncio.gather(*(some(rows[at::CONNECTIONS]) for at in range(CONNECTIONS)))
        return len(rows) / (time.perf_counter() - began)
