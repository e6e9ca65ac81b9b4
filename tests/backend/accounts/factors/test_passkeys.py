"""Passkeys over HTTP, with a device that also lies. Chromium's own is in tests/browser."""

from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.accounts.domain import Role
from backend.accounts.factors.ceremonies import relying_party
from backend.accounts.factors.domain import counter_went_back
from infra.clock import ManualClock
from infra.ids import uuid7
from tests.backend.accounts.conftest import Tokens, refresh, sign_in, tokens_in
from tests.backend.accounts.factors.conftest import Phone, bearer, me
from tests.backend.accounts.factors.device import PRESENT, Device
from tests.conftest import PUBLIC_URL
from tests.people import AsPerson

ASK_TO_ADD = "/v1/me/passkey-challenges"
MINE = "/v1/me/passkeys"
ASK_TO_SIGN_IN = "/v1/passkey-challenges"
SIGN_IN = "/v1/sessions/passkey"
ASK_TO_SHOW = "/v1/sessions/current/passkey-challenges"
SHOW = "/v1/sessions/current/passkey"


def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def ask(api: httpx.AsyncClient, path: str, headers: dict[str, str] | None = None) -> Any:
    answer = await api.post(path, headers=headers)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def add(
    api: httpx.AsyncClient,
    headers: dict[str, str],
    device: Device,
    label: str = "我的手机",
    **bent: Any,
) -> httpx.Response:
    asked = await ask(api, ASK_TO_ADD, headers)
    body = {
        "challengeId": asked["challengeId"],
        "label": label,
        "credential": device.make(asked["options"], **bent),
    }
    return await api.post(MINE, json=body, headers=headers)


async def enter(api: httpx.AsyncClient, device: Device, **bent: Any) -> httpx.Response:
    asked = await ask(api, ASK_TO_SIGN_IN)
    body = {
        "challengeId": asked["challengeId"],
        "credential": device.sign(asked["options"], **bent),
    }
    return await api.post(SIGN_IN, json=body)


@pytest.fixture
async def device(api: httpx.AsyncClient, author: Tokens) -> Device:
    made = Device(PUBLIC_URL)
    answer = await add(api, author.headers, made)
    assert answer.status_code == 201, answer.text
    return made


async def test_the_device_is_asked_to_know_its_owner_and_to_be_found_without_a_name(
    api: httpx.AsyncClient, author: Tokens
) -> None:
    options = (await ask(api, ASK_TO_ADD, author.headers))["options"]
    assert options["rp"]["id"] == "guanbiao.test"
    chosen = options["authenticatorSelection"]
    assert (chosen["residentKey"], chosen["userVerification"]) == ("required", "required")
    assert (await ask(api, ASK_TO_SIGN_IN))["options"]["allowCredentials"] == []


async def test_the_first_passkey_is_a_second_factor_and_brings_recovery_codes(
    api: httpx.AsyncClient, author: Tokens
) -> None:
    body = (await add(api, author.headers, Device(PUBLIC_URL))).json()
    assert len(body["recoveryCodes"]) == 10
    assert body["roles"] == ["author", "learner"]
    headers = bearer(body["accessToken"])
    assert (await me(api, headers))["secondFactor"]["methods"] == ["passkey", "recovery-code"]
    second = await add(api, headers, Device(PUBLIC_URL))
    assert second.json()["recoveryCodes"] == []


async def test_signing_in_by_passkey_counts_as_both_factors(
    api: httpx.AsyncClient, device: Device, clock: ManualClock
) -> None:
    answer = await enter(api, device)
    assert "rolesWaiting" not in answer.json()
    tokens = tokens_in(answer)
    assert (await me(api, tokens.headers))["roles"] == ["author", "learner"]
    renewed = tokens_in(await refresh(api, tokens.refresh))
    assert (await me(api, renewed.headers))["rolesWaiting"] == []
    found = (await api.get("/v1/sessions", headers=renewed.headers)).json()["items"][0]
    assert (found["method"], found["current"]) == ("passkey", True)
    assert found["device"] == "python-httpx"


