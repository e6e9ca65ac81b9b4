"""A certification body's checking desk: for its managers and administrators, and nobody else."""

import io
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from python_calamine import CalamineWorkbook

from backend.checking.bulk import files
from backend.checking.desk import workbooks
from backend.checking.schemas import RosterEntry, RosterState
from infra.queue import WorkerContext
from infra.tables import AuditEntry
from infra.vault import Vault
from tests.backend.certification_bodies.conftest import Body, MakeBody, make_body
from tests.backend.organisations.making import make_member
from tests.backend.records.conftest import Issued, context, issued, keyring, someone, verify_person
from tests.backend.records.making import START
from tests.people import AsPerson, SignedIn

__all__ = ["context", "issued", "keyring", "make_body", "someone"]


def cells(book: bytes) -> list[list[Any]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_index(0).to_python()


async def asked(body: Body, who: SignedIn, path: str, **query: Any) -> httpx.Response:
    return await body.api.get(f"{body.path}/{path}", params=query, headers=who.headers)


@pytest.fixture
async def staffed(make_body: MakeBody, as_person: AsPerson, issued: Issued, vault: Vault) -> Body:
    """One auditor current, one whose record ends in 30 days, one without a record."""
    body = await make_body()
    for number, days in (("2021-N1IPMS-1000001", 400), ("2021-N1IPMS-1000002", 30)):
        person = await as_person()
        await verify_person(vault, person.id)
        await make_member(UUID(body.organisation), person.id, now=START)
        await issued(person.id, programme_code="AUD", valid_until=START + timedelta(days=days))
        await body.add_auditor(registrationNumber=number, personId=str(person.id))
    await body.add_auditor(registrationNumber="2021-N1IPMS-1000003")
    return body


async def test_the_roster_is_chosen_by_state_page_by_page_and_taken_along(staffed: Body) -> None:
    body = staffed

    async def states(**query: Any) -> list[str]:
        found, more = list[str](), dict[str, str]()
        while True:
            page = (await asked(body, body.manager, "roster", **query, **more)).json()
            found += [one["state"] for one in page["items"]]
            if page["nextCursor"] is None:
                return found
            more = {"cursor": page["nextCursor"]}

    assert await states(limit=1) == ["current", "expiring", "none"]
    assert await states(limit=1, withinDays=29) == ["current", "current", "none"]
    assert await states(state="expiring") == ["expiring"]
    assert await states(state="none", limit=1) == ["none"]
    assert await states(state="withdrawn") == []
    book = await asked(body, body.administrator, "roster.xlsx", state="current")
    assert "roster.xlsx" in book.headers["content-disposition"]
    [heads, row] = cells(book.content)
    assert str(heads[0]).startswith("姓名")
    assert row[:3] == ["王*明", "2021****0001", "审核员 auditor"]
    assert row[4] == "有效 current"
    act = await AuditEntry.select(AuditEntry.act).order_by(AuditEntry.number, ascending=False)
    assert act[0]["act"] == "roster-exported"


def test_no_cell_of_a_roster_is_a_formula() -> None:
    row = RosterEntry(
        id=UUID(int=1),
        name="=cmd|' /C calc'!A0",
        registration_number="+1",
        grade="@x",
        employed_since=START.date(),
        state=RosterState.NONE,
        number="-2",
        valid_until=None,
    )
    for line in cells(workbooks.roster([row], {}, within_days=90))[1:]:
        assert not any(str(cell).startswith(("=", "+", "-", "@")) for cell in line)
    assert cells(workbooks.template())[0][0] == "证明编号 Number"


async def test_a_file_sent_at_the_desk_is_checked_counted_and_its_faults_are_named(
    make_body: MakeBody, issued: Issued, context: WorkerContext
) -> None:
    body, record = await make_body(), await issued()

    async def sent(content: bytes) -> dict[str, Any]:
        headers = body.manager.headers
        answer = await body.api.post(f"{body.path}/bulk-checks", content=content, headers=headers)
        assert answer.status_code == 202, answer.text
        await files.check(context, UUID(answer.json()["id"]))
        found = await asked(body, body.manager, f"bulk-checks/{answer.json()['id']}")
        return found.json()  # type: ignore[no-any-return]

    done = await sent(f"证明编号\n{record.number}\n=1+1\n".encode())
    assert (done["verdicts"], done["refused"]) == ({"valid": 1, "unknown": 1}, None)
    result = await asked(body, body.administrator, f"bulk-checks/{done['id']}/result")
    assert record.number in result.text
    faults = [
        (b"\r\n\r\n", "没有可核验的编号", None),
        ("编号\n一\n二\n".encode() + b"\xff\x81\xff\n", "UTF-8 或 GB18030", 4),
        (b'Code\nA\n"B" x\n', "UTF-8 或 GB18030", 3),
        (b"PK\x03\x04 no workbook", "不是有效的 xlsx", None),
        (b"Code\n" + b"x" * 70_000, "某行过长", 2),
    ]
    for content, words, line in faults:
        refused = await sent(content)
        assert words in refused["refused"]["zh"], refused
        assert refused["refusedLine"] == line
    headers = {**body.manager.headers, "Accept-Language": "en"}
    old = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512)
    at_once = await body.api.post(f"{body.path}/bulk-checks", content=old, headers=headers)
    assert (at_once.status_code, [*at_once.json()["fields"]]) == (422, ["file"])
    assert "save it as xlsx" in at_once.json()["detail"]
    listed = (await asked(body, body.manager, "bulk-checks")).json()["items"]
    assert [one["state"] for one in listed] == ["refused"] * len(faults) + ["done"]
    assert listed[-1]["id"] == done["id"]


async def test_nobody_else_finds_the_desk_and_an_unlisted_body_sends_nothing(
    make_body: MakeBody, as_person: AsPerson
) -> None:
    body, other, member = await make_body(), await make_body(), await as_person()
    await make_member(UUID(body.organisation), member.id, now=START)
    for who in (other.manager, member):
        for path in ("roster", "roster.xlsx", "bulk-checks", "keys"):
            assert (await asked(body, who, path)).status_code == 404, path
        wanted = {"label": "x", "scopes": ["verify"]}
        for path, sent in (("keys", {"json": wanted}), ("bulk-checks", {"content": b"x"})):
            answer = await body.api.post(f"{body.path}/{path}", headers=who.headers, **sent)
            assert answer.status_code == 404, path
    await body.enter("suspended", "2026-03-01")
    headers = body.manager.headers
    refused = await body.api.post(f"{body.path}/bulk-checks", content=b"x", headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (403, "body-not-in-force")
    assert (await asked(body, body.manager, "roster")).status_code == 200


async def test_a_manager_makes_a_key_of_the_own_body(make_body: MakeBody) -> None:
    body = await make_body()
    wanted = {"label": "系统", "scopes": ["roster"]}
    headers = body.manager.headers
    made = (await body.api.post(f"{body.path}/keys", json=wanted, headers=headers)).json()
    by = {"Authorization": f"Bearer {made['key']}"}
    assert (await body.api.get("/v1/certifier/auditors", headers=by)).status_code == 200
    away = await body.api.delete(f"{body.path}/keys/{made['id']}", headers=headers)
    assert away.status_code == 204
    assert (await body.api.get("/v1/certifier/auditors", headers=by)).status_code == 401
