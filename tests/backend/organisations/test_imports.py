"""Importing staff over HTTP; the worker's jobs are done on the spot."""

import csv
import io
from typing import Any
from uuid import UUID

import httpx
import pytest
from python_calamine import CalamineWorkbook

from backend.organisations.domain import State
from backend.organisations.imports import repository, service
from backend.organisations.imports.domain import JobState
from backend.organisations.spreadsheets import harmless
from backend.organisations.tables import ExpectedMember, ImportRow
from infra.clock import ManualClock
from infra.objects import ObjectStore
from infra.settings import Settings
from infra.tables import AuditEntry
from infra.vault import Vault
from tests.backend.organisations.making import give_login, make_organisation
from tests.backend.organisations.staff import HEADINGS, Cells, Worker, phone, text, workbook
from tests.people import AsPerson, SignedIn


class Importing:
    """A manager at an organisation's imports, and the worker."""

    def __init__(
        self, api: httpx.AsyncClient, manager: SignedIn, organisation: UUID, worker: Worker
    ) -> None:
        self.api, self.manager, self.worker = api, manager, worker
        self.organisation = organisation
        self.url = f"/v1/organisations/{organisation}/imports"

    async def upload(self, content: bytes) -> httpx.Response:
        return await self.api.post(self.url, content=content, headers=self.manager.headers)

    async def checked(self, content: bytes) -> dict[str, Any]:
        answer = await self.upload(content)
        assert answer.status_code == 202, answer.text
        await self.worker.check(answer.json())
        return await self.get(f"/{answer.json()['id']}")

    async def get(self, path: str) -> dict[str, Any]:
        found: dict[str, Any] = (
            await self.api.get(self.url + path, headers=self.manager.headers)
        ).json()
        return found

    async def post(self, path: str) -> httpx.Response:
        return await self.api.post(self.url + path, headers=self.manager.headers)

    async def faults(self, job: dict[str, Any]) -> list[tuple[int, str, str]]:
        items = (await self.get(f"/{job['id']}/faults"))["items"]
        return [(f["row"], f["field"], f["code"]) for f in items]

    async def applied(self, content: bytes) -> dict[str, Any]:
        job = await self.checked(content)
        assert (await self.post(f"/{job['id']}/confirmation")).status_code == 202
        await self.worker.apply(job)
        return await self.get(f"/{job['id']}")

    async def listed(self) -> list[dict[str, Any]]:
        url = f"/v1/organisations/{self.organisation}/expected-members"
        answer = await self.api.get(url, headers=self.manager.headers)
        found: list[dict[str, Any]] = answer.json()["items"]
        return found


@pytest.fixture
async def importing(
    api: httpx.AsyncClient,
    as_person: AsPerson,
    clock: ManualClock,
    object_store: ObjectStore,
    settings: Settings,
) -> Importing:
    manager = await as_person()
    organisation = await make_organisation(manager.id, now=clock())
    return Importing(api, manager, organisation, Worker(object_store, settings, clock))