async def test_a_password_session_steps_up_by_passkey(
    api: httpx.AsyncClient, device: Device
) -> None:
    tokens = tokens_in(await sign_in(api))
    asked = await ask(api, ASK_TO_SHOW, tokens.headers)
    assert len(asked["options"]["allowCredentials"]) == 1
    body = {"challengeId": asked["challengeId"], "credential": device.sign(asked["options"])}
    shown = await api.post(SHOW, json=body, headers=tokens.headers)
    assert shown.json()["roles"] == ["author", "learner"]


# --- attacks ----------------------------------------------------------------------------------


async def test_an_assertion_is_good_once(api: httpx.AsyncClient, device: Device) -> None:
    asked = await ask(api, ASK_TO_SIGN_IN)
    body = {"challengeId": asked["challengeId"], "credential": device.sign(asked["options"])}
    assert (await api.post(SIGN_IN, json=body)).status_code == 201
    assert code_of(await api.post(SIGN_IN, json=body)) == (401, "challenge-not-known")
    other = await ask(api, ASK_TO_SIGN_IN)
    replayed = body | {"challengeId": other["challengeId"]}
    assert code_of(await api.post(SIGN_IN, json=replayed)) == (401, "passkey-not-accepted")


@pytest.mark.parametrize(
    "bent",
    [
        pytest.param({"origin": "https://guanbiao.test.evil.example"}, id="another site"),
        pytest.param({"origin": "http://guanbiao.test:8080"}, id="another port"),
        pytest.param({"rp_id": "evil.example"}, id="signed for another relying party"),
        pytest.param({"challenge": "AAAA"}, id="another challenge"),
        pytest.param({"type": "webauthn.create"}, id="the other ceremony's answer"),
        pytest.param({"flags": PRESENT}, id="the device did not check its owner"),
        pytest.param({"flags": 0}, id="nobody was there"),
        pytest.param({"user_handle": b"\0" * 16}, id="somebody else's user handle"),
        pytest.param({"user_handle": b""}, id="no user handle"),
    ],
)
async def test_a_bent_assertion_opens_nothing(
    api: httpx.AsyncClient, device: Device, bent: dict[str, Any]
) -> None:
    answer = await enter(api, device, **bent)
    assert answer.status_code in {401, 422}, answer.text
    assert "accessToken" not in answer.json()


@pytest.mark.parametrize(
    "bent",
    [
        pytest.param({"origin": "https://evil.example"}, id="another site"),
        pytest.param({"rp_id": "evil.example"}, id="for another relying party"),
        pytest.param({"challenge": "AAAA"}, id="another challenge"),
        pytest.param({"flags": PRESENT}, id="the device did not check its owner"),
    ],
)
async def test_a_bent_registration_is_not_taken(
    api: httpx.AsyncClient, author: Tokens, bent: dict[str, Any]
) -> None:
    answer = await add(api, author.headers, Device(PUBLIC_URL), **bent)
    assert code_of(answer) == (422, "passkey-not-taken")


async def test_another_key_under_the_same_id_opens_nothing(
    api: httpx.AsyncClient, device: Device
) -> None:
    forged = Device(PUBLIC_URL, credential_id=device.credential_id)
    forged.user_handle = device.user_handle
    assert code_of(await enter(api, forged)) == (401, "passkey-not-accepted")
    unknown = Device(PUBLIC_URL, user_handle=device.user_handle)
    assert code_of(await enter(api, unknown)) == (401, "passkey-not-accepted")
    assert (await enter(api, device)).status_code == 201


