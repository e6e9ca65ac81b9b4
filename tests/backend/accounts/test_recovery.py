"""Recovering an account, changing its password, and its ways in: without a take-over."""

import httpx
import pytest

from backend.accounts.domain import Role
from backend.accounts.service import ensure_demo_people, grant_role
from infra.clock import ManualClock
from infra.vault import Vault
from tests.agreed import AGREED
from tests.backend.accounts.conftest import EMAIL, PASSWORD, PHONE, ask_code
from tests.backend.accounts.postbox import Visitor
from tests.one_connection import connection

NEW = "another quiet lake at dusk"
OTHER = "13900000001"


async def recover(visitor: Visitor, login: str) -> httpx.Response:
    body = {"login": login, "password": NEW, **await visitor.proof(login, "recovery")}
    return await visitor.api.post("/v1/recoveries", json=body)


async def link(visitor: Visitor, login: str, headers: dict[str, str]) -> httpx.Response:
    proof = await visitor.proof(login, "link", **headers)
    body = {"login": login, **proof}
    return await visitor.api.post("/v1/me/logins", json=body, headers=headers)


async def logins(visitor: Visitor, headers: dict[str, str]) -> list[dict[str, str]]:
    found = await visitor.api.get("/v1/me/logins", headers=headers)
    items: list[dict[str, str]] = found.json()["items"]
    return items


