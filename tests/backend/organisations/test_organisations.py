"""Declaring, deciding, profile and cycle over HTTP."""

import asyncio
from contextlib import suppress
from typing import Any
from uuid import UUID

import httpx
import pytest

from backend.accounts.domain import Role
from backend.organisations import profiles
from backend.organisations.tables import Organisation
from infra.clock import ManualClock
from infra.database import UnitOfWork
from infra.engine import DB
from infra.ids import uuid7
from infra.tables import AuditEntry
from tests.backend.organisations.making import credit_code, make_member, make_organisation
from tests.conftest import RollBack
from tests.people import AsPerson, SignedIn

URL = "/v1/organisations"


def declaration(**other: Any) -> dict[str, Any]:
    return {
        "code": credit_code(),
        "name": "深圳某某科技有限公司",
        "kind": "enterprise",
        "reportingUnit": "GD",
        **other,
    }


async def declared(api: httpx.AsyncClient, person: SignedIn, **other: Any) -> dict[str, Any]:
    answer = await api.post(URL, json=declaration(**other), headers=person.headers)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_whoever_declares_an_organisation_is_its_first_manager(
    api: httpx.AsyncClient, as_person: AsPerson
) -> None:
    founder = await as_person()
    made = await declared(api, founder)
    assert (made["state"], made["position"]) == ("declared", "manager")
    mine = await api.get("/v1/me/organisations", headers=founder.headers)
    assert [place["id"] for place in mine.json()["items"]] == [made["id"]]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"code": "91440300192203821O"}, "code"),
        ({"reportingUnit": "ZZ"}, "reportingUnit"),
        ({"kind": "club"}, "kind"),
        ({"name": "\u202e公司名"}, "name"),
        ({"state": "confirmed"}, "state"),
    ],
    ids=["a mistyped code", "no such unit", "no such kind", "a name turned round", "state set"],
)
async def test_what_is_wrong_with_a_declaration_is_named(
    api: httpx.AsyncClient, as_person: AsPerson, wrong: dict[str, Any], field: str
) -> None:
    founder = await as_person()
    answer = await api.post(URL, json=declaration(**wrong), headers=founder.headers)
    assert answer.status_code == 422
    assert field in answer.text


async def test_an_administrator_confirms_one_and_rival_declarations_fall(
    api: httpx.AsyncClient, as_person: AsPerson
) -> None:
    true, squatter = await as_person(), await as_person()
    code = credit_code()
    rival = await declared(api, squatter, code=code)
    again = await api.post(URL, json=declaration(code=code), headers=squatter.headers)
    assert again.json()["code"] == "already-declared"
    ours = await declared(api, true, code=code.lower())
    administrator = await as_person(Role.ADMINISTRATOR)
    confirmed = await api.post(f"{URL}/{ours['id']}/confirmation", headers=administrator.headers)
    assert confirmed.json()["state"] == "confirmed"
    fallen = await api.get(f"{URL}/{rival['id']}", headers=squatter.headers)
    assert fallen.json()["state"] == "refused"
    assert fallen.json()["decidedBecause"]
    late = await api.post(URL, json=declaration(code=code), headers=squatter.headers)
    assert late.json()["code"] == "already-confirmed"
    acts = (
        await AuditEntry.select(AuditEntry.act)
        .where(AuditEntry.actor == administrator.id)
        .order_by(AuditEntry.number)
    )
    assert [a["act"] for a in acts] == ["organisation-confirmed", "organisation-refused"]


async def test_only_an_administrator_sees_and_decides_declarations(
    api: httpx.AsyncClient, as_person: AsPerson
) -> None:
    founder, administrator = await as_person(), await as_person(Role.ADMINISTRATOR)
    made = await declared(api, founder)
    for answer in (
        await api.get(URL, headers=founder.headers),
        await api.post(f"{URL}/{made['id']}/confirmation", headers=founder.headers),
    ):
        assert answer.status_code == 403
    listed = await api.get(URL, headers=administrator.headers)
    assert made["id"] in [o["id"] for o in listed.json()["items"]]
    refusal = {"reason": "请上传营业执照"}
    for status in (200, 409):
        answer = await api.post(
            f"{URL}/{made['id']}/refusal", json=refusal, headers=administrator.headers
        )
        assert answer.status_code == status
    stuck = await api.put(
        f"{URL}/{made['id']}/join-code", json={"open": True}, headers=founder.headers
    )
    assert stuck.json()["code"] == "refused"


