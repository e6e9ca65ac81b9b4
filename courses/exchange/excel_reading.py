"""Rows of a workbook to items. Formulas are not evaluated, and no cell fetches anything."""

import re
import warnings
from collections.abc import Iterator, Mapping
from datetime import date, time
from io import BytesIO
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from courses.exchange.answers_reading import letters
from courses.exchange.archive import opened, refuse_declarations
from courses.exchange.cases import CASE as CASE_TAG
from courses.exchange.cases import NO_QUESTIONS, PART
from courses.exchange.cases import WEIGHT as WEIGHT_TAG
from courses.exchange.excel_answers import needed, numbers, texts
from courses.exchange.excel_columns import (
    ANSWER,
    CASE,
    CODE,
    EXAMPLES,
    EXPLANATION,
    FALSE_WORDS,
    FEEDBACK,
    FILED,
    GUIDE,
    KIND,
    KINDS,
    MOST_COLUMNS,
    MOST_ROWS,
    OF_CASE,
    OPTION,
    SHEET,
    STATUSES,
    STEM,
    TRUE_WORDS,
    UNITS,
    WEIGHT,
    WIDEST,
    YES,
    parted,
)
from courses.exchange.excel_gaps import gaps_of
from courses.exchange.filing import CITED, Draft, Filing
from courses.exchange.gaps import with_gaps
from courses.exchange.markup import from_html, from_plain
from courses.exchange.numbers_reading import decimal_of
from courses.exchange.report import Refused, Report
from courses.items.interactions import (
    Choice,
    Cloze,
    Essay,
    Interaction,
    Matching,
    Multiple,
    Numeric,
    Ordering,
    RubricLine,
    ShortText,
    Single,
    TrueFalse,
    Unit,
)
from courses.items.kinds import Kind
from courses.items.rich_text import GAP, Image, RichText

Cells = Mapping[str, str]
_BROKEN = (InvalidFileException, LookupError, ValueError, TypeError, OSError, SyntaxError)
_KNOWN = {CODE, KIND, STEM, ANSWER, EXPLANATION, FEEDBACK, UNITS, CASE, *FILED, OF_CASE, WEIGHT}
_KIND_OF = {zh: kind for kind, zh in KINDS.items()} | {kind.zh: kind for kind in Kind}
_KIND_OF |= {zh.removesuffix("题"): kind for zh, kind in _KIND_OF.items()}


def read_excel(content: bytes, filing: Filing) -> None:
    """Raises Refused where the file is no workbook, or an unsafe one."""
    archive = opened(content)
    refuse_declarations(archive)
    for name in archive.namelist():
        _tell_part(name, filing.report)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of parts that we do not read anyway
            _read_book(content, filing)
    except (*_BROKEN, AttributeError) as error:
        raise Refused("不是可读的工作簿", "no workbook that can be read") from error


def _tell_part(name: str, report: Report) -> None:
    if name.startswith("xl/media/"):
        report.refused(name, "image", "工作簿中的图片不能导入", "images of a workbook stay behind")
    elif name.startswith("xl/comments") or name.startswith("xl/threadedComments"):
        report.changed(name, "comments", "批注未保留", "left out: not part of a question")
    elif name.endswith("vbaProject.bin"):
        report.changed(name, "macros", "宏未保留", "left out: never run")


def _read_book(content: bytes, filing: Filing) -> None:
    book = load_workbook(BytesIO(content), read_only=True, data_only=False, keep_links=False)
    names = book.sheetnames
    wanted = SHEET if SHEET in names else names[0]
    for name in names:
        if name not in {wanted, EXAMPLES, GUIDE}:
            filing.report.changed(name, "sheet", "此表未读", f"only “{wanted}” is read")
    sheet = book[wanted]
    sheet.reset_dimensions()
    columns: dict[int, str] = {}
    for number, row in enumerate(sheet.iter_rows(), start=1):
        beyond = row if number > MOST_ROWS + 1 else row[MOST_COLUMNS:]
        if len(row) > WIDEST or any(cell.value not in (None, "") for cell in beyond):
            raise Refused("表格过大", f"at most {MOST_ROWS} rows and {MOST_COLUMNS} columns")
        if number == 1:
            columns = _columns(row, filing.report)
        elif any(cell.value not in (None, "") for cell in row):
            _read_row(number, row, columns, filing)


def _columns(row: Any, report: Report) -> dict[int, str]:
    found: dict[int, str] = {}
    for at, cell in enumerate(row):
        name = str(cell.value or "").strip().rstrip("*").strip()
        option = OPTION.fullmatch(name)
        name = f"选项{option[1]}" if option else name
        if name in found.values():
            raise Refused(f"有两列“{name}”", f"two columns “{name}”")
        if name in _KNOWN or option:
            found[at] = name
        elif name:
            report.changed(cell.coordinate, "column", "未知的列", f"“{name}” is unknown, left out")
    if missing := [name for name in (KIND, STEM, ANSWER) if name not in found.values()]:
        raise Refused(f"缺少列 {'、'.join(missing)}", f"without the columns {', '.join(missing)}")
    return found


