"""Assigning over HTTP, and what the learner hears of it."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from backend.organisations.assignments import domain
from backend.organisations.tables import Membership
from tests.backend.organisations.assignments.company import Company, begin, earn, leave, ok
from tests.one_connection import connection
from tests.people import AsPerson, SignedIn

NOTHING = str(UUID(int=7))


async def mine(company: Company, person: SignedIn) -> list[dict[str, Any]]:
    answer = ok(await company.api.get("/v1/me/assignments", headers=person.headers))
    items: list[dict[str, Any]] = answer["items"]
    return items


async def test_what_is_assigned_to_everyone_reaches_who_joins_later(
    company: Company, as_person: AsPerson
) -> None:
    made = await company.assign(dueOn="2026-06-30")
    company.clock.advance(86_400)
    newcomer = await as_person()
    assert await mine(company, newcomer) == []
    await company.member(person=newcomer.id)
    (found,) = await mine(company, newcomer)
    assert found["id"] == made["id"]
    assert (found["organisation"], found["dueOn"]) == ("测试企业", "2026-06-30")
    assert (found["state"], found["compulsory"]) == ("not-started", True)
    assert found["title"]["zh"]


async def test_relative_days_run_from_joining(company: Company, as_person: AsPerson) -> None:
    await company.assign(dueDays=10)
    company.clock.advance(timedelta(days=30).total_seconds())
    newcomer = await as_person()
    await company.member(person=newcomer.id)
    (found,) = await mine(company, newcomer)
    assert found["dueOn"] == "2026-04-11"


async def test_a_department_s_assignment_reaches_those_below_it_and_nobody_else(
    company: Company, as_person: AsPerson
) -> None:
    top = await company.department("研发部")
    below, beside = await company.department("知识产权组", top), await company.department("财务部")
    await company.assign(audience="departments", departments=[str(top)])
    people = {d: await as_person() for d in (below, beside)}
    for department, person in people.items():
        await company.member(person=person.id, department=department)
    assert len(await mine(company, people[below])) == 1
    assert await mine(company, people[beside]) == []


async def test_a_named_member_alone_is_reached(company: Company, as_person: AsPerson) -> None:
    one, other = await as_person(), await as_person()
    membership, _ = await company.member(person=one.id)
    await company.member(person=other.id)
    made = await company.assign(audience="members", members=[str(membership)], compulsory=False)
    assert (made["members"], made["compulsory"]) == (1, False)
    assert len(await mine(company, one)) == 1
    assert await mine(company, other) == []


async def test_the_learner_s_state_follows_what_the_learner_does(
    company: Company, as_person: AsPerson
) -> None:
    learner = await as_person()
    await company.member(person=learner.id)
    await company.assign(dueOn="2026-03-02")
    await begin(learner.id, company.clock())
    assert [one["state"] for one in await mine(company, learner)] == ["under-way"]
    company.clock.advance(86_400)
    assert [one["state"] for one in await mine(company, learner)] == ["late"]
    await earn(learner.id, company.clock())
    assert [one["state"] for one in await mine(company, learner)] == ["done"]


async def test_withdrawn_it_reaches_nobody_and_stays_in_the_list(
    company: Company, as_person: AsPerson
) -> None:
    learner = await as_person()
    await company.member(person=learner.id)
    made = await company.assign()
    path = f"{company.path}/assignments/{made['id']}/withdrawal"
    first = ok(await company.api.post(path, headers=company.manager.headers))
    company.clock.advance(60)
    again = ok(await company.api.post(path, headers=company.manager.headers))
    assert first["withdrawnAt"] == again["withdrawnAt"] is not None
    assert await mine(company, learner) == []
    listed = await company.read("/assignments")
    assert [one["id"] for one in listed["items"]] == [made["id"]]
    acts = "SELECT act FROM audit_entry WHERE subject = $1 ORDER BY number"
    rows = await connection().fetch(acts, f"organisation:{company.id}")
    assert [row["act"] for row in rows] == ["programme-assigned", "assignment-withdrawn"]


async def test_the_list_comes_in_pages_newest_first(company: Company) -> None:
    made = [(await company.assign())["id"] for _ in range(3)]
    first = await company.read("/assignments?limit=2")
    assert [one["id"] for one in first["items"]] == [made[2], made[1]]
    rest = await company.read(f"/assignments?limit=2&cursor={first['nextCursor']}")
    assert [one["id"] for one in rest["items"]] == [made[0]]
    assert rest["nextCursor"] is None


async def test_only_so_many_at_a_time(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.organisations.assignments.service.CURRENT_LIMIT", 1)
    await company.assign()
    refused = await company.try_assign()
    assert (refused.status_code, refused.json()["code"]) == (409, "too-many-assignments")
    assert domain.CURRENT_LIMIT == 50


WRONG: list[dict[str, object]] = [
    {"programme": "NOPE"},
    {"dueOn": "2026-03-01"},
    {"dueOn": "2026-06-30", "dueDays": 3},
    {"dueDays": 2**31},
    {"dueDays": 0},
    {"graceDays": -1},
    {"audience": "departments"},
    {"audience": "members", "members": [NOTHING]},
    {"audience": "departments", "departments": [NOTHING]},
    {"audience": "everyone", "departments": [NOTHING]},
    {"programme": "\u0000"},
    {"assignedBy": NOTHING},
]


async def test_what_cannot_be_is_refused_in_words(company: Company) -> None:
    for wanted in WRONG:
        refused = await company.try_assign(**wanted)
        assert refused.status_code in {404, 422}, (wanted, refused.text)
        assert refused.json()["detail"]


async def test_another_organisation_s_people_cannot_be_named(
    company: Company, other_company: Company
) -> None:
    stranger, _ = await other_company.member()
    department = await other_company.department("研发部")
    named = await company.try_assign(audience="members", members=[str(stranger)])
    assert named.status_code == 422
    named = await company.try_assign(audience="departments", departments=[str(department)])
    assert named.status_code == 422


async def test_who_left_cannot_be_named(company: Company) -> None:
    membership, _ = await company.member()
    await leave(membership, company.clock())
    refused = await company.try_assign(audience="members", members=[str(membership)])
    assert refused.status_code == 422


ADDRESSES = [
    ("GET", "/dashboard"),
    ("GET", "/assignments"),
    ("POST", "/assignments"),
    ("GET", "/assignments/{id}"),
    ("GET", "/assignments/{id}/members"),
    ("GET", "/assignments/{id}/export"),
    ("POST", "/assignments/{id}/withdrawal"),
]


async def test_whoever_does_not_manage_the_organisation_finds_nothing(
    company: Company, other_company: Company, as_person: AsPerson
) -> None:
    made = await company.assign()
    member = await as_person()
    await company.member(person=member.id)
    for method, path in ADDRESSES:
        address = company.path + path.format(id=made["id"])
        for who in (member, other_company.manager):
            body = {"programme": "MGR"} if method == "POST" else None
            answer = await company.api.request(method, address, json=body, headers=who.headers)
            assert answer.status_code == 404, answer.text
            assert answer.json()["code"] == "organisation-not-found"


async def test_another_organisation_s_assignment_is_not_found_under_one_s_own(
    company: Company, other_company: Company
) -> None:
    made = await company.assign()
    for path in ("", "/members", "/export"):
        found = await other_company.get(f"/assignments/{made['id']}{path}")
        assert (found.status_code, found.json()["code"]) == (404, "assignment-not-found")


async def test_a_manager_who_is_one_no_more_finds_nothing(company: Company) -> None:
    await Membership.update({Membership.position: "member"}).where(
        Membership.organisation == company.id
    )
    assert (await company.get("/dashboard")).status_code == 404


async def test_without_an_organisation_nothing_is_asked_of_me(
    api: httpx.AsyncClient, company: Company, as_person: AsPerson
) -> None:
    await company.assign()
    assert await mine(company, await as_person()) == []
