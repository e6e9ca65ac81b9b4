"""Questions in GIFT to items. Moodle's documentation of the format is the source of its rules."""

import re
from decimal import Decimal

from courses.exchange.answers_reading import accepted_texts, letters, weighted_choices
from courses.exchange.filing import Draft, Filing, filed_by
from courses.exchange.gift_text import FORMAT, Block, blocks, shown
from courses.exchange.markup import from_html, from_markdown, from_plain, looks_like_html
from courses.exchange.numbers_reading import decimal_of
from courses.exchange.report import Refused, Report
from courses.exchange.weights import AnswerSaid, whole_percent
from courses.items.interactions import (
    AcceptedNumber,
    Choice,
    Cloze,
    Essay,
    Gap,
    Matching,
    Numeric,
    PartInteraction,
    ShortText,
    Single,
    TrueFalse,
)
from courses.items.rich_text import (
    GapMark,
    Image,
    Inline,
    Paragraph,
    RichText,
    Run,
    paragraphs,
    plain,
)

_TITLE = re.compile(r"::(.*?)::", re.DOTALL)
_WEIGHT = re.compile(r"%(-?\d+(?:\.\d+)?)%")
_ANSWER = re.compile(r"[=~][^=~]*")
_TRUE, _FALSE = {"T", "TRUE"}, {"F", "FALSE"}


def read_gift(text: str, filing: Filing) -> None:
    for block in blocks(text, filing.report):
        with filing.report.question(f"line {block.line}"):
            filing.add(_Question(block, filing.report).draft())


