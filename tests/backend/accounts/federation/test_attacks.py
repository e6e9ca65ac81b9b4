"""What somebody may try between us and a provider."""

import json
from base64 import urlsafe_b64encode
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey, RSAKey
from structlog.testing import capture_logs

from backend.accounts.domain import Role, typed_login
from backend.accounts.federation.controllers import NEWCOMER
from backend.accounts.federation.errors import ProofNotValid
from backend.accounts.federation.line import Tokens
from backend.accounts.federation.proving import judged
from backend.accounts.privacy_facts import NO_PASSWORD
from backend.accounts.service import add_person
from infra.clock import ManualClock
from infra.vault import Vault
from tests.agreed import AGREED
from tests.backend.accounts.federation.conftest import (
    Browser,
    NewBrowser,
    changed,
    given,
    registered,
)
from tests.backend.accounts.federation.test_sign_in import where
from tests.identity_provider import Providers
from tests.people import AsPerson

ISSUER, NONCE = "https://issuer.test", "the nonce"
KEY = RSAKey.generate_key(2048, {"kid": "one"})
PROVIDER = registered("ministry", ISSUER).provider


def assert_no_session(answer: httpx.Response, code: str) -> None:
    assert f"refused={code}" in where(answer)
    assert "guanbiao_refresh" not in answer.headers.get("set-cookie", "")


# --- state and browser ------------------------------------------------------------------------


async def test_a_way_back_works_once(browser: Browser) -> None:
    url = await browser.at_provider(await browser.begin(), "zhang")
    cookies = dict(browser.ours.cookies)
    assert "new=1" in where(await browser.come_back(url))
    browser.ours.cookies.update(cookies)  # even for a browser that kept its cookie
    assert_no_session(await browser.come_back(url), "attempt-not-known")


async def test_another_browser_cannot_finish_what_one_began(
    browser: Browser, new_browser: NewBrowser
) -> None:
    """Else an attacker could sign a victim in to the attacker's own account."""
    url = await browser.at_provider(await browser.begin(), "attacker")
    assert_no_session(await new_browser().come_back(url), "attempt-not-known")
    assert "new=1" in where(await browser.come_back(url))


async def test_a_link_that_another_browser_began_links_nothing(
    browser: Browser, new_browser: NewBrowser, as_person: AsPerson
) -> None:
    """A victim who is lured to the attacker's way back does not give their identity away."""
    attacker = await as_person()
    url = await browser.begin(headers=attacker.headers)
    victim = new_browser()
    assert_no_session(
        await victim.come_back(await victim.at_provider(url, "victim")), "attempt-not-known"
    )


@pytest.mark.parametrize("cookie", ["", "x", "00", "81" * 40, "ß" * 40])
async def test_a_newcomer_whom_we_did_not_seal_gets_no_account(
    browser: Browser, cookie: str
) -> None:
    headers = {b"Cookie": f"{NEWCOMER}={cookie}".encode()}
    body = {"agreed": AGREED}
    answer = await browser.ours.post("/v1/federation/newcomers", json=body, headers=headers)
    assert answer.status_code in {400, 401, 422}, answer.text
    assert "set-cookie" not in answer.headers


async def test_a_newcomer_who_hesitates_for_ten_minutes_begins_again(
    browser: Browser, clock: ManualClock
) -> None:
    await browser.arrive("zhang")
    cookie = browser.ours.cookies[NEWCOMER]
    assert "zhang" not in bytes.fromhex(cookie).decode(errors="ignore")
    clock.advance(600)
    answer = await browser.agree()
    assert (answer.status_code, answer.json()["code"]) == (401, "attempt-not-known")


@pytest.mark.parametrize("state", [None, "", "x", "y" * 43, "ß" * 9, "z" * 2000])
async def test_a_state_nobody_was_given_is_refused(browser: Browser, state: str | None) -> None:
    url = await browser.at_provider(await browser.begin(), "zhang")
    assert_no_session(await browser.come_back(changed(url, state=state)), "attempt-not-known")


