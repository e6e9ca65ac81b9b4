"""A body in the register, its manager and an administrator."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import httpx
import pytest

from backend.accounts.domain import Role
from backend.organisations import service as organisations
from backend.organisations.tables import Organisation
from infra.clock import ManualClock
from tests.backend.organisations.making import make_organisation
from tests.people import AsPerson, SignedIn

BODIES = "/v1/certification-bodies"
ENTRY = {"reason": "依据复核结论", "document": "国知发运字〔2026〕1号"}


@dataclass(frozen=True)
class Body:
    code: str
    organisation: str
    manager: SignedIn
    administrator: SignedIn
    api: httpx.AsyncClient

    @property
    def path(self) -> str:
        return f"{BODIES}/{self.code}"

    async def enter(self, state: str, since: str, **more: Any) -> httpx.Response:
        body = {"state": state, "effectiveFrom": since, **ENTRY, **more}
        headers = self.administrator.headers
        return await self.api.post(f"{self.path}/register-entries", json=body, headers=headers)

    async def add_auditor(self, **changed: Any) -> httpx.Response:
        body = {
            "registrationNumber": "2021-N1IPMS-1234567",
            "name": "王小明",
            "grade": "auditor",
            "gradeSince": "2021-05-01",
            "employedSince": "2024-01-01",
            **changed,
        }
        headers = self.manager.headers
        return await self.api.post(f"{self.path}/auditors", json=body, headers=headers)


MakeBody = Callable[..., Awaitable[Body]]


@pytest.fixture
def make_body(api: httpx.AsyncClient, as_person: AsPerson, clock: ManualClock) -> MakeBody:
    """`await make_body()`: listed from 2026-01-01."""

    async def make(*, listed: bool = True, since: date = date(2026, 1, 1)) -> Body:
        manager, administrator = await as_person(), await as_person(Role.ADMINISTRATOR)
        organisation = await make_organisation(manager.id, now=clock(), name="甲认证中心")
        await Organisation.update({Organisation.kind: "certification-body"}).where(
            Organisation.id == organisation
        )
        filed = await organisations.organisation(organisation)
        body = Body(filed.code, str(organisation), manager, administrator, api)
        if listed:
            wanted = {"organisationId": body.organisation, **ENTRY}
            answer = await api.post(
                BODIES,
                json={**wanted, "effectiveFrom": since.isoformat()},
                headers=administrator.headers,
            )
            assert answer.status_code == 201, answer.text
        return body

    return make
