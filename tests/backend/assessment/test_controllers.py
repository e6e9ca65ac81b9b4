"""The exam over HTTP, from its opening to the record that is due."""

import hashlib
import json
from decimal import Decimal
from typing import Any

import msgspec
import pytest
import rfc8785

from backend.assessment.domain import Criterion
from backend.assessment.papers import criterion_of
from backend.assessment.tables import ExamAttempt
from backend.records.domain import RecordFacts
from backend.records.tables import DueRecord
from courses.format import Edition, Lesson
from tests.backend.assessment.sitting import Examinee, choice
from tests.backend.progress.learning import Learner
from tests.one_connection import connection


async def due_of(examinee: Examinee) -> list[RecordFacts]:
    mine = DueRecord.learner_id == examinee.learner.person.id
    return [
        msgspec.json.decode(bytes(row["facts"]), type=RecordFacts)
        for row in await DueRecord.select(DueRecord.facts).where(mine)
    ]


async def the_due(examinee: Examinee) -> RecordFacts:
    (facts,) = await due_of(examinee)
    return facts


def code(response: Any) -> tuple[int, str]:
    return response.status_code, response.json()["code"]


async def test_the_exam_opens_when_the_hours_are_met(
    learner: Learner, lesson: Lesson, edition: Edition
) -> None:
    await learner.enrol()
    examinee = Examinee(learner, edition)
    refused = await examinee.try_start()
    assert code(refused) == (409, "exam-not-open")
    assert refused.json()["detail"].startswith("还差 1 个小节")
    await learner.complete(lesson)
    assert (await examinee.try_start()).status_code == 201


async def test_a_paper_follows_the_exam_and_counts_down_by_the_servers_clock(
    examinee: Examinee,
) -> None:
    attempt = await examinee.start()
    assert (attempt["exam"], attempt["number"], attempt["state"]) == ("E1", 1, "open")
    assert (attempt["passMark"], attempt["totalPoints"], len(attempt["items"])) == (60, 100, 10)
    assert attempt["startedAt"] == attempt["serverTime"] < attempt["dueAt"]


async def test_an_open_attempt_goes_on_where_it_was(examinee: Examinee) -> None:
    attempt = await examinee.start()
    item = attempt["items"][0]
    picked = [item["options"][0]["id"]]
    assert (await examinee.save(attempt, item["id"], picked)).status_code == 200
    again = await examinee.try_start()
    assert (again.status_code, again.json()["id"]) == (200, attempt["id"])
    (saved,) = again.json()["answers"]
    assert (saved["position"], saved["answer"]) == (1, choice(picked))
    assert again.json()["items"] == attempt["items"]


async def test_the_whole_way_from_enrolment_to_the_due_record(
    examinee: Examinee, edition: Edition
) -> None:
    attempt = await examinee.start()
    examinee.clock.advance(300)
    response = await examinee.submit(attempt, examinee.answers(attempt, right=7))
    assert response.json() == {
        "score": 70.0,
        "passMark": 60.0,
        "passed": True,
        "awaitingMarks": False,
        "failedModules": [],
        "firstScore": None,
        "submittedAt": response.json()["submittedAt"],
        "recordDue": True,
    }
    facts = await the_due(examinee)
    (entry,) = await examinee.learner.entries()
    assert (facts.learner_id, facts.score) == (examinee.learner.person.id, 70)
    assert (facts.hours_seconds, facts.hours_by_module) == (
        entry["seconds"],
        {"M02": entry["seconds"]},
    )
    assert facts.demonstration
    assert {link.kind: link.sha256 for link in facts.evidence} == {
        "lesson-hours": entry["evidence_sha256"],
        "exam-attempt": (await stored())["evidence_sha256"],
    }
    jobs = await connection().fetchval(
        "SELECT count(*) FROM pgqueuer WHERE entrypoint = 'records.issue'"
    )
    assert jobs >= 1


async def stored() -> dict[str, Any]:
    rows: list[dict[str, Any]] = await ExamAttempt.select().output(load_json=True)
    return rows[0]


async def test_a_repeated_submission_answers_the_same(examinee: Examinee) -> None:
    attempt = await examinee.start()
    first = await examinee.submit(attempt, examinee.answers(attempt, right=8))
    examinee.clock.advance(3600)
    again = await examinee.submit(attempt, examinee.answers(attempt, right=2))
    assert (again.status_code, again.json()) == (200, first.json())
    assert len(await due_of(examinee)) == 1
    late = await examinee.save(attempt, attempt["items"][0]["id"], [])
    assert code(late) == (409, "attempt-closed")


async def test_a_failed_attempt_cools_off_a_day_and_three_are_all(examinee: Examinee) -> None:
    for number in (1, 2, 3):
        attempt = await examinee.start()
        assert attempt["number"] == number
        result = (await examinee.submit(attempt, examinee.answers(attempt, right=5))).json()
        assert (result["passed"], result["recordDue"]) == (False, False)
        if number < 3:
            assert code(await examinee.try_start()) == (409, "cooling-off")
        examinee.clock.advance(24 * 3600)
    assert code(await examinee.try_start()) == (409, "attempts-used-up")
    listed = await examinee.history()
    assert [(one["number"], one["score"], one["passed"]) for one in listed] == [
        (number, 50.0, False) for number in (3, 2, 1)
    ]
    assert all(one["endedAt"] and one["firstScore"] is None for one in listed)
    assert await due_of(examinee) == []


