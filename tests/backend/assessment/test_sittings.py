"""Saving answers: in any order, again and again, from one device and then another, late."""

import asyncio
from typing import Any

import httpx
import pytest

from backend.accounts.domain import Role
from backend.assessment.at_the_door import AtTheDoor, ExamRush
from backend.assessment.overdue import hand_in
from backend.assessment.privacy_facts import personal_data
from backend.assessment.tables import AttemptSitting
from backend.records.tables import DueRecord
from courses.format import Lesson
from infra.ids import uuid7
from infra.tables import AuditEntry
from infra.vault import Vault
from tests.backend.assessment.sitting import Examinee, choice
from tests.people import AsPerson
from tests.statements import counted

DAY = 24 * 3600


def answer(
    attempt: dict[str, Any], position: int, sequence: int, option: int | None = None
) -> dict[str, Any]:
    """`option`: its place; None clears. `sequence`: from the attempt's first."""
    options = [one["id"] for one in attempt["items"][position - 1]["options"]]
    picked = [] if option is None else [options[option]]
    at = attempt["nextSequence"] + sequence
    return {"position": position, "sequence": at, "answer": choice(picked)}


def picked(*answers: dict[str, Any]) -> dict[int, Any]:
    return {one["position"]: one["answer"] for one in answers}


def verdicts(response: httpx.Response) -> list[str]:
    assert response.status_code == 200, response.text
    return [one["verdict"] for one in response.json()["answers"]]


async def kept(examinee: Examinee, attempt: dict[str, Any]) -> dict[int, Any]:
    return picked(*(await examinee.see(attempt))["answers"])


async def test_the_highest_sequence_of_an_item_stands_in_whatever_order_it_came(
    examinee: Examinee,
) -> None:
    attempt = await examinee.start()
    one, two = answer(attempt, 1, 5, 0), answer(attempt, 2, 1, 1)
    sent = [one, two, answer(attempt, 1, 4)]
    first = await examinee.save_all(attempt, sent)
    assert verdicts(first) == ["saved", "saved", "older"]
    assert first.json()["remainingSeconds"] == 20 * 60
    again = await examinee.save_all(attempt, sent)  # the answer was lost on the way
    assert verdicts(again) == ["saved", "saved", "older"]
    assert verdicts(await examinee.save_all(attempt, [answer(attempt, 1, 3)])) == ["older"]
    cleared = answer(attempt, 2, 6)
    mixed = [cleared, {**answer(attempt, 1, 7), "answer": choice(["Z"])}]
    assert verdicts(await examinee.save_all(attempt, mixed)) == ["saved", "refused"]
    assert await kept(examinee, attempt) == picked(one, cleared)


async def test_another_device_takes_over_the_first_is_told_and_may_come_back(
    examinee: Examinee,
) -> None:
    attempt = await examinee.start()
    first = answer(attempt, 1, 0, 0)
    await examinee.save_all(attempt, [first])
    assert (await examinee.see(attempt))["sitting"] is None  # looking takes nothing over
    device, path = str(uuid7()), f"/v1/attempts/{attempt['id']}/sittings"
    second = (await examinee.learner.post(path, {"deviceId": device})).json()
    assert (second["sitting"], len(second["answers"])) == (2, 1)
    there = answer(second, 2, 0, 1)
    assert verdicts(await examinee.save_all(second, [there])) == ["saved"]
    # Given on the first device while its line was down.
    unsent = [answer(attempt, 2, 1, 0), answer(attempt, 3, 2, 0)]
    for response in (
        await examinee.save_all(attempt, unsent),
        await examinee.submit(attempt, {}),
    ):
        assert (response.status_code, response.json()["code"]) == (409, "taken-over")
    back = (await examinee.learner.post(path, {})).json()
    assert verdicts(await examinee.save_all(back, unsent)) == ["older", "saved"]
    assert await kept(examinee, attempt) == picked(first, there, unsent[1])
    ahead = await examinee.save_all(back, [answer(back, 1, 1_000_000)])
    assert (ahead.status_code, ahead.json()["code"]) == (422, "sequence-ahead")
    mine = AttemptSitting.learner_id == examinee.learner.person.id
    rows = await AttemptSitting.select(AttemptSitting.device_id).where(mine)
    assert [str(row["device_id"]) for row in rows] == ["None", device, "None"]


async def test_what_is_left_open_is_handed_in_at_its_end_and_marked_once(
    examinee: Examinee,
) -> None:
    attempt, mine = await examinee.start(), DueRecord.learner_id == examinee.learner.person.id
    given = [
        examinee.answer(attempt, item, choice(picked))
        for item, picked in examinee.answers(attempt, right=8).items()
    ]
    examinee.clock.advance(20 * 60 + 30)
    assert set(verdicts(await examinee.save_all(attempt, given))) == {"saved"}
    examinee.clock.advance(29)
    late = await examinee.save_all(attempt, [answer(attempt, 1, 99)])
    assert (late.status_code, late.json()["code"]) == (409, "time-is-up")
    assert "80" in late.json()["detail"]  # marked by that look, before the worker
    examinee.clock.advance(DAY)
    assert await hand_in(examinee.clock()) == 0
    assert await DueRecord.count().where(mine) == 1


