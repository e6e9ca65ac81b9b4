"""The express lane of saved answers: it answers what the usual way would, and explains nothing."""

from typing import Any

import httpx
import pytest

from backend.accounts.domain import Role
from backend.assessment.saving.service import commit
from backend.limits.domain import By, Policy
from backend.limits.policies import POLICIES, RouteClass
from backend.limits.service import Limits
from infra.committer import Committer
from infra.ids import uuid7
from infra.vault import Vault
from tests.backend.assessment.sitting import Examinee, choice
from tests.backend.two_ways import app_of, by_express, same, usually
from tests.people import AsPerson


class Device:
    """One token, as a browser has it for minutes."""

    def __init__(self, examinee: Examinee, attempt: dict[str, Any]) -> None:
        self.examinee, self.attempt, self.api = examinee, attempt, examinee.learner.api
        self.authorization = examinee.learner.person.headers["Authorization"]

    async def save(
        self, item: int = 0, *, usual: bool = False, **other: Any
    ) -> tuple[httpx.Response, dict[str, Any]]:
        body = {"sitting": 1, "answers": [self.answer(item)], **other}
        return await self.send(body, usual=usual), body

    async def send(self, body: Any, *, usual: bool = False, attempt: str = "") -> httpx.Response:
        path = f"/v1/attempts/{attempt or self.attempt['id']}/answers"
        said = usually(self.authorization) if usual else self.authorization
        return await self.api.put(path, json=body, headers={"Authorization": said})

    def answer(self, place: int, sequence: int | None = None) -> dict[str, Any]:
        item = self.attempt["items"][place]
        picked = choice([item["options"][0]["id"]])
        return self.examinee.answer(self.attempt, item["id"], picked, sequence)


@pytest.fixture
async def device(examinee: Examinee) -> Device:
    first = Device(examinee, await examinee.start())
    assert (await first.save())[0].status_code == 200
    return first


async def test_a_device_s_answers_are_kept_and_told_as_the_usual_way_would(
    examinee: Examinee, device: Device
) -> None:
    refused = {**device.answer(2), "answer": choice(["Z"])}
    answers = [device.answer(1), device.answer(0, 0), refused]
    quick, body = await device.save(answers=answers)
    assert by_express(quick)
    assert [one["verdict"] for one in quick.json()["answers"]] == ["saved", "older", "refused"]
    again, usual = await device.send(body), await device.send(body, usual=True)
    assert (by_express(again), by_express(usual)) == (True, False)
    assert same(again, usual)
    kept = (await examinee.see(device.attempt))["answers"]
    assert {one["position"]: one["sequence"] for one in kept}[2] == answers[0]["sequence"]


async def test_what_is_not_taken_is_explained_by_the_usual_way_and_nothing_of_it_is_kept(
    examinee: Examinee, device: Device
) -> None:
    before = (await examinee.see(device.attempt))["answers"]
    one = device.answer(3)
    ahead = {**one, "sequence": 3_000_000}
    body = {"sitting": 1, "answers": [one]}
    answers = {
        "attempt-not-found": await device.send(body, attempt=str(uuid7())),
        "taken-over": (await device.save(sitting=2))[0],
        "sequence-ahead": (await device.save(answers=[ahead]))[0],
        "invalid": (await device.save(answers=[{"position": 1}]))[0],
    }
    examinee.clock.advance(20 * 60 + 31)
    device.authorization = examinee.learner.person.headers["Authorization"]
    await device.send(body)  # which sessions have ended is known again
    answers["time-is-up"] = await device.send(body)
    assert {code: a.json()["code"] for code, a in answers.items()} == {a: a for a in answers}
    assert [a.status_code for a in answers.values()] == [404, 409, 422, 422, 409]
    assert not any(map(by_express, answers.values()))
    assert (await examinee.see(device.attempt))["answers"] == before


async def test_another_s_attempt_another_role_and_an_ended_session_get_no_further(
    examinee: Examinee, device: Device, as_person: AsPerson
) -> None:
    mine = device.authorization
    for role, status in ((Role.LEARNER, 404), (Role.AUTHOR, 403)):
        device.authorization = (await as_person(role)).headers["Authorization"]
        assert {(await device.save())[0].status_code for _ in range(2)} == {status}
    device.authorization = mine
    ended = await device.api.delete("/v1/sessions/current", headers={"Authorization": mine})
    assert ended.status_code == 204
    assert (await device.save())[0].status_code == 401


async def test_the_limit_holds_on_both_ways_together(device: Device, vault: Vault) -> None:
    three = Policy(f"t-{uuid7()}", By.PERSON, 3)
    limits = Limits(vault, policies={**POLICIES, RouteClass.ANSWERS: (three,)})
    app_of(device.api).state["limits"] = limits
    answers = [(await device.save())[0] for _ in range(5)]
    assert [a.status_code for a in answers] == [200, 200, 200, 429, 429]
    assert int(answers[-1].headers["retry-after"]) > 0


async def test_a_full_queue_and_a_failure_are_said_in_words(device: Device) -> None:
    async def fails(_: Any) -> Any:
        raise ArithmeticError("of ours")

    state = app_of(device.api).state
    for committer, status in ((Committer(commit, waiting_limit=0), 503), (Committer(fails), 500)):
        state["answer_committer"] = committer
        told, _ = await device.save()
        assert (told.status_code, told.json()["status"]) == (status, status)
        assert "没有丢失" in told.json()["detail"]
