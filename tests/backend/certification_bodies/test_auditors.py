"""Auditors, documents and public pages of bodies, over HTTP."""

import asyncio
from datetime import UTC, date, datetime
from uuid import UUID

import httpx
import pytest

from backend.accounts.domain import Role
from backend.certification_bodies import auditor_rows, service
from backend.certification_bodies.auditing import EmployedElsewhere, Employment
from backend.certification_bodies.auditors import number_index
from backend.certification_bodies.repository import Body as Row
from backend.certification_bodies.repository import add_body
from backend.certification_bodies.tables import Auditor
from infra.clock import ManualClock
from infra.database import UnitOfWork
from infra.engine import DB
from infra.ids import uuid7
from infra.tables import AuditEntry
from infra.vault import Vault
from tests.backend.certification_bodies.conftest import Body, MakeBody
from tests.backend.organisations.making import credit_code, make_member
from tests.people import AsPerson
from tests.statements import counted

NUMBER = "2021-N1IPMS-1234567"
PDF = b"%PDF-1.7\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n"
PAPER = {"title": "公开承诺书", "version": "2.0", "effectiveFrom": "2026-03-01"}
ARCHIVE = "/v1/auditor-archive-queries"


async def test_auditors_are_shown_masked_to_everybody(
    api: httpx.AsyncClient, make_body: MakeBody
) -> None:
    body = await make_body()
    await body.add_auditor()
    answer = await api.get(f"{body.path}/auditors")
    (shown,) = answer.json()["items"]
    assert (shown["name"], shown["registrationNumber"]) == ("王*明", "2021****4567")
    assert "王小明" not in answer.text
    assert NUMBER not in answer.text
    page = (await api.get(body.path)).json()
    assert page["auditors"] == {"employed": 1, "trained": 0}


async def test_an_auditor_changes_the_body_after_leaving_the_other(make_body: MakeBody) -> None:
    one, other = await make_body(), await make_body()
    auditor = (await one.add_auditor()).json()["id"]
    at_once = await other.add_auditor(employedSince="2026-03-01")
    assert at_once.json()["code"] == "employed-elsewhere"
    left = await one.api.post(
        f"{one.path}/auditors/{auditor}/departure",
        json={"lastDay": "2026-02-28"},
        headers=one.manager.headers,
    )
    assert left.status_code == 204
    too_early = await other.add_auditor(employedSince="2026-02-28")
    assert too_early.json()["code"] == "employed-elsewhere"
    taken = await other.add_auditor(employedSince="2026-03-01")
    assert (taken.status_code, taken.json()["id"]) == (201, auditor)


async def test_a_number_stands_for_one_name(make_body: MakeBody) -> None:
    one, other = await make_body(), await make_body()
    await one.add_auditor()
    answer = await other.add_auditor(name="李大山")
    assert answer.json()["code"] == "number-of-another-name"
    assert "王" not in answer.text


async def test_another_body_s_manager_finds_neither_the_body_nor_its_auditor(
    make_body: MakeBody,
) -> None:
    one, other = await make_body(), await make_body()
    auditor = (await one.add_auditor()).json()["id"]
    for path, body in (
        (f"{one.path}/auditors/{auditor}/departure", {"lastDay": "2026-03-01"}),
        (f"{one.path}/auditors/{auditor}/grades", {"grade": "senior", "gradeSince": "2026-01-01"}),
        (f"{other.path}/auditors/{auditor}/departure", {"lastDay": "2026-03-01"}),
    ):
        answer = await one.api.post(path, json=body, headers=other.manager.headers)
        assert answer.status_code == 404, answer.text
    added = await Body.add_auditor(
        Body(one.code, one.organisation, other.manager, one.administrator, one.api)
    )
    assert added.status_code == 404


