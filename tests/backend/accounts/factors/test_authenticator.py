"""The authenticator app: set up, shown, replayed, guessed, replaced, removed."""

import httpx
import pytest

from backend.accounts import service
from backend.accounts.domain import Role
from backend.accounts.factors.service import ensure_demo_factors
from backend.accounts.factors.tables import TotpFactor
from infra.clock import ManualClock
from infra.tables import AuditEntry
from infra.vault import Vault, place
from tests.backend.accounts.conftest import EMAIL, Tokens, refresh, sign_in, tokens_in
from tests.backend.accounts.factors.conftest import BEGIN, SHOW, Phone, bearer, enrol, me, show
from tests.people import AsPerson

RESET = "/v1/people/{}/second-factor-reset"


def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def test_the_secret_is_sealed_and_shown_once_as_text_and_picture(
    api: httpx.AsyncClient, author: Tokens, vault: Vault
) -> None:
    answer = await api.post(BEGIN, headers=author.headers)
    body = answer.json()
    assert answer.headers["cache-control"] == "no-store"
    assert body["uri"].startswith("otpauth://totp/")
    assert f"secret={body['secret']}" in body["uri"]
    assert body["qr"].startswith("data:image/svg+xml")
    rows = await TotpFactor.select().where(TotpFactor.state == "pending")
    sealed = {place(TotpFactor.secret_sealed, row["id"]): row["secret_sealed"] for row in rows}
    assert body["secret"] in [vault.open(one, at) for at, one in sealed.items()]
    assert all(body["secret"].encode() not in one for one in sealed.values())


async def test_nothing_counts_before_its_first_code(
    api: httpx.AsyncClient, author: Tokens, clock: ManualClock
) -> None:
    begun = Phone((await api.post(BEGIN, headers=author.headers)).json()["secret"], [], {}, clock)
    assert (await me(api, author.headers))["secondFactor"]["enrolled"] is False
    assert code_of(await show(api, author.headers, begun.code())) == (409, "no-second-factor")


async def test_only_the_session_that_began_may_confirm_and_not_for_ever(
    api: httpx.AsyncClient, author: Tokens, clock: ManualClock
) -> None:
    begun = Phone((await api.post(BEGIN, headers=author.headers)).json()["secret"], [], {}, clock)
    other = tokens_in(await sign_in(api))
    confirmation = f"{BEGIN}/confirmation"
    refused = await api.post(confirmation, json={"code": begun.code()}, headers=other.headers)
    assert code_of(refused) == (409, "nothing-to-confirm")
    clock.advance(10 * 60)
    late = tokens_in(await refresh(api, author.refresh))
    refused = await api.post(confirmation, json={"code": begun.code()}, headers=late.headers)
    assert code_of(refused) == (403, "sign-in-not-fresh")


async def test_a_code_is_taken_once(api: httpx.AsyncClient, phone: Phone) -> None:
    assert code_of(await show(api, phone.headers, phone.code())) == (422, "code-used")
    code = phone.next_code()
    assert (await show(api, phone.headers, code)).status_code == 200
    assert code_of(await show(api, phone.headers, code)) == (422, "code-used")


async def test_after_a_later_code_an_earlier_one_is_refused_too(
    api: httpx.AsyncClient, phone: Phone
) -> None:
    phone.clock.advance(60)
    assert (await show(api, phone.headers, phone.code(steps=1))).status_code == 200
    assert code_of(await show(api, phone.headers, phone.code())) == (422, "code-used")


@pytest.mark.parametrize(
    ("steps", "status"),
    [
        pytest.param(-2, 422, id="a minute slow is too slow"),
        pytest.param(-1, 200, id="half a minute slow passes"),
        pytest.param(1, 200, id="half a minute fast passes"),
        pytest.param(2, 422, id="a minute fast is too fast"),
    ],
)
async def test_a_phone_s_clock_may_be_one_step_off(
    api: httpx.AsyncClient, phone: Phone, steps: int, status: int
) -> None:
    phone.clock.advance(300)
    assert (await show(api, phone.headers, phone.code(steps=steps))).status_code == status