async def test_a_challenge_of_another_session_or_purpose_or_time_is_not_known(
    api: httpx.AsyncClient, device: Device, as_person: AsPerson, clock: ManualClock
) -> None:
    mine, stranger = tokens_in(await sign_in(api)), await as_person(Role.AUTHOR)
    asked = await ask(api, ASK_TO_SHOW, mine.headers)
    body = {"challengeId": asked["challengeId"], "credential": device.sign(asked["options"])}
    refused = (401, "challenge-not-known")
    assert code_of(await api.post(SHOW, json=body, headers=stranger.headers)) == refused
    assert code_of(await api.post(SIGN_IN, json=body)) == refused
    clock.advance(5 * 60)
    assert code_of(await api.post(SHOW, json=body, headers=mine.headers)) == refused


async def test_somebody_else_s_passkey_does_not_step_me_up(
    api: httpx.AsyncClient, device: Device, as_person: AsPerson
) -> None:
    stranger = await as_person(Role.AUTHOR)
    asked = await ask(api, ASK_TO_SIGN_IN)
    assert code_of(await api.post(ASK_TO_SHOW, headers=stranger.headers))[0] == 409
    body = {"challengeId": asked["challengeId"], "credential": device.sign(asked["options"])}
    answer = await api.post(SHOW, json=body, headers=stranger.headers)
    assert code_of(answer) == (401, "challenge-not-known")


async def test_a_passkey_whose_counter_goes_back_is_believed_no_more(
    api: httpx.AsyncClient, device: Device
) -> None:
    assert (await enter(api, device, counter=7)).status_code == 201
    assert code_of(await enter(api, device, counter=7)) == (401, "passkey-perhaps-copied")
    assert code_of(await enter(api, device, counter=9)) == (401, "passkey-perhaps-copied")
    tokens = tokens_in(await sign_in(api))
    (found,) = (await api.get(MINE, headers=tokens.headers)).json()["items"]
    assert found["perhapsCopied"] is True


async def test_a_stranger_s_unsigned_counter_suspends_nobody_s_passkey(
    api: httpx.AsyncClient, device: Device
) -> None:
    assert (await enter(api, device, counter=7)).status_code == 201
    forged = Device(PUBLIC_URL, credential_id=device.credential_id)
    forged.user_handle = device.user_handle
    assert code_of(await enter(api, forged, counter=1)) == (401, "passkey-not-accepted")
    assert (await enter(api, device, counter=8)).status_code == 201


async def test_a_synced_passkey_keeps_no_counter(api: httpx.AsyncClient, device: Device) -> None:
    for _ in range(2):
        assert (await enter(api, device, counter=0)).status_code == 201


@given(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1))
def test_a_counter_only_grows_or_is_not_kept(kept: int, signed: int) -> None:
    assert counter_went_back(kept, signed) == (not (kept == signed == 0 or signed > kept))


async def test_another_site_cannot_plant_a_passkey_s_session(
    api: httpx.AsyncClient, device: Device
) -> None:
    asked = await ask(api, ASK_TO_SIGN_IN)
    body = {
        "challengeId": asked["challengeId"],
        "credential": device.sign(asked["options"]),
        "cookie": True,
    }
    refused = await api.post(SIGN_IN, json=body, headers={"Sec-Fetch-Site": "cross-site"})
    assert code_of(refused) == (403, "another-site")


# --- one's own --------------------------------------------------------------------------------


async def test_a_passkey_is_known_by_its_label_renamed_and_removed(
    api: httpx.AsyncClient, device: Device
) -> None:
    headers = tokens_in(await enter(api, device)).headers
    (found,) = (await api.get(MINE, headers=headers)).json()["items"]
    assert (found["label"], found["perhapsCopied"]) == ("我的手机", False)
    one = f"{MINE}/{found['id']}"
    assert (await api.patch(one, json={"label": "旧手机"}, headers=headers)).status_code == 204
    (found,) = (await api.get(MINE, headers=headers)).json()["items"]
    assert found["label"] == "旧手机"
    assert (await api.delete(one, headers=headers)).status_code == 204
    assert code_of(await enter(api, device)) == (401, "passkey-not-accepted")
    assert code_of(await api.delete(one, headers=headers)) == (404, "no-such-passkey")


