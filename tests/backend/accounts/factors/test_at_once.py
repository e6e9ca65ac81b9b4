"""The same proof sent several times at once, over the real pool: it is taken once."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator

import httpx
import pytest

from backend.accounts import tables as accounts
from backend.accounts.domain import Role
from backend.accounts.factors import tables
from backend.accounts.tokens import AccessTokens
from infra.clock import ManualClock
from infra.settings import Settings
from infra.vault import Vault
from tests.applications import application
from tests.backend.accounts.factors.conftest import Phone, enrol, show
from tests.backend.accounts.factors.device import Device
from tests.backend.accounts.factors.test_passkeys import ASK_TO_SIGN_IN, SIGN_IN, add, ask
from tests.conftest import PUBLIC_URL
from tests.people import sign_in_someone

AT_ONCE = 4


@pytest.fixture
async def owner(
    database: None, settings: Settings, vault: Vault, tokens: AccessTokens, clock: ManualClock
) -> AsyncIterator[tuple[httpx.AsyncClient, Phone]]:
    """Committed rows of one author, removed afterwards."""
    author = await sign_in_someone((Role.AUTHOR,), vault=vault, tokens=tokens, clock=clock)
    app = application(settings, clock)
    transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL) as api:
        yield api, await enrol(api, author.headers, clock)
    for table in (tables.RecoveryCode, tables.TotpFactor, tables.Passkey, accounts.PersonRole):
        await table.delete().where(table.person == author.id)
    sessions = accounts.SignInSession
    mine = [row["id"] for row in await sessions.select().where(sessions.person == author.id)]
    await accounts.RefreshToken.delete().where(accounts.RefreshToken.session.is_in(mine))
    await sessions.delete().where(sessions.person == author.id)
    await accounts.Person.delete().where(accounts.Person.id == author.id)


async def test_a_recovery_code_sent_at_once_works_once(
    owner: tuple[httpx.AsyncClient, Phone],
) -> None:
    api, phone = owner
    answers = await asyncio.gather(
        *(show(api, phone.headers, phone.recovery[0]) for _ in range(AT_ONCE))
    )
    assert Counter(a.status_code for a in answers) == {200: 1, 422: AT_ONCE - 1}


async def test_a_code_sent_at_once_works_once(owner: tuple[httpx.AsyncClient, Phone]) -> None:
    api, phone = owner
    code = phone.next_code()
    answers = await asyncio.gather(*(show(api, phone.headers, code) for _ in range(AT_ONCE)))
    assert Counter(a.status_code for a in answers) == {200: 1, 422: AT_ONCE - 1}


async def test_a_passkey_s_answer_sent_at_once_opens_one_session(
    owner: tuple[httpx.AsyncClient, Phone],
) -> None:
    api, phone = owner
    device = Device(PUBLIC_URL)
    assert (await add(api, phone.headers, device)).status_code == 201
    asked = await ask(api, ASK_TO_SIGN_IN)
    body = {"challengeId": asked["challengeId"], "credential": device.sign(asked["options"])}
    answers = await asyncio.gather(*(api.post(SIGN_IN, json=body) for _ in range(AT_ONCE)))
    assert Counter(a.status_code for a in answers) == {201: 1, 401: AT_ONCE - 1}
