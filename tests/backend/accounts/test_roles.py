"""Who gives roles: whoever runs the installation, until there is a desk for it."""

from typing import Any

import httpx
import pytest

from backend.accounts import service
from backend.accounts.domain import NobodyByThatLogin, Role
from backend.accounts.revocations import REFRESHED_EVERY
from infra.clock import ManualClock
from infra.vault import Vault
from tests.backend.accounts.conftest import EMAIL, Tokens, refresh, sign_in, tokens_in


async def roles(api: httpx.AsyncClient, tokens: Tokens) -> list[str]:
    """Those in force, then those that wait for a second factor."""
    me = (await api.get("/v1/me", headers=tokens.headers)).json()
    return [*me["roles"], *(f"{role} waiting" for role in me["rolesWaiting"])]


async def test_a_granted_role_counts_from_the_next_refresh(
    api: httpx.AsyncClient, signed_in: Tokens, vault: Vault, clock: ManualClock
) -> None:
    await service.grant_role(vault, EMAIL.upper(), Role.AUTHOR, now=clock())
    assert await roles(api, signed_in) == ["learner"]
    renewed = tokens_in(await refresh(api, signed_in.refresh))
    assert await roles(api, renewed) == ["learner", "author waiting"]


async def test_a_withdrawn_role_ends_every_session_that_carries_it(
    api: httpx.AsyncClient, person: dict[str, Any], vault: Vault, clock: ManualClock
) -> None:
    for _ in range(2):  # granting twice grants once
        await service.grant_role(vault, EMAIL, Role.AUTHOR, now=clock())
    sessions = [tokens_in(await sign_in(api)) for _ in range(2)]
    await service.withdraw_role(vault, EMAIL, Role.AUTHOR, now=clock())
    clock.advance(REFRESHED_EVERY.total_seconds())
    for tokens in sessions:
        assert (await api.get("/v1/me", headers=tokens.headers)).status_code == 401
        assert (await refresh(api, tokens.refresh)).status_code == 401
    assert await roles(api, tokens_in(await sign_in(api))) == ["learner"]


async def test_a_learner_s_long_session_is_no_administrator_s(
    api: httpx.AsyncClient, signed_in: Tokens, vault: Vault, clock: ManualClock
) -> None:
    """It began for a month; whoever is given a privileged role signs in again after half a day."""
    await service.grant_role(vault, EMAIL, Role.ADMINISTRATOR, now=clock())
    clock.advance(12 * 3600 - 1)
    kept = await refresh(api, signed_in.refresh)
    assert kept.status_code == 201
    clock.advance(1)
    ended = await refresh(api, kept.json()["refreshToken"])
    assert (ended.status_code, ended.json()["code"]) == (401, "session-ended")


async def test_a_role_is_for_someone_who_signed_up(
    unit: None, vault: Vault, clock: ManualClock
) -> None:
    with pytest.raises(NobodyByThatLogin):
        await service.grant_role(vault, "nobody@example.org", Role.AUTHOR, now=clock())


async def test_a_holder_is_known_by_name_and_by_how_it_was_checked(
    api: httpx.AsyncClient, vault: Vault, clock: ManualClock
) -> None:
    await service.ensure_demo_people(vault, clock())
    me = await api.get(
        "/v1/me",
        headers=tokens_in(await sign_in(api, "learner@demo.guanbiao", "guanbiao-demo")).headers,
    )
    holder = await service.holder_of(vault, me.json()["id"])
    assert (holder.name, holder.identity_verified) == ("演示学员", True)
    assert holder.identity_method == "null"