async def test_nothing_takes_effect_before_the_confirmation_and_then_all_good_rows_do(
    importing: Importing,
) -> None:
    rows = [(f"张{n}", phone(n), "研发中心/一组", "内审员", f"A-{n}") for n in range(30)]
    job = await importing.checked(workbook([*rows, ("李四", "12", None, None, None)]))
    assert (job["state"], job["percent"]) == ("checked", 100)
    assert (job["rows"], job["good"], job["bad"], job["newDepartments"]) == (31, 30, 1, 2)
    assert await importing.listed() == []
    await importing.post(f"/{job['id']}/confirmation")
    await importing.worker.apply(job)
    await importing.worker.apply(job)  # a job may come twice
    done = await importing.get(f"/{job['id']}")
    assert (done["state"], done["good"], done["known"]) == ("applied", 30, 0)
    listed = await importing.listed()
    assert len(listed) == 30
    assert listed[0] == {
        **listed[0],
        "name": "张*",
        "contact": "139****0000",
        "staffNumber": "A-0",
        "duty": "internal-auditor",
    }
    waiting = ImportRow.job == UUID(job["id"])
    assert not await ImportRow.exists().where(waiting)
    acts = await AuditEntry.select(AuditEntry.act).where(
        AuditEntry.subject == f"organisation:{importing.organisation}"
    )
    assert [a["act"] for a in acts] == ["staff-imported"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
async def test_a_csv_comes_in_either_encoding(importing: Importing, encoding: str) -> None:
    job = await importing.checked(text([("王小明", phone(1), "研发部", "内审员", "7")], encoding))
    assert (job["format"], job["good"], job["bad"]) == ("csv", 1, 0)


async def test_each_bad_row_is_reported_with_its_number_its_column_and_what_is_wrong(
    importing: Importing,
) -> None:
    good = [(f"张{n}", phone(n), None, None, None) for n in range(20)]
    job = await importing.checked(
        workbook(
            [
                *good,
                (None, phone(100), None, None, None),
                ("李四", None, None, None, None),
                ("李四", "not a number", "a/b/c/d/e/f/g", "司机", "甲"),
                ("李四\u202e", phone(101), "=cmd|'/c calc'!A1", None, None),
                ("再来", phone(3), None, None, None),
            ]
        )
    )
    assert await importing.faults(job) == [
        (22, "name", "name-missing"),
        (23, "login", "login-missing"),
        *[(24, f, c) for f, c in sorted_faults_of_row_24()],
        (25, "name", "name-not-valid"),
        (25, "department", "department-not-valid"),
        (26, "login", "twice-in-the-file"),
    ]
    assert (job["good"], job["bad"], job["rows"]) == (20, 5, 25)


def sorted_faults_of_row_24() -> list[tuple[str, str]]:
    return [
        ("login", "login-not-valid"),
        ("department", "department-too-deep"),
        ("duty", "duty-not-known"),
        ("staffNumber", "staff-number-not-valid"),
    ]


async def test_the_report_computes_nothing_and_says_no_name_or_number(
    importing: Importing,
) -> None:
    formulas = ["=1+1", "+1", "-1", "@SUM(A1)", "＝1"]
    rows = [("赵钱孙李", "110101199003", None, f"{f}司机", None) for f in formulas]
    job = await importing.checked(workbook(rows))
    path = f"{importing.url}/{job['id']}/report"
    as_csv = await importing.api.get(f"{path}?format=csv", headers=importing.manager.headers)
    found = list(csv.reader(io.StringIO(as_csv.content.decode("utf-8-sig"))))
    shown = [row[2] for row in found[1:] if row[2]]
    assert len(shown) == len(formulas)
    assert all(cell.startswith("'") for cell in shown)
    as_xlsx = await importing.api.get(path, headers=importing.manager.headers)
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(as_xlsx.content)).get_sheet_by_index(0)
    assert [str(row[2]) for row in sheet.to_python()[1:] if row[2]] == shown
    for secret in ("赵钱孙李", "110101199003"):
        assert secret not in as_csv.text
        assert (
            secret
            not in (
                await importing.api.get(
                    f"{importing.url}/{job['id']}/faults", headers=importing.manager.headers
                )
            ).text
        )


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "＝", " =", "\ufeff="])
def test_a_cell_that_a_program_would_compute_is_shown_instead(start: str) -> None:
    assert harmless(f"{start}cmd|' /C calc'!A0") == f"'{start}cmd|' /C calc'!A0"
    assert harmless(f"研发部{start}") == f"研发部{start}"


async def test_a_file_that_is_mostly_wrong_cannot_be_confirmed(importing: Importing) -> None:
    rows = [("张三", phone(1), None, None, None), ("李四", "x", None, None, None)]
    job = await importing.checked(workbook(rows))
    refused = await importing.post(f"/{job['id']}/confirmation")
    assert refused.json()["code"] == "too-many-bad-rows"
    assert (await importing.post(f"/{job['id']}/cancellation")).json()["state"] == "cancelled"


