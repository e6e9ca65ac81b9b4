"""What a hostile client may try with tokens, over HTTP."""

import base64
import hashlib
import json
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from backend.accounts.revocations import REFRESHED_EVERY
from backend.accounts.service import ensure_demo_people
from backend.accounts.tokens import AccessTokens
from infra.clock import ManualClock
from infra.settings import Settings
from infra.vault import Vault
from tests.applications import application
from tests.backend.accounts.conftest import Tokens, refresh, sign_in, tokens_in
from tests.conftest import PUBLIC_URL
from tests.people import AsPerson, SignedIn


@pytest.fixture
async def learner(as_person: AsPerson) -> SignedIn:
    return await as_person()


async def ask(api: httpx.AsyncClient, token: str) -> httpx.Response:
    return await api.get("/v1/me", headers={"Authorization": f"Bearer {token}"})


async def assert_refused(api: httpx.AsyncClient, token: str) -> None:
    response = await ask(api, token)
    assert (response.status_code, response.json()["code"]) == (401, "token-not-valid")
    assert response.headers["www-authenticate"] == 'Bearer error="invalid_token"'


def good_token(learner: SignedIn) -> str:
    return learner.headers["Authorization"].removeprefix("Bearer ")


def claims_of(token: str) -> dict[str, Any]:
    found: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return found


def header_of(learner: SignedIn) -> dict[str, str]:
    return {"kid": learner.tokens.kid, "typ": "at+jwt"}


async def test_a_token_of_another_key_is_refused(
    api: httpx.AsyncClient, learner: SignedIn, clock: ManualClock
) -> None:
    stranger = AccessTokens(Ed25519PrivateKey.generate(), PUBLIC_URL)
    await assert_refused(api, stranger.mint(learner.caller, now=clock()))
    claims = claims_of(good_token(learner))
    forged = jwt.encode(claims, Ed25519PrivateKey.generate(), "EdDSA", header_of(learner))
    await assert_refused(api, forged)


async def test_an_unsigned_token_is_refused(api: httpx.AsyncClient, learner: SignedIn) -> None:
    claims = claims_of(good_token(learner))
    await assert_refused(api, jwt.encode(claims, "", "none", header_of(learner)))


async def test_the_public_key_is_no_shared_secret(
    api: httpx.AsyncClient, learner: SignedIn
) -> None:
    claims = claims_of(good_token(learner))
    published = (await api.get("/.well-known/token-keys.json")).json()["keys"][0]
    secret = base64.urlsafe_b64decode(published["x"] + "=")
    await assert_refused(api, jwt.encode(claims, secret, "HS256", header_of(learner)))


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"roles": ["administrator"]}, id="a role added"),
        pytest.param({"exp": 9_999_999_999}, id="a longer life"),
        pytest.param({"sub": "00000000-0000-7000-8000-000000000001"}, id="another person"),
    ],
)
async def test_a_tampered_token_is_refused(
    api: httpx.AsyncClient, learner: SignedIn, changes: dict[str, Any]
) -> None:
    head, _, signature = good_token(learner).split(".")
    claims = json.dumps(claims_of(good_token(learner)) | changes).encode()
    body = base64.urlsafe_b64encode(claims).rstrip(b"=").decode()
    await assert_refused(api, f"{head}.{body}.{signature}")


@pytest.mark.parametrize(
    ("claim", "value"),
    [
        pytest.param("iss", "http://elsewhere.test", id="another issuer"),
        pytest.param("aud", "http://elsewhere.test/v1", id="another audience"),
        pytest.param("roles", ["emperor"], id="a role that does not exist"),
        pytest.param("sub", "somebody", id="a subject that is no id"),
        pytest.param("sid", None, id="no session"),
    ],
)
async def test_our_own_key_under_other_claims_is_refused(
    api: httpx.AsyncClient, learner: SignedIn, claim: str, value: object
) -> None:
    claims = claims_of(good_token(learner)) | {claim: value}
    key = learner.tokens._key
    await assert_refused(api, jwt.encode(claims, key, "EdDSA", header_of(learner)))


async def test_another_kind_of_token_under_our_key_is_no_access_token(
    api: httpx.AsyncClient, learner: SignedIn
) -> None:
    claims, key = claims_of(good_token(learner)), learner.tokens._key
    for header in ({"kid": learner.tokens.kid, "typ": "JWT"}, {"kid": "old", "typ": "at+jwt"}):
        await assert_refused(api, jwt.encode(claims, key, "EdDSA", header))


_NESTED = base64.urlsafe_b64encode(b"[" * 9000).decode() + ".a.b"


