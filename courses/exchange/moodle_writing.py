"""Items as Moodle XML; its tags carry what the format has no place for."""

import base64
import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from lxml import etree

from courses.exchange.cases import CASE, part_as_item, part_tags
from courses.exchange.cloze_syntax import embedded
from courses.exchange.filing import tags_of
from courses.exchange.markup_writing import as_html
from courses.exchange.pictures import file_name
from courses.exchange.report import Refused, Report
from courses.exchange.xml_reading import Element
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
from courses.items.kinds import Kind
from courses.items.rich_text import Image, RichText, images, plain

TYPES = {
    Kind.SINGLE: "multichoice",
    Kind.MULTIPLE: "multichoice",
    Kind.TRUE_FALSE: "truefalse",
    Kind.ORDERING: "ordering",
    Kind.MATCHING: "matching",
    Kind.NUMERIC: "numerical",
    Kind.SHORT_TEXT: "shortanswer",
    Kind.CLOZE: "cloze",
    Kind.ESSAY: "essay",
    Kind.CASE: "description",
}
_LIKE_A_GAP = re.compile(r"\{(?=\d*:[A-Za-z_]+:)")
Text = RichText | object
"""A feedback may be unset."""


def write_moodle(items: Iterable[Item], pictures: Mapping[str, bytes], report: Report) -> bytes:
    """`pictures`: file name -> content, of the bank's images."""
    quiz = etree.Element("quiz")
    for item in items:
        with report.question(item.id):
            quiz.extend(_questions(item, pictures, report))
            report.imported(item.id, "question")
    etree.indent(quiz)
    written: bytes = etree.tostring(quiz, xml_declaration=True, encoding="UTF-8")
    return written


def _questions(item: Item, pictures: Mapping[str, bytes], report: Report) -> list[Element]:
    """A case becomes a description and questions of their own. Raises Refused."""
    if not isinstance(item.interaction, Case):
        return [_Writer(item, pictures, report).question(tags_of(item))]
    zh, en = "案例成为一段说明和若干独立试题", "a description and questions of their own"
    report.changed(item.id, "case", zh, en)
    written = [_Writer(item, pictures, report).question(tags_of(item, {CASE: item.id}))]
    for part in item.interaction.parts:
        asked = part_as_item(item, part)
        writer = _Writer(asked, pictures, report, item.id)
        written.append(writer.question(tags_of(asked, part_tags(item, part))))
    return written