async def test_the_archive_opens_by_number_for_a_purpose_and_each_look_is_logged(
    api: httpx.AsyncClient, make_body: MakeBody, as_person: AsPerson
) -> None:
    body, inspector = await make_body(), await as_person(Role.INSPECTOR)
    auditor = (await body.add_auditor()).json()["id"]
    await api.post(
        f"{body.path}/auditors/{auditor}/grades",
        json={"grade": "senior", "gradeSince": "2026-01-01"},
        headers=body.manager.headers,
    )
    asked = {"registrationNumber": NUMBER.lower(), "purpose": "inspection", "name": "王小明"}
    found = (await api.post(ARCHIVE, json=asked, headers=inspector.headers)).json()
    assert found["name"] == "王*明"
    assert found["nameMatches"] is True
    assert [g["grade"] for g in found["grades"]] == ["auditor", "senior"]
    assert [e["body"] for e in found["employments"]] == [body.code]
    assert (found["grade"], found["bodyListed"]) == ("senior", True)
    wrong = {**asked, "name": "李大山"}
    answer = (await api.post(ARCHIVE, json=wrong, headers=inspector.headers)).json()
    assert answer["nameMatches"] is False
    rows = await AuditEntry.select().where(AuditEntry.subject == f"auditor:{auditor}")
    looks = [row["body"] for row in rows if row["act"] == "auditor-archive-read"]
    assert len(looks) == 2
    assert not any("王小明" in text or NUMBER in text for text in looks)


async def test_a_certifier_looks_only_while_a_listed_body_stands_behind(
    api: httpx.AsyncClient, make_body: MakeBody, as_person: AsPerson, clock: ManualClock
) -> None:
    body, certifier = await make_body(), await as_person(Role.CERTIFIER)
    await body.add_auditor()
    asked = {"registrationNumber": NUMBER, "purpose": "certification"}
    alone = await api.post(ARCHIVE, json=asked, headers=certifier.headers)
    assert (alone.status_code, alone.json()["code"]) == (403, "body-not-listed")
    await make_member(UUID(body.organisation), certifier.id, now=clock())
    assert (await api.post(ARCHIVE, json=asked, headers=certifier.headers)).status_code == 200
    await body.enter("suspended", "2026-03-01")
    after = await api.post(ARCHIVE, json=asked, headers=certifier.headers)
    assert after.json()["code"] == "body-not-listed"


async def test_an_account_is_tied_only_to_a_member_and_told_and_erased_with_the_person(
    make_body: MakeBody, as_person: AsPerson, clock: ManualClock, vault: Vault
) -> None:
    body, member = await make_body(), await as_person()
    stranger = await body.add_auditor(personId=str(member.id))
    assert stranger.status_code == 404
    await make_member(UUID(body.organisation), member.id, now=clock())
    auditor = (await body.add_auditor(personId=str(member.id))).json()["id"]
    rights = await service.rights_of(member.id, on=clock().date())
    assert [(r.because, r.state) for r in rights.bodies] == [("auditor", "listed")]
    told = (await service.personal_data(vault, member.id))["auditor"]
    assert (told["name"], told["registrationNumber"]) == ("王小明", NUMBER)
    await service.erase_person(member.id, now=clock())
    assert await service.personal_data(vault, member.id) == {}
    row = await Auditor.select().where(Auditor.id == UUID(auditor)).first()
    assert row is not None
    assert (row["name_sealed"], row["registration_index"], row["person"]) == (None, None, None)


