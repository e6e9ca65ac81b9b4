"""One-time codes over HTTP, at an instance whose messages really leave."""

from typing import Any

import httpx
import pytest

from backend.accounts.codes.domain import A_DAY_HERE
from backend.accounts.passwords import Passwords
from infra.clock import ManualClock
from infra.settings import Settings
from tests.agreed import AGREED
from tests.backend.accounts.conftest import EMAIL, PASSWORD, PHONE
from tests.backend.accounts.postbox import Visitor
from tests.one_connection import connection
from tests.statements import counted

STRANGER = "13900000001"


def ours(statements: list[str]) -> list[str]:
    """Without the leases of rate limits, which fall due as they fall due."""
    return [statement for statement in statements if "rate_limit_count" not in statement]


def shape(response: httpx.Response) -> tuple[int, list[str], list[str]]:
    """What a stranger sees: status, names of headers and of members."""
    names = sorted(name for name in response.headers if name != "x-request-id")
    return response.status_code, names, sorted(response.json())


def refusal(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["code"]


async def test_a_person_without_a_password_signs_up_and_in_by_codes(
    visitor: Visitor, clock: ManualClock
) -> None:
    await visitor.sign_up(PHONE)
    clock.advance(60)
    proof = await visitor.proof(PHONE, "sign-in")
    signed_in = await visitor.sign_in(PHONE, **proof)
    assert signed_in.status_code == 201
    assert refusal(await visitor.sign_in(PHONE, **proof)) == (422, "code-not-right")


async def test_a_code_is_of_one_login_and_one_purpose(visitor: Visitor) -> None:
    await visitor.sign_up(PHONE)
    await visitor.sign_up(EMAIL)
    code = await visitor.proof(PHONE, "sign-in")
    assert refusal(await visitor.sign_in(EMAIL, **code)) == (422, "code-not-right")
    recovery = {"login": PHONE, "password": PASSWORD, **code}
    refused = await visitor.api.post("/v1/recoveries", json=recovery)
    assert refusal(refused) == (422, "code-not-right")
    assert (await visitor.sign_in(PHONE, **code)).status_code == 201


@pytest.mark.parametrize("age", [599, 600])
async def test_a_code_lives_ten_minutes(visitor: Visitor, clock: ManualClock, age: int) -> None:
    await visitor.sign_up(PHONE)
    code = await visitor.proof(PHONE, "sign-in")
    clock.advance(age)
    signed_in = await visitor.sign_in(PHONE, **code)
    assert signed_in.status_code == (201 if age < 600 else 422)


async def test_after_five_wrong_tries_the_right_code_is_none(
    visitor: Visitor, clock: ManualClock
) -> None:
    await visitor.sign_up(PHONE)
    right = await visitor.proof(PHONE, "sign-in")
    wrong = {**right, "code": f"{(int(right['code']) + 1) % 10**6:06d}"}
    for _ in range(5):
        assert (await visitor.sign_in(PHONE, **wrong)).status_code == 422
    assert refusal(await visitor.sign_in(PHONE, **right)) == (429, "too-many-failures")
    clock.advance(60)
    assert refusal(await visitor.sign_in(PHONE, **right)) == (422, "code-not-right")


async def test_who_guesses_at_codes_of_a_login_locks_neither_its_owner_s_code_nor_password(
    visitor: Visitor, clock: ManualClock
) -> None:
    await visitor.sign_up(PHONE, password=PASSWORD)
    owners = await visitor.proof(PHONE, "sign-in")
    clock.advance(60)
    strangers = (await visitor.ask(PHONE, "sign-in")).json()["codeId"]
    for _ in range(5):
        await visitor.sign_in(PHONE, codeId=strangers, code="000000")
    assert (await visitor.sign_in(PHONE, password=PASSWORD)).status_code == 201
    clock.advance(60)
    assert (await visitor.sign_in(PHONE, **owners)).status_code == 201


@pytest.mark.parametrize("purpose", ["sign-up", "sign-in", "recovery"])
async def test_asking_for_a_code_tells_nobody_whether_there_is_an_account(
    visitor: Visitor, purpose: str, clock: ManualClock
) -> None:
    await visitor.sign_up(PHONE)
    clock.advance(60)
    async with counted() as of_known:
        known = await visitor.ask(PHONE, purpose)
    async with counted() as of_unknown:
        unknown = await visitor.ask(STRANGER, purpose)
    assert shape(known) == shape(unknown)
    assert "demonstration" not in known.text
    assert ours(of_known) == ours(of_unknown)  # the same work, statement for statement
    assert len(await visitor.postbox.collect()) == 2  # one message each


async def test_signing_up_with_a_login_that_has_an_account_fails_like_a_wrong_code(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch, clock: ManualClock
) -> None:
    hashed: list[str] = []
    run = Passwords._run

    async def counting(self: Passwords, work: Any, *arguments: str) -> Any:
        hashed.append(work.__name__)
        return await run(self, work, *arguments)

    monkeypatch.setattr(Passwords, "_run", counting)
    await visitor.sign_up(PHONE)
    clock.advance(60)
    answers, work = [], []
    for login in (PHONE, STRANGER):
        asked = (await visitor.ask(login, "sign-up")).json()["codeId"]
        body = {"name": "李四", "phone": login, "password": PASSWORD, "codeId": asked}
        body |= {"agreed": AGREED}
        before = len(hashed)
        async with counted() as statements:
            answers.append(await visitor.api.post("/v1/people", json=body | {"code": "000000"}))
        work.append((hashed[before:], ours(statements)))
    assert answers[0].content == answers[1].content
    assert shape(answers[0]) == shape(answers[1])
    assert work[0] == work[1]


async def test_a_wrong_password_costs_one_hash_whoever_it_is_for(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An account with a password, one that signs in by code alone, and none at all."""
    await visitor.sign_up(EMAIL, password=PASSWORD)
    await visitor.sign_up(PHONE)
    verified: list[str] = []

    def wrong(_: Passwords, hashed: str, __: str) -> bool:
        verified.append(hashed.split("$")[3])
        return False

    monkeypatch.setattr(Passwords, "_matches", wrong)
    answers, statements = [], []
    for login in (EMAIL, PHONE, STRANGER):
        async with counted() as asked:
            answers.append(await visitor.sign_in(login, password="not the password"))
        statements.append(ours(asked))
    assert len({answer.content for answer in answers}) == 1
    assert [answer.status_code for answer in answers] == [401] * 3
    assert len(verified) == 3
    assert len(set(verified)) == 1  # with the same cost
    assert statements[0] == statements[1] == statements[2]


async def test_the_owner_is_told_what_the_asker_is_not(
    visitor: Visitor, clock: ManualClock
) -> None:
    await visitor.sign_up(PHONE)
    clock.advance(60)
    await visitor.ask(PHONE, "sign-up")
    await visitor.ask(STRANGER, "sign-in")
    told = {to.value: text.template for to, text in await visitor.postbox.collect()}
    assert told == {PHONE: "has-account", STRANGER: "no-account"}


async def test_a_number_handed_on_opens_no_verified_account_that_nobody_used_for_a_year(
    visitor: Visitor, clock: ManualClock
) -> None:
    headers = await visitor.sign_up(PHONE)
    me = (await visitor.api.get("/v1/me", headers=headers)).json()["id"]
    await connection().execute(
        "UPDATE person SET identity_method = 'counter', identity_verified_at = $2 WHERE id = $1",
        me,
        clock(),
    )
    clock.advance(366 * 86400)
    proof = await visitor.proof(PHONE, "sign-in")
    assert visitor.postbox.sent[-1][1].template == "long-unused"
    assert (await visitor.sign_in(PHONE, **proof)).status_code == 422
    recovery = {"login": PHONE, "password": PASSWORD, **await visitor.proof(PHONE, "recovery")}
    assert (await visitor.api.post("/v1/recoveries", json=recovery)).status_code == 422


async def test_codes_are_bounded_for_a_login_and_the_wait_is_told(
    visitor: Visitor, clock: ManualClock
) -> None:
    assert (await visitor.ask(STRANGER, "sign-up")).status_code == 202
    again = await visitor.ask(STRANGER, "sign-up")
    assert refusal(again) == (429, "too-many-codes")
    assert again.headers["retry-after"] == "60"
    for _ in range(A_DAY_HERE - 1):
        clock.advance(60)
        assert (await visitor.ask(STRANGER, "sign-up")).status_code == 202
    clock.advance(60)
    spent = await visitor.ask(STRANGER, "sign-up")
    assert int(spent.headers["retry-after"]) > 80_000
    assert (await visitor.ask(PHONE, "sign-up")).status_code == 202


async def test_linking_asks_who_one_is(visitor: Visitor) -> None:
    assert refusal(await visitor.ask(PHONE, "link")) == (401, "sign-in-first")


@pytest.mark.parametrize("login", ["138001", "nobody", "a@b", "\u202e" * 200, "a" * 254])
async def test_no_code_goes_to_what_is_no_login(visitor: Visitor, login: str) -> None:
    assert refusal(await visitor.ask(login, "sign-up")) == (422, "login-not-valid")
    assert await visitor.postbox.collect() == []


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"code": "１２３４５６７"}, id="seven digits"),
        pytest.param({"code": "\u0663" * 6}, id="digits of another script"),
        pytest.param({"code": "12345\x00"}, id="a null"),
        pytest.param({"code": "1" * 17}, id="too long"),
        pytest.param({"codeId": "not-an-id"}, id="no id"),
        pytest.param({"codeId": "00000000-0000-0000-0000-000000000000"}, id="nobody's id"),
    ],
)
async def test_odd_codes_are_refused(visitor: Visitor, change: dict[str, str]) -> None:
    asked = (await visitor.ask(PHONE, "sign-up")).json()["codeId"]
    body = {"name": "王五", "phone": PHONE, "codeId": asked, "code": "123456", "agreed": AGREED}
    body |= change
    assert (await visitor.api.post("/v1/people", json=body)).status_code == 422


async def test_the_code_stands_in_no_row(visitor: Visitor) -> None:
    proof = await visitor.proof(PHONE, "sign-up")
    rows = await connection().fetch("SELECT t::text FROM one_time_code t")
    queued = await connection().fetch("SELECT encode(payload, 'escape') FROM pgqueuer")
    stored = "".join(row[0] or "" for row in [*rows, *queued])
    assert proof["codeId"] in stored
    assert PHONE not in stored
    without_ids = stored.replace(proof["codeId"], "")
    assert proof["code"].encode().hex() not in without_ids
    assert f'"{proof["code"]}"' not in without_ids


async def test_without_a_gateway_codes_are_refused_in_words_and_passwords_go_on(
    settings: Settings, visitor: Visitor
) -> None:
    await visitor.sign_up(EMAIL, password=PASSWORD)
    visitor.api._transport.app.state.messages = None  # type: ignore[attr-defined]
    refused = await visitor.ask(PHONE, "sign-up")
    assert refusal(refused) == (503, "no-messages")
    assert (await visitor.sign_in(EMAIL, password=PASSWORD)).status_code == 201
