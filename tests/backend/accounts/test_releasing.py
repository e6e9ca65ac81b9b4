"""A number that its carrier gave to somebody else: freed by the operator, and whose it was told."""

import pytest

from backend.accounts.domain import AccountInUse, NobodyByThatLogin, NotOfDemonstrations
from backend.accounts.service import ensure_demo_people, release_login
from infra.clock import ManualClock
from infra.vault import Vault
from tests.backend.accounts.conftest import EMAIL, PASSWORD, PHONE
from tests.backend.accounts.postbox import Visitor
from tests.backend.accounts.test_recovery import link
from tests.one_connection import connection

A_DAY = 86_400
REASON = "number-recycled"


async def test_a_dormant_account_loses_the_number_alone_and_its_next_owner_signs_up(
    visitor: Visitor, vault: Vault, clock: ManualClock
) -> None:
    first = await visitor.sign_up(PHONE, password=PASSWORD)
    me = (await visitor.api.get("/v1/me", headers=first)).json()["id"]
    await link(visitor, EMAIL, first)
    await visitor.postbox.collect()
    clock.advance(91 * A_DAY)
    released = await release_login(vault, "138 1234 5678", reason=REASON, now=clock())
    assert released.logins_left == 1
    assert await visitor.postbox.notices() == {EMAIL: "notice.login-released"}
    row = await connection().fetchrow(
        "SELECT actor, body FROM audit_entry WHERE subject = $1 AND act = 'login-released'",
        f"person:{me}",
    )
    assert row is not None
    assert (row["actor"], PHONE in row["body"], REASON in row["body"]) == (None, False, True)

    next_owner = await visitor.sign_up(PHONE)
    assert (await visitor.api.get("/v1/me", headers=next_owner)).json()["id"] != me
    back = (await visitor.sign_in(EMAIL, password=PASSWORD)).json()["accessToken"]
    headers = {"Authorization": f"Bearer {back}"}
    assert (await visitor.api.get("/v1/me", headers=headers)).json()["id"] == me


async def test_an_open_session_of_whoever_came_by_the_number_ends(
    visitor: Visitor, vault: Vault, clock: ManualClock
) -> None:
    await visitor.sign_up(PHONE, password=PASSWORD)
    opened = (await visitor.sign_in(PHONE, password=PASSWORD)).json()["refreshToken"]
    clock.advance(91 * A_DAY)
    await release_login(vault, PHONE, reason=REASON, now=clock())
    refreshed = await visitor.api.post("/v1/sessions/refresh", json={"refreshToken": opened})
    assert (refreshed.status_code, refreshed.json()["code"]) == (401, "session-ended")


async def test_an_account_in_use_keeps_its_number(
    visitor: Visitor, vault: Vault, clock: ManualClock
) -> None:
    await visitor.sign_up(PHONE, password=PASSWORD)
    clock.advance(80 * A_DAY)
    await visitor.sign_in(PHONE, password=PASSWORD)
    clock.advance(89 * A_DAY)
    with pytest.raises(AccountInUse):
        await release_login(vault, PHONE, reason=REASON, now=clock())
    assert (await visitor.sign_in(PHONE, password=PASSWORD)).status_code == 201


async def test_nobody_s_number_and_a_demonstration_s_address_are_refused(
    unit: None, vault: Vault, clock: ManualClock
) -> None:
    with pytest.raises(NobodyByThatLogin):
        await release_login(vault, PHONE, reason=REASON, now=clock())
    await ensure_demo_people(vault, clock())
    clock.advance(91 * A_DAY)
    with pytest.raises(NotOfDemonstrations):
        await release_login(vault, "admin@demo.guanbiao", reason=REASON, now=clock())
