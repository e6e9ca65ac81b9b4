"""Many requests at once, over the real pool: rows are committed, and removed afterwards."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import httpx
import pytest

from backend.accounts import tables
from backend.accounts.passwords import Passwords, SignInBusy
from backend.accounts.revocations import Revocations
from infra.clock import ManualClock
from infra.ids import uuid7
from infra.settings import Settings
from tests.agreed import AGREED
from tests.applications import QUICK, application
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
from tests.waiting import condition


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
    body: dict[str, Any] = {"name": NAME, "email": email, "password": PASSWORD, "agreed": AGREED}
    body |= await ask_code(crowd, email, "sign-up")
    answers = await asyncio.gather(*(crowd.post("/v1/people", json=body) for _ in range(5)))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 422: 4}


async def test_a_code_used_many_times_at_once_opens_one_session(crowd: httpx.AsyncClient) -> None:
    email = await somebody(crowd)
    proof = await ask_code(crowd, email, "sign-in")
    body = {"login": email, **proof}
    answers = await asyncio.gather(*(crowd.post("/v1/sessions", json=body) for _ in range(5)))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 422: 4}


@pytest.mark.parametrize(
    ("method", "path", "body", "refused"),
    [
        pytest.param(
            "POST", "/v1/sessions", {"password": PASSWORD}, "wrong-login", id="signing in"
        ),
        pytest.param(
            "PUT",
            "/v1/me/password",
            {"currentPassword": PASSWORD, "password": "the thief's own long one"},
            "present-password-wrong",
            id="changing the password",
        ),
        pytest.param("DELETE", "/v1/me/password", None, "session-ended", id="removing it"),
        pytest.param("POST", "/v1/me/authenticator", {}, "session-ended", id="a factor of theirs"),
    ],
)
async def test_what_a_thief_began_does_not_outlast_the_owner_s_recovery(
    crowd: httpx.AsyncClient,
    settings: Settings,
    method: str,
    path: str,
    body: dict[str, str] | None,
    refused: str,
) -> None:
    """The thief's request has judged the old password, or session, when the recovery commits."""
    email = await somebody(crowd)
    thief = tokens_in(await sign_in(crowd, email))
    person = (await crowd.get("/v1/me", headers=thief.headers)).json()["id"]
    sent = body | {"login": email} if body and path == "/v1/sessions" else body
    owner = await asyncpg.connect(settings.database_url)
    watch = await asyncpg.connect(settings.database_url)
    async with owner.transaction():
        await owner.execute("UPDATE person SET password_hash = '$new' WHERE id = $1", person)
        await owner.execute(
            "UPDATE sign_in_session SET revoked_at = now(), revoked_because = 'recovery'"
            " WHERE person = $1",
            person,
        )
        request = crowd.request(method, path, json=sent, headers=thief.headers)
        thieving = asyncio.create_task(request)
        await condition(lambda: waits_for(watch, owner.get_server_pid()))
    answer = await thieving
    await owner.close()
    await watch.close()
    assert answer.json()["code"] == refused


async def waits_for(watch: asyncpg.Connection, pid: int) -> bool:
    sql = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE $1 = ANY(pg_blocking_pids(pid)))"
    return bool(await watch.fetchval(sql, pid))


async def test_beyond_what_can_be_hashed_soon_people_are_told_to_come_back() -> None:
    passwords = Passwords(cores=1, hasher=QUICK)
    tries = (passwords.verify(None, "a quiet lake") for _ in range(110))
    answers = await asyncio.gather(*tries, return_exceptions=True)
    busy = [answer for answer in answers if isinstance(answer, SignInBusy)]
    assert len(busy) == 110 - 101
    assert not any(answer is True for answer in answers)
    assert await passwords.verify(await passwords.hash("a quiet lake"), "a quiet lake")


async def test_a_session_that_ends_while_the_list_is_read_is_not_forgotten(
    database: None, clock: ManualClock
) -> None:
    """The list may have been read before the session's end was written."""
    revocations, session = Revocations(), uuid7()
    reading = asyncio.create_task(revocations.includes(session, now=clock()))
    await asyncio.sleep(0)  # it has asked the database
    revocations.add(session)
    await reading
    assert await revocations.includes(session, now=clock())
