"""Workbooks of a body's desk: the roster, and the form of a bulk check. No I/O."""

import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

import xlsxwriter

from backend.checking.schemas import RosterEntry, RosterState
from backend.organisations.service import harmless

STATES = {
    RosterState.CURRENT: "有效 current",
    RosterState.EXPIRING: "即将到期 expiring",
    RosterState.EXPIRED: "已过期 expired",
    RosterState.WITHDRAWN: "已撤销或暂停 revoked or suspended",
    RosterState.NONE: "无记录 none known",
}
_ROSTER = (
    *("姓名 Name", "注册号 Registration", "级别 Grade", "受聘起始日 Employed since"),
    *("培训状态 State", "证明编号 Record", "有效期至 Valid until"),
)
_NUMBERS = "证明编号 Number"
_GUIDE = (
    ("每行一份证明；列名也可用“核验码 Code”。", "One record a row; “Code” will do as heading."),
    ("最多 100000 行；其他列会被忽略。", "At most 100,000 rows; other columns are left alone."),
    ("示例 GB-2026-7K2M-9Q4T-A", "Like GB-2026-7K2M-9Q4T-A"),
)


def roster(rows: Iterable[RosterEntry], grades: Mapping[str, str], *, within_days: int) -> bytes:
    """`within_days`: what "expiring" meant when the rows were asked for."""
    lines = [_ROSTER, *(_line(row, grades) for row in rows)]
    note = f"“即将到期”指 {within_days} 天内 / expiring: within {within_days} days"
    return _book("名册 Roster", lines, "说明 Note", [(note,)])


def template() -> bytes:
    return _book("核验 Check", [(_NUMBERS,)], "说明 Guide", _GUIDE)


def _line(row: RosterEntry, grades: Mapping[str, str]) -> tuple[str, ...]:
    return (
        row.name,
        row.registration_number,
        grades.get(row.grade or "", row.grade or ""),
        _day(row.employed_since),
        STATES[row.state],
        row.number or "",
        _day(row.valid_until),
    )


def _day(day: date | datetime | None) -> str:
    return day.isoformat()[:10] if day else ""


def _book(
    title: str, lines: Sequence[tuple[str, ...]], second: str, notes: Sequence[tuple[str, ...]]
) -> bytes:
    """Every cell is text that no program computes."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False}) as book:
        bold = book.add_format({"bold": True, "bg_color": "#DDEBF7", "border": 1})
        text = book.add_format({"num_format": "@"})
        for name, rows in ((title, lines), (second, notes)):
            sheet = book.add_worksheet(name)
            sheet.set_column(0, len(_ROSTER) - 1, 26, text)
            for number, cells in enumerate(rows):
                for column, cell in enumerate(cells):
                    form = bold if number == 0 and name == title else text
                    sheet.write_string(number, column, harmless(cell), form)
            if name == title:
                sheet.freeze_panes(1, 0)
    return out.getvalue()