async def test_who_is_listed_already_is_left_alone(importing: Importing) -> None:
    first = [(f"张{n}", phone(n), None, None, None) for n in range(3)]
    assert (await importing.applied(workbook(first)))["good"] == 3
    job = await importing.applied(workbook([*first, ("新来", phone(9), None, None, None)]))
    assert (job["good"], job["known"], job["bad"]) == (1, 3, 0)
    assert {c for _, _, c in await importing.faults(job)} == {"listed-already"}


async def test_a_listed_person_becomes_a_member_by_signing_in_and_not_before(
    importing: Importing, as_person: AsPerson, vault: Vault, clock: ManualClock
) -> None:
    """The list never says who has an account: this one had, and was listed all the same."""
    person, stranger = await as_person(), await as_person()
    await give_login(vault, person.id, phone(5), proved_at=clock())
    await give_login(vault, stranger.id, phone(7), proved_at=None)  # said, and never proven
    rows: list[Cells] = [
        ("王小明", 13900000005, "法务部", "ip-manager", "B7"),
        ("别人", phone(7), "", "", ""),
    ]
    await importing.applied(workbook(rows))
    assert len(await importing.listed()) == 2
    for who, number in ((stranger, 0), (person, 1), (person, 1)):
        mine = await importing.api.get("/v1/me/organisations", headers=who.headers)
        assert len(mine.json()["items"]) == number
    assert [one["contact"] for one in await importing.listed()] == ["139****0007"]
    members = f"/v1/organisations/{importing.organisation}/members?position=member"
    (member,) = (await importing.api.get(members, headers=importing.manager.headers)).json()[
        "items"
    ]
    assert (member["name"], member["contact"]) == ("王*明", "139****0005")
    assert (member["duty"], member["staffNumber"]) == ("ip-manager", "B7")


async def test_an_unconfirmed_organisation_draws_nobody_in(
    importing: Importing, as_person: AsPerson, vault: Vault, clock: ManualClock
) -> None:
    person = await as_person()
    await give_login(vault, person.id, phone(6), proved_at=clock())
    organisation = await make_organisation(importing.manager.id, now=clock(), state=State.DECLARED)
    declared = Importing(importing.api, importing.manager, organisation, importing.worker)
    await declared.applied(workbook([("王小明", phone(6), None, None, None)]))
    mine = await importing.api.get("/v1/me/organisations", headers=person.headers)
    assert mine.json()["items"] == []


async def test_a_killed_check_begins_anew_and_an_overtaken_worker_writes_nothing(
    importing: Importing,
) -> None:
    rows = [(f"张{n}", phone(n), None, None, None) for n in range(5)]
    job = (await importing.upload(workbook(rows))).json()
    dead = await repository.begin(UUID(job["id"]), JobState.CHECKING, (JobState.UPLOADED,))
    assert dead is not None
    await importing.worker.check(job)
    found = await importing.get(f"/{job['id']}")
    assert (found["state"], found["good"]) == ("checked", 5)
    assert not await repository.still_ours(dead)


async def test_a_cancelled_import_leaves_nothing_behind_and_makes_room_for_the_next(
    importing: Importing, object_store: ObjectStore
) -> None:
    content = workbook([("张三", phone(1), None, None, None)])
    job = (await importing.upload(content)).json()
    assert (await importing.upload(content)).json()["code"] == "import-running"
    assert (await importing.post(f"/{job['id']}/cancellation")).status_code == 200
    again = await importing.post(f"/{job['id']}/cancellation")
    assert again.json()["code"] == "cannot-cancel"
    await importing.worker.check(job)  # the worker comes late
    assert (await importing.get(f"/{job['id']}"))["state"] == "cancelled"
    assert await object_store.list_names(f"imports/{job['id']}") == []
    assert (await importing.upload(content)).status_code == 202