@pytest.mark.parametrize("spoilt", ["{} ", "{:.3} {:.0}", "full-width"])
async def test_a_code_is_read_as_people_type_it(
    api: httpx.AsyncClient, phone: Phone, spoilt: str
) -> None:
    code = phone.next_code()
    typed = {
        "{} ": f"{code} ",
        "{:.3} {:.0}": f"{code[:3]} {code[3:]}",
        "full-width": code.translate(str.maketrans("0123456789", "０１２３４５６７８９")),
    }[spoilt]
    assert (await show(api, phone.headers, typed)).status_code == 200


async def test_guessing_is_slowed_more_and_more_and_a_right_code_ends_it(
    api: httpx.AsyncClient, phone: Phone
) -> None:
    phone.clock.advance(300)
    for _ in range(5):
        refused = await show(api, phone.headers, phone.wrong_code())
        assert code_of(refused) == (422, "code-not-right")
    waits = []
    for _ in range(4):
        refused = await show(api, phone.headers, phone.code())  # right, and not even looked at
        assert code_of(refused) == (429, "too-many-wrong-codes")
        waits.append(int(refused.headers["retry-after"]))
        phone.clock.advance(waits[-1])
        await show(api, phone.headers, phone.wrong_code())
    assert waits == [1, 2, 4, 8]
    phone.clock.advance(60)
    assert (await show(api, phone.headers, phone.code())).status_code == 200
    assert code_of(await show(api, phone.headers, phone.wrong_code())) == (422, "code-not-right")


async def test_a_stranger_without_the_password_slows_nobody(
    api: httpx.AsyncClient, phone: Phone, as_person: AsPerson
) -> None:
    stranger = await as_person()
    for _ in range(7):
        await show(api, stranger.headers, "000000")
        await api.post(SHOW, json={"code": "000000"})
    assert (await show(api, phone.headers, phone.next_code())).status_code == 200


# --- recovery codes ---------------------------------------------------------------------------


async def test_ten_recovery_codes_each_work_once(api: httpx.AsyncClient, phone: Phone) -> None:
    assert len(set(phone.recovery)) == 10
    signed_in = tokens_in(await sign_in(api))
    typed = phone.recovery[3].lower().replace("-", " ")
    assert (await show(api, signed_in.headers, typed)).status_code == 200
    assert code_of(await show(api, signed_in.headers, typed)) == (422, "code-not-right")
    left = (await api.get("/v1/me/second-factor", headers=signed_in.headers)).json()
    assert left == {"methods": ["totp", "recovery-code"], "recoveryCodesLeft": 9}


async def test_somebody_else_s_recovery_code_opens_nothing(
    api: httpx.AsyncClient, phone: Phone, as_person: AsPerson
) -> None:
    stranger = await as_person(Role.AUTHOR)
    refused = await show(api, stranger.headers, phone.recovery[0])
    assert code_of(refused) == (422, "code-not-right")


async def test_new_recovery_codes_void_the_old_ones_and_need_a_fresh_factor(
    api: httpx.AsyncClient, phone: Phone
) -> None:
    renewed = await api.post("/v1/me/recovery-codes", headers=phone.headers)
    codes = renewed.json()["recoveryCodes"]
    assert len({*codes, *phone.recovery}) == 20
    refused = await show(api, phone.headers, phone.recovery[0])
    assert code_of(refused) == (422, "code-not-right")
    assert (await show(api, phone.headers, codes[0])).status_code == 200
    later = tokens_in(await sign_in(api))
    refused = await api.post("/v1/me/recovery-codes", headers=later.headers)
    assert code_of(refused) == (403, "second-factor-not-fresh")


# --- change and removal -----------------------------------------------------------------------


async def test_a_password_thief_cannot_put_his_own_phone_in_place(
    api: httpx.AsyncClient, phone: Phone
) -> None:
    thief = tokens_in(await sign_in(api))
    refused = await api.post(BEGIN, headers=thief.headers)
    assert code_of(refused) == (403, "second-factor-not-fresh")
    refused = await api.delete(BEGIN, headers=thief.headers)
    assert code_of(refused) == (403, "second-factor-not-fresh")


async def test_the_owner_changes_phones_and_the_old_one_is_worth_nothing(
    api: httpx.AsyncClient, phone: Phone
) -> None:
    new = await enrol(api, phone.headers, phone.clock)
    assert code_of(await show(api, new.headers, phone.next_code())) == (422, "code-not-right")
    assert (await show(api, new.headers, new.code())).status_code == 200


