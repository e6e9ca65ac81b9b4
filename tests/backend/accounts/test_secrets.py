"""What must appear nowhere: not in rows, not in logs, not in refusals."""

import httpx
import pytest

from backend.accounts import tables
from backend.app import state_of
from infra.clock import ManualClock
from infra.settings import Settings
from tests.agreed import AGREED
from tests.applications import QUICK
from tests.backend.accounts.conftest import (
    EMAIL,
    NAME,
    PASSWORD,
    PHONE,
    ask_code,
    refresh,
    sign_in,
    sign_up,
    tokens_in,
)
from tests.one_connection import connection

TABLES = [
    tables.Person,
    tables.PersonLogin,
    tables.PersonRole,
    tables.SignInSession,
    tables.RefreshToken,
    tables.SignInFailure,
    tables.OneTimeCode,
    tables.CodeCount,
]


async def everything_in_rows() -> str:
    """All rows as PostgreSQL prints them; bytes are hexadecimal there."""
    found = []
    for table in TABLES:
        name = table._meta.tablename
        found += [row[0] for row in await connection().fetch(f'SELECT t::text FROM "{name}" t')]
    return "\n".join(found)


async def live_through(api: httpx.AsyncClient) -> list[httpx.Response]:
    """What people do, right and wrong; the refusals among it are returned."""
    await sign_up(api, email=EMAIL)
    code = await ask_code(api, PHONE, "sign-up")
    new = {"name": NAME, "password": PASSWORD, "agreed": AGREED, **code}
    answers = [
        await api.post("/v1/people", json=new | {"phone": PHONE}),
        await api.post("/v1/people", json=new | {"phone": PHONE}),
        await api.post("/v1/people", json=new | {"phone": PHONE, "email": EMAIL}),
        await api.post("/v1/people", json=new | {"phone": PHONE, "password": [PASSWORD]}),
        await api.post("/v1/people", json=new | {"phone": PHONE, PASSWORD[:8]: 1}),
        await api.post("/v1/sessions", content=f'{{"login": "{EMAIL}", "password": "{PASSWORD}'),
        await sign_in(api, PHONE, PASSWORD + "!"),
        await sign_in(api, PHONE, PASSWORD, code=1),
    ]
    tokens = tokens_in(await sign_in(api, PHONE))
    tokens_in(await refresh(api, tokens.refresh))
    answers.append(await refresh(api, "not-a-token-of-ours"))
    return [answer for answer in answers if answer.status_code >= 400]


async def test_no_person_can_be_read_from_the_rows(api: httpx.AsyncClient) -> None:
    await live_through(api)
    tokens = tokens_in(await sign_in(api, EMAIL))
    rows = await everything_in_rows()
    assert "learner" in rows  # so the rows were really read
    for secret in (EMAIL, PHONE, NAME, PASSWORD, tokens.access, tokens.refresh):
        assert secret not in rows
        assert secret.encode().hex() not in rows


async def test_no_refusal_repeats_a_secret(api: httpx.AsyncClient) -> None:
    refusals = await live_through(api)
    assert len(refusals) >= 7
    for refusal in refusals:
        for secret in (EMAIL, PHONE, PASSWORD):
            assert secret not in refusal.text


async def test_no_log_line_holds_a_secret(
    api: httpx.AsyncClient, capsys: pytest.CaptureFixture[str]
) -> None:
    await live_through(api)
    logged = "".join(capsys.readouterr())
    assert "signed_in" in logged
    for secret in (EMAIL, PHONE, NAME, PASSWORD):
        assert secret not in logged


async def test_every_password_has_a_salt_of_its_own(api: httpx.AsyncClient) -> None:
    before = await tables.Person.select(tables.Person.id).output(as_list=True)
    await live_through(api)
    ours = tables.Person.id.not_in(before) if before else tables.Person.id.is_not_null()
    rows = await tables.Person.select(tables.Person.password_hash).where(ours)
    hashes = {row["password_hash"] for row in rows}
    assert len(hashes) == len(rows) == 2
    assert all(h.startswith("$argon2id$") for h in hashes)


async def test_a_password_is_as_dear_to_guess_as_owasp_asks(
    settings: Settings, clock: ManualClock
) -> None:
    passwords = state_of(settings, clock).passwords
    assert (await passwords.hash(PASSWORD)).startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert passwords.needs_new_hash(QUICK.hash(PASSWORD))
