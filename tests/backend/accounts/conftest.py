"""A person who signed up by the front door."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from infra.clock import ManualClock
from infra.settings import Settings
from infra.vault import Vault
from tests.agreed import AGREED
from tests.applications import application
from tests.backend.accounts.postbox import Postbox, Visitor
from tests.conftest import PUBLIC_URL

EMAIL = "wang.xiaoming@example.org"
PHONE = "13812345678"
PASSWORD = "a quiet lake at dawn"
NAME = "王小明"


@dataclass
class Tokens:
    access: str
    refresh: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.access}"}


@pytest.fixture
async def person(api: httpx.AsyncClient) -> dict[str, Any]:
    """Signed up and out again: each test opens the sessions it counts."""
    response = await sign_up(api, email=EMAIL)
    assert response.status_code == 201, response.text
    found: dict[str, Any] = response.json()
    bearer = {"Authorization": f"Bearer {found['session']['accessToken']}"}
    await api.delete("/v1/sessions/current", headers=bearer)
    return found


async def ask_code(
    api: httpx.AsyncClient, login: str, purpose: str, **headers: str
) -> dict[str, str]:
    """`codeId` and `code`, as a demonstration shows it; whoever is sent no code guesses one."""
    asked = await api.post("/v1/codes", json={"login": login, "purpose": purpose}, headers=headers)
    assert asked.status_code == 202, asked.text
    return {
        "codeId": asked.json()["codeId"],
        "code": asked.json().get("demonstrationCode", "000000"),
    }


async def sign_up(api: httpx.AsyncClient, **body: object) -> httpx.Response:
    login = str(body.get("email") or body.get("phone"))
    proof = await ask_code(api, login, "sign-up")
    new = {"name": NAME, "password": PASSWORD, "agreed": AGREED}
    return await api.post("/v1/people", json=new | proof | body)


async def sign_in(
    api: httpx.AsyncClient, login: str = EMAIL, password: str = PASSWORD, **more: object
) -> httpx.Response:
    return await api.post("/v1/sessions", json={"login": login, "password": password, **more})


async def refresh(api: httpx.AsyncClient, token: str) -> httpx.Response:
    return await api.post("/v1/sessions/refresh", json={"refreshToken": token})


def tokens_in(response: httpx.Response) -> Tokens:
    assert response.status_code == 201, response.text
    return Tokens(response.json()["accessToken"], response.json()["refreshToken"])


@pytest.fixture
async def signed_in(api: httpx.AsyncClient, person: dict[str, Any]) -> Tokens:
    return tokens_in(await sign_in(api))


@pytest.fixture
async def visitor(
    unit: None, settings: Settings, vault: Vault, clock: ManualClock
) -> AsyncIterator[Visitor]:
    """At an instance that is no demonstration, with a gateway."""
    real = settings.model_copy(update={"demo": False, "messages_url": "https://gateway.test/"})
    app = application(real, clock)
    transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL) as client:
        yield Visitor(client, Postbox(vault, clock))