async def test_the_worker_hands_in_for_whoever_went_away(examinee: Examinee) -> None:
    attempt = await examinee.start()
    await examinee.save_all(attempt, [answer(attempt, 1, 0, 0)])
    examinee.clock.advance(20 * 60 + 60)
    assert await hand_in(examinee.clock()) == 0  # another server's clock may be behind
    examinee.clock.advance(1)
    assert await hand_in(examinee.clock()) == 1
    assert await hand_in(examinee.clock()) == 0
    seen = await examinee.see(attempt)
    assert (seen["state"], seen["result"]["submittedAt"]) == ("expired", attempt["dueAt"])
    assert seen["result"]["failedModules"] == ["M02"]


async def test_an_exam_asks_the_database_little(examinee: Examinee) -> None:
    async with counted() as starting:
        attempt = await examinee.start()
    many = [answer(attempt, place, 0, 0) for place in range(1, 11)]
    await examinee.save_all(attempt, many)
    async with counted() as saving:
        await examinee.save_all(attempt, many)
    async with counted() as submitting:
        await examinee.submit(attempt, {})
    asked = [len(own(found)) for found in (starting, saving, submitting)]
    assert asked[0] <= 18  # whether the edition is known already
    assert asked[1:] == [2, 5]


def own(statements: list[str]) -> list[str]:
    """Without the transaction's own, and what every request asks."""
    return [
        one
        for one in statements
        if not one.startswith(("BEGIN", "COMMIT", "SET LOCAL")) and "sign_in_session" not in one
    ]


async def test_more_time_is_decided_by_somebody_else_and_says_nowhere_why(
    examinee: Examinee, as_person: AsPerson, vault: Vault
) -> None:
    learner, desk = examinee.learner, await as_person(Role.ADMINISTRATOR)
    path = f"/v1/learners/{learner.person.id}/extra-time"
    body = {"percent": 50, "reason": "视力障碍，使用读屏软件", "validUntil": "2026-12-31"}
    given = await learner.api.post(path, json=body, headers=desk.headers)
    assert (given.status_code, given.json()["percent"]) == (201, 50)
    own = f"/v1/learners/{desk.id}/extra-time"
    assert (await learner.api.post(own, json=body, headers=desk.headers)).status_code == 403
    nobody = f"/v1/learners/{uuid7()}/extra-time"
    assert (await learner.api.post(nobody, json=body, headers=desk.headers)).status_code == 404
    told = await learner.api.get(path, headers=desk.headers)
    assert len(told.json()["items"]) == 1
    attempt = await examinee.start()
    assert (attempt["extraMinutes"], attempt["remainingSeconds"]) == (10, 30 * 60)
    entry = AuditEntry.subject == f"person:{learner.person.id}"
    (audit,) = await AuditEntry.select(AuditEntry.act, AuditEntry.body).where(entry)
    assert audit["act"] == "extra-time-decided"
    assert not [text for text in (told.text, given.text, audit["body"]) if "视力" in text]
    mine = await personal_data(vault, learner.person.id)
    assert mine["extraTime"][0]["reason"] == body["reason"]


async def test_own_data_tell_answers_in_the_papers_letters_not_by_the_banks_ids(
    examinee: Examinee, vault: Vault
) -> None:
    """Authors like to write the right option first: asked for amid an exam, its ids would tell."""
    attempt = await examinee.start()
    given = {item["id"]: choice([item["options"][0]["id"]]) for item in attempt["items"]}
    answers = [examinee.answer(attempt, item, one) for item, one in given.items()]
    assert (await examinee.save_all(attempt, answers)).status_code == 200
    mine = await personal_data(vault, examinee.learner.person.id)
    assert {one["item"]: one["picked"] for one in mine["answers"]} == {
        item: {**one, "picked": tuple(one["picked"])} for item, one in given.items()
    }


async def test_after_three_failures_the_failed_module_is_studied_again(
    examinee: Examinee, lesson: Lesson
) -> None:
    for _ in range(3):
        await examinee.submit(await examinee.start(), {})
        examinee.clock.advance(DAY)
    refused = await examinee.try_start()
    assert (refused.status_code, refused.json()["code"]) == (409, "attempts-used-up")
    assert lesson.code in refused.json()["detail"]
    session = await examinee.learner.open()
    await examinee.learner.check(lesson)
    assert (await examinee.try_start()).status_code == 409  # the lecture lasts longer
    examinee.clock.advance(session["durationSeconds"])
    assert (await examinee.start())["number"] == 4


async def test_a_rush_is_told_when_to_come_back() -> None:
    door = AtTheDoor(most=1)
    async with door:
        with pytest.raises(ExamRush) as refused:
            async with door:
                pass
    assert refused.value.headers == {"Retry-After": "5"}
    async with door:
        pass


async def test_a_few_are_served_abreast_and_who_gives_up_waiting_leaves_the_queue() -> None:
    door = AtTheDoor(most=2, abreast=1)
    turns = list[str]()

    async def comes(name: str) -> None:
        async with door:
            turns.append(name)

    async with door:
        waiting = asyncio.create_task(comes("gives up"))
        await asyncio.sleep(0)
        with pytest.raises(ExamRush):
            await comes("too late")
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        patient = asyncio.create_task(comes("patient"))
        await asyncio.sleep(0)
        assert turns == []
    await patient
    assert turns == ["patient"]
