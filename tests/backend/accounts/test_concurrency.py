"""Many requests at once, over the real pool: rows are committed, and removed afterwards."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator

import httpx
import pytest

from backend.accounts import tables
from backend.accounts.passwords import Passwords, SignInBusy
from infra.clock import ManualClock
from infra.ids import uuid7
from infra.settings import Settings
from tests.applications import application
from tests.backend.accounts.conftest import (
    NAME,
    PASSWORD,
    ask_code,
    refresh,
    sign_in,
    sign_up,
    tokens_in,
)
from tests.conftest import PUBLIC_URL


@pytest.fixture
async def crowd(
    database: None, settings: Settings, clock: ManualClock
) -> AsyncIterator[httpx.AsyncClient]:
    app = application(settings, clock)
    transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL) as client:
        yield client
    for table in (
        tables.RefreshToken,
        tables.SignInSession,
        tables.PersonRole,
        tables.PersonLogin,
        tables.Person,
        tables.SignInFailure,
        tables.OneTimeCode,
        tables.CodeCount,
    ):
        await table.delete(force=True)


async def somebody(crowd: httpx.AsyncClient) -> str:
    email = f"{uuid7()}@example.org"
    assert (await sign_up(crowd, email=email)).status_code == 201
    return email


async def test_a_refresh_sent_many_times_at_once_gives_one_successor(
    crowd: httpx.AsyncClient,
) -> None:
    tokens = tokens_in(await sign_in(crowd, await somebody(crowd)))
    answers = await asyncio.gather(*(refresh(crowd, tokens.refresh) for _ in range(8)))
    assert {answer.status_code for answer in answers} == {201}
    successors = {answer.json()["refreshToken"] for answer in answers}
    assert len(successors) == 1
    assert (await refresh(crowd, successors.pop())).status_code == 201


async def test_guesses_sent_all_at_once_are_each_counted(crowd: httpx.AsyncClient) -> None:
    email = await somebody(crowd)
    guesses = (sign_in(crowd, email, f"guess number {n}") for n in range(20))
    statuses = Counter(answer.status_code for answer in await asyncio.gather(*guesses))
    assert statuses == {401: 5, 429: 15}


async def test_a_login_wanted_by_many_goes_to_one(crowd: httpx.AsyncClient) -> None:
    email = f"{uuid7()}@example.org"
    body = {"name": NAME, "email": email, "password": PASSWORD}
    body |= await ask_code(crowd, email, "sign-up")
    answers = await asyncio.gather(*(crowd.post("/v1/people", json=body) for _ in range(5)))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 422: 4}


async def test_a_code_used_many_times_at_once_opens_one_session(crowd: httpx.AsyncClient) -> None:
    email = await somebody(crowd)
    proof = await ask_code(crowd, email, "sign-in")
    body = {"login": email, **proof}
    answers = await asyncio.gather(*(crowd.post("/v1/sessions", json=body) for _ in range(5)))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 422: 4}


async def test_beyond_what_can_be_hashed_soon_people_are_told_to_come_back() -> None:
    passwords = Passwords(cores=1)
    tries = (passwords.verify(None, "a quiet lake") for _ in range(110))
    answers = await asyncio.gather(*tries, return_exceptions=True)
    busy = [answer for answer in answers if isinstance(answer, SignInBusy)]
    assert len(busy) == 110 - 101
    assert not any(answer is True for answer in answers)
    assert await passwords.verify(await passwords.hash("a quiet lake"), "a quiet lake")
