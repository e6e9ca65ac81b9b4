"""An organisation whose only manager was erased, and who is told when a list is looked at."""

from uuid import UUID

import httpx

from backend.accounts.domain import Role
from backend.organisations import privacy_facts
from backend.organisations.domain import Position, State
from backend.organisations.service import manages
from backend.organisations.tables import Organisation
from infra.clock import ManualClock
from infra.tables import AuditEntry, ListAccess, PersonAccess
from infra.vault import Vault
from tests.backend.organisations.making import give_login, make_member, make_organisation
from tests.people import AsPerson, SignedIn

ALONE = "/v1/organisations/without-manager"


async def listed(api: httpx.AsyncClient, admin: SignedIn) -> set[UUID]:
    items = (await api.get(f"{ALONE}?limit=100", headers=admin.headers)).json()["items"]
    return {UUID(item["id"]) for item in items}


async def test_an_erased_sole_manager_leaves_a_vacancy_that_an_administrator_fills(
    api: httpx.AsyncClient, as_person: AsPerson, clock: ManualClock, vault: Vault
) -> None:
    manager, member, admin = (
        await as_person(),
        await as_person(),
        await as_person(Role.ADMINISTRATOR),
    )
    firm = await make_organisation(manager.id, now=clock())
    await make_member(firm, member.id, now=clock())
    await give_login(vault, member.id, "13900008801", proved_at=clock())
    url, body = f"/v1/organisations/{firm}/appointment", {"login": "13900008801"}
    early = await api.post(url, json=body, headers=admin.headers)
    assert early.json()["code"] == "has-manager", "nobody is put over a manager's head"
    assert firm not in await listed(api, admin)
    for _ in range(2):
        await privacy_facts.erase_person(manager.id, now=clock())
    assert firm in await listed(api, admin)
    told = await AuditEntry.count().where(
        AuditEntry.act == "organisation-without-manager",
        AuditEntry.subject == f"organisation:{firm}",
    )
    assert told == 1
    made = (await api.post(url, json=body, headers=admin.headers)).json()
    assert made["invitation"]["position"] == "manager"
    accepted = await api.post(
        "/v1/me/invitations/by-token/acceptance",
        json={"token": made["token"]},
        headers=member.headers,
    )
    assert accepted.json()["joined"]
    assert await manages(member.id, firm)
    assert firm not in await listed(api, admin)


async def test_one_of_two_erased_managers_leaves_no_vacancy(
    api: httpx.AsyncClient, as_person: AsPerson, clock: ManualClock
) -> None:
    first, second, admin = await as_person(), await as_person(), await as_person(Role.ADMINISTRATOR)
    firm = await make_organisation(first.id, now=clock())
    await make_member(firm, second.id, now=clock(), position=Position.MANAGER)
    await privacy_facts.erase_person(first.id, now=clock())
    assert firm not in await listed(api, admin)


async def test_a_refused_organisation_holds_nobody(
    api: httpx.AsyncClient, as_person: AsPerson, clock: ManualClock
) -> None:
    manager = await as_person()
    firm = await make_organisation(manager.id, now=clock())
    await Organisation.update({Organisation.state: State.REFUSED}).where(Organisation.id == firm)
    left = await api.delete(f"/v1/me/organisations/{firm}", headers=manager.headers)
    assert left.status_code == 204


async def test_a_list_is_noted_once_a_day_and_told_to_everybody_on_it(
    api: httpx.AsyncClient, as_person: AsPerson, clock: ManualClock
) -> None:
    manager, member, later = await as_person(), await as_person(), await as_person()
    firm = await make_organisation(manager.id, now=clock(), name="某企业")
    await make_member(firm, member.id, now=clock())
    url = f"/v1/organisations/{firm}/members"
    for _ in range(3):
        await api.get(url, headers=manager.headers)
    assert await ListAccess.count().where(ListAccess.organisation_id == firm) == 1
    assert not await PersonAccess.exists().where(PersonAccess.organisation_id == firm)
    clock.advance(86_400)
    await make_member(firm, later.id, now=clock())
    await api.get(url, headers=manager.headers)
    told = [
        (await api.get("/v1/me/accesses", headers=person.headers)).json()["items"]
        for person in (member, later, manager)
    ]
    assert [len(items) for items in told] == [2, 1, 0]
    assert {(i["who"], i["what"], i["organisation"]) for i in told[0]} == {
        ("manager", "member-list", "某企业")
    }
    page = (await api.get("/v1/me/accesses?limit=1", headers=member.headers)).json()
    rest = await api.get(f"/v1/me/accesses?cursor={page['nextCursor']}", headers=member.headers)
    assert len(rest.json()["items"]) == 1


async def test_whoever_is_sought_by_name_is_told_by_name(
    api: httpx.AsyncClient, as_person: AsPerson, clock: ManualClock
) -> None:
    manager, joiner = await as_person(), await as_person()
    firm = await make_organisation(manager.id, now=clock())
    url = f"/v1/organisations/{firm}"
    code = {"open": True, "needsApproval": False}
    made = (await api.put(f"{url}/join-code", json=code, headers=manager.headers)).json()
    await api.post("/v1/me/organisations", json={"code": made["code"]}, headers=joiner.headers)
    await api.post(f"{url}/members/search", json={"name": "王小明"}, headers=manager.headers)
    items = (await api.get("/v1/me/accesses", headers=joiner.headers)).json()["items"]
    assert [item["what"] for item in items] == ["name"]