def refusal(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["code"]


async def test_recovery_sets_a_password_ends_all_sessions_and_tells_the_other_logins(
    visitor: Visitor, clock: ManualClock
) -> None:
    before = await visitor.sign_up(EMAIL, password=PASSWORD)
    await link(visitor, PHONE, before)
    await visitor.postbox.collect()
    recovered = await recover(visitor, PHONE)
    assert recovered.status_code == 201
    assert await visitor.postbox.notices() == {EMAIL: "notice.recovered"}
    assert (await visitor.api.get("/v1/me", headers=before)).status_code == 401
    assert (await visitor.sign_in(EMAIL, password=PASSWORD)).status_code == 401
    assert (await visitor.sign_in(EMAIL, password=NEW)).status_code == 201
    token = {"Authorization": f"Bearer {recovered.json()['accessToken']}"}
    assert (await visitor.api.get("/v1/me", headers=token)).status_code == 200


async def test_recovery_leaves_a_privileged_role_waiting_for_its_second_factor(
    visitor: Visitor, vault: Vault, clock: ManualClock
) -> None:
    await visitor.sign_up(EMAIL)
    await grant_role(vault, EMAIL, Role.ADMINISTRATOR, now=clock())
    recovered = (await recover(visitor, EMAIL)).json()
    assert recovered["rolesWaiting"] == ["administrator"]
    token = {"Authorization": f"Bearer {recovered['accessToken']}"}
    assert (await visitor.api.get("/v1/me", headers=token)).json()["roles"] == ["learner"]


async def test_recovery_is_in_the_trail(visitor: Visitor) -> None:
    headers = await visitor.sign_up(EMAIL)
    me = (await visitor.api.get("/v1/me", headers=headers)).json()["id"]
    await recover(visitor, EMAIL)
    row = await connection().fetchrow(
        "SELECT act, body FROM audit_entry WHERE subject = $1", f"person:{me}"
    )
    assert row is not None
    assert row["act"] == "account-recovered"
    assert EMAIL not in row["body"]


async def test_a_demonstration_s_accounts_cannot_be_taken_by_recovery(
    api: httpx.AsyncClient, vault: Vault, clock: ManualClock
) -> None:
    await ensure_demo_people(vault, clock())
    login = "admin@demo.guanbiao"
    body = {"login": login, "password": NEW, **await ask_code(api, login, "recovery")}
    refused = await api.post("/v1/recoveries", json=body)
    assert refusal(refused) == (403, "not-of-demonstrations")


# --- logins -----------------------------------------------------------------------------------


async def test_a_second_login_is_linked_masked_and_told_to_the_first(visitor: Visitor) -> None:
    headers = await visitor.sign_up(EMAIL)
    linked = await link(visitor, PHONE, headers)
    assert (linked.status_code, linked.json()["masked"]) == (201, "138****5678")
    assert await visitor.postbox.notices() == {EMAIL: "notice.login-added"}
    masked = {login["masked"] for login in await logins(visitor, headers)}
    assert masked == {"138****5678", "w***@example.org"}


async def test_a_link_code_serves_the_account_that_asked_for_it_alone(visitor: Visitor) -> None:
    mine, others = await visitor.sign_up(EMAIL), await visitor.sign_up(OTHER)
    proof = {"login": PHONE, **await visitor.proof(PHONE, "link", **mine)}
    stolen = await visitor.api.post("/v1/me/logins", json=proof, headers=others)
    assert refusal(stolen) == (422, "code-not-right")
    assert (await visitor.api.post("/v1/me/logins", json=proof, headers=mine)).status_code == 201


async def test_another_s_login_cannot_be_linked(visitor: Visitor, clock: ManualClock) -> None:
    await visitor.sign_up(PHONE)
    mine = await visitor.sign_up(EMAIL)
    assert refusal(await link(visitor, PHONE, mine)) == (422, "code-not-right")
    assert visitor.postbox.sent[-1][1].template == "has-account"


async def test_an_old_session_links_and_removes_nothing(
    visitor: Visitor, clock: ManualClock
) -> None:
    headers = await visitor.sign_up(EMAIL)
    clock.advance(599)
    proof = {"login": PHONE, **await visitor.proof(PHONE, "link", **headers)}
    clock.advance(1)
    proof_late = await visitor.api.post("/v1/me/logins", json=proof, headers=headers)
    assert proof_late.status_code in {401, 403}  # the access token has ended as well


async def test_a_login_can_be_removed_but_never_the_last(visitor: Visitor) -> None:
    headers = await visitor.sign_up(EMAIL)
    await link(visitor, PHONE, headers)
    await visitor.postbox.collect()
    ids = {login["kind"]: login["id"] for login in await logins(visitor, headers)}
    path = f"/v1/me/logins/{ids['email']}"
    assert (await visitor.api.delete(path, headers=headers)).status_code == 204
    again = await visitor.api.delete(path, headers=headers)
    assert refusal(again) == (404, "no-such-login")
    last = await visitor.api.delete(f"/v1/me/logins/{ids['phone']}", headers=headers)
    assert refusal(last) == (409, "last-login")


async def test_another_s_login_is_not_there(visitor: Visitor) -> None:
    mine, others = await visitor.sign_up(EMAIL), await visitor.sign_up(PHONE)
    theirs = (await logins(visitor, others))[0]["id"]
    refused = await visitor.api.delete(f"/v1/me/logins/{theirs}", headers=mine)
    assert refusal(refused) == (404, "no-such-login")


async def test_nobody_links_logins_without_end(visitor: Visitor) -> None:
    headers = await visitor.sign_up(EMAIL)
    for n in range(4):
        assert (await link(visitor, f"1390000010{n}", headers)).status_code == 201
        await visitor.postbox.collect()
    assert refusal(await link(visitor, PHONE, headers)) == (409, "too-many-logins")


# --- the password -----------------------------------------------------------------------------


async def test_a_password_changes_by_the_present_one_and_other_sessions_end(
    visitor: Visitor,
) -> None:
    here = await visitor.sign_up(EMAIL, password=PASSWORD)
    there = (await visitor.sign_in(EMAIL, password=PASSWORD)).json()["accessToken"]
    body = {"currentPassword": PASSWORD, "password": NEW}
    changed = await visitor.api.put("/v1/me/password", json=body, headers=here)
    assert changed.status_code == 204
    assert (await visitor.api.get("/v1/me", headers=here)).status_code == 200
    elsewhere = {"Authorization": f"Bearer {there}"}
    assert (await visitor.api.get("/v1/me", headers=elsewhere)).status_code == 401
    assert (await visitor.sign_in(EMAIL, password=NEW)).status_code == 201
    assert await visitor.postbox.notices() == {EMAIL: "notice.password-changed"}


async def test_a_wrong_present_password_changes_nothing_and_is_counted(visitor: Visitor) -> None:
    here = await visitor.sign_up(EMAIL, password=PASSWORD)
    body = {"currentPassword": "not the password", "password": NEW}
    for _ in range(5):
        refused = await visitor.api.put("/v1/me/password", json=body, headers=here)
        assert refusal(refused) == (422, "present-password-wrong")
    slowed = await visitor.api.put("/v1/me/password", json=body, headers=here)
    assert refusal(slowed) == (429, "too-many-failures")


async def test_whoever_has_no_password_sets_one_by_a_code_to_a_login_of_their_own(
    visitor: Visitor,
) -> None:
    here = await visitor.sign_up(PHONE)
    proof = await visitor.proof(PHONE, "recovery")
    body = {"password": NEW, "login": PHONE, **proof}
    changed = await visitor.api.put("/v1/me/password", json=body, headers=here)
    assert changed.status_code == 204
    assert (await visitor.sign_in(PHONE, password=NEW)).status_code == 201


async def test_a_code_to_another_s_login_changes_no_password(
    visitor: Visitor, clock: ManualClock
) -> None:
    await visitor.sign_up(PHONE)
    others = await visitor.sign_up(EMAIL)
    body = {"password": NEW, "login": PHONE, **await visitor.proof(PHONE, "recovery")}
    refused = await visitor.api.put("/v1/me/password", json=body, headers=others)
    assert refusal(refused) == (422, "code-not-right")
    assert (await visitor.sign_in(PHONE, password=NEW)).status_code == 401


@pytest.mark.parametrize(
    "password",
    ["Password123!", "qwertyuiop[]", "1qaz2wsx3edc", "guanbiao2026", "ｐａｓｓｗｏｒｄ１２３"],
)
async def test_what_a_guesser_tries_first_is_no_password(visitor: Visitor, password: str) -> None:
    proof = await visitor.proof(PHONE, "sign-up")
    body = {"name": "王小明", "phone": PHONE, "password": password, "agreed": AGREED, **proof}
    refused = await visitor.api.post("/v1/people", json=body)
    assert refusal(refused) == (422, "password-too-weak")
    assert "太常见" in refused.json()["fields"]["password"]
    assert "too common" in refused.json()["fields"]["password"]
    made = await visitor.api.post(
        "/v1/people", json=body | {"password": "一句很长很安静的话在湖边"}
    )
    assert made.status_code == 201
