"""Items as rows of the workbook that authors fill in, and the empty workbook itself."""

import io
from collections.abc import Iterable, Sequence

import xlsxwriter

from courses.exchange.cases import part_as_item
from courses.exchange.excel_answers import numbers_written, texts_written
from courses.exchange.excel_columns import (
    ANSWER,
    CASE,
    CODE,
    EXAMPLES,
    EXPLANATION,
    FEEDBACK,
    FILED,
    GUIDE,
    KIND,
    KINDS,
    LETTERS,
    MOST_ROWS,
    OF_CASE,
    SHEET,
    STATUSES,
    STEM,
    UNITS,
    WEIGHT,
    YES,
    headings,
)
from courses.exchange.excel_gaps import gap_written
from courses.exchange.excel_guide import EXAMPLE_ITEMS, MEANINGS
from courses.exchange.filing import CITED
from courses.exchange.markup_writing import as_html, no_image
from courses.exchange.report import Refused, Report
from courses.items.interactions import (
    Case,
    Choice,
    Cloze,
    Essay,
    Matching,
    Multiple,
    Numeric,
    Ordering,
    ShortText,
    Single,
    TrueFalse,
)
from courses.items.item import Item
from courses.items.kinds import Difficulty, Level
from courses.items.rich_text import RichText, images, plain

TEMPLATE_OPTIONS = 8
LONGEST_CELL = 32_767
Row = dict[str, str]
_LISTS: dict[str, list[str]] = {
    KIND: list(KINDS.values()),
    "难度": [*Difficulty],
    "层次": [*Level],
    "状态": list(STATUSES.values()),
    CASE: ["是", "否"],
}


def write_excel(items: Iterable[Item], report: Report) -> bytes:
    rows = []
    for item in items:
        with report.question(item.id):
            rows += rows_of(item, report)
            report.imported(item.id, "question")
    return _workbook(rows)


def template() -> bytes:
    """First sheet: headings alone, to be filled in; then examples and what each column takes."""
    return _workbook([])


def _workbook(rows: Sequence[Row]) -> bytes:
    widest = max((sum(name.startswith("选项") for name in row) for row in rows), default=0)
    names = headings(max(widest, TEMPLATE_OPTIONS))
    examples = [row for item in EXAMPLE_ITEMS for row in rows_of(item, Report())]
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        _sheet(book, SHEET, names, rows)
        _sheet(book, EXAMPLES, names, examples)
        guide = book.add_worksheet(GUIDE)
        guide.set_column(0, 2, 40)
        for at, cells in enumerate((("列 Column", "说明", "Meaning"), *MEANINGS)):
            for column, words in enumerate(cells):
                guide.write_string(at, column, words)
    return out.getvalue()


def _sheet(book: xlsxwriter.Workbook, name: str, names: Sequence[str], rows: Sequence[Row]) -> None:
    bold = book.add_format({"bold": True, "bg_color": "#DDEBF7", "border": 1})
    text = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
    sheet = book.add_worksheet(name)
    for column, heading in enumerate(names):
        wide = heading in {STEM, EXPLANATION}
        sheet.set_column(column, column, 40 if wide else 14, text)
        sheet.write_string(0, column, heading, bold)
        if heading in _LISTS:
            sheet.data_validation(
                *(1, column, MOST_ROWS, column),
                {
                    "validate": "list",
                    "source": _LISTS[heading],
                    "error_title": heading,
                    "error_message": "请从列表中选择 / choose from the list",
                },
            )
    sheet.freeze_panes(1, 3)
    for number, row in enumerate(rows, start=1):
        for column, heading in enumerate(names):
            if row.get(heading):
                sheet.write_string(number, column, row[heading], text)


def rows_of(item: Item, report: Report) -> list[Row]:
    """A case takes a row for its story and one for each of its questions. Raises Refused."""
    rows = [_Writer(item, report).row()]
    if not isinstance(item.interaction, Case):
        return rows
    for part in item.interaction.parts:
        row = _Writer(part_as_item(item, part), report, item.id).row()
        rest = {name: row[name] for name in row if FILED.get(name, "standard") in CITED}
        rows.append(rest | {CODE: part.id, OF_CASE: item.id, WEIGHT: str(part.weight)})
    return rows


