"""Marks worked out again: identical, or named with the reason."""

from typing import Any

from backend.assessment.recompute import recompute
from tests.backend.assessment.sitting import Examinee
from tests.one_connection import connection

TAMPERED = {
    "another score": ("score = 90", "marked 90.00, worked out 70"),
    "a fail made a pass": ("passed = false", "marked 70.00, worked out 70"),
    "an easier key": (
        "criterion = convert_to(replace(convert_from(criterion, 'UTF8'), '\"60\"', '\"50\"'),"
        " 'UTF8')",
        "the criterion is not the one that was hashed",
    ),
    "both changed, and hashed anew": (
        "criterion = convert_to('{}', 'UTF8'),"
        " criterion_sha256 = encode(sha256(convert_to('{}', 'UTF8')), 'hex')",
        "cannot be read",
    ),
    "other evidence": (
        "evidence = convert_to(replace(convert_from(evidence, 'UTF8'), 'exam-attempt', 'x'),"
        " 'UTF8')",
        "the evidence is not the one that was hashed",
    ),
}


async def found(attempt: dict[str, Any]) -> list[str]:
    done = await recompute()
    assert done.attempts >= done.marked >= 1
    return [one.why for one in done.differing if str(one.attempt) == attempt["id"]]


async def test_every_mark_comes_out_the_same_and_what_was_tampered_with_is_named(
    examinee: Examinee,
) -> None:
    attempt = await examinee.start()
    assert await found_open(attempt) == []
    await examinee.submit(attempt, examinee.answers(attempt, right=7))
    assert await found(attempt) == []
    for what, (change, said) in TAMPERED.items():
        await connection().execute("SAVEPOINT honest")
        await connection().execute(f"UPDATE exam_attempt SET {change} WHERE id = $1", attempt["id"])
        (why,) = await found(attempt)
        assert why.startswith(said), what
        await connection().execute("ROLLBACK TO SAVEPOINT honest")
    await connection().execute(
        'UPDATE attempt_answer SET picked = \'{"kind": "choice", "picked": []}\''
        " WHERE attempt_id = $1",
        attempt["id"],
    )
    assert await found(attempt) == ["the answers are not those of the evidence"]
    await connection().execute("DELETE FROM attempt_answer WHERE attempt_id = $1", attempt["id"])
    assert await found(attempt) == []  # erased with their person; the evidence stands


async def found_open(attempt: dict[str, Any]) -> list[str]:
    done = await recompute()
    return [one.why for one in done.differing if str(one.attempt) == attempt["id"]]
