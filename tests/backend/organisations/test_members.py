"""Belonging: lists, departments, invitations, codes, leaving; over HTTP."""

from typing import Any
from uuid import UUID

import httpx
import pytest

from backend.organisations.domain import Position
from infra.clock import ManualClock
from infra.vault import Vault
from tests.backend.organisations.making import give_login, make_member, make_organisation
from tests.people import AsPerson, SignedIn


class Desk:
    """One organisation, as its manager works with it."""

    def __init__(self, api: httpx.AsyncClient, manager: SignedIn, organisation: UUID) -> None:
        self.api, self.manager, self.organisation = api, manager, organisation
        self.url = f"/v1/organisations/{organisation}"

    async def call(self, method: str, path: str, **body: Any) -> httpx.Response:
        json = body or None
        return await self.api.request(
            method, self.url + path, json=json, headers=self.manager.headers
        )

    async def members(self, query: str = "") -> list[dict[str, Any]]:
        answer = await self.call("GET", f"/members{query}")
        found: list[dict[str, Any]] = answer.json()["items"]
        return found


@pytest.fixture
async def desk(api: httpx.AsyncClient, as_person: AsPerson, clock: ManualClock) -> Desk:
    manager = await as_person()
    return Desk(api, manager, await make_organisation(manager.id, now=clock()))


async def test_a_member_is_shown_masked_and_found_by_the_exact_name_alone(
    desk: Desk, api: httpx.AsyncClient, as_person: AsPerson
) -> None:
    joiner = await as_person()
    await desk.call("PUT", "/join-code", open=True, needsApproval=False)
    code = (await desk.call("GET", "/join-code")).json()["code"]
    joined = await api.post(
        "/v1/me/organisations", json={"code": code.lower()}, headers=joiner.headers
    )
    assert joined.json()["joined"]
    assert (await desk.members())[1]["name"] == "王*明"
    for name, found in (("王小明", 1), ("王小", 0)):
        answer = await desk.call("POST", "/members/search", name=name)
        assert len(answer.json()["items"]) == found
        assert "王小明" not in answer.text


async def test_by_code_a_manager_looks_first_unless_the_code_says_otherwise(
    desk: Desk, api: httpx.AsyncClient, as_person: AsPerson
) -> None:
    made = (await desk.call("PUT", "/join-code", open=True)).json()
    people = [await as_person(), await as_person()]
    for person in people:
        for _ in range(2):  # asking twice is asking once
            answer = await api.post(
                "/v1/me/organisations", json={"code": made["code"]}, headers=person.headers
            )
            assert not answer.json()["joined"]
    asked = (await desk.call("GET", "/join-requests")).json()["items"]
    assert [a["name"] for a in asked] == ["王*明", "王*明"]
    for one, approve in zip(asked, (True, False), strict=True):
        path = f"/join-requests/{one['id']}/decision"
        assert (await desk.call("POST", path, approve=approve)).status_code == 204
        assert (await desk.call("POST", path, approve=approve)).status_code == 404
    assert len(await desk.members()) == 2


async def test_a_rotated_code_lets_nobody_in(
    desk: Desk, api: httpx.AsyncClient, as_person: AsPerson
) -> None:
    old = (await desk.call("PUT", "/join-code", open=True)).json()["code"]
    new = (await desk.call("PUT", "/join-code", open=True)).json()["code"]
    person = await as_person()
    for code, status in ((old, 404), (f" {new[:5]}-{new[5:]}".strip(), 200)):
        answer = await api.post("/v1/me/organisations", json={"code": code}, headers=person.headers)
        assert answer.status_code == status


