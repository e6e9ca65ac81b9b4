"""The workbook that managers fill in, and the report of what was wrong with it."""

import io
from collections.abc import Iterable

import xlsxwriter

from backend.organisations.imports.domain import (
    DUTIES,
    HEADINGS,
    MOST_ROWS,
    NEEDED,
    WRONG,
    Field,
)
from backend.organisations.spreadsheets import harmless
from backend.organisations.tables import ImportFault

_EXPLAINED: dict[Field, tuple[str, str, str]] = {
    Field.NAME: ("张三", "与身份证件一致", "as on the identity document"),
    Field.LOGIN: (
        "13800138000",
        "本人用来登录的 11 位手机号或邮箱；每人一行",
        "what the person signs in with: 11 digits, or an e-mail address; one row a person",
    ),
    Field.DEPARTMENT: (
        "研发中心/知识产权部",
        "可不填；多级用 / 分隔，没有的部门会新建",
        "optional; levels with / between; missing ones are made",
    ),
    Field.DUTY: ("内审员", "可不填；从下拉列表选择", "optional; choose from the list"),
    Field.STAFF_NUMBER: ("A-0017", "可不填；字母、数字、短横线", "optional; letters, digits, -"),
}


def template() -> bytes:
    """First sheet: headings alone, to be filled in. Second: what each column takes, an example."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False}) as book:
        bold = book.add_format({"bold": True, "bg_color": "#DDEBF7", "border": 1})
        text = book.add_format({"num_format": "@"})  # a number typed keeps its first zero
        staff = book.add_worksheet("人员 Staff")
        for column, field in enumerate(HEADINGS):
            staff.set_column(column, column, 26, text)
            staff.write_string(0, column, heading(field), bold)
        staff.freeze_panes(1, 0)
        duty = list(HEADINGS).index(Field.DUTY)
        staff.data_validation(
            *(1, duty, MOST_ROWS, duty),
            {
                "validate": "list",
                "source": [zh for zh, _ in DUTIES.values()],
                "error_title": "职责 Duty",
                "error_message": "请从列表中选择 / choose from the list",
            },
        )
        _guide(book)
    return out.getvalue()


def heading(field: Field) -> str:
    zh, en = HEADINGS[field]
    return f"{zh} {en}{' *' if field in NEEDED else ''}"


def _guide(book: xlsxwriter.Workbook) -> None:
    guide = book.add_worksheet("说明 Guide")
    guide.set_column(0, 3, 42)
    for row, field in enumerate(HEADINGS, start=1):
        example, zh, en = _EXPLAINED[field]
        for column, words in enumerate((heading(field), example, zh, en)):
            guide.write_string(row, column, words)
    for column, words in enumerate(("列 Column", "示例 Example", "说明", "Meaning")):
        guide.write_string(0, column, words)


def report_rows(faults: Iterable[ImportFault]) -> list[tuple[int | str, ...]]:
    """Row, column, what stood there (never a name or contact data), what is wrong: zh, en."""
    return [(f.number, heading(Field(f.field)), f.shown or "", *WRONG[f.code]) for f in faults]


REPORT_HEADINGS = ("行号 Row", "列 Column", "内容 Cell", "问题", "Problem")


def report(rows: Iterable[tuple[int | str, ...]]) -> bytes:
    """At most `MOST_FAULTS` rows, and so a few megabytes."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "constant_memory": True}) as book:
        sheet = book.add_worksheet("错误 Faults")
        sheet.set_column(0, 4, 28)
        for number, cells in enumerate((REPORT_HEADINGS, *rows)):
            for column, cell in enumerate(cells):
                if isinstance(cell, int):
                    sheet.write_number(number, column, cell)
                else:
                    sheet.write_string(number, column, harmless(cell))
    return out.getvalue()
