"""Spreadsheets of where members stand."""

import csv
import io
import tracemalloc
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import unquote

import pytest
from python_calamine import CalamineWorkbook

from backend.organisations.assignments import exports
from backend.organisations.assignments.exports import CsvSheet, ExcelSheet
from infra.access_log import accesses_of
from tests.backend.organisations.assignments.company import Company
from tests.one_connection import connection

EVIL = ['=HYPERLINK("http://x")', "+1+1", "-2", "@SUM(A1)", "＝1＋1"]


async def exported(company: Company, query: str = "", language: str = "zh-CN") -> tuple[bytes, str]:
    made = await company.assign()
    answer = await company.api.get(
        f"{company.path}/assignments/{made['id']}/export{query}",
        headers={**company.manager.headers, "Accept-Language": language},
    )
    assert answer.status_code == 200, answer.text
    return answer.content, answer.headers["content-disposition"]


def table(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def sheet(content: bytes) -> list[list[str]]:
    found = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
    return [list(map(str, row)) for row in found.to_python()]


async def test_a_csv_opens_in_excel_with_headings_in_the_reader_s_language(
    company: Company,
) -> None:
    department = await company.department("研发部")
    await company.member("王小明", department=department)
    content, disposition = await exported(company, "?format=csv")
    assert content.startswith(b"\xef\xbb\xbf")
    found = table(content)
    assert found[0] == ["姓名", "联系方式", "部门", "状态", "截止日期", "开始日期", "完成日期"]
    assert ["王小明", "138****5678", "研发部", "未开始", "", "", ""] in found
    assert len(found) == 3  # the manager too
    assert disposition.startswith("attachment; filename=\"training.csv\"; filename*=UTF-8''")
    name = unquote(disposition.rpartition("''")[2])
    assert name == "测试企业-培训进度-MGR-2026-03-02.csv"
    english, _ = await exported(company, "?format=csv", "en")
    assert table(english)[0][0] == "Name"
    assert b"13812345678" not in content


async def test_the_same_as_an_excel_file(company: Company) -> None:
    await company.member("王小明")
    content, disposition = await exported(company)
    found = sheet(content)
    assert found[0][0] == "姓名"
    assert "王小明" in {row[0] for row in found}
    assert ".xlsx" in disposition


@pytest.mark.parametrize("form", ["csv", "xlsx"])
async def test_no_name_becomes_a_formula(company: Company, form: str) -> None:
    for name in EVIL:
        await company.member(name)
    content, _ = await exported(company, f"?format={form}")
    names = [row[0] for row in (table(content) if form == "csv" else sheet(content))]
    assert {f"'{name}" for name in EVIL} <= set(names)
    assert not set(EVIL) & set(names)


async def test_an_export_holds_who_was_asked_for(company: Company) -> None:
    await company.member("王小明")
    content, _ = await exported(company, "?format=csv&state=late")
    assert len(table(content)) == 1


async def test_an_export_is_in_the_trail_without_names(company: Company) -> None:
    await company.member("王小明")
    await exported(company, "?format=csv")
    body = await connection().fetchval(
        "SELECT body FROM audit_entry WHERE subject = $1 AND act = 'standings-exported'",
        f"organisation:{company.id}",
    )
    assert '"rows":2' in body
    assert "王小明" not in body


async def test_whoever_was_looked_at_can_read_that_they_were(company: Company) -> None:
    """Once a day for lists and exports each; looking at oneself is not noted."""
    _, person = await company.member("王小明")
    await exported(company, "?format=csv")
    made = await company.assign()
    for _ in range(2):
        await company.read(f"/assignments/{made['id']}/members")
    looks = await accesses_of(person)
    assert {one.what for one in looks} == {"training-progress", "training-progress-export"}
    assert {(one.actor_id, one.organisation_id) for one in looks} == {
        (company.manager.id, company.id)
    }
    assert len(looks) == 2
    assert await accesses_of(company.manager.id) == []


async def test_an_export_beyond_what_one_process_makes_is_told_to_wait(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await company.assign()
    monkeypatch.setattr(exports, "_making", exports.AT_ONCE)
    answer = await company.get(f"/assignments/{made['id']}/export")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")


@pytest.mark.parametrize("kind", [CsvSheet, ExcelSheet])
def test_memory_does_not_grow_with_the_rows(
    kind: type[CsvSheet] | type[ExcelSheet], tmp_path: Path
) -> None:
    def peak(rows: int) -> int:
        tracemalloc.start()
        made = kind(tmp_path / "export")
        made.write(line(rows))
        made.close()
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    peak(10)  # what is loaded once
    assert peak(4_000) < peak(2_000) + 150_000


def line(rows: int) -> Iterable[tuple[str, ...]]:
    return ((f"王小明{n}", "138****5678", "研发部", "未开始", "", "", "") for n in range(rows))