class _Question:
    def __init__(self, block: Block, report: Report) -> None:
        self.report, self._format = report, "moodle"
        text = block.text
        if title := _TITLE.match(text):
            text = text[title.end() :]
        self.name = shown(title[1]).strip() if title else ""
        self.where = f"line {block.line}" + (f" ({self.name})" if self.name else "")
        self._tags = block.tags
        if text.count("{") != 1 or text.count("}") != 1 or text.index("}") < text.index("{"):
            raise self._without_answers(text)
        self._stem, rest = text.split("{")
        self._body, self._tail = rest.split("}")

    def draft(self) -> Draft:
        if found := FORMAT.match(self._stem):
            self._format = found[1]
            self._stem = self._stem[found.end() :]
            self.report.imported(self.where, "format")
        stem = self.text(self._stem)
        answers, _, general = self._body.partition("####")
        explanation = self.text(general) if general.strip() else ""
        if general.strip():
            self.report.imported(self.where, "general feedback")
        filed = filed_by(self._tags, self.where, self.report)
        asked = self._asked(answers.strip(), case_matters="case-matters" in filed)
        stem, interaction = self._with_tail(stem, asked)
        self.report.imported(self.where, "stem")
        return Draft(
            where=self.where,
            name=self.name,
            stem=stem,
            interaction=interaction,
            explanation=explanation,
            filed=filed,
        )

    def text(self, raw: str) -> RichText:
        """By the format it names, or the question's."""
        form = self._format
        if found := FORMAT.match(raw):
            form, raw = found[1], raw[found.end() :]
        words = shown(raw.strip()).strip()
        if form == "moodle" and looks_like_html(words):
            form, words = "html", words.replace("\n", "<br>")
        if form == "html":
            return from_html(words, self._tell, self._picture)
        if form == "markdown":
            return from_markdown(words, self._tell, self._picture)
        return from_plain(words)

    def _tell(self, element: str, zh: str, en: str) -> None:
        self.report.changed(self.where, element, zh, en)

    def _picture(self, address: str, words: str) -> Image | None:
        zh = f"GIFT 不含图片文件：{address} {words}"
        self.report.refused(self.where, "image", zh, f"GIFT carries none: {address} {words}")
        return None

    def _without_answers(self, text: str) -> Refused:
        if "{" not in text and "}" not in text:
            return Refused("说明文字不提问", "a description asks nothing")
        zh = "大括号不成对，或有多处答案；文字中的大括号前加反斜线"
        return Refused(zh, "unpaired braces, or several answers: write \\{ for a brace in a text")

    def _asked(self, answers: str, *, case_matters: bool) -> PartInteraction:
        if not answers:
            return Essay(rubric=())
        if answers.startswith("#"):
            return self._numeric(answers[1:].strip())
        first = answers.split("#")[0].strip().upper()
        if first in _TRUE | _FALSE:
            return self._true_false(answers, first in _TRUE)
        if answers[0] not in "=~":
            raise Refused("答案前缺少 = 或 ~", "an answer begins with = or ~")
        if "~" in answers:
            said = self._answers(answers)
            several = not any(one.mark == "=" for one in said)
            return weighted_choices(said, several, self.where, self.report)
        if "->" in answers:
            return self._matching(answers)
        return self._short_text(answers, case_matters=case_matters)

    def _answers(self, answers: str) -> list[AnswerSaid]:
        return [self._answer(one[0]) for one in _ANSWER.finditer(answers)]

    def _answer(self, raw: str) -> AnswerSaid:
        mark, rest = raw[0], raw[1:].strip()
        percent = Decimal(100 if mark == "=" else 0)
        said = weight = _WEIGHT.match(rest)
        if weight:
            percent, rest = Decimal(weight[1]), rest[weight.end() :]
        words, has, feedback = rest.partition("#")
        return AnswerSaid(
            mark=mark,
            percent=percent,
            weighted=said is not None,
            raw=shown(words.strip()).strip(),
            text=self.text(words),
            feedback=self.text(feedback) if has and feedback.strip() else None,
        )

    def _true_false(self, answers: str, truth: bool) -> TrueFalse:
        _, *said = answers.split("#")
        wrong, right = (*(self.text(one) for one in said[:2]), "", "")[:2]
        if len(said) > 2:
            raise Refused("判断题反馈多于两条", "more than two feedbacks of a true/false question")
        self.report.imported(self.where, "key")
        self.report.imported(self.where, "feedback", sum(map(bool, (wrong, right))))
        of_true, of_false = (right, wrong) if truth else (wrong, right)
        options = (_option("T", "正确", of_true), _option("F", "错误", of_false))
        return TrueFalse(options=options, key=("T" if truth else "F",))

    def _matching(self, answers: str) -> Matching:
        left: list[tuple[RichText, str]] = []
        rights: list[str] = []
        for one in _ANSWER.finditer(answers):
            said, arrow, right = one[0][1:].partition("->")
            if not arrow or not right.strip():
                raise Refused("配对缺少 -> 或右项", "a pair without -> or without its right side")
            name = shown(right.strip()).strip()
            rights += [] if name in rights else [name]
            if said.strip():
                left.append((self.text(said), name))
            self.report.imported(self.where, "pair" if said.strip() else "extra right side")
        ids = dict(zip(rights, letters(len(rights)), strict=True))
        names = letters(len(left))
        return Matching(
            left=tuple(
                Choice(id=id_, text=text) for id_, (text, _) in zip(names, left, strict=True)
            ),
            right=tuple(Choice(id=id_, text=from_plain(name)) for name, id_ in ids.items()),
            pairs={id_: ids[name] for id_, (_, name) in zip(names, left, strict=True)},
        )

    def _short_text(self, answers: str, *, case_matters: bool) -> ShortText:
        accepted = accepted_texts(self._answers(answers), self.where, self.report)
        return ShortText(accepted=accepted, case_matters=case_matters)

    def _numeric(self, answers: str) -> Numeric:
        several = answers.startswith(("=", "~"))
        said = self._answers(answers) if several else [self._answer(f"={answers}")]
        accepted = []
        for one in said:
            if one.mark == "~" or one.raw in {"", "*"}:
                zh, en = "错误答案的反馈没有位置", "feedback for other numbers has no place"
                self.report.changed(self.where, "feedback", zh, en)
                continue
            percent = whole_percent(one.percent, self.where, self.report)
            if percent is None:
                continue
            value, tolerance = number_range(one.raw)
            self.report.imported(self.where, "answer")
            feedback = {} if one.feedback is None else {"feedback": one.feedback}
            self.report.imported(self.where, "feedback", len(feedback))
            accepted.append(
                AcceptedNumber(value=value, tolerance=tolerance, percent=percent, **feedback)
            )
        if not accepted:
            raise Refused("没有数值答案", "no number is the answer")
        return Numeric(accepted=tuple(accepted))

    def _with_tail(
        self, stem: RichText, asked: PartInteraction
    ) -> tuple[RichText, PartInteraction]:
        """Words after the answers make the answers a gap in the sentence."""
        if not self._tail.strip():
            return stem, asked
        tail = self.text(self._tail)
        if isinstance(asked, Single | Numeric | ShortText):
            self.report.imported(self.where, "missing word")
            gap = GapMark(id="a")
            return _joined(stem, gap, tail), Cloze(gaps=(Gap(id="a", interaction=asked),))
        zh, en = "答案之后的文字接到题干，以 _____ 相连", "words after the answers join the stem"
        self.report.changed(self.where, "missing word", zh, en)
        return _joined(stem, Run(text=" _____ "), tail), asked


def number_range(raw: str) -> tuple[Decimal, Decimal]:
    """`3:2`, `1..5` or `3` as value and tolerance."""
    if ".." in raw:
        low, high = map(decimal_of, raw.split("..", 1))
        return (low + high) / 2, abs(high - low) / 2
    value, _, tolerance = raw.partition(":")
    return decimal_of(value), decimal_of(tolerance.strip() or "0")


def _option(id_: str, text: str, feedback: RichText) -> Choice:
    return Choice(id=id_, text=text, feedback=feedback) if feedback else Choice(id=id_, text=text)


def _joined(stem: RichText, between: Inline, tail: RichText) -> RichText:
    if isinstance(stem, str) and isinstance(tail, str):
        mark = between.text if isinstance(between, Run) else plain((Paragraph(content=(between,)),))
        return f"{stem}{mark}{tail}"
    *before, last = paragraphs(stem) or (Paragraph(content=()),)
    first, *after = paragraphs(tail)
    if isinstance(last, Paragraph) and isinstance(first, Paragraph):
        line = Paragraph(content=(*last.content, between, *first.content))
        return (*before, line, *after)
    return (*before, last, Paragraph(content=(between,)), first, *after)
