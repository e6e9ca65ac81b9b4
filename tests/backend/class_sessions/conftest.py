"""A class from nine to five, its teacher, and learners with phones."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from infra.clock import ManualClock
from tests.backend.organisations.making import make_organisation
from tests.people import AsPerson, SignedIn

CLASSES = "/v1/class-sessions"


@dataclass
class Learner:
    person: SignedIn
    api: httpx.AsyncClient
    device: str = field(default_factory=lambda: str(uuid4()))

    async def scan(self, url: str, device: str | None = None) -> httpx.Response:
        body = {"code": url.rpartition("/")[2], "device": device or self.device}
        return await self.api.post("/v1/class-check-ins", json=body, headers=self.person.headers)


@dataclass
class Class:
    id: str
    organisation: UUID
    teacher: SignedIn
    api: httpx.AsyncClient
    clock: ManualClock
    begins: datetime

    @property
    def path(self) -> str:
        return f"{CLASSES}/{self.id}"

    async def enrol(self, learner: Learner) -> str:
        """My seat's state."""
        answer = await self.api.put(f"{self.path}/seat", headers=learner.person.headers)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["mySeat"])

    async def code(self, purpose: str = "in") -> str:
        answer = await self.api.get(
            f"{self.path}/code", params={"purpose": purpose}, headers=self.teacher.headers
        )
        assert answer.status_code == 200, answer.text
        return str(answer.json()["url"])

    async def seats(self) -> list[dict[str, Any]]:
        answer = await self.api.get(f"{self.path}/seats", headers=self.teacher.headers)
        return list(answer.json()["items"])

    async def post(self, path: str, body: dict[str, Any]) -> httpx.Response:
        return await self.api.post(f"{self.path}/{path}", json=body, headers=self.teacher.headers)

    def at(self, hours: float) -> None:
        """So many hours after the beginning."""
        wanted = self.begins + timedelta(hours=hours)
        self.clock.advance((wanted - self.clock()).total_seconds())

    async def attend(self, learner: Learner, since: float, until: float) -> None:
        """In and out by code, at these hours after the beginning."""
        for purpose, hours in (("in", since), ("out", until)):
            self.at(hours)
            assert (await learner.scan(await self.code(purpose))).status_code == 200


MakeClass = Callable[..., Awaitable[Class]]
MakeLearner = Callable[[], Awaitable[Learner]]


@pytest.fixture
def a_learner(api: httpx.AsyncClient, as_person: AsPerson) -> MakeLearner:
    async def make() -> Learner:
        return Learner(await as_person(), api)

    return make


@pytest.fixture
def a_class(api: httpx.AsyncClient, as_person: AsPerson, clock: ManualClock) -> MakeClass:
    """Tomorrow from nine to five with a break at noon; eight class hours planned."""

    async def make(**changed: Any) -> Class:
        teacher = await as_person()
        organisation = await make_organisation(teacher.id, now=clock())
        begins = clock() + timedelta(days=1)
        body = {
            "organisationId": str(organisation),
            "title": "GB/T 29490-2023 内审员面授",
            "place": "深圳市南山区科技园 3 楼",
            "capacity": 30,
            "classHours": 8,
            "beginsAt": begins.isoformat(),
            "endsAt": (begins + timedelta(hours=8)).isoformat(),
            "breaks": [
                {
                    "beginsAt": (begins + timedelta(hours=3)).isoformat(),
                    "endsAt": (begins + timedelta(hours=4.5)).isoformat(),
                }
            ],
            **changed,
        }
        answer = await api.post(CLASSES, json=body, headers=teacher.headers)
        assert answer.status_code == 201, answer.text
        return Class(answer.json()["id"], organisation, teacher, api, clock, begins)

    return make
