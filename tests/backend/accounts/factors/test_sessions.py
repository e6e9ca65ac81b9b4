"""Where a person is signed in, and ending it."""

from typing import Any

import httpx

from backend.accounts.revocations import REFRESHED_EVERY
from infra.clock import ManualClock
from infra.ids import uuid7
from infra.settings import Settings
from tests.applications import application
from tests.backend.accounts.conftest import Tokens, refresh, sign_in, tokens_in
from tests.conftest import PUBLIC_URL
from tests.people import AsPerson

SESSIONS = "/v1/sessions"


async def listed(api: httpx.AsyncClient, tokens: Tokens, **query: Any) -> dict[str, Any]:
    answer = await api.get(SESSIONS, headers=tokens.headers, params=query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def ids(api: httpx.AsyncClient, tokens: Tokens) -> list[str]:
    return [item["id"] for item in (await listed(api, tokens))["items"]]


async def test_a_person_sees_their_own_sessions_and_which_is_this_one(
    api: httpx.AsyncClient, signed_in: Tokens, as_person: AsPerson, clock: ManualClock
) -> None:
    await as_person()
    clock.advance(60)
    here = tokens_in(await sign_in(api))
    items = (await listed(api, here))["items"]
    assert [(i["method"], i["current"], i["secondFactor"]) for i in items] == [
        ("password", True, False),
        ("password", False, False),
    ]


async def test_a_refresh_shows_as_use(
    api: httpx.AsyncClient, signed_in: Tokens, clock: ManualClock
) -> None:
    clock.advance(300)
    renewed = tokens_in(await refresh(api, signed_in.refresh))
    item = (await listed(api, renewed))["items"][0]
    assert item["startedAt"] < item["lastUsedAt"]


async def test_the_list_comes_in_pages(api: httpx.AsyncClient, signed_in: Tokens) -> None:
    for _ in range(2):
        await sign_in(api)
    first = await listed(api, signed_in, limit=2)
    rest = await listed(api, signed_in, limit=2, cursor=first["nextCursor"])
    assert [len(p["items"]) for p in (first, rest)] == [2, 1]
    assert rest["nextCursor"] is None


async def test_an_ended_session_is_over_here_at_once_and_elsewhere_in_seconds(
    api: httpx.AsyncClient, signed_in: Tokens, settings: Settings, clock: ManualClock
) -> None:
    elsewhere = application(settings, clock)
    transport = httpx.ASGITransport(app=elsewhere)  # type: ignore[arg-type]
    lost = tokens_in(await sign_in(api))
    async with httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL) as other:
        assert (await other.get("/v1/me", headers=lost.headers)).status_code == 200
        newest = (await ids(api, signed_in))[0]
        ended = await api.delete(f"{SESSIONS}/{newest}", headers=signed_in.headers)
        assert ended.status_code == 204
        assert (await api.get("/v1/me", headers=lost.headers)).status_code == 401
        clock.advance(REFRESHED_EVERY.total_seconds())
        assert (await other.get("/v1/me", headers=lost.headers)).status_code == 401
    assert (await refresh(api, lost.refresh)).status_code == 401
    assert (await api.get("/v1/me", headers=signed_in.headers)).status_code == 200


async def test_all_others_end_and_this_one_stays(
    api: httpx.AsyncClient, signed_in: Tokens, as_person: AsPerson
) -> None:
    others = [tokens_in(await sign_in(api)) for _ in range(3)]
    stranger = await as_person()
    answer = await api.delete(SESSIONS, headers=signed_in.headers)
    assert (answer.status_code, answer.json()) == (200, {"ended": 3})
    for tokens in others:
        assert (await refresh(api, tokens.refresh)).status_code == 401
    assert len(await ids(api, signed_in)) == 1
    assert (await api.get("/v1/me", headers=stranger.headers)).status_code == 200


async def test_another_s_session_is_not_there(
    api: httpx.AsyncClient, signed_in: Tokens, as_person: AsPerson
) -> None:
    stranger = await as_person()
    for session_id in (stranger.caller.session_id, uuid7()):
        refused = await api.delete(f"{SESSIONS}/{session_id}", headers=signed_in.headers)
        assert (refused.status_code, refused.json()["code"]) == (404, "no-such-session")
    assert (await api.get("/v1/me", headers=stranger.headers)).status_code == 200