async def test_a_way_back_after_ten_minutes_is_refused(
    browser: Browser, clock: ManualClock
) -> None:
    url = await browser.at_provider(await browser.begin(), "zhang")
    clock.advance(600)
    assert_no_session(await browser.come_back(url), "attempt-not-known")


async def test_another_site_cannot_begin_for_a_visitor(browser: Browser) -> None:
    headers = {"Sec-Fetch-Site": "cross-site"}
    answer = await browser.ours.post("/v1/federation/ministry/sign-in", json={}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "another-site")


# --- what the real provider was asked, changed on the way -------------------------------------


async def test_a_token_for_another_nonce_is_refused(browser: Browser) -> None:
    """A token that was issued in another attempt is replayed into this one."""
    url = changed(await browser.begin(), nonce="n" * 64)
    back = await browser.at_provider(url, "zhang")
    assert_no_session(await browser.come_back(back), "proof-not-valid")


async def test_a_code_for_another_client_is_refused(browser: Browser) -> None:
    url = changed(await browser.begin(), client_id="another-client")
    back = await browser.at_provider(url, "zhang")
    assert_no_session(await browser.come_back(back), "provider-refused")


async def test_a_code_for_another_attempt_s_challenge_is_refused(browser: Browser) -> None:
    stolen = given(await browser.at_provider(await browser.begin(), "victim"))["code"]
    url = await browser.at_provider(await browser.begin(), "attacker")
    assert_no_session(await browser.come_back(changed(url, code=stolen)), "provider-refused")


async def test_one_provider_s_answer_cannot_pass_for_another_s(
    browser: Browser, providers: Providers
) -> None:
    """Issuer mix-up: told apart by the callback, by `iss`, and by where the code is good."""
    url = await browser.at_provider(await browser.begin("works"), "zhang")
    assert_no_session(
        await browser.come_back(url.replace("/works/", "/ministry/")), "attempt-not-known"
    )
    mixed = changed(await browser.at_provider(await browser.begin(), "zhang"), iss=providers.works)
    assert_no_session(await browser.come_back(mixed), "proof-not-valid")
    bare = changed(await browser.at_provider(await browser.begin(), "zhang"), iss=None)
    assert_no_session(await browser.come_back(bare), "proof-not-valid")


async def test_discovery_under_another_name_is_refused(
    new_browser: NewBrowser, providers: Providers
) -> None:
    browser = new_browser(ministry=registered("ministry", f"{providers.ministry}/"))
    answer = await browser.ours.post("/v1/federation/ministry/sign-in", json={})
    assert answer.json()["code"] == "provider-unreachable"


async def test_an_equal_e_mail_address_opens_nobody_s_account(
    browser: Browser, vault: Vault, clock: ManualClock
) -> None:
    """The provider says that `wang.xiaoming` has this very address, and has verified it."""
    owner = await add_person(
        vault,
        name="王小明",
        login=typed_login("wang.xiaoming@example.org"),
        password_hash=NO_PASSWORD,
        roles=[Role.LEARNER],
        demonstration=False,
        now=clock(),
    )
    await browser.sign_in("wang.xiaoming")
    me = await browser.who()
    assert me["id"] != str(owner)
    assert me["name"] == "职工 wang.xiaoming"


async def test_neither_secret_nor_code_nor_token_is_logged(browser: Browser) -> None:
    with capture_logs() as logs:
        url = await browser.at_provider(await browser.begin(), "zhang")
        await browser.come_back(url)
        bad = await browser.at_provider(await browser.begin(), "zhang")
        await browser.come_back(changed(bad, code="wrong"))
    said = json.dumps(logs, default=str)
    for hidden in ("the secret of", given(url)["code"], given(url)["state"], "zhang"):
        assert hidden not in said
    assert "the secret of" not in repr(registered("ministry", ISSUER))


# --- forged tokens ----------------------------------------------------------------------------


def claims(now: int, **changes: Any) -> dict[str, Any]:
    good = {"iss": ISSUER, "aud": "guanbiao", "sub": "zhang", "nonce": NONCE}
    merged = {**good, "iat": now, "exp": now + 300, **changes}
    return {name: value for name, value in merged.items() if value is not None}


