"""Which roles a session may use: some need a second factor, and wait for it in the token."""

from uuid import UUID

import httpx
from hypothesis import given
from hypothesis import strategies as st

from backend.accounts.domain import NEEDS_SECOND_FACTOR, Role, caller_in
from infra.clock import ManualClock
from infra.ids import uuid7
from infra.vault import Vault
from tests.backend.accounts.conftest import Tokens, refresh, sign_in, tokens_in
from tests.backend.accounts.factors.conftest import Phone, bearer, me, show
from tests.people import AsPerson

EN = {"Accept-Language": "en"}
PERSON, SESSION = uuid7(), UUID(int=1)
ROLES = st.frozensets(st.sampled_from(Role))


@given(ROLES, st.booleans())
def test_no_role_is_lost_and_none_is_in_force_twice(
    roles: frozenset[Role], second_factor: bool
) -> None:
    caller = caller_in(SESSION, PERSON, roles, second_factor=second_factor)
    assert caller.roles | caller.waiting == roles
    assert not caller.roles & caller.waiting


@given(ROLES)
def test_without_a_second_factor_exactly_the_needing_roles_wait(roles: frozenset[Role]) -> None:
    caller = caller_in(SESSION, PERSON, roles, second_factor=False)
    assert caller.waiting == roles & NEEDS_SECOND_FACTOR
    assert caller_in(SESSION, PERSON, roles, second_factor=True).waiting == frozenset()


def test_who_only_learns_or_speaks_for_an_organisation_needs_none() -> None:
    assert set(Role) - NEEDS_SECOND_FACTOR == {Role.LEARNER, Role.ORGANISATION_MANAGER}


async def test_a_password_alone_makes_no_author(api: httpx.AsyncClient, author: Tokens) -> None:
    refused = await api.get("/v1/lectures", headers=author.headers | EN)
    assert (refused.status_code, refused.json()["code"]) == (403, "second-factor-needed")
    assert "/v1/sessions/current/second-factor" in refused.json()["detail"]
    known = await me(api, author.headers)
    assert (known["roles"], known["rolesWaiting"]) == (["learner"], ["author"])
    assert known["secondFactor"] == {"enrolled": False, "methods": []}


async def test_a_role_nobody_gave_is_refused_plainly(api: httpx.AsyncClient, phone: Phone) -> None:
    refused = await api.post(
        f"/v1/people/{uuid7()}/second-factor-reset",
        json={"reason": "device-lost"},
        headers=phone.headers,
    )
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")


async def test_setting_one_up_shows_it_too(api: httpx.AsyncClient, phone: Phone) -> None:
    assert (await api.get("/v1/lectures", headers=phone.headers)).status_code == 200
    known = await me(api, phone.headers)
    assert (known["roles"], known["rolesWaiting"]) == (["author", "learner"], [])
    assert known["secondFactor"]["methods"] == ["totp", "recovery-code"]


async def test_a_new_session_steps_up_and_stays_up_through_refreshes(
    api: httpx.AsyncClient, phone: Phone, clock: ManualClock
) -> None:
    answer = await sign_in(api)
    assert answer.json()["rolesWaiting"] == ["author"]
    signed_in = tokens_in(answer)
    shown = await show(api, signed_in.headers, phone.next_code())
    assert (shown.status_code, shown.json()["roles"]) == (200, ["author", "learner"])
    assert shown.headers["cache-control"] == "no-store"
    assert (await me(api, bearer(shown.json()["accessToken"])))["rolesWaiting"] == []
    clock.advance(8 * 3600)
    renewed = tokens_in(await refresh(api, signed_in.refresh))
    assert (await me(api, renewed.headers))["roles"] == ["author", "learner"]


async def test_another_session_of_the_same_person_still_waits(
    api: httpx.AsyncClient, phone: Phone
) -> None:
    beside = tokens_in(await sign_in(api))
    await show(api, phone.headers, phone.next_code())
    renewed = tokens_in(await refresh(api, beside.refresh))
    assert (await me(api, renewed.headers))["rolesWaiting"] == ["author"]


async def test_a_session_that_ended_cannot_step_up(
    api: httpx.AsyncClient, phone: Phone, vault: Vault
) -> None:
    signed_in = tokens_in(await sign_in(api))
    await api.delete("/v1/sessions/current", headers=signed_in.headers)
    refused = await show(api, signed_in.headers, phone.next_code())
    assert refused.status_code == 401


async def test_a_learner_is_asked_for_nothing(api: httpx.AsyncClient, as_person: AsPerson) -> None:
    learner = await as_person()
    known = await me(api, learner.headers)
    assert (known["roles"], known["rolesWaiting"]) == (["learner"], [])
