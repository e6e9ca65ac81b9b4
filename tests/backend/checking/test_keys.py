"""Keys of certification bodies: shown once, good for their scopes, and only as long as they are."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from backend.checking.tables import CertifierKey
from backend.limits.domain import By, Policy
from backend.limits.policies import POLICIES, RouteClass
from backend.limits.service import Limits
from backend.records.lookups.service import Standing
from infra.clock import ManualClock
from infra.settings import Settings
from infra.tables import AuditEntry
from infra.vault import Vault
from tests.applications import application
from tests.backend.certification_bodies.conftest import Body, MakeBody, make_body
from tests.backend.organisations.making import make_member
from tests.backend.records.conftest import Issued, context, issued, keyring, someone, verify_person
from tests.backend.records.making import START
from tests.conftest import PUBLIC_URL
from tests.people import AsPerson

__all__ = ["context", "issued", "keyring", "make_body", "someone"]
ROSTER = "/v1/certifier/auditors"
DAY = 24 * 3600.0


async def made(body: Body, *scopes: str, **more: Any) -> dict[str, Any]:
    wanted = {"label": "认证管理系统", "scopes": scopes, **more}
    headers = body.administrator.headers
    answer = await body.api.post(f"{body.path}/keys", json=wanted, headers=headers)
    assert answer.status_code == 201, answer.text
    return answer.json()  # type: ignore[no-any-return]


def by(key: dict[str, Any]) -> dict[str, str]:
    return {"Authorization": f"Bearer {key['key']}"}


async def test_a_key_is_shown_once_audited_and_its_last_use_noted(
    make_body: MakeBody, clock: ManualClock
) -> None:
    body = await make_body()
    key = await made(body, "roster", "verify")
    assert key["key"].startswith("gbk_")
    assert (await body.api.get(ROSTER, headers=by(key))).status_code == 200
    listed = await body.api.get(f"{body.path}/keys", headers=body.administrator.headers)
    [shown] = listed.json()["items"]
    assert shown["lastUsedAt"] is not None
    assert key["key"] not in listed.text + str(await CertifierKey.select())
    acts = await AuditEntry.select(AuditEntry.act, AuditEntry.body).order_by(AuditEntry.number)
    assert acts[-1]["act"] == "certifier-key-made"
    assert key["key"] not in acts[-1]["body"]


async def test_a_key_does_what_its_scopes_say_and_nothing_after_its_end(
    make_body: MakeBody, clock: ManualClock, issued: Issued
) -> None:
    body, record = await make_body(), await issued()
    path = f"/v1/certifier/verifications/{record.number}"
    verify, roster = await made(body, "verify"), await made(body, "roster", days=1)
    assert (await body.api.get(path, headers=by(verify))).json()["verdict"] == "valid"
    refused = await body.api.get(path, headers=by(roster))
    assert (refused.status_code, refused.json()["code"]) == (403, "scope-missing")
    for headers in ({}, {"Authorization": "Bearer gbk_none"}, body.manager.headers):
        assert (await body.api.get(ROSTER, headers=headers)).json()["code"] == "key-not-valid"
    away = f"{body.path}/keys/{verify['id']}"
    assert [
        (await body.api.delete(away, headers=body.administrator.headers)).status_code
        for _ in range(2)
    ] == [204, 404]
    assert (await body.api.get(path, headers=by(verify))).status_code == 401
    clock.advance(DAY)
    assert (await body.api.get(ROSTER, headers=by(roster))).status_code == 401


async def test_a_key_asks_so_often_a_day_wherever_it_asks_from(
    make_body: MakeBody, settings: Settings, clock: ManualClock, vault: Vault
) -> None:
    body = await make_body()
    one, other = await made(body, "roster"), await made(body, "roster", "bulk")
    app = application(settings, clock)
    daily = Policy("certifier-key-86400", By.KEY, 3, 86_400)
    policies = {**POLICIES, RouteClass.CERTIFIER: (*POLICIES[RouteClass.CERTIFIER][:1], daily)}
    app.state["limits"] = Limits(vault, policies=policies, patience_seconds=60)

    async def ask(key: dict[str, Any], address: str) -> httpx.Response:
        transport = httpx.ASGITransport(app=app, client=(address, 1))  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL) as client:
            return await client.get(ROSTER, headers=by(key))

    answers = [await ask(one, f"192.0.2.{n}") for n in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert '"certifier-key-86400";r=2' in answers[0].headers["ratelimit"]
    refused = answers[-1]
    assert refused.json()["code"] == "key-spent"
    assert "批量核验" in refused.json()["detail"]
    assert 0 < int(refused.headers["retry-after"]) <= DAY
    assert (await ask(other, "192.0.2.1")).status_code == 200
    assert (await ask({"key": "gbk_none"}, "192.0.2.1")).status_code == 401
    clock.advance(DAY)
    assert (await ask(one, "192.0.2.1")).status_code == 200


async def test_no_key_of_a_body_that_is_not_listed_is_taken(make_body: MakeBody) -> None:
    body = await make_body()
    key = await made(body, "roster")
    await body.enter("suspended", "2026-03-01")
    refused = await body.api.get(ROSTER, headers=by(key))
    assert (refused.status_code, refused.json()["code"]) == (403, "body-not-in-force")


async def test_the_roster_says_of_its_own_auditors_who_expires_soon(
    make_body: MakeBody, as_person: AsPerson, issued: Issued, vault: Vault
) -> None:
    body, other = await make_body(), await make_body()
    for number, days in (("2021-N1IPMS-1000001", 400), ("2021-N1IPMS-1000002", 30)):
        person = await as_person()
        await verify_person(vault, person.id)
        await make_member(UUID(body.organisation), person.id, now=START)
        await issued(person.id, programme_code="AUD", valid_until=START + timedelta(days=days))
        added = await body.add_auditor(registrationNumber=number, personId=str(person.id))
        assert added.status_code == 201, added.text
    await body.add_auditor(registrationNumber="2021-N1IPMS-1000003")
    key = await made(body, "roster")
    first = (await body.api.get(ROSTER, params={"limit": 2}, headers=by(key))).json()
    more = {"limit": 2, "cursor": first["nextCursor"]}
    rest = (await body.api.get(ROSTER, params=more, headers=by(key))).json()
    items = first["items"] + rest["items"]
    assert [one["state"] for one in items] == ["current", "expiring", "none"]
    assert {one["name"] for one in items} == {"王*明"}
    assert rest["nextCursor"] is None
    assert (await body.api.get(ROSTER, headers=by(await made(other, "roster")))).json()[
        "items"
    ] == []


@pytest.mark.parametrize(
    ("until", "in_force", "state"),
    [
        pytest.param(None, True, "current", id="without an end"),
        pytest.param(91, True, "current", id="after the time asked about"),
        pytest.param(90, True, "expiring", id="on its last day"),
        pytest.param(0, True, "expired", id="at this moment"),
        pytest.param(91, False, "withdrawn", id="revoked or suspended"),
    ],
)
def test_a_record_stands_as_its_end_and_its_events_say(
    until: int | None, in_force: bool, state: str
) -> None:
    ends = None if until is None else START + timedelta(days=until)
    standing = Standing("GB", ends, in_force)
    assert standing.state(now=START, soon=timedelta(days=90)) == state