@pytest.mark.parametrize(
    "token", ["x", "a.b.c", "..", "=" * 5000, "Ω", pytest.param(_NESTED, id="nested without end")]
)
async def test_garbage_is_refused(api: httpx.AsyncClient, token: str) -> None:
    headers = [(b"Authorization", b"Bearer " + token.encode())]
    for method, path in (("GET", "/v1/me"), ("POST", "/v1/heartbeats")):  # and by an express lane
        response = await api.request(method, path, headers=headers)
        assert (response.status_code, response.json()["status"]) == (401, 401)


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic dTpw"])
async def test_another_scheme_is_told_to_sign_in(api: httpx.AsyncClient, header: str) -> None:
    response = await api.get("/v1/me", headers={"Authorization": header})
    assert (response.status_code, response.json()["code"]) == (401, "sign-in-first")


async def test_an_expired_token_is_refused_though_it_is_remembered(
    api: httpx.AsyncClient, learner: SignedIn, clock: ManualClock
) -> None:
    token = good_token(learner)
    assert (await ask(api, token)).status_code == 200
    clock.advance(600)
    assert (await ask(api, token)).json()["code"] == "token-expired"


def test_the_memory_of_tokens_is_bounded(
    learner: SignedIn, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.accounts.tokens._REMEMBERED", 3)
    for _ in range(5):
        learner.tokens.verify(good_token(learner), now=clock())
    assert len(learner.tokens._remembered) == 3


async def test_a_session_ended_elsewhere_ends_here_within_seconds(
    api: httpx.AsyncClient, signed_in: Tokens, settings: Settings, clock: ManualClock
) -> None:
    """Two processes share nothing but the database."""
    app = application(settings, clock)
    transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL) as other:
        assert (await ask(other, signed_in.access)).status_code == 200
        await api.delete("/v1/sessions/current", headers=signed_in.headers)
        clock.advance(REFRESHED_EVERY.total_seconds())
        assert (await ask(other, signed_in.access)).status_code == 401


async def test_a_stolen_refresh_token_ends_the_whole_session(
    api: httpx.AsyncClient, signed_in: Tokens, clock: ManualClock
) -> None:
    renewed = tokens_in(await refresh(api, signed_in.refresh))
    clock.advance(31)
    stolen = await refresh(api, signed_in.refresh)
    assert (stolen.status_code, stolen.json()["code"]) == (401, "refresh-token-reused")
    assert (await refresh(api, renewed.refresh)).json()["code"] == "session-ended"
    clock.advance(REFRESHED_EVERY.total_seconds())
    assert (await ask(api, renewed.access)).status_code == 401


async def test_a_thief_who_is_first_is_found_when_the_owner_comes(
    api: httpx.AsyncClient, signed_in: Tokens, clock: ManualClock
) -> None:
    thief = tokens_in(await refresh(api, signed_in.refresh))
    clock.advance(300)
    assert (await refresh(api, signed_in.refresh)).json()["code"] == "refresh-token-reused"
    assert (await refresh(api, thief.refresh)).status_code == 401


async def test_a_lost_answer_may_be_asked_for_again(
    api: httpx.AsyncClient, signed_in: Tokens, clock: ManualClock
) -> None:
    first = tokens_in(await refresh(api, signed_in.refresh))
    clock.advance(20)
    again = tokens_in(await refresh(api, signed_in.refresh))
    assert again.refresh == first.refresh
    assert tokens_in(await refresh(api, again.refresh)).refresh != first.refresh


async def test_a_late_twin_is_refused_without_ending_the_session(
    api: httpx.AsyncClient, signed_in: Tokens
) -> None:
    second = tokens_in(await refresh(api, signed_in.refresh))
    third = tokens_in(await refresh(api, second.refresh))
    twin = await refresh(api, signed_in.refresh)
    assert (twin.status_code, twin.json()["code"]) == (401, "refresh-token-superseded")
    assert (await refresh(api, third.refresh)).status_code == 201


async def test_a_successor_cannot_be_told_from_its_token(
    api: httpx.AsyncClient, signed_in: Tokens
) -> None:
    guess = hashlib.sha256(f"refresh\0{signed_in.refresh}".encode()).hexdigest()
    answer = await refresh(api, guess)
    assert (answer.status_code, answer.json()["code"]) == (401, "refresh-token-not-known")


async def test_ones_sign_out_leaves_anothers_session_alone(
    api: httpx.AsyncClient, signed_in: Tokens, learner: SignedIn
) -> None:
    await api.delete("/v1/sessions/current", headers=learner.headers)
    assert (await ask(api, signed_in.access)).status_code == 200


async def test_demo_people_cannot_sign_in_once_the_demonstration_is_over(
    unit: None, settings: Settings, vault: Vault, clock: ManualClock
) -> None:
    await ensure_demo_people(vault, clock())
    real = settings.model_copy(update={"demo": False})
    app = application(real, clock)
    transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL) as api:
        response = await sign_in(api, "admin@demo.guanbiao", "guanbiao-demo")
        assert (response.status_code, response.json()["code"]) == (401, "wrong-login")
