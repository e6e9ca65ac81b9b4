"""What nobody sends by mistake: refused in words, never a fault of ours."""

import json
from typing import Any
from uuid import UUID

import httpx
import pytest

from backend.accounts.domain import Role
from tests.backend.class_sessions.conftest import CLASSES, MakeClass
from tests.people import AsPerson

BODIES = "/v1/certification-bodies"


@pytest.mark.parametrize(
    "changed",
    [
        {"beginsAt": "0001-01-01T00:00:00Z", "endsAt": "0001-01-01T08:00:00Z", "breaks": []},
        {"beginsAt": "9999-12-31T23:00:00Z", "endsAt": "9999-12-31T23:59:59Z", "breaks": []},
        {"beginsAt": "2026-03-03T09:00:00"},
        {"classHours": 0.0001},
        {"capacity": 1 << 70},
        {"title": "\ud800"},
        {"place": "a\u0000b"},
        {"breaks": [{"beginsAt": "2026-03-03T09:00:00Z"}]},
        {"instructors": [str(UUID(int=7))]},
        {"state": "confirmed"},
    ],
    ids=str,
)
async def test_a_class_that_cannot_be_is_refused(
    a_class: MakeClass, changed: dict[str, Any]
) -> None:
    held = await a_class()
    body = {
        "organisationId": str(held.organisation),
        "title": "班",
        "place": "某处",
        "capacity": 2,
        "classHours": 1,
        "beginsAt": "2026-03-03T01:00:00Z",
        "endsAt": "2026-03-03T09:00:00Z",
    }
    answer = await held.api.post(
        CLASSES,
        content=json.dumps({**body, **changed}),  # escaped, so that odd signs can be sent at all
        headers={**held.teacher.headers, "Content-Type": "application/json"},
    )
    assert answer.status_code in {400, 422}, answer.text


@pytest.mark.parametrize(
    "path",
    [
        f"{CLASSES}?cursor=0001-01-01T00:00:00.0Z_{UUID(int=7)}",
        f"{CLASSES}?cursor=x",
        f"{BODIES}?asAt=0001-01-01",
        f"{BODIES}?asAt=9999-12-31",
        f"{BODIES}?knownAt=2020-01-01T00:00:00",
        f"{BODIES}?knownAt=0001-01-01T00:00:00%2B14:00",
        f"{BODIES}/91440300MA5DEM0B1L?asAt=0001-01-01",
        "/v1/me/body-rights?on=0001-01-01",
    ],
)
async def test_days_and_places_at_the_end_of_the_calendar_are_no_fault(
    api: httpx.AsyncClient, as_person: AsPerson, path: str
) -> None:
    answer = await api.get(path, headers=(await as_person(Role.CERTIFIER)).headers)
    assert answer.status_code < 500, answer.text


async def test_a_correction_of_any_day_is_judged(a_class: MakeClass, as_person: AsPerson) -> None:
    held, learner = await a_class(), await as_person()
    await held.api.put(f"{held.path}/seat", headers=learner.headers)
    held.at(9)
    await held.post("confirmation", {})
    seat = (await held.seats())[0]["id"]
    for day in ("0001-01-01", "9999-12-31"):
        body = {"day": day, "seconds": 60, "reason": "没有这一天"}
        assert (await held.post(f"seats/{seat}/corrections", body)).status_code == 422
