"""Cells that a spreadsheet program shows and never computes."""

import csv
import io
import re
from collections.abc import Iterable

CSV_TYPE = "text/csv"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BOM = "\ufeff"
"""Excel takes a CSV for UTF-8 only where this stands first."""
_COMPUTED = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_UNSEEN = re.compile(r"^(?:[^\S\t\r\n]|[\u200b-\u200f\u2060\ufeff])+")
"""What programs pass over before the first sign."""


def harmless(text: str) -> str:
    """With an apostrophe before what a program would take for a formula; also in xlsx, because a
    workbook is saved as CSV sooner or later."""
    bare = _UNSEEN.sub("", text, count=1)
    return f"'{text}" if bare.startswith(_COMPUTED) or text.startswith(_COMPUTED) else text


def csv_lines(rows: Iterable[Iterable[str | int | float | None]]) -> str:
    """Numbers stay numbers; every text is made harmless."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    for row in rows:
        writer.writerow([harmless(cell) if isinstance(cell, str) else cell for cell in row])
    return text.getvalue()