def public_keys() -> KeySet:
    return KeySet.import_key_set({"keys": [KEY.as_dict(private=False)]})


def judge(token: str, clock: ManualClock, access_token: str = "at") -> str:
    tokens = Tokens(token, access_token)
    return judged(tokens, public_keys(), PROVIDER, nonce=NONCE, now=clock()).subject


def test_a_good_token_is_believed(clock: ManualClock) -> None:
    token = jwt.encode({"alg": "RS256", "kid": "one"}, claims(int(clock().timestamp())), KEY)
    assert judge(token, clock) == "zhang"


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"nonce": "another"}, id="another attempt's nonce"),
        pytest.param({"nonce": None}, id="no nonce"),
        pytest.param({"aud": "another-client"}, id="for another client"),
        pytest.param({"aud": ["guanbiao", "another"]}, id="for two clients, without saying which"),
        pytest.param({"azp": "another-client"}, id="issued to another client"),
        pytest.param({"aud": None}, id="for nobody"),
        pytest.param({"iss": "https://issuer.test/"}, id="an issuer that is almost right"),
        pytest.param({"iss": None}, id="no issuer"),
        pytest.param({"exp": 1}, id="expired"),
        pytest.param({"exp": None}, id="without an end"),
        pytest.param({"exp": "soon"}, id="an end that is no time"),
        pytest.param({"iat": 9_999_999_999}, id="from the future"),
        pytest.param({"sub": None}, id="about nobody"),
        pytest.param({"sub": ""}, id="about an empty name"),
        pytest.param({"sub": 7}, id="about a number"),
        pytest.param({"sub": "x" * 256}, id="about a name that is too long"),
        pytest.param({"at_hash": "bm9uZQ"}, id="of another access token"),
    ],
)
def test_a_token_under_the_right_key_is_refused(
    clock: ManualClock, changes: dict[str, Any]
) -> None:
    now = int(clock().timestamp())
    token = jwt.encode({"alg": "RS256", "kid": "one"}, claims(now, **changes), KEY)
    with pytest.raises(ProofNotValid):
        judge(token, clock)


def test_an_unsigned_token_is_refused(clock: ManualClock) -> None:
    body = claims(int(clock().timestamp()))
    parts = (json.dumps(part).encode() for part in ({"alg": "none", "kid": "one"}, body))
    token = ".".join(urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts) + "."
    with pytest.raises(ProofNotValid):
        judge(token, clock)


@pytest.mark.parametrize("form", ["pem", "modulus", "client secret"])
def test_a_public_key_is_no_shared_secret(clock: ManualClock, form: str) -> None:
    secret = {
        "pem": KEY.as_pem(private=False),
        "modulus": str(KEY.as_dict(private=False)["n"]).encode(),
        "client secret": b"the secret of guanbiao & more",
    }[form]
    key = OctKey.import_key(urlsafe_b64encode(secret))
    body = claims(int(clock().timestamp()))
    token = jwt.encode({"alg": "HS256", "kid": "one"}, body, key, algorithms=["HS256"])
    with pytest.raises(ProofNotValid):
        judge(token, clock)


@pytest.mark.parametrize("kid", ["one", None])
def test_a_stranger_s_key_is_refused(clock: ManualClock, kid: str | None) -> None:
    stranger = RSAKey.generate_key(2048, {"kid": "one"})
    header = {"alg": "RS256", **({"kid": kid} if kid else {})}
    token = jwt.encode(header, claims(int(clock().timestamp())), stranger)
    with pytest.raises(ProofNotValid):
        judge(token, clock)


def test_a_key_of_another_kind_under_the_same_name_is_refused(clock: ManualClock) -> None:
    stranger = ECKey.generate_key("P-256", {"kid": "one"})
    token = jwt.encode({"alg": "ES256", "kid": "one"}, claims(int(clock().timestamp())), stranger)
    with pytest.raises(ProofNotValid):
        judge(token, clock)


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "....", "Ω.Ω.Ω"])
def test_garbage_is_refused(clock: ManualClock, token: str) -> None:
    with pytest.raises(ProofNotValid):
        judge(token, clock)
