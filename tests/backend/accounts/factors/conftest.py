"""A person with a role that needs a second factor, and an authenticator in the test's hand."""

from dataclasses import dataclass
from typing import Any

import httpx
import pyotp
import pytest

from backend.accounts import service
from backend.accounts.domain import Role
from infra.clock import ManualClock
from infra.vault import Vault
from tests.backend.accounts.conftest import EMAIL, Tokens, sign_in, tokens_in

SHOW = "/v1/sessions/current/second-factor"
BEGIN = "/v1/me/authenticator"


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@dataclass
class Phone:
    """An authenticator app; `headers` are of the session that set it up."""

    secret: str
    recovery: list[str]
    headers: dict[str, str]
    clock: ManualClock

    def code(self, *, steps: int = 0) -> str:
        return pyotp.TOTP(self.secret).at(self.clock(), counter_offset=steps)

    def next_code(self) -> str:
        self.clock.advance(30)
        return self.code()

    def wrong_code(self) -> str:
        right = {self.code(steps=n) for n in (-1, 0, 1)}
        return next(code for code in ("000000", "111111", "222222", "333333") if code not in right)


async def enrol(api: httpx.AsyncClient, headers: dict[str, str], clock: ManualClock) -> Phone:
    begun = await api.post(BEGIN, headers=headers)
    assert begun.status_code == 201, begun.text
    phone = Phone(begun.json()["secret"], [], headers, clock)
    done = await api.post(f"{BEGIN}/confirmation", json={"code": phone.code()}, headers=headers)
    assert done.status_code == 200, done.text
    phone.recovery = done.json()["recoveryCodes"]
    phone.headers = bearer(done.json()["accessToken"])
    return phone


async def show(api: httpx.AsyncClient, headers: dict[str, str], code: str) -> httpx.Response:
    return await api.post(SHOW, json={"code": code}, headers=headers)


async def me(api: httpx.AsyncClient, headers: dict[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = (await api.get("/v1/me", headers=headers)).json()
    return found


@pytest.fixture
async def author(
    api: httpx.AsyncClient, person: dict[str, Any], vault: Vault, clock: ManualClock
) -> Tokens:
    """Signed in with the password alone."""
    await service.grant_role(vault, EMAIL, Role.AUTHOR, now=clock())
    return tokens_in(await sign_in(api))


@pytest.fixture
async def phone(api: httpx.AsyncClient, author: Tokens, clock: ManualClock) -> Phone:
    return await enrol(api, author.headers, clock)
