"""Complaints over HTTP: from anyone, followed by a code, decided by two."""

import hashlib
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from backend.accounts.domain import Role
from backend.organisations.tables import Organisation
from backend.oversight.domain import MOST_ATTACHMENTS
from backend.oversight.repository import units_of
from backend.oversight.service import contact_kept
from backend.oversight.tables import Complaint, ComplaintEvent
from infra.clock import ManualClock
from infra.objects import ObjectStore
from infra.retention import count_old, remove_old
from infra.tables import AuditEntry
from tests.backend.organisations.making import make_organisation
from tests.people import AsPerson, SignedIn

STORY = "咨询机构替我们看完了全部课程，\n考试也是他们做的。联系人王小明 13812345678"
PNG = b"\x89PNG\r\n\x1a\n" + b"pixels" + b"IEND\xaeB`\x82"


async def complain(api: httpx.AsyncClient, **changes: Any) -> dict[str, str]:
    body = {"aboutKind": "other", "about": "nothing-we-know", "text": STORY, **changes}
    answer = await api.post("/v1/complaints", json=body)
    assert answer.status_code == 201, answer.text
    return {"Tracking-Code": answer.json()["trackingCode"]}


@pytest.fixture
async def offices(as_person: AsPerson) -> tuple[SignedIn, SignedIn]:
    return await as_person(Role.ADMINISTRATOR), await as_person(Role.ADMINISTRATOR)


async def the_complaint(code: dict[str, str], api: httpx.AsyncClient, office: SignedIn) -> str:
    """The newest one of the list: the test's own."""
    listed = (await api.get("/v1/complaints", headers=office.headers)).json()["items"]
    assert (await api.get("/v1/complaints/progress", headers=code)).status_code == 200
    found: str = listed[0]["id"]
    return found


async def say(
    api: httpx.AsyncClient, who: SignedIn, complaint: str, what: str, **body: Any
) -> httpx.Response:
    return await api.post(f"/v1/complaints/{complaint}/{what}", json=body, headers=who.headers)


async def test_a_complaint_goes_from_a_stranger_to_a_decision_by_two(
    api: httpx.AsyncClient, offices: tuple[SignedIn, SignedIn]
) -> None:
    one, two = offices
    code = await complain(api)
    complaint = await the_complaint(code, api, one)
    noted = await say(api, one, complaint, "investigations", note="电话核实过", said="正在核实")
    assert noted.status_code == 204
    proposal = {"outcome": "upheld", "reason": "学习记录与门禁记录不符"}
    assert (await say(api, one, complaint, "proposal", **proposal)).status_code == 204
    own = await say(api, one, complaint, "decision", approved=True, reason="自己复核自己")
    assert (own.status_code, own.json()["code"]) == (403, "second-person-needed")
    done = await say(
        api, two, complaint, "decision", approved=True, reason="同意", said="投诉属实，已处理"
    )
    assert done.status_code == 204
    seen = (await api.get("/v1/complaints/progress", headers=code)).json()
    assert (seen["state"], seen["outcome"]) == ("decided", "upheld")
    steps = ["received", "investigated", "proposed", "decided"]
    assert [step["step"] for step in seen["steps"]] == steps
    assert [step.get("said") for step in seen["steps"]] == [
        None,
        "正在核实",
        None,
        "投诉属实，已处理",
    ]
    assert "核实过" not in str(seen)


async def test_an_outcome_is_told_to_nobody_before_it_is_decided(
    api: httpx.AsyncClient, offices: tuple[SignedIn, SignedIn]
) -> None:
    one, two = offices
    code = await complain(api)
    complaint = await the_complaint(code, api, one)
    await say(api, one, complaint, "proposal", outcome="unfounded", reason="没有证据")
    seen = (await api.get("/v1/complaints/progress", headers=code)).json()
    assert seen.get("outcome") is None
    back = await say(api, two, complaint, "decision", approved=False, reason="再查门禁")
    assert back.status_code == 204
    again = await say(api, two, complaint, "decision", approved=True, reason="跳过提议")
    assert (again.status_code, again.json()["code"]) == (409, "out-of-turn")


