"""Spot checks and signals over HTTP, on records that were really issued."""

import hashlib
from typing import Any
from uuid import UUID

import httpx
import pytest

from backend.accounts.domain import Role
from infra.clock import ManualClock
from infra.database import UnitOfWork
from infra.engine import DB
from tests.backend.organisations.making import make_member, make_organisation
from tests.backend.records.conftest import Issued
from tests.people import AsPerson, SignedIn

ORDER = {"issuedFrom": "2026-03-02", "issuedUntil": "2026-03-02", "purpose": "季度例行抽查"}


@pytest.fixture
async def office(as_person: AsPerson) -> SignedIn:
    return await as_person(Role.ADMINISTRATOR)


@pytest.fixture
async def inspector(api: httpx.AsyncClient, as_person: AsPerson, office: SignedIn) -> SignedIn:
    """Of GD, today."""
    found = await as_person(Role.INSPECTOR)
    given = {"inspector": str(found.id), "reportingUnit": "GD", "since": "2026-03-01"}
    answer = await api.post("/v1/inspectors", json=given, headers=office.headers)
    assert answer.status_code == 201, answer.text
    return found


@pytest.fixture
async def numbers(issued: Issued, as_person: AsPerson, clock: ManualClock) -> set[str]:
    """Of three records, two of them of people of GD."""
    organisation = await make_organisation((await as_person()).id, now=clock())
    made = [await issued(demonstration=True) for _ in range(3)]
    async with UnitOfWork(DB):
        for record in made[:2]:
            await make_member(organisation, record.learner_id, now=clock())
    return {record.number for record in made[:2]}


async def draw(api: httpx.AsyncClient, who: SignedIn, **changes: Any) -> httpx.Response:
    body = {**ORDER, "reportingUnit": "GD", "size": 1, **changes}
    return await api.post("/v1/spot-checks", json=body, headers=who.headers)


async def test_an_inspector_draws_from_his_region_and_anyone_can_draw_it_again(
    api: httpx.AsyncClient, inspector: SignedIn, numbers: set[str]
) -> None:
    drawn = (await draw(api, inspector)).json()
    address = f"/v1/spot-checks/{drawn['id']}"
    text = (await api.get(f"{address}/population", headers=inspector.headers)).text
    assert set(text.split()) == numbers
    assert hashlib.sha256(text.encode()).hexdigest() == drawn["populationSha256"]
    seed = bytes.fromhex(drawn["seed"])
    lots = sorted(text.split(), key=lambda n: hashlib.sha256(seed + n.encode()).digest())
    assert [record["number"] for record in drawn["records"]] == lots[:1]
    assert (await api.get(address, headers=inspector.headers)).json() == drawn


async def test_findings_stand_once_and_a_violation_becomes_a_signal(
    api: httpx.AsyncClient, inspector: SignedIn, office: SignedIn, numbers: set[str]
) -> None:
    drawn = (await draw(api, inspector, size=2)).json()
    number = drawn["records"][0]["number"]
    address = f"/v1/spot-checks/{drawn['id']}/records/{number}/finding"
    finding = {"finding": "violation", "note": "签到照片与本人不符"}
    first = await api.post(address, json=finding, headers=inspector.headers)
    again = await api.post(address, json={"finding": "in-order"}, headers=inspector.headers)
    assert (first.status_code, again.status_code) == (204, 409)
    shown = (await api.get(f"/v1/spot-checks/{drawn['id']}", headers=office.headers)).json()
    assert [record.get("finding") for record in shown["records"]] == ["violation", None]
    listed = (await api.get("/v1/integrity-signals", headers=inspector.headers)).json()["items"]
    (signal,) = [one for one in listed if one["subject"] == number]
    assert (signal["source"], signal["strength"], signal["reviews"]) == ("spot-check", 90, [])
    review = {"verdict": "confirmed", "reason": "复核属实"}
    reviews = f"/v1/integrity-signals/{signal['id']}/reviews"
    own = await api.post(reviews, json=review, headers=inspector.headers)
    other = await api.post(reviews, json=review, headers=office.headers)
    assert (own.json()["code"], other.status_code) == ("second-person-needed", 204)


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        pytest.param({"reportingUnit": "BJ"}, 403, "not-your-region", id="another region"),
        pytest.param({"reportingUnit": None}, 403, "not-your-region", id="the whole country"),
        pytest.param({"issuedUntil": "2026-03-01"}, 422, "days-turned-round", id="backwards"),
        pytest.param(
            {"issuedFrom": "2019-09-01", "issuedUntil": "2019-09-02"},
            422,
            "nothing-to-check",
            id="nothing issued",
        ),
        pytest.param(
            {"issuedFrom": "0001-01-01", "issuedUntil": "0001-01-01"},
            422,
            "day-out-of-time",
            id="before there were calendars",
        ),
        pytest.param({"size": 0}, 422, "invalid", id="an empty sample"),
    ],
)
async def test_a_draw_that_cannot_be_says_why(
    api: httpx.AsyncClient, inspector: SignedIn, change: dict[str, Any], status: int, code: str
) -> None:
    answer = await draw(api, inspector, **change)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text


async def test_another_region_s_check_is_not_found(
    api: httpx.AsyncClient, inspector: SignedIn, as_person: AsPerson, numbers: set[str]
) -> None:
    drawn = (await draw(api, inspector)).json()
    stranger = await as_person(Role.INSPECTOR)
    for address in (f"/v1/spot-checks/{drawn['id']}", f"/v1/spot-checks/{UUID(int=7)}"):
        assert (await api.get(address, headers=stranger.headers)).status_code == 404
    assert (await api.get("/v1/spot-checks", headers=stranger.headers)).json()["items"] == []


async def test_lists_are_paged_newest_first(
    api: httpx.AsyncClient, office: SignedIn, as_person: AsPerson
) -> None:
    for number in range(3):
        body = {
            "subjectKind": "class-session",
            "subject": f"class-{number}",
            "strength": 40,
            "explanation": "两部手机的签到相隔不到一秒",
        }
        noted = await api.post("/v1/integrity-signals", json=body, headers=office.headers)
        assert noted.status_code == 201
    first = await api.get("/v1/integrity-signals?limit=2", headers=office.headers)
    assert [one["subject"] for one in first.json()["items"]] == ["class-2", "class-1"]
    more = f"/v1/integrity-signals?limit=2&cursor={first.json()['nextCursor']}"
    second = await api.get(more, headers=office.headers)
    assert second.json()["items"][0]["subject"] == "class-0"