async def test_the_stored_file_is_sealed_and_goes_once_it_was_read(
    importing: Importing, object_store: ObjectStore
) -> None:
    content = text([("王小明", phone(1), None, None, None)])
    job = (await importing.upload(content)).json()
    stored = await object_store.get_bytes(f"imports/{job['id']}")
    assert "王小明".encode() not in stored
    assert phone(1).encode() not in stored
    await importing.worker.check(job)
    assert await object_store.list_names(f"imports/{job['id']}") == []


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (text([]), "no-rows"),
        (b"a,b\r\n1,2\r\n", "headings-missing"),
        (b"\xff\xfe\x00\x01", "not-readable-text"),
        (workbook([("张三", phone(1))], ("甲", "乙")), "headings-missing"),
        (text([("张三", phone(1))]) + b'\r\n"open', "not-readable-text"),
        (text([]) + b"," * 30, "too-wide-or-long"),
        (text([("张三", phone(1))]) + b"\r\n" + b"," * 70_000, "too-wide-or-long"),
    ],
    ids=[
        *("nobody in it", "other columns", "no text", "other columns in xlsx", "a broken CSV"),
        *("thirty headings", "a line of commas"),
    ],
)
async def test_a_file_that_cannot_be_read_is_refused_with_the_reason(
    importing: Importing, content: bytes, why: str
) -> None:
    job = await importing.checked(content)
    assert job["state"] == "refused"
    kept = await repository.job_of(importing.organisation, UUID(job["id"]))
    assert kept is not None
    assert kept.refused_because == why
    assert job["refused"]["zh"]


async def test_too_large_empty_or_packed_wrongly_is_refused_at_the_door(
    importing: Importing,
) -> None:
    for content, status in (
        (bytes((20 << 20) + 1), 413),
        (b"", 422),
        (b"PK\x03\x04nonsense", 422),
    ):
        assert (await importing.upload(content)).status_code == status


async def test_imports_of_a_foreign_organisation_are_not_there(
    importing: Importing, as_person: AsPerson, clock: ManualClock
) -> None:
    job = await importing.checked(workbook([("张三", phone(1), None, None, None)]))
    stranger = await as_person()
    own = await make_organisation(stranger.id, now=clock())
    for base in (importing.url, f"/v1/organisations/{own}/imports"):
        for path in ("", "/faults", "/report"):
            answer = await importing.api.get(f"{base}/{job['id']}{path}", headers=stranger.headers)
            assert answer.status_code == 404
        for path in ("/confirmation", "/cancellation"):
            answer = await importing.api.post(f"{base}/{job['id']}{path}", headers=stranger.headers)
            assert answer.status_code == 404
    refused = await importing.api.post(
        importing.url, content=workbook([]), headers=stranger.headers
    )
    assert refused.status_code == 404


async def test_the_template_reads_as_what_the_import_expects(importing: Importing) -> None:
    answer = await importing.api.get("/v1/staff-template.xlsx", headers=importing.manager.headers)
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
    headings = book.get_sheet_by_index(0).to_python()[0]
    assert [str(h).split()[0] for h in headings] == [h.split()[0] for h in HEADINGS]
    assert len(book.get_sheet_by_index(1).to_python()) == 6
    assert (await importing.upload(answer.content)).status_code == 202


async def test_what_waits_for_a_week_is_thrown_away(
    importing: Importing, clock: ManualClock, object_store: ObjectStore
) -> None:
    job = await importing.checked(workbook([("张三", phone(1), None, None, None)]))
    await service.forget_waiting(object_store, now=clock())
    assert (await importing.get(f"/{job['id']}"))["state"] == "checked"
    clock.advance(8 * 24 * 3600)
    await service.forget_waiting(object_store, now=clock())
    assert (await importing.get(f"/{job['id']}"))["state"] == "cancelled"
    assert not await ExpectedMember.exists().where(
        ExpectedMember.organisation == importing.organisation
    )