async def test_what_it_says_is_sealed_and_reading_it_is_kept(
    api: httpx.AsyncClient, offices: tuple[SignedIn, SignedIn], unit: None
) -> None:
    code = await complain(api, contact="wang@example.org")
    complaint = await the_complaint(code, api, offices[0])
    row = await Complaint.select().where(Complaint.id == UUID(complaint)).first()
    events = await ComplaintEvent.select().where(ComplaintEvent.complaint == UUID(complaint))
    assert "13812345678" not in str(row) + str(events)
    assert "wang@example" not in str(row)
    assert code["Tracking-Code"] not in str(row)
    view = await api.get(f"/v1/complaints/{complaint}", headers=offices[0].headers)
    assert view.json()["text"] == STORY
    assert view.json()["contact"] == "wang@example.org"
    trail = await AuditEntry.select().where(AuditEntry.subject == f"complaint:{complaint}")
    assert [entry["act"] for entry in trail] == ["complaint-read"]
    assert trail[0]["actor"] == offices[0].id


async def test_files_are_judged_by_content_stored_sealed_and_taken_once(
    api: httpx.AsyncClient, offices: tuple[SignedIn, SignedIn], object_store: ObjectStore
) -> None:
    code = await complain(api)
    complaint = await the_complaint(code, api, offices[0])
    for _ in range(2):
        sent = await api.post("/v1/complaints/attachments", content=PNG, headers=code)
        assert sent.json() == {
            "mediaType": "image/png",
            "size": len(PNG),
            "sha256": hashlib.sha256(PNG).hexdigest(),
        }
    (name,) = await object_store.list_names(f"complaints/{complaint}/")
    assert b"pixels" not in await object_store.get_bytes(name)
    address = f"/v1/complaints/{complaint}/attachments/{sent.json()['sha256']}"
    got = await api.get(address, headers=offices[0].headers)
    assert (got.content, got.headers["content-disposition"]) == (PNG, "attachment")
    assert got.headers["content-security-policy"].startswith("sandbox")


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        pytest.param(b"MZ" + PNG, 415, "document-type-not-taken", id="a program"),
        pytest.param(PNG[:-4], 415, "document-type-not-taken", id="a file cut off"),
        pytest.param(b"%PDF-1.7 /JavaScript %%EOF", 415, "document-is-active", id="a script"),
        pytest.param(bytes((8 << 20) + 1), 413, "document-too-large", id="too large"),
    ],
)
async def test_a_file_that_is_not_taken_says_why(
    api: httpx.AsyncClient, content: bytes, status: int, code: str
) -> None:
    sent = await api.post(
        "/v1/complaints/attachments", content=content, headers=await complain(api)
    )
    assert (sent.status_code, sent.json()["code"]) == (status, code)


async def test_a_wrong_tracking_code_finds_nothing(api: httpx.AsyncClient) -> None:
    code = {"Tracking-Code": "A" * 20}
    for answer in (
        await api.get("/v1/complaints/progress", headers=code),
        await api.post("/v1/complaints/attachments", content=PNG, headers=code),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "no-such-complaint")


async def test_an_inspector_sees_complaints_of_his_units_alone(
    api: httpx.AsyncClient, as_person: AsPerson, clock: ManualClock
) -> None:
    """The unit comes from what the complaint is about: here an organisation of GD."""
    office, inspector = await as_person(Role.ADMINISTRATOR), await as_person(Role.INSPECTOR)
    organisation = await make_organisation((await as_person()).id, now=clock())
    row = await Organisation.select(Organisation.code).where(Organisation.id == organisation)
    code = await complain(api, aboutKind="organisation", about=row[0]["code"])
    complaint = await the_complaint(code, api, office)
    address = f"/v1/complaints/{complaint}"
    assert (await api.get(address, headers=inspector.headers)).status_code == 404
    assert (await api.get("/v1/complaints", headers=inspector.headers)).json()["items"] == []
    given = {"inspector": str(inspector.id), "reportingUnit": "GD", "since": "2026-03-02"}
    made = await api.post("/v1/inspectors", json=given, headers=office.headers)
    assert made.status_code == 201
    assert (await api.get(address, headers=inspector.headers)).status_code == 200
    ended = await api.delete(f"/v1/inspectors/{made.json()['id']}", headers=office.headers)
    assert ended.status_code == 204
    clock.advance(86_400)
    assert (await api.get(address, headers=inspector.headers)).status_code == 404


