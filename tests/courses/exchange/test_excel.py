"""The workbook: what each row and cell becomes, and files that mean harm."""

import io
import zipfile
from collections.abc import Mapping

import msgspec
import pytest
import xlsxwriter
from openpyxl import load_workbook

from courses.exchange.excel_columns import EXAMPLES, SHEET
from courses.exchange.excel_guide import EXAMPLE_ITEMS
from courses.exchange.excel_reading import read_excel
from courses.exchange.excel_writing import template, write_excel
from courses.exchange.report import Outcome, Refused, Report
from courses.items.interactions import Case, Cloze, Matching, Numeric
from courses.items.item import Item
from courses.items.rich_text import Paragraph, Run, plain
from tests.courses.exchange.banks import a_filing, renamed, told
from tests.courses.items.samples import EVERY, an_item

GOOD, NEW, BAD = Outcome.IMPORTED, Outcome.CHANGED, Outcome.REFUSED
SINGLE = {
    "题型": "单选题",
    "题干": "谁？",
    "选项A": "甲",
    "选项B": "乙",
    "选项C": "丙",
    "答案": "B",
}


def book(*rows: Mapping[str, object], more: Mapping[str, str] = {}) -> bytes:
    """A row as heading -> cell; `more`: other sheets, with a word each."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as made:
        sheet = made.add_worksheet(SHEET)
        sheet.write_row(0, 0, names)
        for number, row in enumerate(rows, start=1):
            for name, cell in row.items():
                write = sheet.write_string if str(cell).startswith("=>") else sheet.write
                write(number, names.index(name), cell)
        for name, word in more.items():
            made.add_worksheet(name).write(0, 0, word)
    return out.getvalue()


def read(content: bytes) -> tuple[list[Item], list[tuple[str, str, Outcome]]]:
    filing = a_filing()
    read_excel(content, filing)
    filing.finish()
    return filing.items, told(filing.report)


def test_every_cell_of_a_row_is_counted() -> None:
    row = {**SINGLE, "层次": "应用", "备注": "看看", "单位": "kg", "编号": "M02-007"}
    (item,), lines = read(book(row, more={"草稿纸": "x"}))
    assert item.id == "M02-007"
    assert lines == [
        ("草稿纸", "sheet", NEW),
        ("H1", "column", NEW),
        ("H2", "cell", NEW),
        *[("row 2", name, GOOD) for name in SINGLE],
        ("row 2", "层次", GOOD),
        ("row 2", "单位", NEW),
        ("row 2", "question", NEW),
        ("row 2", "name", GOOD),
    ]


REFUSED: dict[str, dict[str, object]] = {
    "a formula, whatever its value is": {"题干": "=1+1"},
    "an unknown kind": {"题型": "抢答题"},
    "an answer that is no option": {"答案": "D"},
    "no answer": {"答案": " "},
    "a pair without its arrow": {"题型": "配对题"},
    "a number that is none": {"题型": "数值题", "答案": "三"},
    "neither true nor false": {"题型": "判断题", "答案": "大概"},
    "feedback without its option": {"选项反馈": "因为如此"},
    "a gap that is not written as one": {"题型": "填空题", "题干": "[[a]]", "答案": "认证"},
    "a gap of an unknown type": {"题型": "填空题", "题干": "[[a]]", "答案": "[[a]] 抢答：甲"},
    "a choice of a gap without its star": {"题型": "填空题", "答案": "[[a]] 单选：甲|乙|丙"},
    "a weight that is none": {"案例编号": "M02-1", "权重": "半"},
    "more than all points": {"题型": "简答题", "答案": "甲@500%"},
}


@pytest.mark.parametrize("changed", REFUSED.values(), ids=REFUSED.keys())
def test_a_row_that_is_no_question_is_refused_and_its_neighbour_comes(
    changed: dict[str, object],
) -> None:
    items, lines = read(book(SINGLE, {**SINGLE, **changed}))
    assert len(items) == 1
    assert lines[-1] == ("row 3", "question", BAD)


def test_a_formula_is_told_in_words_and_never_worked_out() -> None:
    filing = a_filing()
    read_excel(book({**SINGLE, "题干": "=HYPERLINK(A1)"}), filing)
    assert "B2" in filing.report.told[-1].zh
    assert "=HYPERLINK(A1)" in filing.report.told[-1].en


def test_numbers_units_parts_and_pairs_are_read_as_authors_write_them() -> None:
    (number, pairs), _ = read(
        book(
            {
                "题型": "数值题",
                "题干": "多少？",
                "答案": "0.3±0.1|0.5@50%",
                "单位": "kg|g=0.001|必写",
            },
            {
                "题型": "配对",
                "题干": "配",
                "选项A": "一 => 甲",
                "选项B": "二=>乙",
                "选项C": "=> 丙",
                "答案": "",
            },
        )
    )
    assert isinstance(number.interaction, Numeric)
    assert [(str(a.value), str(a.tolerance), a.percent) for a in number.interaction.accepted] == [
        ("0.3", "0.1", 100),
        ("0.5", "0", 50),
    ]
    assert [(u.symbol, str(u.factor)) for u in number.interaction.units] == [
        ("kg", "1"),
        ("g", "0.001"),
    ]
    assert number.interaction.unit_needed
    assert isinstance(pairs.interaction, Matching)
    assert pairs.interaction.pairs == {"A": "A", "B": "B"}
    assert len(pairs.interaction.right) == 3


def test_a_case_is_a_row_for_its_story_and_one_a_question() -> None:
    part = {**SINGLE, "案例编号": "M02-007", "权重": "3", "编号": "a"}
    gaps = {"题型": "填空题", "题干": "由[[x]]发[[y]]", "案例编号": "M02-007", "难度": "易"}
    gaps["答案"] = "[[x]]×2 填空：机构|单位@50%\n[[y]] 单选：甲|*乙|丙"
    rows = [{**SINGLE}, {"题型": "案例题", "编号": "M02-007", "题干": "故事"}, part, SINGLE, gaps]
    items, lines = read(book(*rows))
    assert [item.id for item in items] == ["M02-001", "M02-007", "M02-002"]
    case = items[1].interaction
    assert isinstance(case, Case)
    assert [(one.id, one.weight, one.stem) for one in case.parts] == [
        *[("a", 3, "谁？"), ("r6", 1, "由[[x]]发[[y]]")]
    ]
    cloze = case.parts[1].interaction
    assert isinstance(cloze, Cloze)
    assert [(gap.id, gap.weight, gap.interaction.kind) for gap in cloze.gaps] == [
        *[("x", 2, "short-text"), ("y", 1, "single")]
    ]
    assert ("row 6", "难度", NEW) in lines
    assert [line for line in lines if line[1] == "part"] == [
        *[("row 4", "part", GOOD), ("row 6", "part", GOOD)]
    ]


def test_a_question_whose_case_is_not_there_is_refused() -> None:
    items, lines = read(book(SINGLE, {**SINGLE, "案例编号": "M02-050"}))
    assert len(items) == 1
    assert lines[-1] == ("row 3", "question", BAD)


def test_a_bank_comes_back_as_it_went_and_losses_are_told() -> None:
    items = [an_item(asked, f"M02-{at:03}") for at, asked in enumerate(EVERY.values())]
    items[0] = msgspec.structs.replace(items[0], stem="=1+1 <b>不是公式</b> [[a]]", author="李四")
    items[0] = msgspec.structs.replace(items[0], twin_group="监督间隔", anchor=True)
    out, filing = Report(), a_filing()
    read_excel(write_excel(items, out), filing)
    filing.finish()
    assert out.refusals == ()
    assert filing.report.refusals == ()
    changed = {one.where for one in out.told if one.outcome is NEW}
    told_of = {"true-false", "matching", "essay", "cloze", "case"}
    assert {i.kind.value for i in items if i.id in changed} == told_of
    whole = [i for i in items if i.id not in changed]
    found = {item.id: item for item in filing.items}
    for item in whole[1:]:
        assert renamed(found[item.id]) == renamed(item)
    came = found[items[0].id]
    assert (came.author, came.twin_group, came.anchor) == ("李四", "监督间隔", True)


def test_a_text_longer_than_a_cell_is_refused_and_one_that_looks_like_html_is_not_read_so() -> None:
    short = msgspec.structs.replace(an_item(EVERY["single"], "M02-001"), stem="[html]<b>甲</b>")
    blocks = (Paragraph(content=(Run(text="&" * 9000, strong=True),)),)
    long = msgspec.structs.replace(an_item(EVERY["single"], "M02-002"), stem=blocks)
    out, filing = Report(), a_filing()
    read_excel(write_excel([short, long], out), filing)
    assert [one.where for one in out.refusals] == ["M02-002"]
    assert [plain(item.stem) for item in filing.items] == ["[html]<b>甲</b>"]


def test_the_template_has_lists_to_choose_from_and_examples_that_can_be_imported() -> None:
    made = load_workbook(io.BytesIO(template()))
    validations = made[SHEET].data_validations.dataValidation
    assert any("单选题" in one.formula1 for one in validations)
    examples = made[EXAMPLES]
    made[SHEET].title = "空"
    examples.title = SHEET
    out = io.BytesIO()
    made.save(out)
    items, lines = read(out.getvalue())
    assert [renamed(item) for item in items] == [renamed(item) for item in EXAMPLE_ITEMS]
    assert [line for line in lines if line[2] is not GOOD] == [("空", "sheet", NEW)]


def zipped(**entries: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name.replace("__", "/"), content)
    return out.getvalue()


HARMFUL = {
    "no zip file": b"not a workbook",
    "a zip of something else": zipped(a=b"b"),
    "a bomb": zipped(xl__workbook=b"0" * (30 << 20)),
    "a path out of the package": zipped(**{"..__..__a.xml": b"<a/>"}),
    "an entity": zipped(**{"xl__workbook.xml": b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'}),
    "an entity in two bytes a character": zipped(
        **{"xl__workbook.xml": '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'.encode("utf-16")}
    ),
    "a cut file": book(SINGLE)[:2000],
    "two columns with one heading": book({"题型": "单选题", "题干": "", "答案": "", "题干 *": ""}),
    "no column of answers": book({"题型": "单选题", "题干": "谁？"}),
}


@pytest.mark.parametrize("content", HARMFUL.values(), ids=HARMFUL.keys())
def test_a_file_that_is_unsafe_or_no_workbook_is_refused_whole(content: bytes) -> None:
    with pytest.raises(Refused):
        read_excel(content, a_filing())
