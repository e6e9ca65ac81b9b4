"""A file of records: read safely whatever it is, checked row by row, and gone after a week."""

import csv
import io
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
import xlsxwriter
from hypothesis import example, given
from hypothesis import strategies as st

from backend.checking.bulk import files
from backend.checking.bulk.domain import MOST_ROWS, BulkFileRefused
from backend.checking.tables import BulkCheck
from backend.records.lookups.service import Judged
from backend.records.verdict.words import Verdict
from infra.clock import ManualClock
from infra.objects import ObjectStore
from infra.queue import WorkerContext
from tests.backend.certification_bodies.conftest import MakeBody, make_body
from tests.backend.checking.test_keys import by, made
from tests.backend.records.conftest import Issued, context, issued, keyring, someone
from tests.one_connection import connection

__all__ = ["context", "issued", "keyring", "make_body", "someone"]
PATH = "/v1/certifier/bulk-checks"


def workbook(*rows: tuple[str, ...]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet()
        for number, cells in enumerate(rows):
            sheet.write_row(number, 0, cells)
    return out.getvalue()


class Body:
    def __init__(self, api: httpx.AsyncClient, headers: dict[str, str]) -> None:
        self.api, self.headers = api, headers

    async def send(self, content: bytes) -> httpx.Response:
        return await self.api.post(PATH, content=content, headers=self.headers)

    async def get(self, path: str) -> httpx.Response:
        return await self.api.get(f"{PATH}/{path}", headers=self.headers)


@pytest.fixture
async def body(make_body: MakeBody) -> Body:
    found = await make_body()
    return Body(found.api, by(await made(found, "bulk")))


async def test_a_file_is_checked_row_by_row_and_its_result_computes_nothing(
    body: Body, issued: Issued, context: WorkerContext, object_store: ObjectStore
) -> None:
    record = await issued()
    rows = [("姓名", "证明编号"), ("王小明", record.number), ("", ""), ("李四", "=1+1")]
    sent = (await body.send(workbook(*rows))).json()
    assert (await body.get(f"{sent['id']}/result")).json()["code"] == "not-done"
    assert (await body.send(b"x")).json()["code"] == "bulk-check-running"
    stored = await object_store.get_bytes(f"bulk-checks/{sent['id']}/source")
    await files.check(context, UUID(sent["id"]))
    done = (await body.get(sent["id"])).json()
    assert (done["state"], done["rows"], done["percent"]) == ("done", 2, 100)
    answer = await body.get(f"{sent['id']}/result")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    found = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [line[:3] for line in found[1:]] == [
        ["2", record.number, "valid"],
        ["4", "'=1+1", "unknown"],
    ]
    assert found[1][5] == record.number
    assert "证明真实、有效" in found[1][3]
    assert "王小明".encode() not in stored
    assert "王" not in answer.text
    await files.check(context, UUID(sent["id"]))  # a job may come twice
    assert (await body.get(sent["id"])).json() == done


async def test_what_cannot_be_read_is_refused_and_three_attempts_are_enough(
    body: Body, context: WorkerContext
) -> None:
    for content in (b"PK\x03\x04 no workbook", b"\xff\xfe\x00\x81", b"\r\n\r\n", b"\0\1" * 99):
        sent = (await body.send(content)).json()
        await files.check(context, UUID(sent["id"]))
        assert (await body.get(sent["id"])).json()["state"] == "refused", content
    sent = (await body.send(b"GB-2026-0000-0000-0")).json()
    await connection().execute(
        "UPDATE bulk_check SET state = 'checking', attempt = 3 WHERE id = $1", UUID(sent["id"])
    )
    await files.check(context, UUID(sent["id"]))
    assert (await body.get(sent["id"])).json()["state"] == "refused"


async def test_files_and_results_are_another_body_s_affair_and_gone_after_a_week(
    body: Body,
    make_body: MakeBody,
    context: WorkerContext,
    object_store: ObjectStore,
    clock: ManualClock,
) -> None:
    sent = (await body.send("核验码\n没有\n".encode("gb18030"))).json()
    await files.check(context, UUID(sent["id"]))
    other = await make_body()
    stranger = Body(other.api, by(await made(other, "bulk")))
    for path in (sent["id"], f"{sent['id']}/result"):
        assert (await stranger.get(path)).status_code == 404
        assert (await body.get(path)).status_code == 200
    assert await files.forget_old(object_store, now=clock() + timedelta(days=6)) == 0
    assert await files.forget_old(object_store, now=clock() + timedelta(days=8)) == 1
    assert await object_store.list_names(f"bulk-checks/{sent['id']}") == []
    assert await BulkCheck.count() == 0


async def test_a_file_whose_upload_died_before_its_row_is_found_and_removed(
    object_store: ObjectStore, clock: ManualClock, unit: None
) -> None:
    old, new = (int((clock() - timedelta(hours=h)).timestamp() * 1000) for h in (2, 0))
    names = [f"bulk-checks/{UUID(int=at << 80)}/source" for at in (old, new)]
    for name in names:
        await object_store.put_bytes(name, b"sealed", "application/octet-stream")
    assert await files.forget_old(object_store, now=clock()) == 1
    left = await object_store.list_names("bulk-checks/")
    assert [name in left for name in names] == [False, True]
    await object_store.remove(names[1])


CODE, NUMBER, MISTYPED = "ALYALBEXL8HAR", "GB-2026-2412-JR5M-3", "gb 2026 2412 jr5m 4"


def lines(*rows: str) -> Iterator[tuple[int, list[str]]]:
    """Cells by bars."""
    return iter([(n, row.split("|")) for n, row in enumerate(rows, start=1)])


@pytest.mark.parametrize(
    ("rows", "asked"),
    [
        ((), []),
        (("Code", "A", " ", "B"), [(2, "A"), (4, "B")]),
        (("", "姓名|证明编号", f"王|{NUMBER}"), [(3, NUMBER)]),
        ((CODE, "", "B"), [(1, CODE), (3, "B")]),
        (
            ("姓名|证书", f"王|{MISTYPED}", f"李| {NUMBER}"),
            [(1, "证书"), (2, MISTYPED), (3, NUMBER)],
        ),
        ((f"王|eyJ0.e.{'x' * 70}",), [(1, f"eyJ0.e.{'x' * 70}")]),
    ],
)
def test_every_row_of_the_column_of_numbers_is_asked_once(
    rows: tuple[str, ...], asked: list[tuple[int, str]]
) -> None:
    assert list(files.asked_in(lines(*rows))) == asked


def test_a_list_without_any_number_is_not_answered_with_unknown_for_each_person() -> None:
    with pytest.raises(BulkFileRefused, match="first row") as refused:
        list(files.asked_in(lines("姓名|电话", "张三|13800138000")))
    assert refused.value.line == 1


def test_more_rows_than_a_file_may_have_are_refused_with_the_first_too_many() -> None:
    many: Any = ((n, [CODE]) for n in range(1, MOST_ROWS + 2))
    with pytest.raises(BulkFileRefused) as refused:
        sum(1 for _ in files.asked_in(many))
    assert refused.value.line == MOST_ROWS + 1


@example("\x85=1+1")
@example("\u2060=1+1")
@given(st.text(max_size=20))
def test_no_cell_of_a_result_is_a_formula(text: str) -> None:
    written = files.result_lines([(2, text)], [Judged(verdict=Verdict.UNKNOWN)])
    [cells] = csv.reader(io.StringIO(written, newline=""))
    assert not cells[1].lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))