async def test_a_stolen_invitation_lets_nobody_in_but_the_one_it_names(
    desk: Desk, api: httpx.AsyncClient, as_person: AsPerson, vault: Vault, clock: ManualClock
) -> None:
    invited, thief = await as_person(), await as_person()
    await give_login(vault, invited.id, "13912340001", proved_at=clock())
    await give_login(vault, thief.id, "13912340002", proved_at=clock())
    made = await desk.call("POST", "/invitations", login="139 1234 0001", position="manager")
    assert made.json()["invitation"]["contact"] == "139****0001"
    token = {"token": made.json()["token"]}
    url = "/v1/me/invitations"
    for path in ("/by-token", "/by-token/acceptance"):
        assert (await api.post(url + path, json=token, headers=thief.headers)).status_code == 404
    assert (await api.get(url, headers=thief.headers)).json()["items"] == []
    (offer,) = (await api.get(url, headers=invited.headers)).json()["items"]
    assert offer["organisation"] == "测试企业"
    stolen = await api.post(f"{url}/{offer['id']}/acceptance", headers=thief.headers)
    assert stolen.status_code == 404
    accepted = await api.post(f"{url}/{offer['id']}/acceptance", headers=invited.headers)
    assert accepted.json()["joined"]
    again = await api.post(f"{url}/by-token/acceptance", json=token, headers=invited.headers)
    assert again.status_code == 404, "it is used up"
    assert len(await desk.members("?position=manager")) == 2


async def test_a_link_works_once_and_for_fourteen_days(
    desk: Desk, api: httpx.AsyncClient, as_person: AsPerson, clock: ManualClock
) -> None:
    tokens = [
        (await desk.call("POST", "/invitations", position="member")).json()["token"]
        for _ in range(2)
    ]
    url = "/v1/me/invitations/by-token"
    first, second = await as_person(), await as_person()
    seen = await api.post(url, json={"token": tokens[0]}, headers=first.headers)
    assert seen.json()["confirmed"] is True
    for person, status in ((first, 200), (second, 404)):
        answer = await api.post(
            f"{url}/acceptance", json={"token": tokens[0]}, headers=person.headers
        )
        assert answer.status_code == status
    clock.advance(14 * 24 * 3600)
    late = await api.post(url, json={"token": tokens[1]}, headers=second.headers)
    assert late.status_code == 404


async def test_a_manager_is_not_invited_by_a_link_alone_and_invitations_can_be_withdrawn(
    desk: Desk, api: httpx.AsyncClient, as_person: AsPerson
) -> None:
    refused = await desk.call("POST", "/invitations", position="manager")
    assert refused.json()["code"] == "manager-by-link-alone"
    made = (await desk.call("POST", "/invitations", login="a@example.org")).json()
    assert (await desk.call("GET", "/invitations")).json()["items"][0]["contact"] == (
        "a****@example.org"
    )
    path = f"/invitations/{made['invitation']['id']}"
    assert (await desk.call("DELETE", path)).status_code == 204
    assert (await desk.call("DELETE", path)).status_code == 404


async def test_the_last_manager_stays_until_there_is_a_successor(
    desk: Desk, api: httpx.AsyncClient, as_person: AsPerson, clock: ManualClock
) -> None:
    leaving = f"/v1/me/organisations/{desk.organisation}"
    refused = await api.delete(leaving, headers=desk.manager.headers)
    assert refused.json()["code"] == "last-manager"
    (alone,) = await desk.members()
    own = f"/members/{alone['id']}"
    assert (await desk.call("DELETE", own)).json()["code"] == "last-manager"
    relieved = await desk.call("PUT", own, position="member")
    assert relieved.json()["code"] == "last-manager"
    successor = await as_person()
    member = await make_member(desk.organisation, successor.id, now=clock())
    named = await desk.call("PUT", f"/members/{member}", position="manager", duty="ip-manager")
    assert (named.json()["position"], named.json()["duty"]) == ("manager", "ip-manager")
    assert (await api.delete(leaving, headers=desk.manager.headers)).status_code == 204
    assert (await desk.call("GET", "/members")).status_code == 404