class _Writer:
    """`where`: as the report names it."""

    def __init__(
        self, item: Item, pictures: Mapping[str, bytes], report: Report, where: str = ""
    ) -> None:
        self.item, self._pictures, self.report = item, pictures, report
        self._where = where or item.id

    def question(self, said: Sequence[str]) -> Element:
        """`said`: its tags."""
        item = self.item
        self.element = etree.Element("question", type=TYPES[item.kind])
        self._put(etree.SubElement(self.element, "name"), "text", item.id)
        if isinstance(item.interaction, Cloze):
            self._cloze(item.interaction)
        else:
            self._text(self.element, "questiontext", item.stem)
        self._text(self.element, "generalfeedback", item.explanation)
        for name, value in (("defaultgrade", "1"), ("penalty", "0"), ("hidden", "0")):
            self._put(self.element, name, value)
        self._ask()
        tags = etree.SubElement(self.element, "tags")
        for tag in said:
            self._put(etree.SubElement(tags, "tag"), "text", tag)
        return self.element

    def _put(self, parent: Element, name: str, words: str) -> None:
        element = etree.SubElement(parent, name)
        try:
            element.text = words
        except ValueError as error:
            raise Refused("含有 XML 不允许的字符", "a character that XML does not allow") from error

    def _text(self, parent: Element, name: str, text: RichText, **attributes: str) -> Element:
        """Plain words stay plain; other texts are HTML with their images beside them."""
        is_plain = isinstance(text, str)
        form = "plain_text" if is_plain else "html"
        element = etree.SubElement(parent, name, format=form, **attributes)
        self._put(element, "text", str(text) if is_plain else as_html(text, self._address))
        self._files(element, text)
        return element

    def _files(self, element: Element, text: RichText) -> None:
        for image in images(text):
            name = file_name(image)
            if name in self._pictures:
                file = etree.SubElement(element, "file", name=name, path="/", encoding="base64")
                file.text = base64.b64encode(self._pictures[name]).decode()
            else:
                zh, en = (
                    f"找不到图片，以文字“{image.alt}”代替",
                    f"not found, its words: {image.alt}",
                )
                self.report.changed(self._where, "image", zh, en)

    def _address(self, image: Image) -> str | None:
        name = file_name(image)
        return f"@@PLUGINFILE@@/{name}" if name in self._pictures else None

    def _lose(self, element: str) -> None:
        zh, en = f"Moodle 没有 {element} 的位置", f"Moodle has no place for {element}"
        self.report.changed(self._where, element, zh, en)

    def _ask(self) -> None:
        match self.item.interaction:
            case Single() | Multiple() as asked:
                self._choices(asked)
            case TrueFalse() as asked:
                self._true_false(asked)
            case Ordering() as asked:
                self._ordering(asked)
            case Matching() as asked:
                self._matching(asked)
            case Numeric() as asked:
                self._numeric(asked)
            case ShortText() as asked:
                self._put(self.element, "usecase", "1" if asked.case_matters else "0")
                for one in asked.accepted:
                    words = one.text.replace("*", "\\*")
                    self._answer(Decimal(one.percent), words, one.feedback, form="plain_text")
            case Essay() as asked:
                self._essay(asked)

    def _answer(self, percent: Decimal, text: RichText, feedback: Text, form: str = "") -> Element:
        share = f"{percent:.5f}".rstrip("0").rstrip(".")
        element = self._text(self.element, "answer", text, fraction=share)
        if form:
            element.set("format", form)
        if isinstance(feedback, str | tuple) and feedback:
            self._text(element, "feedback", feedback)
        return element

    def _choices(self, asked: Single | Multiple) -> None:
        single = isinstance(asked, Single)
        self._put(self.element, "single", "true" if single else "false")
        self._put(self.element, "shuffleanswers", "1")
        self._put(self.element, "answernumbering", "none")
        right, wrong = Decimal(100) / len(asked.key), Decimal(0 if single else -100)
        for one in asked.options:
            self._answer(right if one.id in asked.key else wrong, one.text, one.feedback)

    def _true_false(self, asked: TrueFalse) -> None:
        options = {option.id: option for option in asked.options}
        if set(options) != {"T", "F"}:
            raise Refused("判断题的选项不是 T 和 F", "its options are not T and F")
        if [options["T"].text, options["F"].text] != ["正确", "错误"]:
            zh, en = "选项文字改为 正确/错误", "the options become true and false"
            self.report.changed(self._where, "option", zh, en)
        for id_, words in (("T", "true"), ("F", "false")):
            percent = Decimal(100 if id_ in asked.key else 0)
            self._answer(percent, words, options[id_].feedback, form="moodle_auto_format")

    def _ordering(self, asked: Ordering) -> None:
        options = {option.id: option for option in asked.options}
        for at, id_ in enumerate(asked.key, start=1):
            self._text(self.element, "answer", options[id_].text, fraction=str(at))
        if any(option.feedback for option in asked.options):
            self._lose("feedback")

    def _matching(self, asked: Matching) -> None:
        self._put(self.element, "shuffleanswers", "1")
        right = {one.id: self._plain(one) for one in asked.right}
        if any(one.feedback for one in (*asked.left, *asked.right)):
            self._lose("feedback")
        for one in asked.left:
            self._pair(one.text, right[asked.pairs[one.id]])
        for id_ in sorted(set(right) - set(asked.pairs.values())):
            self._pair("", right[id_])

    def _plain(self, one: Choice) -> str:
        if not isinstance(one.text, str):
            self.report.changed(self._where, "right side", "以纯文字写出", "written as plain words")
        return plain(one.text)

    def _pair(self, left: RichText, right: str) -> None:
        element = self._text(self.element, "subquestion", left)
        self._put(etree.SubElement(element, "answer"), "text", right)

    def _numeric(self, asked: Numeric) -> None:
        for one in asked.accepted:
            element = self._answer(Decimal(one.percent), str(one.value), one.feedback)
            self._put(element, "tolerance", str(one.tolerance))
        units = etree.SubElement(self.element, "units")
        for unit in asked.units:
            element = etree.SubElement(units, "unit")
            self._put(element, "multiplier", str(Decimal(1) / unit.factor))
            self._put(element, "unit_name", unit.symbol)
        self._put(self.element, "unitgradingtype", "1" if asked.unit_needed else "0")
        self._put(self.element, "unitpenalty", "1" if asked.unit_needed else "0")

    def _essay(self, asked: Essay) -> None:
        if (asked.at_least, asked.at_most) != (0, 5000):
            self._lose("limits")
        if asked.model_answer:
            self._lose("model answer")
        zh, en = "评分要点合为评阅说明", "the rubric becomes what graders are told"
        self.report.changed(self._where, "rubric", zh, en)
        words = "\n".join(f"{plain(line.text)} ×{line.weight}" for line in asked.rubric)
        self._put(self.element, "responseformat", "plain")
        self._text(self.element, "graderinfo", words)

    def _cloze(self, asked: Cloze) -> None:
        gaps = {gap.id: gap for gap in asked.gaps}
        element = etree.SubElement(self.element, "questiontext", format="html")
        where, report = self._where, self.report

        def gap(found: re.Match[str]) -> str:
            return embedded(gaps[found[1]], where, report)

        html = as_html(self.item.stem, self._address, "\ue000{}\ue001".format)
        # Words that look like a gap, or a backslash before one, are taken apart.
        html = _LIKE_A_GAP.sub("{<span></span>", html)
        html = html.replace("\\\ue000", "\\<span></span>\ue000")
        html = re.sub("\ue000([^\ue001]*)\ue001", gap, html)
        self._put(element, "text", html)
        self._files(element, self.item.stem)
