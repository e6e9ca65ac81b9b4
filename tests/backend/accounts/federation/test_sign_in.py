"""Signing in with a real provider, linking, unlinking."""

import httpx
import pytest

from backend.accounts.domain import Role
from backend.accounts.repository import add_roles
from backend.accounts.tables import Person
from infra.clock import ManualClock
from tests.agreed import AGREED
from tests.backend.accounts.federation.conftest import (
    Browser,
    NewBrowser,
    given,
    registered,
)
from tests.identity_provider import Providers
from tests.people import AsPerson

MINE = "/v1/me/federated-identities"


def where(answer: httpx.Response) -> str:
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def test_a_stranger_gets_an_account_of_their_own_with_the_name_the_provider_gives(
    browser: Browser,
) -> None:
    answer = await browser.arrive("zhang", return_to="/learn/M01")
    assert where(answer) == "/sign-in?new=1&next=%2Flearn%2FM01"
    made = await browser.agree()
    assert (made.status_code, "refreshToken" in made.json()) == (201, False)
    me = await browser.who()
    assert (me["name"], me["roles"]) == ("职工 zhang", ["learner"])
    headers = await browser.access()
    consents = (await browser.ours.get("/v1/me/consents", headers=headers)).json()["items"]
    given = {c["purpose"]: c.get("version") for c in consents if c["state"] == "given"}
    assert given == {notice["purpose"]: notice["version"] for notice in AGREED}
    again = await browser.arrive("zhang", return_to="/learn/M01")
    assert where(again) == "/sign-in?arrived=1&next=%2Flearn%2FM01"


@pytest.mark.parametrize(
    "agreed",
    [
        pytest.param([], id="to nothing"),
        pytest.param(AGREED[:1], id="to one of two"),
        pytest.param([{**n, "version": "2025-01"} for n in AGREED], id="to an old version"),
    ],
)
async def test_who_does_not_agree_gets_no_account(
    browser: Browser, agreed: list[dict[str, str]]
) -> None:
    answer = await browser.arrive("zhang")
    assert "guanbiao_refresh" not in answer.headers["set-cookie"]
    refused = await browser.agree(agreed)
    assert (refused.status_code, refused.json()["code"]) == (422, "consent-needed")
    assert "new=1" in where(await browser.arrive("zhang"))  # still nobody here
    assert (await browser.ours.post("/v1/sessions/refresh", json={})).status_code == 401


async def test_agreement_sent_twice_makes_one_account(browser: Browser) -> None:
    await browser.arrive("zhang")
    came = dict(browser.ours.cookies)
    await browser.agree()
    first = await browser.who()
    browser.ours.cookies.update(came)
    assert (await browser.agree()).status_code == 201
    assert (await browser.who())["id"] == first["id"]


async def test_who_comes_again_finds_the_same_account(new_browser: NewBrowser) -> None:
    first, again, another = new_browser(), new_browser(), new_browser()
    await first.sign_in("li")
    await again.sign_in("li")
    await another.sign_in("sun")
    found = [(await b.who())["id"] for b in (first, again, another)]
    assert found[0] == found[1] != found[2]


async def test_the_same_subject_of_another_provider_is_another_person(
    new_browser: NewBrowser,
) -> None:
    one, other = new_browser(), new_browser()
    await one.sign_in("li")
    await other.sign_in("li", "works")
    assert (await one.who())["id"] != (await other.who())["id"]


async def test_a_provider_s_new_key_is_found(
    browser: Browser, new_browser: NewBrowser, providers: Providers
) -> None:
    await browser.sign_in("zhang")
    async with httpx.AsyncClient(trust_env=False) as client:
        await client.post(f"{providers.control}/rotate")
    assert where(await new_browser().sign_in("zhang")).startswith("/sign-in?arrived=1")


async def test_two_tabs_may_be_on_their_way_at_once(browser: Browser) -> None:
    first, second = await browser.begin(), await browser.begin()
    for url in (first, second):
        back = await browser.come_back(await browser.at_provider(url, "zhang"))
        assert "new=1" in where(back)


async def test_the_page_lists_the_providers(browser: Browser) -> None:
    listed = (await browser.ours.get("/v1/federation/providers")).json()["providers"]
    title = {"zh": "部级平台", "en": "The ministry"}
    assert listed[0] == {"name": "ministry", "title": title}


async def test_the_way_there_asks_for_a_code_by_pkce_and_nothing_more(browser: Browser) -> None:
    asked = given(await browser.begin())
    assert asked["response_type"] == "code"
    assert asked["code_challenge_method"] == "S256"
    assert asked["scope"] == "openid profile"
    assert len(asked["state"]) >= 43
    assert len(asked["nonce"]) >= 43


async def test_an_unknown_provider_is_a_404(browser: Browser) -> None:
    answer = await browser.ours.post("/v1/federation/nobody/sign-in", json={})
    assert (answer.status_code, answer.json()["code"]) == (404, "provider-not-known")