async def test_nobody_touches_another_s_passkey(
    api: httpx.AsyncClient, device: Device, as_person: AsPerson
) -> None:
    stranger = await as_person()
    headers = tokens_in(await enter(api, device)).headers
    (found,) = (await api.get(MINE, headers=headers)).json()["items"]
    one = f"{MINE}/{found['id']}"
    renamed = await api.patch(one, json={"label": "我的"}, headers=stranger.headers)
    assert code_of(renamed) == (404, "no-such-passkey")
    removed = await api.delete(one, headers=stranger.headers)
    assert code_of(removed) == (404, "no-such-passkey")
    assert (await api.get(MINE, headers=stranger.headers)).json()["items"] == []


async def test_the_only_way_in_stays(api: httpx.AsyncClient, as_person: AsPerson) -> None:
    """Somebody without an address or number, to whom no code could ever be sent."""
    person, device = await as_person(), Device(PUBLIC_URL)
    assert (await add(api, person.headers, device)).status_code == 201
    headers = tokens_in(await enter(api, device)).headers
    (found,) = (await api.get(MINE, headers=headers)).json()["items"]
    refused = await api.delete(f"{MINE}/{found['id']}", headers=headers)
    assert code_of(refused) == (409, "last-way-in")


async def test_a_password_alone_adds_no_passkey_beside_a_second_factor(
    api: httpx.AsyncClient, phone: Phone
) -> None:
    thief = tokens_in(await sign_in(api))
    refused = await api.post(ASK_TO_ADD, headers=thief.headers)
    assert code_of(refused) == (403, "second-factor-not-fresh")


async def test_an_old_session_adds_no_passkey(
    api: httpx.AsyncClient, person: dict[str, Any], clock: ManualClock
) -> None:
    tokens = tokens_in(await sign_in(api))
    clock.advance(10 * 60)
    tokens = tokens_in(await refresh(api, tokens.refresh))
    refused = await api.post(ASK_TO_ADD, headers=tokens.headers)
    assert code_of(refused) == (403, "sign-in-not-fresh")


async def test_a_registered_passkey_is_not_registered_again(
    api: httpx.AsyncClient, device: Device, as_person: AsPerson
) -> None:
    stranger = await as_person()
    answer = await add(api, stranger.headers, device)
    assert code_of(answer) == (409, "passkey-known")


@pytest.mark.parametrize(
    "spoilt",
    [
        {"id": "*"},
        {"id": "A" * 5000},
        {"type": "password"},
        {"response": {}},
        {"response": {"clientDataJSON": "e30", "authenticatorData": "AA", "signature": "AA"}},
    ],
)
async def test_odd_answers_are_refused_and_nothing_breaks(
    api: httpx.AsyncClient, spoilt: dict[str, Any]
) -> None:
    asked = await ask(api, ASK_TO_SIGN_IN)
    credential = Device(PUBLIC_URL).sign(asked["options"]) | spoilt
    body = {"challengeId": asked["challengeId"], "credential": credential}
    assert (await api.post(SIGN_IN, json=body)).status_code in {401, 422}
    nobody = {"challengeId": str(uuid7()), "credential": credential}
    assert (await api.post(SIGN_IN, json=nobody)).status_code in {401, 422}


@pytest.mark.parametrize(
    ("public_url", "party"),
    [
        ("https://guanbiao.example.org", ("guanbiao.example.org", "https://guanbiao.example.org")),
        ("http://127.0.0.1:8000", ("localhost", "http://localhost:8000")),
        ("http://[::1]:8000", ("localhost", "http://localhost:8000")),
        ("http://localhost:8000", ("localhost", "http://localhost:8000")),
        ("https://guanbiao.example.org:8443", ("guanbiao.example.org",) * 2),
    ],
)
def test_the_relying_party_follows_from_the_public_address(
    public_url: str, party: tuple[str, str]
) -> None:
    found = relying_party(public_url)
    assert found.id == party[0]
    assert found.origin == party[1] or found.origin == public_url
