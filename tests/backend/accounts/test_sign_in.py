"""Signing up, in and out, as an application does it."""

from typing import Any

import httpx
import pytest

from backend.accounts.service import ensure_demo_people
from infra.clock import ManualClock
from infra.settings import Settings
from infra.vault import Vault
from tests.agreed import AGREED
from tests.applications import application
from tests.backend.accounts.conftest import (
    EMAIL,
    NAME,
    PASSWORD,
    PHONE,
    Tokens,
    refresh,
    sign_in,
    sign_up,
    tokens_in,
)
from tests.conftest import PUBLIC_URL
from tests.people import AsPerson


async def test_a_new_person_is_a_learner_and_knows_it(
    api: httpx.AsyncClient, person: dict[str, Any], signed_in: Tokens
) -> None:
    response = await api.get("/v1/me", headers=signed_in.headers)
    assert response.json() == {
        "id": person["id"],
        "name": NAME,
        "roles": ["learner"],
        "rolesWaiting": [],
        "secondFactor": {"enrolled": False, "methods": []},
        "identity": {"verified": False},
        "demonstration": True,
    }


async def test_signing_up_records_what_was_agreed_to(
    api: httpx.AsyncClient, person: dict[str, Any], signed_in: Tokens
) -> None:
    said = (await api.get("/v1/me/consents", headers=signed_in.headers)).json()["items"]
    given = {c["purpose"]: c.get("version") for c in said if c["state"] == "given"}
    assert given == {notice["purpose"]: notice["version"] for notice in AGREED}


@pytest.mark.parametrize(
    "agreed", [[], AGREED[:1], [{**n, "version": "2025-01"} for n in AGREED]],
    ids=["to nothing", "to one of two", "to an old version"],
)  # fmt: skip
async def test_nobody_signs_up_without_agreeing(
    api: httpx.AsyncClient, agreed: list[dict[str, str]]
) -> None:
    refused = await sign_up(api, email=EMAIL, agreed=agreed)
    assert (refused.status_code, refused.json()["code"]) == (422, "consent-needed")
    assert "勾选" in refused.json()["fields"]["agreed"]


@pytest.mark.parametrize(
    "typed", [PHONE, "138 1234 5678", "+86-138-1234-5678", "１３８１２３４５６７８"]
)
async def test_a_number_is_the_same_however_it_is_typed(api: httpx.AsyncClient, typed: str) -> None:
    await sign_up(api, phone=PHONE)
    assert (await sign_in(api, typed)).status_code == 201


async def test_an_address_is_the_same_in_capitals(
    api: httpx.AsyncClient, person: dict[str, Any]
) -> None:
    assert (await sign_in(api, EMAIL.upper())).status_code == 201


async def test_an_unknown_login_and_a_wrong_password_answer_alike(
    api: httpx.AsyncClient, person: dict[str, Any]
) -> None:
    wrong = await sign_in(api, password="not the password")
    unknown = await sign_in(api, "nobody@example.org")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.content == unknown.content
    assert _shape(wrong) == _shape(unknown)


async def test_with_cookie_the_refresh_token_stays_out_of_the_body(
    api: httpx.AsyncClient, person: dict[str, Any]
) -> None:
    response = await sign_in(api, cookie=True)
    assert "refreshToken" not in response.json()
    cookie = response.headers["set-cookie"]
    assert cookie.startswith("guanbiao_refresh=")
    for part in ("HttpOnly", "SameSite=strict", "Path=/v1/sessions"):
        assert part in cookie
    renewed = await api.post("/v1/sessions/refresh", json={})
    assert renewed.status_code == 201
    assert "refreshToken" not in renewed.json()
    assert renewed.headers["set-cookie"] != cookie


async def test_a_signed_out_session_ends_its_access_token_at_once(
    api: httpx.AsyncClient, signed_in: Tokens
) -> None:
    response = await api.delete("/v1/sessions/current", headers=signed_in.headers)
    assert response.status_code == 204
    assert (await api.get("/v1/me", headers=signed_in.headers)).status_code == 401
    ended = await refresh(api, signed_in.refresh)
    assert (ended.status_code, ended.json()["code"]) == (401, "session-ended")


async def test_signing_out_leaves_the_other_device_signed_in(
    api: httpx.AsyncClient, signed_in: Tokens
) -> None:
    other = tokens_in(await sign_in(api))
    await api.delete("/v1/sessions/current", headers=signed_in.headers)
    assert (await api.get("/v1/me", headers=other.headers)).status_code == 200