async def decided(
    api: httpx.AsyncClient, offices: tuple[SignedIn, SignedIn], code: dict[str, str]
) -> str:
    one, two = offices
    complaint = await the_complaint(code, api, one)
    await say(api, one, complaint, "proposal", outcome="unfounded", reason="没有证据")
    await say(api, two, complaint, "decision", approved=True, reason="同意")
    return complaint


async def test_the_contact_goes_after_its_period_and_the_story_stays(
    api: httpx.AsyncClient, offices: tuple[SignedIn, SignedIn], clock: ManualClock
) -> None:
    """Counted from the decision; that of a complaint under inquiry stays as long as it is."""
    code, open_code = [await complain(api, contact="wang@example.org") for _ in range(2)]
    open_one = await the_complaint(open_code, api, offices[0])
    closed = await Complaint.select(Complaint.id).where(Complaint.id != UUID(open_one))
    done = str(max(row["id"] for row in closed))
    one, two = offices
    await say(api, one, done, "proposal", outcome="unfounded", reason="没有证据")
    await say(api, two, done, "decision", approved=True, reason="同意")
    assert (await api.get("/v1/complaints/progress", headers=code)).json()["state"] == "decided"

    async def contacts() -> list[bool]:
        rows = [await Complaint.select().where(Complaint.id == UUID(i)) for i in (done, open_one)]
        return [row[0]["contact_sealed"] is not None for row in rows]

    kept = contact_kept(30)
    await remove_old(kept, now=clock() + timedelta(days=29))
    assert await contacts() == [True, True]
    assert await count_old(kept, now=clock() + timedelta(days=31)) >= 1
    await remove_old(kept, now=clock() + timedelta(days=31))
    assert await contacts() == [False, True]
    view = (await api.get(f"/v1/complaints/{done}", headers=one.headers)).json()
    assert (view["text"], view.get("contact")) == (STORY, None)


async def test_what_is_refused_is_not_stored(
    api: httpx.AsyncClient, offices: tuple[SignedIn, SignedIn], object_store: ObjectStore
) -> None:
    """Ten files each, and none once it is decided: the store is not for strangers to fill."""
    code = await complain(api)
    complaint = await the_complaint(code, api, offices[0])
    path, last = "/v1/complaints/attachments", MOST_ATTACHMENTS
    sent = [
        await api.post(path, content=PNG.replace(b"pixels", b"%06d" % n), headers=code)
        for n in range(last + 1)
    ]
    assert [answer.status_code for answer in sent] == [201] * last + [409]
    assert sent[-1].json()["code"] == "too-many-attachments"
    assert len(await object_store.list_names(f"complaints/{complaint}/")) == last
    assert await decided(api, offices, code) == complaint
    late = await api.post(path, content=PNG, headers=code)
    assert (late.status_code, late.json()["code"]) == (409, "complaint-closed")


async def test_an_inspector_dismissed_before_the_first_day_never_inspects(
    api: httpx.AsyncClient, as_person: AsPerson, clock: ManualClock
) -> None:
    office, inspector = await as_person(Role.ADMINISTRATOR), await as_person(Role.INSPECTOR)
    given = {"inspector": str(inspector.id), "reportingUnit": "GD", "since": "2026-04-01"}
    made = (await api.post("/v1/inspectors", json=given, headers=office.headers)).json()["id"]
    ended = await api.delete(f"/v1/inspectors/{made}", headers=office.headers)
    assert ended.status_code == 204
    assert await units_of(inspector.id, on=date(2026, 4, 1)) == ()
