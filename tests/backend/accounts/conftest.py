"""A person who signed up by the front door."""

from dataclasses import dataclass
from typing import Any

import httpx
import pytest

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
    return await api.post("/v1/people", json={"name": NAME, "password": PASSWORD} | proof | body)


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