async def test_who_leaves_keeps_the_history_and_comes_back_as_new(
    desk: Desk, api: httpx.AsyncClient, as_person: AsPerson
) -> None:
    person = await as_person()
    code = (await desk.call("PUT", "/join-code", open=True, needsApproval=False)).json()["code"]
    for _ in range(2):
        await api.post("/v1/me/organisations", json={"code": code}, headers=person.headers)
        again = await api.post("/v1/me/organisations", json={"code": code}, headers=person.headers)
        assert again.json()["code"] == "already-member"
        gone = await api.delete(f"/v1/me/organisations/{desk.organisation}", headers=person.headers)
        assert gone.status_code == 204
    past = await desk.members("?left=true")
    assert [m["leftBecause"] for m in past] == ["left", "left"]
    assert past[0]["id"] != past[1]["id"]


async def test_departments_nest_six_deep_with_one_name_a_place(desk: Desk) -> None:
    parent: dict[str, Any] = {}
    for depth in range(1, 7):
        made = await desk.call("POST", "/departments", name="部门", **parent)
        assert made.json()["depth"] == depth
        parent = {"parentId": made.json()["id"]}
    too_deep = await desk.call("POST", "/departments", name="部门", **parent)
    assert too_deep.json()["code"] == "department-too-deep"
    twice = await desk.call("POST", "/departments", name="部门")
    assert twice.json()["code"] == "department-name-taken"
    formula = await desk.call("POST", "/departments", name="=1+1")
    assert formula.json()["code"] == "department-name-not-valid"


async def test_a_department_is_closed_only_when_nobody_is_below_it(
    desk: Desk, as_person: AsPerson, clock: ManualClock
) -> None:
    top = (await desk.call("POST", "/departments", name="研发部")).json()["id"]
    group = (await desk.call("POST", "/departments", name="一组", parentId=top)).json()["id"]
    member = await make_member(desk.organisation, (await as_person()).id, now=clock())
    placed = await desk.call("PUT", f"/members/{member}", position="member", departmentId=group)
    assert placed.json()["departmentId"] == group
    assert len(await desk.members(f"?department={top}")) == 1, "those below count"
    for department in (group, top):
        closed = await desk.call("DELETE", f"/departments/{department}")
        assert closed.json()["code"] == "department-in-use"
    await desk.call("DELETE", f"/members/{member}")
    for department in (group, top):
        assert (await desk.call("DELETE", f"/departments/{department}")).status_code == 204
    renamed = await desk.call("PATCH", f"/departments/{top}", name="x")
    assert renamed.status_code == 404


async def test_nothing_of_another_organisation_is_taken(
    desk: Desk, api: httpx.AsyncClient, as_person: AsPerson, clock: ManualClock
) -> None:
    other = await as_person()
    theirs = Desk(api, other, await make_organisation(other.id, now=clock()))
    department = (await theirs.call("POST", "/departments", name="财务部")).json()["id"]
    (foreign,) = await theirs.members()
    member = await make_member(desk.organisation, (await as_person()).id, now=clock())
    moved = await desk.call("PUT", f"/members/{member}", position="member", departmentId=department)
    assert moved.status_code == 422
    assert (await desk.call("DELETE", f"/members/{foreign['id']}")).status_code == 404
    assert (
        await desk.call("POST", "/departments", name="x", parentId=department)
    ).status_code == 422
    assert (await desk.call("DELETE", f"/departments/{department}")).status_code == 404
    mass = await desk.call("PUT", f"/members/{member}", position="member", person=str(other.id))
    assert mass.status_code == 422


async def test_lists_come_in_pages_and_need_no_more_queries_for_more_people(
    desk: Desk, clock: ManualClock, as_person: AsPerson
) -> None:
    made = [
        await make_member(desk.organisation, (await as_person()).id, now=clock()) for _ in range(5)
    ]
    seen, cursor = list[str](), ""
    while True:
        answer = (await desk.call("GET", f"/members?limit=2{cursor}")).json()
        seen += [m["id"] for m in answer["items"]]
        if "nextCursor" not in answer:
            break
        cursor = f"&cursor={answer['nextCursor']}"
    assert seen[1:] == [str(m) for m in made]
    assert (await desk.members())[0]["position"] == Position.MANAGER