async def test_the_first_pass_is_the_one_recorded(examinee: Examinee) -> None:
    attempt = await examinee.start()
    await examinee.submit(attempt, examinee.answers(attempt))
    examinee.clock.advance(48 * 3600)
    assert code(await examinee.try_start()) == (409, "already-passed")


async def test_what_was_saved_counts_when_the_line_drops_and_time_runs_out(
    examinee: Examinee,
) -> None:
    attempt = await examinee.start()
    for item, picked in examinee.answers(attempt, right=7).items():
        assert (await examinee.save(attempt, item, picked)).status_code == 200
    examinee.clock.advance(20 * 60 + 31)
    late = await examinee.submit(attempt, examinee.answers(attempt, right=10))
    assert code(late) == (409, "time-is-up")
    assert "70" in late.json()["detail"]
    seen = await examinee.see(attempt)
    assert (seen["state"], seen["result"]["score"], seen["result"]["passed"]) == (
        "expired",
        70.0,
        True,
    )
    assert seen["result"]["submittedAt"] == attempt["dueAt"]
    assert (await the_due(examinee)).score == 70


async def test_a_submission_within_the_grace_counts(examinee: Examinee) -> None:
    attempt = await examinee.start()
    examinee.clock.advance(20 * 60 + 30)
    assert (await examinee.submit(attempt, examinee.answers(attempt))).json()["score"] == 100


async def test_an_attempt_left_alone_is_closed_by_looking_at_it(examinee: Examinee) -> None:
    attempt = await examinee.start()
    examinee.clock.advance(3600)
    seen = await examinee.see(attempt)
    assert (seen["state"], seen["result"]["score"]) == ("expired", 0.0)
    late = await examinee.save(attempt, attempt["items"][0]["id"], [])
    assert code(late) == (409, "time-is-up")


async def test_an_abandoned_attempt_counts_and_the_next_waits_a_day(examinee: Examinee) -> None:
    await examinee.start()
    examinee.clock.advance(3600)
    assert code(await examinee.try_start()) == (409, "cooling-off")
    assert (await stored())["state"] == "expired"
    examinee.clock.advance(24 * 3600)
    assert (await examinee.start())["number"] == 2


@pytest.mark.parametrize(
    ("item", "picked", "flaw"),
    [
        pytest.param("M99-999", ["A"], "no-such-item", id="an item of no paper"),
        pytest.param(None, ["ZZ"], "unknown-option", id="an option it does not have"),
    ],
)
async def test_an_answer_that_fits_no_item_is_refused(
    examinee: Examinee, item: str | None, picked: list[str], flaw: str
) -> None:
    attempt = await examinee.start()
    item = item or attempt["items"][0]["id"]
    (told,) = (await examinee.save(attempt, item, picked)).json()["answers"]
    assert (told["verdict"], told["flaw"]) == ("refused", flaw)
    assert told["why"]["zh"]
    refused = await examinee.submit(attempt, {item: picked})
    assert code(refused) == (422, "unfit-answer")
    assert refused.json()["fields"] == {f"answers.{told['position']}": flaw}
    assert (await examinee.see(attempt))["state"] == "open"


async def test_another_learners_attempt_is_not_found(
    examinee: Examinee, stranger: Learner, edition: Edition
) -> None:
    attempt = await examinee.start()
    await stranger.enrol()
    thief = Examinee(stranger, edition)
    stranger.enrolment_id = examinee.learner.enrolment_id
    item = attempt["items"][0]["id"]
    answers = [
        await thief.try_start(),
        await thief.save(attempt, item, []),
        await thief.submit(attempt, {}),
        await stranger.get(f"/v1/attempts/{attempt['id']}"),
    ]
    assert [answer.status_code for answer in answers] == [404] * 4
    assert await thief.history() == []


async def test_an_attempt_freezes_what_decides_its_mark_and_can_be_drawn_again(
    examinee: Examinee, edition: Edition
) -> None:
    attempt = await examinee.start()
    row = await stored()
    criterion = msgspec.json.decode(bytes(row["criterion"]), type=Criterion)
    assert row["criterion_sha256"] == hashlib.sha256(bytes(row["criterion"])).hexdigest()
    assert len(bytes(row["seed"])) == 32
    assert criterion_of(edition, edition.programme("DEMO"), bytes(row["seed"])) == criterion
    assert [item.id for item in criterion.items] == [item["id"] for item in attempt["items"]]


async def test_the_evidence_of_an_attempt_is_hashed_as_kept(examinee: Examinee) -> None:
    attempt = await examinee.start()
    await examinee.submit(attempt, examinee.answers(attempt, right=6))
    row = await stored()
    evidence = bytes(row["evidence"])
    assert hashlib.sha256(evidence).hexdigest() == row["evidence_sha256"]
    assert rfc8785.dumps(json.loads(evidence)) == evidence
    assert Decimal(json.loads(evidence)["score"]) == 60


async def test_two_papers_differ(examinee: Examinee) -> None:
    first = await examinee.start()
    await examinee.submit(first, {})
    examinee.clock.advance(24 * 3600)
    second = await examinee.start()
    assert [i["id"] for i in first["items"]] != [i["id"] for i in second["items"]]