async def test_a_provider_that_does_not_answer_is_a_503(new_browser: NewBrowser) -> None:
    browser = new_browser(ministry=registered("ministry", "http://127.0.0.1:9"))
    answer = await browser.ours.post("/v1/federation/ministry/sign-in", json={})
    assert (answer.status_code, answer.json()["code"]) == (503, "provider-unreachable")


async def test_someone_who_turns_back_is_told(browser: Browser) -> None:
    url = await browser.at_provider(await browser.begin(), "zhang")
    refused = url.replace("code=", "error=access_denied&ignored=")
    assert where(await browser.come_back(refused)).startswith("/sign-in?refused=provider-refused&")


# --- second factors ---------------------------------------------------------------------------


async def test_a_role_that_needs_a_second_factor_waits_for_it(
    browser: Browser, clock: ManualClock
) -> None:
    await browser.sign_in("zhang")
    person_id = (await browser.who())["id"]
    await add_roles(person_id, [Role.REVIEWER], now=clock())  # type: ignore[arg-type]
    await browser.sign_in("zhang")
    me = await browser.who()
    assert (me["roles"], me["rolesWaiting"]) == (["learner"], ["reviewer"])


# --- linking ----------------------------------------------------------------------------------


async def test_a_linked_identity_opens_the_account_it_was_linked_to(
    browser: Browser, new_browser: NewBrowser, as_person: AsPerson
) -> None:
    owner = await as_person()
    assert where(await browser.link("zhang", owner.headers)) == "/account?linked=1"
    elsewhere = new_browser()
    await elsewhere.sign_in("zhang")
    assert (await elsewhere.who())["id"] == str(owner.id)
    (mine,) = (await browser.ours.get(MINE, headers=owner.headers)).json()["identities"]
    assert mine["provider"] == "ministry"
    assert mine["lastUsedAt"]


async def test_an_identity_that_opens_another_account_cannot_be_linked(
    browser: Browser, as_person: AsPerson
) -> None:
    first, second = await as_person(), await as_person()
    await browser.link("zhang", first.headers)
    refused = where(await browser.link("zhang", second.headers))
    assert refused == "/account?refused=identity-linked-elsewhere"
    assert (await browser.ours.get(MINE, headers=second.headers)).json() == {"identities": []}


async def test_nothing_is_linked_to_a_demonstration_account(
    browser: Browser, as_person: AsPerson
) -> None:
    """Its password is public: whoever linked an identity to it would keep a way in."""
    shared = await as_person()
    await Person.update({Person.demonstration: True}).where(Person.id == shared.id)
    answer = await browser.ours.post(
        "/v1/federation/ministry/link", json={}, headers=shared.headers
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "not-of-demonstrations")


async def test_linking_needs_a_fresh_sign_in(
    browser: Browser, as_person: AsPerson, clock: ManualClock
) -> None:
    owner = await as_person()
    clock.advance(20 * 60)
    answer = await browser.ours.post("/v1/federation/ministry/link", json={}, headers=owner.headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "sign-in-not-fresh")


async def test_a_session_that_ended_on_the_way_links_nothing(
    browser: Browser, as_person: AsPerson
) -> None:
    owner = await as_person()
    url = await browser.at_provider(await browser.begin(headers=owner.headers), "zhang")
    await browser.ours.delete("/v1/sessions/current", headers=owner.headers)
    assert "refused=attempt-not-known" in where(await browser.come_back(url))


async def test_the_last_way_in_cannot_be_unlinked_but_one_of_two_can(
    browser: Browser,
) -> None:
    await browser.sign_in("zhang")
    headers = await browser.access()
    (only,) = (await browser.ours.get(MINE, headers=headers)).json()["identities"]
    refused = await browser.ours.delete(f"{MINE}/{only['id']}", headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (409, "last-way-in")
    await browser.link("zhang-2", headers)
    assert (await browser.ours.delete(f"{MINE}/{only['id']}", headers=headers)).status_code == 204
    assert len((await browser.ours.get(MINE, headers=headers)).json()["identities"]) == 1


async def test_another_s_identity_is_a_404(browser: Browser, as_person: AsPerson) -> None:
    owner, other = await as_person(), await as_person()
    await browser.link("zhang", owner.headers)
    (mine,) = (await browser.ours.get(MINE, headers=owner.headers)).json()["identities"]
    answer = await browser.ours.delete(f"{MINE}/{mine['id']}", headers=other.headers)
    assert answer.status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        *("https://evil.test", "//evil.test", "/\\evil.test", "javascript:alert(1)", "learn"),
        *(
            "/learn?next=//evil.test",
            "/%2f/evil.test",
            "/a\r\nSet-Cookie: x=1",
            "/学习",
            "",
            "/" * 2,
        ),
    ],
)
async def test_nobody_is_sent_to_another_site(browser: Browser, path: str) -> None:
    answer = await browser.ours.post("/v1/federation/ministry/sign-in", json={"returnTo": path})
    assert answer.status_code == 422