async def test_removal_needs_a_fresh_factor_and_takes_the_roles_with_it(
    api: httpx.AsyncClient, phone: Phone, author: Tokens
) -> None:
    phone.clock.advance(9 * 60 + 59)
    assert (await api.delete(BEGIN, headers=phone.headers)).status_code == 204
    renewed = tokens_in(await refresh(api, author.refresh))
    known = await me(api, renewed.headers)
    assert (known["rolesWaiting"], known["secondFactor"]["enrolled"]) == (["author"], False)
    refused = await show(api, renewed.headers, phone.recovery[0])
    assert code_of(refused) == (422, "code-not-right")


async def test_removal_is_refused_ten_minutes_after_the_code(
    api: httpx.AsyncClient, phone: Phone, author: Tokens
) -> None:
    phone.clock.advance(10 * 60)
    renewed = tokens_in(await refresh(api, author.refresh))
    refused = await api.delete(BEGIN, headers=renewed.headers)
    assert code_of(refused) == (403, "second-factor-not-fresh")


async def test_an_administrator_resets_and_every_session_ends(
    api: httpx.AsyncClient, phone: Phone, author: Tokens, as_person: AsPerson, vault: Vault
) -> None:
    owner = (await me(api, phone.headers))["id"]
    admin = await as_person(Role.ADMINISTRATOR)
    nameless = await api.post(RESET.format(owner), json={}, headers=admin.headers)
    assert nameless.status_code == 422
    body = {"reason": "device-lost"}
    assert (await api.post(RESET.format(owner), json=body, headers=admin.headers)).is_success
    assert (await refresh(api, author.refresh)).status_code == 401
    again = tokens_in(await sign_in(api))
    assert (await me(api, again.headers))["secondFactor"]["enrolled"] is False
    await enrol(api, again.headers, phone.clock)
    trail = AuditEntry.select(AuditEntry.act, AuditEntry.actor)
    acts = await trail.where(
        AuditEntry.subject == f"person:{owner}", AuditEntry.act.like("second-factor-%")
    ).order_by(AuditEntry.number)
    assert [a["act"] for a in acts] == [
        *("second-factor-enrolled", "second-factor-reset", "second-factor-enrolled")
    ]
    assert acts[1]["actor"] == admin.id


async def test_nobody_resets_their_own(api: httpx.AsyncClient, as_person: AsPerson) -> None:
    admin = await as_person(Role.ADMINISTRATOR)
    body = {"reason": "codes-lost"}
    refused = await api.post(RESET.format(admin.id), json=body, headers=admin.headers)
    assert code_of(refused) == (409, "not-yourself")


# --- demonstration ----------------------------------------------------------------------------


async def test_a_demonstration_account_brings_its_code_and_cannot_be_changed(
    api: httpx.AsyncClient, vault: Vault, clock: ManualClock
) -> None:
    await service.ensure_demo_people(vault, clock())
    for _ in range(2):
        await ensure_demo_factors(vault, clock())
    for _ in range(2):  # shared by many: the same code passes again
        answer = await sign_in(api, "author@demo.guanbiao", "guanbiao-demo")
        headers = tokens_in(answer).headers
        shown = await show(api, headers, answer.json()["demonstrationCode"])
        assert shown.json()["roles"] == ["author"]
    headers = bearer(shown.json()["accessToken"])
    for method, path in (("POST", BEGIN), ("DELETE", BEGIN), ("POST", "/v1/me/recovery-codes")):
        refused = await api.request(method, path, headers=headers)
        assert code_of(refused) == (409, "demonstration-factor-fixed")
    learner = await sign_in(api, "learner@demo.guanbiao", "guanbiao-demo")
    assert "demonstrationCode" not in learner.json()


async def test_nobody_else_is_told_a_code(api: httpx.AsyncClient, phone: Phone) -> None:
    answer = await sign_in(api, EMAIL)
    assert "demonstrationCode" not in answer.json()


async def test_the_present_code_is_no_password(api: httpx.AsyncClient, phone: Phone) -> None:
    assert (await sign_in(api, EMAIL, phone.next_code())).status_code == 401
