"""A pass for which hours were missing brings its record as soon as they are met again."""

from datetime import timedelta

import pytest

from backend.accounts.domain import Role
from backend.assessment.owed import LOOK_EVERY, look_at_owed
from backend.assessment.tables import ExamAttempt
from tests.backend.assessment.marking.test_remedies import Office, differing, office, sit
from tests.backend.assessment.sitting import Examinee
from tests.backend.progress.test_ledger import put_right
from tests.one_connection import connection
from tests.people import AsPerson, SignedIn

__all__ = ["office"]
_DUE = "SELECT facts, earning FROM due_record WHERE learner_id = $1"


@pytest.fixture
async def admin(as_person: AsPerson) -> SignedIn:
    return await as_person(Role.ADMINISTRATOR)


async def due(examinee: Examinee) -> list[dict[str, bytes]]:
    rows = await connection().fetch(_DUE, examinee.learner.person.id)
    return [dict(row) for row in rows]


async def correct_hours(examinee: Examinee, admin: SignedIn, sign: int) -> None:
    entry = (await examinee.learner.get("/v1/hours")).json()["items"][-1]
    award = next(iter(await examinee.learner.entries()))
    done = await put_right(examinee.learner, admin, entry["id"], sign * award["seconds"])
    assert done.status_code == 201, done.text


async def look_later(examinee: Examinee) -> None:
    examinee.clock.advance(LOOK_EVERY.total_seconds() + 1)
    await look_at_owed(examinee.clock())


async def test_hours_taken_back_during_the_exam_and_given_back_later_bring_the_record_once(
    examinee: Examinee, admin: SignedIn
) -> None:
    attempt = await examinee.start()
    await correct_hours(examinee, admin, -1)
    assert (await examinee.submit(attempt, examinee.answers(attempt, right=8))).json()["passed"]
    await look_later(examinee)
    assert await due(examinee) == []
    await correct_hours(examinee, admin, +1)
    assert await look_at_owed(examinee.clock() + timedelta(minutes=1)) == 0  # seen a moment ago
    await look_later(examinee)
    await look_later(examinee)
    (row,) = await due(examinee)
    assert await differing(row) == []
    mine = ExamAttempt.learner_id == examinee.learner.person.id
    assert await ExamAttempt.select(ExamAttempt.owed_looked_at).where(mine).output(
        as_list=True
    ) == [None]


async def test_a_pass_by_a_correction_is_owed_its_record_too(
    examinee: Examinee, office: Office, admin: SignedIn
) -> None:
    attempt = await sit(examinee, right=5)
    await correct_hours(examinee, admin, -1)
    remedy = await office.propose(attempt["items"][9]["id"], "full-marks")
    preview = await office.preview(remedy)
    assert (await office.decide(remedy, preview["sha256"])).status_code == 200
    assert await due(examinee) == []
    await correct_hours(examinee, admin, +1)
    await look_later(examinee)
    (row,) = await due(examinee)
    assert b"exam-correction" in row["facts"]
    assert await differing(row) == []
