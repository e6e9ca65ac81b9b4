"""A file of staff as rows of text, whatever it came as. `refuse_unsafe` has looked at it before."""

import csv
import io
import re
from collections.abc import Iterator

from python_calamine import CalamineError, CalamineWorkbook

from backend.organisations.imports.archive import MOST_COLUMNS, refuse_unsafe
from backend.organisations.imports.domain import MOST_ROWS, Field, FileRefused, Format
from backend.organisations.imports.rows import columns_of

Row = tuple[int, dict[Field, str]]
"""Number as the file counts, the headings being row 1; and its cells."""
_ENCODINGS = ("utf-8-sig", "gb18030")
_LONGEST_LINE = 64 << 10
_NO_TEXT = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
"""In neither encoding part of a letter: a program, a picture, UTF-16."""


class StaffFile:
    """`total` is about how many rows there are, for the percent."""

    def __init__(self, content: bytes, form: Format) -> None:
        if form is Format.XLSX:
            self.total, lines = _workbook(content)
        else:
            self.total, lines = _csv(content)
        first = next(lines, None)
        if first is None:
            raise FileRefused("headings-missing")
        if len(first[1]) > MOST_COLUMNS:
            raise FileRefused("too-wide-or-long")
        self._lines, self._columns = lines, columns_of(first[1])

    def rows(self) -> Iterator[Row]:
        """Empty ones are passed over. FileRefused, too, in the middle of a bad CSV."""
        for number, cells in self._lines:
            if number > MOST_ROWS + 1 or len(cells) > MOST_COLUMNS:
                raise FileRefused("too-wide-or-long")
            if any(text.strip() for text in cells):
                yield (
                    number,
                    {f: cells[c] for f, c in self._columns.items() if c < len(cells)},
                )


Lines = Iterator[tuple[int, list[str]]]


def _workbook(content: bytes) -> tuple[int, Lines]:
    """Its first sheet."""
    try:
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
    except (CalamineError, IndexError, ValueError) as error:
        raise FileRefused("not-a-workbook") from error
    rows = enumerate(sheet.iter_rows(), start=1)
    return sheet.total_height, ((number, [_text(cell) for cell in row]) for number, row in rows)


def _text(cell: object) -> str:
    """A mobile number typed as a number comes as 13800138000.0."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def _csv(content: bytes) -> tuple[int, Lines]:
    if foreign := _NO_TEXT.search(content):
        raise FileRefused("not-readable-text", line=content.count(b"\n", 0, foreign.start()) + 1)
    stops = {name: _first_foreign(content, name) for name in _ENCODINGS}
    encoding = next((name for name, stop in stops.items() if stop is None), None)
    if encoding is None:
        furthest = max(stop for stop in stops.values() if stop is not None)
        raise FileRefused("not-readable-text", line=content.count(b"\n", 0, furthest) + 1)
    text = io.TextIOWrapper(io.BytesIO(content), encoding=encoding, newline="")
    return content.count(b"\n"), _csv_lines(csv.reader(_bounded(text), strict=True))


def _bounded(text: io.TextIOWrapper) -> Iterator[str]:
    """A line of twenty million commas would become as many cells before anybody counts them."""
    number = 0
    while line := text.readline(_LONGEST_LINE + 1):
        number += 1
        if len(line) > _LONGEST_LINE:
            raise FileRefused("too-wide-or-long", line=number)
        yield line


def _csv_lines(reader: Iterator[list[str]]) -> Lines:
    number = 0
    try:
        for number, cells in enumerate(reader, start=1):
            yield number, cells
    except csv.Error as error:
        raise FileRefused("not-readable-text", line=number + 1) from error


def _first_foreign(content: bytes, encoding: str) -> int | None:
    """The first byte that is no text in this encoding; None: all of it is."""
    try:
        content.decode(encoding)
    except UnicodeDecodeError as error:
        return error.start
    return None


def plain_lines(content: bytes) -> tuple[int, Lines]:
    """About how many, and each with its number: cells as text, from a file of any headings.
    FileRefused before or in the middle; a workbook is looked through before it is opened."""
    if content[:4] == b"PK\x03\x04":
        refuse_unsafe(content)
        return _workbook(content)
    return _csv(content)