async def test_name_and_unit_can_be_corrected_until_they_are_confirmed(
    api: httpx.AsyncClient, as_person: AsPerson, clock: ManualClock
) -> None:
    founder = await as_person()
    made = await declared(api, founder)
    changed = await api.patch(
        f"{URL}/{made['id']}", json={"reportingUnit": "XJBT"}, headers=founder.headers
    )
    assert changed.json()["reportingUnit"] == "XJBT"
    confirmed = await make_organisation(founder.id, now=clock())
    refused = await api.patch(
        f"{URL}/{confirmed}", json={"name": "另一个名字"}, headers=founder.headers
    )
    assert refused.json()["code"] == "fixed-once-confirmed"


async def test_the_profile_says_what_of_the_three_year_cycle_is_due_next(
    api: httpx.AsyncClient, as_person: AsPerson, clock: ManualClock
) -> None:
    manager, member = await as_person(), await as_person()
    ours = await make_organisation(manager.id, now=clock())
    await make_member(ours, member.id, now=clock())
    facts = f"{URL}/{ours}/certification-facts"
    fact = {"kind": "certified", "happenedOn": "2025-06-01", "standard": "GB/T 29490-2023"}
    made = await api.post(facts, json=fact, headers=manager.headers)
    assert made.json()["certification"]["due"] == {
        "what": "surveillance",
        "on": "2026-06-01",
        "overdue": False,
    }
    seen = await api.get(f"{URL}/{ours}", headers=member.headers)
    assert seen.json()["certification"]["validUntil"] == "2028-06-01"
    refused = await api.post(facts, json=fact, headers=member.headers)
    assert refused.status_code == 404
    early = {"kind": "surveillance", "happenedOn": "2026-03-03"}
    assert (await api.post(facts, json=early, headers=manager.headers)).status_code == 422


async def test_every_route_of_a_foreign_organisation_answers_that_there_is_none(
    api: httpx.AsyncClient, as_person: AsPerson, clock: ManualClock
) -> None:
    stranger, owner = await as_person(), await as_person()
    await make_organisation(stranger.id, now=clock())
    theirs = await make_organisation(owner.id, now=clock())
    for path in (
        *("", "/members", "/expected-members", "/departments", "/join-code", "/join-requests"),
        *("/invitations", "/members?left=true"),
    ):
        answer = await api.get(f"{URL}/{theirs}{path}", headers=stranger.headers)
        assert answer.status_code == 404, path
    for path, body in (
        ("/members/search", {"name": "王小明"}),
        ("/departments", {"name": "研发部"}),
        ("/invitations", {"login": "13800138000"}),
    ):
        answer = await api.post(f"{URL}/{theirs}{path}", json=body, headers=stranger.headers)
        assert answer.status_code == 404, path


async def test_there_are_32_reporting_units_with_the_production_and_construction_corps(
    api: httpx.AsyncClient, as_person: AsPerson
) -> None:
    anyone = await as_person()
    units = (await api.get("/v1/reporting-units", headers=anyone.headers)).json()["items"]
    assert len({unit["code"] for unit in units}) == 32
    assert "新疆生产建设兵团" in {unit["name"] for unit in units}


async def test_two_administrators_confirm_rivals_at_once_without_a_deadlock(
    database: None, clock: ManualClock
) -> None:
    code, administrator = credit_code(), uuid7()
    rivals = [
        profiles.declared(
            code=code,
            name="测试企业",
            kind="enterprise",
            reporting_unit="GD",
            by=uuid7(),
            demo=False,
            now=clock(),
        )
        for _ in range(2)
    ]

    async def confirm(organisation: UUID) -> None:
        with suppress(RollBack):
            async with UnitOfWork(DB):
                await profiles.confirm(organisation, by=administrator, now=clock())
                raise RollBack

    await Organisation.insert(*rivals)
    try:
        await asyncio.gather(*(confirm(row.id) for row in rivals))
    finally:
        await Organisation.delete().where(Organisation.code == code)


async def test_a_refused_organisation_assigns_nothing(
    api: httpx.AsyncClient, as_person: AsPerson
) -> None:
    manager, administrator = await as_person(), await as_person(Role.ADMINISTRATOR)
    url = f"{URL}/{(await declared(api, manager))['id']}"
    await api.post(f"{url}/refusal", json={"reason": "无此单位"}, headers=administrator.headers)
    wanted = {"programme": "DEMO", "compulsory": True, "audience": "everyone"}
    answer = await api.post(f"{url}/assignments", json=wanted, headers=manager.headers)
    assert answer.json()["code"] == "refused"