async def test_a_commitment_is_filed_hashed_and_handed_out_as_a_download(
    api: httpx.AsyncClient, make_body: MakeBody
) -> None:
    body = await make_body()
    headers = body.manager.headers
    address = f"{body.path}/commitments"
    filed = await api.post(address, params=PAPER, content=PDF, headers=headers)
    assert filed.status_code == 201, filed.text
    again = await api.post(address, params=PAPER, content=PDF, headers=headers)
    assert again.json()["code"] == "version-taken"
    (shown,) = (await api.get(body.path)).json()["documents"]
    assert shown == filed.json()
    file = await api.get(shown["url"])
    assert file.content == PDF
    assert file.headers["content-disposition"].startswith("attachment")
    assert file.headers["etag"] == f'"{shown["sha256"]}"'


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"<script>alert(1)</script>", 415, "document-type-not-taken"),
        (PDF + b"/OpenAction %%EOF", 415, "document-is-active"),
        (b"%PDF-" + bytes(8 << 20), 413, "document-too-large"),
    ],
)
async def test_a_file_of_another_kind_or_size_is_refused(
    make_body: MakeBody, content: bytes, status: int, code: str
) -> None:
    body = await make_body()
    answer = await body.api.post(
        f"{body.path}/commitments", params=PAPER, content=content, headers=body.manager.headers
    )
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_rules_are_filed_by_who_keeps_the_register(make_body: MakeBody) -> None:
    body = await make_body()
    by_manager = await body.api.post(
        f"{body.path}/rules", params=PAPER, content=PDF, headers=body.manager.headers
    )
    assert by_manager.status_code == 403
    filed = await body.api.post(
        f"{body.path}/rules", params=PAPER, content=PDF, headers=body.administrator.headers
    )
    assert filed.json()["kind"] == "rule"


async def test_two_bodies_at_once_cannot_both_employ_one_auditor(
    database: None, vault: Vault
) -> None:
    """Each in a transaction of its own that really commits."""
    now, index = (
        datetime(2026, 3, 2, tzinfo=UTC),
        number_index(vault, f"RACE-{uuid7().hex}".upper()),
    )
    bodies = [Row(uuid7(), credit_code()) for _ in range(2)]
    async with UnitOfWork(DB):
        for body in bodies:
            await add_body(body, now=now)
        await auditor_rows.add(vault, index, "RACE-1", "王小明", now=now)

    async def employ(body: Row) -> bool:
        async with UnitOfWork(DB):
            row = await auditor_rows.lock_by_number(index)
            assert row is not None
            known = await auditor_rows.employments_of(row.id)
            new = Employment(body.id, date(2026, 1, 1))
            if known:
                raise EmployedElsewhere
            await auditor_rows.add_employment(row.id, new, entered_by=uuid7(), now=now)
        return True

    done = await asyncio.gather(*map(employ, bodies), return_exceptions=True)
    assert sorted(type(d).__name__ for d in done) == ["EmployedElsewhere", "bool"]


async def test_a_list_of_auditors_takes_the_same_few_queries_however_long(
    api: httpx.AsyncClient, make_body: MakeBody
) -> None:
    body = await make_body()
    params = {"limit": 3}
    for n in range(5):
        await body.add_auditor(registrationNumber=f"2021-N1IPMS-10000{n}")
    async with counted() as asked:
        first = (await api.get(f"{body.path}/auditors", params=params)).json()
    assert len([query for query in asked if "SELECT" in query]) <= 3, asked
    rest = (
        await api.get(f"{body.path}/auditors", params={**params, "cursor": first["nextCursor"]})
    ).json()
    assert len({a["id"] for a in first["items"] + rest["items"]}) == 5
    assert rest["nextCursor"] is None


async def test_a_new_employer_cannot_hand_a_number_to_another_account(
    make_body: MakeBody, as_person: AsPerson, clock: ManualClock
) -> None:
    """The training that hangs on the number is its auditor's."""
    one, other = await make_body(), await make_body()
    people = []
    for body in (one, other):
        person = await as_person()
        await make_member(UUID(body.organisation), person.id, now=clock())
        people.append(str(person.id))
    auditor = (await one.add_auditor(personId=people[0])).json()["id"]
    left = await one.api.post(
        f"{one.path}/auditors/{auditor}/departure",
        json={"lastDay": "2026-02-01"},
        headers=one.manager.headers,
    )
    assert left.status_code == 204, left.text
    taken = await other.add_auditor(employedSince="2026-02-02", personId=people[1])
    assert (taken.status_code, taken.json()["code"]) == (409, "auditor-of-another-account")
