"""One identity, two accounts: a case that two administrators decide, told to neither account."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from backend.accounts import service as accounts
from backend.accounts.domain import Role
from backend.accounts.tokens import AccessTokens
from infra.clock import ManualClock
from infra.local.postgres import LocalPostgres
from infra.settings import Settings
from infra.vault import Vault
from tests.applications import application
from tests.backend.identity.conftest import World
from tests.backend.organisations.making import make_member, make_organisation
from tests.backend.progress.own_database import own_database
from tests.conftest import PUBLIC_URL
from tests.people import AsPerson, SignedIn, sign_in_someone


@pytest.fixture
async def claimant(world: World, as_person: AsPerson) -> SignedIn:
    return await world.colleague(as_person)


async def a_case(world: World, claimant: SignedIn, number: str) -> str:
    await world.verified(world.member, number)
    answer = await world.confirm(await world.attested(claimant, number))
    assert answer.json()["state"] == "attested"
    found: str = answer.json()["caseId"]
    return found


async def propose(world: World, who: SignedIn, case: str, **body: Any) -> httpx.Response:
    body = {"decision": "move", "reason": "account-lost"} | body
    return await world.post(who, f"/v1/identity-cases/{case}/proposal", **body)


async def answer(world: World, who: SignedIn, case: str, *, agree: bool) -> httpx.Response:
    return await world.post(who, f"/v1/identity-cases/{case}/answer", agree=agree)


async def test_neither_account_learns_of_the_other(
    world: World, claimant: SignedIn, number: str
) -> None:
    await a_case(world, claimant, number)
    mine = await world.get(claimant, "/v1/me/identity")
    assert mine["state"] == "attested"
    assert [e["event"] for e in mine["history"]] == ["attested", "declared"]
    assert str(world.member.id) not in str(mine)
    holders = await world.get(world.member, "/v1/me/identity")
    assert [e["event"] for e in holders["history"]] == ["verified", "attested", "declared"]
    for who in (claimant, world.member, world.manager):
        there = await world.api.get("/v1/identity-cases", headers=who.headers)
        assert there.status_code == 403


async def test_an_identity_moves_when_two_administrators_say_so(
    world: World, claimant: SignedIn, number: str, vault: Vault
) -> None:
    case = await a_case(world, claimant, number)
    found = (await world.get(world.first, "/v1/identity-cases", limit=100))["items"]
    assert [(c["claimant"], c["holder"]) for c in found if c["id"] == case] == [
        (str(claimant.id), str(world.member.id))
    ]
    assert (await propose(world, world.first, case)).status_code == 204
    same = await answer(world, world.first, case, agree=True)
    assert (same.status_code, same.json()["code"]) == (403, "two-people-needed")
    done = await answer(world, world.second, case, agree=True)
    assert (done.status_code, done.json()) == (200, {"state": "decided"})
    assert await world.state(claimant) == "verified"
    assert await world.state(world.member) == "revoked"
    assert not (await accounts.holder_of(vault, world.member.id)).identity_verified
    decided = await world.get(world.first, "/v1/identity-cases", decided=True, limit=100)
    assert case in {c["id"] for c in decided["items"]}
    again = await answer(world, world.second, case, agree=True)
    assert again.json()["code"] == "case-moved-on"


async def test_an_identity_stays_and_the_claim_is_rejected(
    world: World, claimant: SignedIn, number: str
) -> None:
    case = await a_case(world, claimant, number)
    await propose(world, world.first, case, decision="keep", reason="impersonation")
    await answer(world, world.second, case, agree=True)
    assert (await world.state(claimant), await world.state(world.member)) == (
        *("rejected", "verified"),
    )
    told = (await world.get(claimant, "/v1/me/identity"))["history"][0]
    assert (told["event"], told["reason"]) == ("rejected", "other")


async def test_who_does_not_agree_opens_the_case_again(
    world: World, claimant: SignedIn, number: str
) -> None:
    case = await a_case(world, claimant, number)
    assert (await answer(world, world.second, case, agree=True)).status_code == 409
    await propose(world, world.first, case)
    assert (await propose(world, world.second, case)).status_code == 409
    assert (await answer(world, world.second, case, agree=False)).json() == {"state": "open"}
    assert (await propose(world, world.second, case, decision="keep")).status_code == 204
    assert (await answer(world, world.first, case, agree=True)).json() == {"state": "decided"}


async def test_while_it_is_undecided_nothing_else_happens_to_the_declaration(
    world: World, claimant: SignedIn, number: str
) -> None:
    await a_case(world, claimant, number)
    waiting = await world.get(world.first, "/v1/identity-declarations", personId=claimant.id)
    path = f"/v1/identity-declarations/{waiting['items'][0]['id']}"
    again = await world.post(world.second, f"{path}/confirmation")
    rejected = await world.post(world.second, f"{path}/rejection", reason="other")
    assert [a.json()["code"] for a in (again, rejected)] == ["declaration-moved-on"] * 2


async def test_a_case_about_an_administrator_is_decided_by_others(
    world: World, number: str, as_person: AsPerson
) -> None:
    await make_member(world.organisation, world.second.id, now=world.clock())
    case = await a_case(world, world.second, number)
    assert (await propose(world, world.second, case)).status_code == 403
    await propose(world, world.first, case)
    assert (await answer(world, world.second, case, agree=True)).status_code == 403
    third = await as_person(Role.ADMINISTRATOR)
    assert (await answer(world, third, case, agree=True)).status_code == 200


@pytest.fixture
async def at_once(
    local_postgres: LocalPostgres, database: None, settings: Settings, clock: ManualClock
) -> AsyncIterator[httpx.AsyncClient]:
    async with own_database(local_postgres, "identities_at_once"):
        app = application(settings, clock)
        transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL) as client:
            yield client


async def test_two_confirmations_at_once_of_one_identity_verify_one_and_open_a_case(
    at_once: httpx.AsyncClient,
    vault: Vault,
    tokens: AccessTokens,
    clock: ManualClock,
    number: str,
) -> None:
    """Over the real pool, committed: whoever comes second sees who was first."""
    roles = [(Role.LEARNER,)] * 5 + [(Role.ADMINISTRATOR,)] * 2
    manager, *rest = [
        await sign_in_someone(r, vault=vault, tokens=tokens, clock=clock) for r in roles
    ]
    *members, first, second = rest
    organisation = await make_organisation(manager.id, now=clock())
    for member in members:
        await make_member(organisation, member.id, now=clock())
    world = World(at_once, clock, organisation, manager, members[0], first, second)
    await world.agree(*members)
    declared = [await world.attested(member, number) for member in members]
    answers = await asyncio.gather(
        *(world.confirm(d, who) for d in declared for who in (first, second))
    )
    done = [a.json() for a in answers if a.status_code == 200]
    assert sorted(d["state"] for d in done) == ["attested"] * 3 + ["verified"]
    assert {a.status_code for a in answers} == {200, 409}
    states = sorted([await world.state(member) for member in members])
    assert states == ["attested"] * 3 + ["verified"]
    cases = (await world.get(first, "/v1/identity-cases"))["items"]
    assert len(cases) == 3
    assert len({c["holder"] for c in cases}) == 1
