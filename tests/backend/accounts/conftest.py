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
    response = await api.post(
        "/v1/people", json={"name": NAME, "email": EMAIL, "password": PASSWORD}
    )
    assert response.status_code == 201, response.text
    found: dict[str, Any] = response.json()
    return found


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