def _read_row(number: int, row: Any, columns: Mapping[int, str], filing: Filing) -> None:
    where = f"row {number}"
    with filing.report.question(where):
        cells = {}
        for at, cell in enumerate(row):
            if cell.value in (None, ""):
                continue
            if at not in columns:
                zh, en = "没有列名的内容未读", "left out: its column has no known heading"
                filing.report.changed(cell.coordinate, "cell", zh, en)
            else:
                cells[columns[at]] = _text(cell, filing.report)
        filing.add(_Row(where, cells, filing.report).draft())


def _text(cell: Any, report: Report) -> str:
    value, kind = cell.value, cell.data_type
    if kind in {"f", "e"}:
        zh = f"{cell.coordinate} 是公式或错误值：{value}；请改为文字"
        raise Refused(zh, f"{cell.coordinate} holds a formula or an error: {value}; type the words")
    if isinstance(value, bool):
        return "正确" if value else "错误"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, date | time):
        zh, en = f"日期按 {value} 读取", f"a date, read as {value}"
        report.changed(cell.coordinate, "cell", zh, en)
    return str(value).replace("\r\n", "\n").replace("_x000D_", "").strip()


class _Row:
    def __init__(self, where: str, cells: Cells, report: Report) -> None:
        self.where, self.cells, self.report = where, cells, report
        self._read: set[str] = {CODE}

    def draft(self) -> Draft:
        named = _KIND_OF.get(self._cell(KIND))
        if named is None:
            listed = "、".join(KINDS.values())
            zh = f"题型“{self._cell(KIND)}”不在此列：{listed}"
            raise Refused(zh, f"the kind must be one of {listed}")
        asked = self._asked(named)
        filed = self._in_case(named)
        for name, field in FILED.items():
            if PART not in filed or field in CITED:
                filed[field] = self._filed(name, field)
        stem, explanation = self._rich(STEM), self._rich(EXPLANATION)
        if isinstance(asked, Cloze):
            stem = with_gaps(stem, GAP, str)
        self._tell()
        return Draft(
            where=self.where,
            name=self.cells.get(CODE, ""),
            stem=stem,
            interaction=asked,
            explanation=explanation,
            filed=filed,
        )

    def _in_case(self, kind: Kind) -> dict[str, str]:
        """What a row says of the case that it is a piece of."""
        if kind is Kind.CASE:
            return {CASE_TAG: self.cells.get(CODE, self.where)}
        if not (case := self._cell(OF_CASE)):
            return {}
        weight = self._cell(WEIGHT) or "1"
        if not re.fullmatch(r"[1-9]\d{0,4}", weight):
            raise Refused(f"权重“{weight}”不是整数", f"the weight “{weight}” is no whole number")
        part = self.cells.get(CODE) or self.where.replace("row ", "r")
        return {CASE_TAG: case, PART: part, WEIGHT_TAG: weight}

    def _tell(self) -> None:
        """Every cell that was read came; one that this kind has no use for is told."""
        for name in self.cells:
            if name in self._read:
                if name != CODE:
                    self.report.imported(self.where, name)
            else:
                zh, en = "该题型不用此列", "this kind has no use for the column"
                self.report.changed(self.where, name, zh, en)

    def _cell(self, name: str) -> str:
        self._read.add(name)
        return self.cells.get(name, "")

    def _rich(self, name: str) -> RichText:
        return self._words(self._cell(name))

    def _words(self, text: str) -> RichText:
        if not text.startswith("[html]"):
            return from_plain(text)
        return from_html(text.removeprefix("[html]"), self._changed, self._no_image)

    def _changed(self, element: str, zh: str, en: str) -> None:
        self.report.changed(self.where, element, zh, en)

    def _no_image(self, address: str, words: str) -> Image | None:
        en = f"a workbook's images stay behind: {address} {words}"
        self.report.refused(self.where, "image", f"图片不能导入：{address} {words}", en)
        return None

    def _filed(self, name: str, field: str) -> str:
        said = self._cell(name)
        if field == "anchor" and said:
            return str(said == YES).lower()
        if field == "status":
            return {zh: code for code, zh in STATUSES.items()}.get(said, said)
        return said

    def _asked(self, kind: Kind) -> Interaction:
        match kind:
            case Kind.SINGLE | Kind.MULTIPLE | Kind.ORDERING:
                return self._lettered(kind)
            case Kind.TRUE_FALSE:
                return self._true_false()
            case Kind.MATCHING:
                return self._matching()
            case Kind.NUMERIC:
                return self._numeric()
            case Kind.SHORT_TEXT:
                accepted = texts(self._cell(ANSWER))
                return ShortText(accepted=accepted, case_matters=self._cell(CASE) in TRUE_WORDS)
            case Kind.CLOZE:
                return Cloze(gaps=tuple(gaps_of(self._cell(ANSWER), self._words)))
            case Kind.CASE:
                return NO_QUESTIONS
            case _:
                return self._essay()

    def _options(self) -> Iterator[tuple[str, str]]:
        for name in self.cells:
            if found := OPTION.fullmatch(name):
                yield found[1], self._cell(name)

    def _lettered(self, kind: Kind) -> Single | Multiple | Ordering:
        feedback = self._feedback()
        options = tuple(
            Choice(id=id_, text=self._words(text), feedback=feedback[id_])
            if id_ in feedback
            else Choice(id=id_, text=self._words(text))
            for id_, text in self._options()
        )
        key = tuple(re.sub(r"[\s,，、;；>→]", "", self._cell(ANSWER)).upper())
        needed(key)
        if stray := set(key) - {option.id for option in options}:
            zh = f"答案 {'、'.join(sorted(stray))} 没有对应选项"
            raise Refused(zh, f"the answer names {sorted(stray)}, which is no option")
        if kind is Kind.ORDERING:
            return Ordering(options=options, key=key)
        return (Single if kind is Kind.SINGLE else Multiple)(options=options, key=key)

    def _feedback(self) -> dict[str, RichText]:
        """Lines such as `A：因为……`."""
        found: dict[str, RichText] = {}
        for line in filter(str.strip, self._cell(FEEDBACK).split("\n")):
            said = re.fullmatch(r"\s*([A-T])\s*[:：]\s*(.+)", line)
            if said is None:
                zh = f"选项反馈“{line}”应写作“A：……”"
                raise Refused(zh, f"“{line}”: write feedback as “A: …”, a line an option")
            found[said[1]] = self._words(said[2].strip())
        return found

    def _true_false(self) -> TrueFalse:
        said = self._cell(ANSWER).lower()
        if said not in TRUE_WORDS | FALSE_WORDS:
            raise Refused(f"答案“{said}”应为 正确 或 错误", f"“{said}” is neither true nor false")
        feedback = self._feedback()
        if stray := set(feedback) - {"T", "F"}:
            raise Refused(f"反馈 {sorted(stray)} 应为 T 或 F", "feedback is for T or for F")
        options = tuple(
            Choice(id=id_, text=text, feedback=feedback[id_])
            if id_ in feedback
            else Choice(id=id_, text=text)
            for id_, text in (("T", "正确"), ("F", "错误"))
        )
        return TrueFalse(options=options, key=("T" if said in TRUE_WORDS else "F",))

    def _matching(self) -> Matching:
        left: list[tuple[str, str]] = []
        rights: list[str] = []
        for letter, text in self._options():
            said, arrow, right = (part.strip() for part in text.partition("=>"))
            if not arrow or not right:
                zh = f"选项{letter} 应写作“左项 => 右项”"
                raise Refused(zh, f"option {letter}: write “left => right”")
            rights += [] if right in rights else [right]
            left += [(said, right)] if said else []
        names = letters(len(left))
        ids = dict(zip(rights, letters(len(rights)), strict=True))
        lefts = zip(names, left, strict=True)
        return Matching(
            left=tuple(Choice(id=id_, text=self._words(text)) for id_, (text, _) in lefts),
            right=tuple(Choice(id=id_, text=self._words(text)) for text, id_ in ids.items()),
            pairs={id_: ids[right] for id_, (_, right) in zip(names, left, strict=True)},
        )

    def _numeric(self) -> Numeric:
        accepted = numbers(self._cell(ANSWER))
        said = parted(self._cell(UNITS))
        units = []
        for unit in (one for one in said if one != "必写"):
            symbol, _, factor = unit.partition("=")
            units.append(Unit(symbol=symbol.strip(), factor=decimal_of(factor or "1")))
        needed = len(units) < len(said)
        return Numeric(accepted=accepted, units=tuple(units), unit_needed=needed)

    def _essay(self) -> Essay:
        rubric = []
        for letter, text in self._options():
            found = re.fullmatch(r"(.*?)\s*×\s*(\d{1,5})", text, re.DOTALL)
            said, weight = (found[1], int(found[2])) if found else (text, 1)
            rubric.append(RubricLine(id=letter, text=self._words(said), weight=weight))
        if model := self._rich(ANSWER):
            return Essay(rubric=tuple(rubric), model_answer=model)
        return Essay(rubric=tuple(rubric))
