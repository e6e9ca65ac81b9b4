"""An organisation with a manager and a member, and two administrators of ours."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Any
from uuid import UUID

import httpx
import pytest

from backend import privacy_notices as notices
from backend.accounts.domain import Role
from backend.identity.documents import check_character
from infra.clock import ManualClock
from infra.consents import Purpose
from infra.database import UnitOfWork
from infra.engine import DB
from tests.backend.organisations.making import make_member, make_organisation
from tests.people import AsPerson, SignedIn

_BIRTHS = count(1)
PURPOSE, VERSION = Purpose.IDENTITY_VERIFICATION, "2026-11"
NAME = "王小明"


def new_number() -> str:
    """A valid 公民身份号码 that no other test has."""
    n = next(_BIRTHS)
    seventeen = f"110105{1950 + n // 336 % 50}{n // 28 % 12 + 1:02d}{n % 28 + 1:02d}{n % 1000:03d}"
    return seventeen + check_character(seventeen)


def document(number: str, name: str = NAME, **more: Any) -> dict[str, Any]:
    return {"name": name, "kind": "resident-id", "number": number, **more}


@dataclass
class World:
    api: httpx.AsyncClient
    clock: ManualClock
    organisation: UUID
    manager: SignedIn
    member: SignedIn
    first: SignedIn
    """An administrator."""
    second: SignedIn

    async def post(self, who: SignedIn, path: str, **body: Any) -> httpx.Response:
        return await self.api.post(path, headers=who.headers, json=body)

    async def get(self, who: SignedIn, path: str, **parameters: Any) -> Any:
        answer = await self.api.get(path, headers=who.headers, params=parameters)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def declare(self, who: SignedIn, number: str, name: str = NAME) -> str:
        body = document(number, name, organisationId=str(self.organisation))
        answer = await self.post(who, "/v1/me/identity", **body)
        assert answer.status_code == 201, answer.text
        found: str = answer.json()["declaration"]["id"]
        return found

    def of_organisation(self, declaration: str, act: str) -> str:
        there = f"/v1/organisations/{self.organisation}/identity-declarations"
        return f"{there}/{declaration}/{act}"

    async def agree(self, *people: SignedIn) -> None:
        """To what is said about identity verification, as a declaration itself may, too."""
        for who in people:
            async with UnitOfWork(DB):
                await notices.agree(who.id, PURPOSE, VERSION, now=self.clock())

    async def attest(self, declaration: str, number: str, name: str = NAME) -> httpx.Response:
        path = self.of_organisation(declaration, "attestation")
        return await self.post(self.manager, path, **document(number, name))

    async def confirm(self, declaration: str, who: SignedIn | None = None) -> httpx.Response:
        path = f"/v1/identity-declarations/{declaration}/confirmation"
        return await self.post(who or self.first, path)

    async def attested(self, who: SignedIn, number: str, name: str = NAME) -> str:
        declaration = await self.declare(who, number, name)
        answer = await self.attest(declaration, number, name)
        assert answer.status_code == 204, answer.text
        return declaration

    async def verified(self, who: SignedIn, number: str, name: str = NAME) -> str:
        declaration = await self.attested(who, number, name)
        answer = await self.confirm(declaration)
        assert answer.json() == {"state": "verified"}, answer.text
        return declaration

    async def colleague(self, as_person: AsPerson) -> SignedIn:
        someone = await as_person()
        await self.agree(someone)
        await make_member(self.organisation, someone.id, now=self.clock())
        return someone

    async def state(self, who: SignedIn) -> str:
        found: str = (await self.get(who, "/v1/me/identity"))["state"]
        return found


@pytest.fixture
async def world(api: httpx.AsyncClient, as_person: AsPerson, clock: ManualClock) -> World:
    manager, member = await as_person(), await as_person()
    first, second = [await as_person(Role.ADMINISTRATOR) for _ in range(2)]
    organisation = await make_organisation(manager.id, now=clock())
    await make_member(organisation, member.id, now=clock())
    made = World(api, clock, organisation, manager, member, first, second)
    await made.agree(manager, member, first, second)
    return made


Numbers = Callable[[], str]


@pytest.fixture
def number() -> str:
    return new_number()
