"""Rules of checking many records at once: bounds, and what may be sent. Pure."""

from enum import StrEnum
from typing import Annotated

import msgspec

from infra.errors import Conflict, Invalid, NotFound, TooLarge

MOST_INLINE = 1_000
MOST_ROWS = 100_000
MOST_INLINE_BYTES = 20 << 20
MOST_FILE_BYTES = 20 << 20
MOST_ATTEMPTS = 3
NDJSON = "application/x-ndjson"

_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How Excel files of before 2007 begin, and new ones with a password."""

Asked = Annotated[str, msgspec.Meta(min_length=1, max_length=16_384)]


class State(StrEnum):
    UPLOADED = "uploaded"
    CHECKING = "checking"
    DONE = "done"
    REFUSED = "refused"


class InlineNotRight(Invalid):
    """Send 1 to 1,000 codes, record numbers or JWS: as JSON `{"items": ["…"]}`, or as NDJSON with a
    JSON text on each line."""

    zh = (
        "请提交 1 至 1000 个核验码、证明编号或 JWS："
        "JSON 为 {“items”: […]}，NDJSON 为每行一个 JSON 字符串。"
    )


class BulkTooLarge(TooLarge):
    """More than 20 MB; split it."""

    zh = "内容超过 20 MB，请拆分。"

    def __init__(self) -> None:
        super().__init__(fields={"file": self.zh})


REFUSED: dict[str, tuple[str, str]] = {
    "not-a-workbook": ("文件不是有效的 xlsx", "the file is no xlsx workbook"),
    "old-or-locked": (
        "旧版 xls 或加密的文件，请另存为不加密的 xlsx",
        "an old .xls file, or one with a password; save it as xlsx without one",
    ),
    "not-readable-text": (
        "CSV 应为 UTF-8 或 GB18030 编码的文本",
        "the CSV is not text in UTF-8 or GB18030, or is no CSV",
    ),
    "packed-too-tight": (
        "压缩包展开后过大，已拒绝打开",
        "unpacked it would be far too large; it was not opened",
    ),
    "macros-or-links": (
        "请删除宏、外部链接与嵌入对象后再上传",
        "it has macros, external links or embedded objects; remove them",
    ),
    "too-wide-or-long": ("行列过多或某行过长：最多 26 列", "too many rows or columns (26 at most)"),
    "no-column": (
        "没有找到证明编号或核验码，请在第一行写明列名“证明编号”或“核验码”",
        "no record number or code was found; name their column “number” or “code” in the first row",
    ),
    "no-rows": ("文件中没有可核验的编号", "there is nothing to check in the file"),
    "too-many-rows": ("超过 100000 行，请拆分", "more than 100,000 rows; split it"),
    "given-up": ("多次处理未完成，请联系平台运维", "three attempts did not get through"),
    "lost": ("文件已不在，请重新上传", "the file is no longer there; send it again"),
}
"""Why a file is not taken -> the words, in Chinese and English."""


class BulkFileRefused(Invalid):
    """This file cannot be read: xlsx, or CSV in UTF-8 or GB18030, with at most 100,000 rows."""

    zh = "无法读取该文件：请提供 xlsx，或 UTF-8、GB18030 编码的 CSV，最多 100000 行。"

    def __init__(self, because: str, *, line: int | None = None) -> None:
        """`because`: of `REFUSED`. `line`: where in the file, from 1, where that is known."""
        zh, en = REFUSED[because]
        super().__init__(f"{en[0].upper()}{en[1:]}.", zh=f"{zh}。", fields={"file": f"{zh}。"})
        self.because, self.line = because, line


def refuse_old(content: bytes) -> None:
    """BulkFileRefused for what would pass for a CSV of odd signs."""
    if content.startswith(_COMPOUND):
        raise BulkFileRefused("old-or-locked")


class NoSuchBulkCheck(NotFound):
    """This key's body has no such check, or it is older than a week."""

    zh = "该机构没有此批量核验任务，或其已超过一周。"


class BulkCheckRunning(Conflict):
    """A file of this body is being checked; wait until it is done."""

    zh = "该机构已有文件正在核验，请等待完成。"


class NotDone(Conflict):
    """This check has no result yet; fetch its state again."""

    zh = "该批量核验尚无结果，请稍后查询。"


class _Inline(msgspec.Struct, forbid_unknown_fields=True):
    items: Annotated[list[Asked], msgspec.Meta(min_length=1, max_length=MOST_INLINE)]


def inline(content: bytes, *, ndjson: bool) -> list[str]:
    """InlineNotRight; of NDJSON it names the line."""
    if not ndjson:
        try:
            return list(msgspec.json.decode(content, type=_Inline).items)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise InlineNotRight from error
    lines = content.strip().splitlines()
    if not 0 < len(lines) <= MOST_INLINE:
        raise InlineNotRight
    return [_line(number, line) for number, line in enumerate(lines, start=1)]


def _line(number: int, line: bytes) -> str:
    try:
        return msgspec.json.decode(line, type=Asked)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise InlineNotRight(fields={f"line {number}": InlineNotRight.zh}) from error


_LENGTHS = {13, 15}
"""Letters and digits of a code, and of a number; right or mistyped."""
HEADINGS = ("证明编号", "编号", "核验码", "record number", "number", "code")


def column_of(first_rows: list[list[str]]) -> tuple[int, bool] | None:
    """Which column holds what to check, and whether the first row is a heading that says so.

    Without one it is the first column in which something has the shape of a number, a code or a
    JWS; None where nothing has: every person of a list of names would be called unknown.
    """
    folded = [" ".join(cell.split()).casefold() for cell in first_rows[0]]
    for heading in HEADINGS:
        for place, cell in enumerate(folded):
            if cell.startswith(heading):
                return place, True
    places = [p for row in first_rows for p, cell in enumerate(row) if _has_shape(cell)]
    return (min(places), False) if places else None


def _has_shape(cell: str) -> bool:
    signs = [sign for sign in cell[:64] if sign.isalnum()]
    return len(signs) in _LENGTHS or cell.lstrip().startswith("eyJ")
