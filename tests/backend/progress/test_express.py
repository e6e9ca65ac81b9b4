"""The express lane of heartbeats: it answers what the usual way would, and decides no doubt."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import msgspec
import pytest
from litestar.types import ASGIApp, Receive, Scope, Send

from backend import express
from backend.accounts.domain import Role
from backend.limits.domain import By, Policy
from backend.limits.policies import POLICIES, RouteClass
from backend.limits.service import Limits
from backend.progress.heartbeats.service import commit
from infra.committer import Committer
from infra.vault import Vault
from tests.backend.progress.learning import Learner, event
from tests.backend.two_ways import app_of, by_express, same, usually
from tests.conftest import PUBLIC_URL
from tests.people import AsPerson

PATH = "/v1/heartbeats"


class Device:
    """One token, as a phone has it for minutes; `usual` says it so that the lane lets it pass."""

    def __init__(self, learner: Learner, session: dict[str, Any]) -> None:
        self.api, self.clock, self.session = learner.api, learner.clock, session["id"]
        self.authorization = learner.person.headers["Authorization"]

    async def send(self, body: Any, *, usual: bool = False) -> httpx.Response:
        said = usually(self.authorization) if usual else self.authorization
        headers = {"Authorization": said}
        return await self.api.post(PATH, json=body, headers=headers)

    async def later(self, seconds: int) -> None:
        """And nothing is too old to say: whoever asks first after a while asks the database."""
        self.clock.advance(seconds)
        assert not by_express(await self.beat(0, 1))

    async def beat(self, start: int, end: int, *, usual: bool = False) -> httpx.Response:
        return await self.send({"events": [event(self.session, start, end)]}, usual=usual)


@pytest.fixture
async def device(learner: Learner) -> Device:
    await learner.enrol()
    return Device(learner, await learner.open())


async def test_a_device_is_answered_as_the_usual_way_would(
    learner: Learner, device: Device
) -> None:
    await device.later(20)
    body = {"events": [event(device.session, 0, 15), event(device.session, 30, 45)]}
    quick = await device.send(body)
    assert by_express(quick)
    assert [v["verdict"] for v in quick.json()["verdicts"]] == ["credited", "refused"]
    again, usual = await device.send(body), await device.send(body, usual=True)
    assert not by_express(usual)
    assert same(again, usual)


async def test_what_is_no_heartbeat_is_explained_by_the_usual_way(
    learner: Learner, device: Device
) -> None:
    await device.later(20)
    good = event(device.session, 0, 20)
    assert by_express(await device.beat(0, 1))
    mixed = await device.send({"events": [good, "nonsense"]})
    assert [v["verdict"] for v in mixed.json()["verdicts"]] == ["credited", "refused"]
    wrong = await device.send({"event": good})
    assert (wrong.status_code, wrong.json()["status"]) == (422, 422)
    assert not by_express(mixed)
    assert not by_express(wrong)


async def test_an_ended_session_an_old_token_and_another_role_get_no_further(
    learner: Learner, device: Device, as_person: AsPerson
) -> None:
    author = Device(learner, {"id": device.session})
    author.authorization = (await as_person(Role.AUTHOR)).headers["Authorization"]
    for _ in range(2):
        assert (await author.beat(0, 20)).status_code == 403
    headers = {"Authorization": device.authorization}
    ended = await learner.api.delete("/v1/sessions/current", headers=headers)
    assert ended.status_code == 204
    assert (await device.beat(0, 20)).status_code == 401
    old = Device(learner, {"id": device.session})
    learner.clock.advance(11 * 60)
    assert (await old.beat(0, 20)).status_code == 401


async def test_the_limit_holds_on_both_ways_together(
    learner: Learner, device: Device, vault: Vault
) -> None:
    three = Policy("heartbeat-person", By.PERSON, 3)
    limits = Limits(vault, policies={**POLICIES, RouteClass.HEARTBEAT: (three,)})
    app_of(learner.api).state["limits"] = limits
    answers = [await device.beat(0, 1) for _ in range(5)]
    assert [a.status_code for a in answers] == [200, 200, 200, 429, 429]
    assert int(answers[-1].headers["retry-after"]) > 0


class Stalling:
    """Before the application: at message number `at` nothing comes until whoever waits gives up."""

    def __init__(self, app: ASGIApp, at: int) -> None:
        self._app, self._at = app, at

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = 0

        async def received() -> Any:
            nonlocal asked
            asked += 1
            if asked == self._at:
                await asyncio.Event().wait()
            return await receive()

        await self._app(scope, received, send)


@pytest.mark.parametrize(("stalls_at", "quick"), [(0, True), (1, False), (2, False)])
async def test_a_body_that_stalls_is_waited_for_by_the_usual_way(
    learner: Learner, device: Device, monkeypatch: pytest.MonkeyPatch, stalls_at: int, quick: bool
) -> None:
    monkeypatch.setattr(express, "_AT_ONCE_SECONDS", 0.01)
    await device.later(20)
    body = msgspec.json.encode({"events": [event(device.session, 0, 20)]})

    async def parts() -> AsyncIterator[bytes]:
        yield body[:10]
        yield body[10:]

    stalling: Any = Stalling(app_of(learner.api), stalls_at)
    transport = httpx.ASGITransport(app=stalling)
    async with httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL) as api:
        headers = {"Authorization": device.authorization}
        answer = await api.post(PATH, content=parts(), headers=headers)
    assert answer.json()["verdicts"][0]["verdict"] == "credited"
    assert by_express(answer) == quick


async def test_a_full_queue_is_said_in_words(learner: Learner, device: Device) -> None:
    app_of(learner.api).state["heartbeat_committer"] = Committer(commit, waiting_limit=0)
    answer = await device.beat(0, 1)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert "稍后" in answer.json()["detail"]