async def test_a_session_lasts_thirty_days(
    api: httpx.AsyncClient, signed_in: Tokens, clock: ManualClock
) -> None:
    clock.advance(30 * 86400 - 1)
    renewed = tokens_in(await refresh(api, signed_in.refresh))
    clock.advance(1)
    assert (await refresh(api, renewed.refresh)).json()["code"] == "session-ended"


async def test_wrong_passwords_slow_down_one_network_for_at_most_a_minute(
    api: httpx.AsyncClient, person: dict[str, Any], clock: ManualClock
) -> None:
    waits = []
    for _ in range(20):
        response = await sign_in(api, password="not the password")
        if response.status_code == 429:
            waits.append(int(response.headers["retry-after"]))
            clock.advance(waits[-1])
    assert waits[:4] == [1, 2, 4, 8]
    assert (await sign_in(api)).status_code == 201


async def test_the_right_password_waits_too_while_a_delay_runs(
    api: httpx.AsyncClient, person: dict[str, Any], clock: ManualClock
) -> None:
    for _ in range(5):
        await sign_in(api, password="not the password")
    early = await sign_in(api)
    assert (early.status_code, early.json()["code"]) == (429, "too-many-failures")
    clock.advance(1)
    assert (await sign_in(api)).status_code == 201


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_another_site_cannot_plant_a_cookie(
    api: httpx.AsyncClient, person: dict[str, Any], site: str
) -> None:
    headers = {"Sec-Fetch-Site": site}
    body = {"login": EMAIL, "password": PASSWORD, "cookie": True}
    planted = await api.post("/v1/sessions", json=body, headers=headers)
    assert (planted.status_code, planted.json()["code"]) == (403, "another-site")
    renewed = await api.post("/v1/sessions/refresh", json={}, headers=headers)
    assert renewed.status_code == 403


async def test_a_visitor_without_a_cookie_is_not_signed_in(api: httpx.AsyncClient) -> None:
    response = await api.post("/v1/sessions/refresh", json={})
    assert (response.status_code, response.json()["code"]) == (401, "refresh-token-not-known")


async def test_demo_people_are_made_once_and_can_sign_in(
    api: httpx.AsyncClient, vault: Vault, clock: ManualClock
) -> None:
    await ensure_demo_people(vault, clock())
    for account in await ensure_demo_people(vault, clock()):
        tokens = tokens_in(await sign_in(api, account.login, account.password))
        me = (await api.get("/v1/me", headers=tokens.headers)).json()
        assert {*me["roles"], *me["rolesWaiting"]} == set(account.roles)


async def test_the_null_identity_check_says_what_it_is(
    api: httpx.AsyncClient, signed_in: Tokens
) -> None:
    response = await api.post(
        "/v1/me/identity-verification", json={"name": "王大明"}, headers=signed_in.headers
    )
    assert response.status_code == 200
    assert (response.json()["verified"], response.json()["method"]) == (True, "null")
    assert "DEMONSTRATION" in response.json()["notice"]["en"]
    me = (await api.get("/v1/me", headers=signed_in.headers)).json()
    assert (me["name"], me["identity"]) == ("王大明", {"verified": True, "method": "null"})


async def test_without_a_demonstration_no_identity_is_verified_by_nothing(
    settings: Settings, clock: ManualClock, as_person: AsPerson
) -> None:
    app = application(settings.model_copy(update={"demo": False}), clock)
    transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]
    learner = await as_person()
    async with httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL) as api:
        response = await api.post(
            "/v1/me/identity-verification", json={"name": NAME}, headers=learner.headers
        )
        me = await api.get("/v1/me", headers=learner.headers)
    assert (response.status_code, response.json()["code"]) == (409, "no-identity-check")
    assert (me.json()["identity"], me.json()["demonstration"]) == ({"verified": False}, False)


def test_the_null_identity_check_warns_at_start(
    settings: Settings, clock: ManualClock, capsys: pytest.CaptureFixture[str]
) -> None:
    application(settings, clock)
    assert "NULL IDENTITY CHECK IS ON" in capsys.readouterr().err
    application(settings.model_copy(update={"demo": False}), clock)
    assert "NULL IDENTITY CHECK" not in capsys.readouterr().err


def _shape(response: httpx.Response) -> list[str]:
    return sorted(name for name in response.headers if name != "x-request-id")
