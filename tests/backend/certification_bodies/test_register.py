"""The register over HTTP."""

from datetime import timedelta

import httpx
import pytest

from backend.accounts.domain import Role
from backend.certification_bodies import service
from backend.certification_bodies.tables import RegisterEntry
from infra.clock import ManualClock
from infra.tables import AuditEntry
from tests.backend.certification_bodies.conftest import BODIES, ENTRY, MakeBody
from tests.backend.organisations.making import make_organisation
from tests.people import AsPerson


async def test_the_public_list_says_a_body_s_state_as_at_a_day(
    api: httpx.AsyncClient, make_body: MakeBody
) -> None:
    body = await make_body()
    await body.enter("suspended", "2026-02-01")
    states = {}
    for day in ("2025-12-31", "2026-01-31", "2026-02-01"):
        items = (await api.get(BODIES, params={"asAt": day, "limit": 100})).json()["items"]
        states[day] = [i["status"]["state"] for i in items if i["code"] == body.code]
    assert states == {"2025-12-31": [], "2026-01-31": ["listed"], "2026-02-01": ["suspended"]}


async def test_a_correction_leaves_the_answers_given_before_it(
    api: httpx.AsyncClient, make_body: MakeBody, clock: ManualClock
) -> None:
    body = await make_body()
    wrong = (await body.enter("suspended", "2026-02-01")).json()["entries"][-1]["id"]
    clock.advance(3600)
    then = (clock() - timedelta(seconds=60)).isoformat()
    day = {"asAt": "2026-02-10"}
    asked = await api.get(body.path, params={**day, "knownAt": then})
    await body.enter("suspended", "2026-02-20", corrects=wrong)
    again = await api.get(body.path, params={**day, "knownAt": then})
    now = await api.get(body.path, params=day)
    assert asked.json() == again.json()
    assert asked.json()["status"]["state"] == "suspended"
    assert now.json()["status"]["state"] == "listed"
    assert [e["corrected"] for e in now.json()["entries"]] == [False, True, False]


async def test_what_is_known_this_very_moment_cannot_be_asked_for_by_its_time(
    api: httpx.AsyncClient, make_body: MakeBody, clock: ManualClock
) -> None:
    body = await make_body()
    answer = await api.get(body.path, params={"knownAt": clock().isoformat()})
    assert (answer.status_code, answer.json()["code"]) == (422, "not-settled-yet")


async def test_each_entry_is_in_the_audit_trail_with_who_made_it(make_body: MakeBody) -> None:
    body = await make_body()
    await body.enter("removed", "2026-02-01")
    rows = await AuditEntry.select().where(
        AuditEntry.subject == f"organisation:{body.organisation}"
    )
    assert [row["act"] for row in rows] == ["certification-body-entered"] * 2
    assert {row["actor"] for row in rows} == {body.administrator.id}


async def test_only_administrators_keep_the_register(make_body: MakeBody) -> None:
    body = await make_body()
    by_manager = await body.api.post(
        f"{body.path}/register-entries",
        json={"state": "removed", "effectiveFrom": "2026-02-01", **ENTRY},
        headers=body.manager.headers,
    )
    assert by_manager.status_code == 403


async def test_a_body_is_filed_once_and_must_be_an_organisation_here(
    api: httpx.AsyncClient, make_body: MakeBody
) -> None:
    body = await make_body()
    wanted = {"organisationId": body.organisation, "effectiveFrom": "2026-01-01", **ENTRY}
    headers = body.administrator.headers
    twice = await api.post(BODIES, json=wanted, headers=headers)
    assert twice.json()["code"] == "already-in-register"
    unknown = await api.post(
        BODIES, json={**wanted, "organisationId": str(body.manager.id)}, headers=headers
    )
    assert unknown.status_code == 404


@pytest.mark.parametrize("code", ["91440300MMMMMMMMMX", "x", "9144030000000000000000"])
async def test_a_body_that_is_not_there_is_not_found(api: httpx.AsyncClient, code: str) -> None:
    assert (await api.get(f"{BODIES}/{code}")).status_code in {404, 422}


async def test_an_enterprise_is_not_filed(
    api: httpx.AsyncClient, as_person: AsPerson, clock: ManualClock
) -> None:
    administrator = await as_person(Role.ADMINISTRATOR)
    enterprise = await make_organisation(administrator.id, now=clock())
    wanted = {"organisationId": str(enterprise), "effectiveFrom": "2026-01-01", **ENTRY}
    answer = await api.post(BODIES, json=wanted, headers=administrator.headers)
    assert answer.json()["code"] == "not-a-certification-body"


async def test_a_suspended_body_s_manager_hears_why_nothing_can_be_filed(
    make_body: MakeBody,
) -> None:
    body = await make_body()
    assert (await body.add_auditor()).status_code == 201
    await body.enter("suspended", "2026-02-01")
    refused = await body.add_auditor(registrationNumber="2022-N1IPMS-7654321")
    assert (refused.status_code, refused.json()["code"]) == (403, "body-not-listed")
    assert "2026-02-01" in refused.json()["detail"]
    filed = await body.api.post(
        f"{body.path}/commitments",
        params={"title": "公开承诺", "version": "1.0", "effectiveFrom": "2026-02-01"},
        content=b"%PDF-1.7 %%EOF",
        headers=body.manager.headers,
    )
    assert filed.json()["code"] == "body-not-listed"
    await body.enter("listed", "2026-02-20")
    assert (await body.add_auditor(registrationNumber="2022-N1IPMS-7654321")).status_code == 201


async def test_rights_that_hang_on_a_body_follow_the_register(
    api: httpx.AsyncClient, make_body: MakeBody, as_person: AsPerson, clock: ManualClock
) -> None:
    body = await make_body()
    manager = body.manager.id
    today = clock().date()
    assert (await service.rights_of(manager, on=today)).in_force
    await body.enter("removed", "2026-02-01")
    after = await service.rights_of(manager, on=today)
    assert (after.in_force, [b.state for b in after.bodies]) == (False, ["removed"])
    assert (await service.rights_of(manager, on=clock().replace(day=1, month=1).date())).in_force
    own = await api.get("/v1/me/body-rights", headers=(await as_person(Role.CERTIFIER)).headers)
    assert own.json() == {"on": "2026-03-02", "bodies": [], "inForce": False}


async def test_the_register_s_rows_cannot_be_changed(make_body: MakeBody) -> None:
    await make_body()
    with pytest.raises(Exception, match=r"permission denied|append-only"):
        await RegisterEntry.update({RegisterEntry.reason: "另一理由"}, force=True)


async def test_only_an_entry_can_be_withdrawn(make_body: MakeBody) -> None:
    body = await make_body()
    nothing = await body.enter("withdrawn", "2026-02-01")
    assert (nothing.status_code, nothing.json()["code"]) == (422, "withdrawn-what")


async def test_what_was_filed_later_is_not_in_an_answer_about_the_past(
    api: httpx.AsyncClient, make_body: MakeBody, clock: ManualClock
) -> None:
    body = await make_body()
    clock.advance(3600)
    then = (clock() - timedelta(seconds=60)).isoformat()
    paper = {"title": "认证规则", "version": "1.0", "effectiveFrom": "2026-01-01"}
    filed = await api.post(
        f"{body.path}/rules",
        params=paper,
        content=b"%PDF-1.7\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n",
        headers=body.administrator.headers,
    )
    assert filed.status_code == 201, filed.text
    past = (await api.get(body.path, params={"knownAt": then})).json()["documents"]
    assert (past, len((await api.get(body.path)).json()["documents"])) == ([], 1)
