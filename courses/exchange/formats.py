"""Which formats there are, and how a file is recognised."""

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum

from courses.exchange.aiken_reading import read_aiken
from courses.exchange.controls import refuse_controls
from courses.exchange.excel_reading import read_excel
from courses.exchange.excel_writing import write_excel
from courses.exchange.filing import Filing, Place
from courses.exchange.gift_reading import read_gift
from courses.exchange.gift_writing import write_gift
from courses.exchange.moodle_reading import read_moodle
from courses.exchange.moodle_writing import write_moodle
from courses.exchange.qti.names import recognised as is_qti
from courses.exchange.qti.reading import read_qti
from courses.exchange.qti.writing import write_qti
from courses.exchange.report import Refused, Report
from courses.items.item import Item

LARGEST_TEXT = 16 << 20


class Format(StrEnum):
    GIFT = "gift"
    MOODLE = "moodle"
    QTI = "qti"
    """In: items of 2.2 and 3.0 as XML or as a package; out: a package of 3.0."""
    EXCEL = "excel"
    AIKEN = "aiken"
    """Comes in only: it knows single choices and nothing else."""


Writer = Callable[[Iterable[Item], Mapping[str, bytes], Report], bytes]
"""Takes the bank's images, too: file name -> content."""


def recognised(name: str, content: bytes = b"") -> Format:
    """By its name's end, and for XML by its beginning. Raises Refused where neither says it."""
    if name.lower().endswith(".xml") and is_qti(content):
        return Format.QTI
    for ending, form in ENDINGS.items():
        if name.lower().endswith(ending):
            return form
    zh, en = f"认不出 {name} 的格式，请用 --format 指明", f"{name}: say its --format"
    raise Refused(zh, en)


ENDINGS = {
    ".gift": Format.GIFT,
    ".gift.txt": Format.GIFT,
    ".aiken": Format.AIKEN,
    ".aiken.txt": Format.AIKEN,
    ".zip": Format.QTI,
    ".xml": Format.MOODLE,
    ".xlsx": Format.EXCEL,
}


def read(content: bytes, form: Format, place: Place) -> Filing:
    """Raises Refused where the file as a whole cannot be read."""
    filing = Filing(place, Report())
    READERS[form](content, filing)
    filing.finish()
    return filing


def write(
    items: Iterable[Item], images: Mapping[str, bytes], form: Format, report: Report
) -> bytes:
    if form not in WRITERS:
        raise Refused(f"不能导出为 {form}", f"{form} can only be imported")
    fit = []
    for item in items:
        with report.question(item.id):
            refuse_controls(item)
            fit.append(item)
    return WRITERS[form](fit, images, report)


def as_text(content: bytes) -> str:
    if len(content) > LARGEST_TEXT:
        raise Refused("文件过大", f"larger than {LARGEST_TEXT >> 20} MB")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Refused("不是 UTF-8 或 GB18030 文本", "no text in UTF-8 or GB 18030")


READERS: dict[Format, Callable[[bytes, Filing], None]] = {
    Format.GIFT: lambda content, filing: read_gift(as_text(content), filing),
    Format.MOODLE: read_moodle,
    Format.QTI: read_qti,
    Format.EXCEL: read_excel,
    Format.AIKEN: lambda content, filing: read_aiken(as_text(content), filing),
}
WRITERS: dict[Format, Writer] = {
    Format.GIFT: lambda items, _, report: write_gift(items, report).encode(),
    Format.MOODLE: write_moodle,
    Format.QTI: write_qti,
    Format.EXCEL: lambda items, _, report: write_excel(items, report),
}