class _Writer:
    """`where`: as the report names it."""

    def __init__(self, item: Item, report: Report, where: str = "") -> None:
        self.item, self.report, self._where = item, report, where or item.id

    def row(self) -> Row:
        item = self.item
        cited = {"standard": item.citation.standard, "edition": item.citation.edition}
        cited["clause"] = item.citation.clause
        row = {
            CODE: item.id,
            KIND: KINDS[item.kind],
            STEM: self.text(item.stem),
            EXPLANATION: self.text(item.explanation),
            **{name: cited.get(field) or self._filed(field) for name, field in FILED.items()},
        }
        self._ask(row)
        if max(map(len, row.values())) > LONGEST_CELL:  # Excel would drop it without a word
            raise Refused("文字超过单元格的限度", f"a text longer than a cell's {LONGEST_CELL}")
        return row

    def text(self, text: RichText) -> str:
        for image in images(text):
            zh, en = f"图片以文字“{image.alt}”代替", f"only the words stay: {image.alt}"
            self.report.changed(self._where, "image", zh, en)
        if isinstance(text, str) and not text.startswith("[html]"):
            return text
        return f"[html]{as_html(text, no_image)}"

    def _filed(self, field: str) -> str:
        value = getattr(self.item, field, "")
        if value is True:
            return YES
        said = str(value) if value else ""
        return STATUSES.get(said, said)

    def _lose(self, element: str, what: str) -> None:
        self.report.changed(self._where, element, f"表格没有{what}的位置", "no place in the sheet")

    def _ask(self, row: Row) -> None:
        match self.item.interaction:
            case Single() | Multiple() | Ordering() as asked:
                ids = {one.id: at for at, one in zip(LETTERS, asked.options, strict=False)}
                row |= {f"选项{ids[one.id]}": self.text(one.text) for one in asked.options}
                row[ANSWER] = "".join(ids[id_] for id_ in asked.key)
                row[FEEDBACK] = self._feedback(asked.options, ids)
            case TrueFalse() as asked:
                self._true_false(asked, row)
            case Matching() as asked:
                self._matching(asked, row)
            case Numeric() as asked:
                self._numeric(asked, row)
            case ShortText() as asked:
                row[ANSWER] = texts_written(asked.accepted, self._lose)
                row[CASE] = YES if asked.case_matters else ""
            case Essay() as asked:
                self._essay(asked, row)
            case Cloze() as asked:
                lines = (gap_written(gap, self._one_line, self._lose) for gap in asked.gaps)
                row[ANSWER] = "\n".join(lines)

    def _one_line(self, text: RichText) -> str:
        """For a place where a line's end ends the text."""
        if isinstance(text, str) and "\n" in text:
            return f"[html]{as_html(text, no_image)}"
        return self.text(text)

    def _feedback(self, options: Sequence[Choice], ids: dict[str, str]) -> str:
        said = [f"{ids[o.id]}：{self.text(o.feedback)}" for o in options if o.feedback]
        if any("\n" in line for line in said):
            self._lose("feedback", "反馈中的换行")
        return "\n".join(line.replace("\n", " ") for line in said)

    def _true_false(self, asked: TrueFalse, row: Row) -> None:
        if {o.id: o.text for o in asked.options} != {"T": "正确", "F": "错误"}:
            zh, en = "选项文字改为 正确/错误", "the options become true and false"
            self.report.changed(self._where, "option", zh, en)
        row[ANSWER] = "正确" if asked.key == ("T",) else "错误"
        row[FEEDBACK] = self._feedback(asked.options, {one.id: one.id for one in asked.options})

    def _matching(self, asked: Matching, row: Row) -> None:
        if any(one.feedback for one in (*asked.left, *asked.right)):
            self._lose("feedback", "各项反馈")
        right = {one.id: self._side(one) for one in asked.right}
        pairs = [f"{self._side(one)} => {right[asked.pairs[one.id]]}" for one in asked.left]
        pairs += [f"=> {right[id_]}" for id_ in right if id_ not in asked.pairs.values()]
        if len(pairs) > len(LETTERS):
            raise Refused("配对项过多", f"more than {len(LETTERS)} rows of pairs")
        row |= {f"选项{at}": pair for at, pair in zip(LETTERS, pairs, strict=False)}

    def _side(self, one: Choice) -> str:
        if "=>" in plain(one.text):
            raise Refused("配对项含有 =>", "a side of a pair holds =>")
        return self.text(one.text)

    def _numeric(self, asked: Numeric, row: Row) -> None:
        row[ANSWER] = numbers_written(asked.accepted, self._lose)
        units = [u.symbol + ("" if u.factor == 1 else f"={u.factor}") for u in asked.units]
        row[UNITS] = "|".join([*units, *(["必写"] if asked.unit_needed else [])])

    def _essay(self, asked: Essay, row: Row) -> None:
        if (asked.at_least, asked.at_most) != (0, 5000):
            self._lose("limits", "字数限制")
        for at, line in zip(LETTERS, asked.rubric, strict=False):
            row[f"选项{at}"] = self.text(line.text) + (
                f" ×{line.weight}" if line.weight != 1 else ""
            )
        row[ANSWER] = self.text(asked.model_answer) if asked.model_answer else ""
