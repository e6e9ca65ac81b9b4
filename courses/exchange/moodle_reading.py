"""Questions in Moodle XML to items. Its documentation and exports are the source of its rules."""

import re
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

from courses.exchange.answers_reading import accepted_texts, letters, weighted_choices
from courses.exchange.cases import CASE, NO_QUESTIONS
from courses.exchange.cloze_syntax import MARK, Embedded
from courses.exchange.filing import PREFIX, Draft, Filing, filed_by
from courses.exchange.gaps import with_gaps
from courses.exchange.gift_reading import number_range
from courses.exchange.markup import from_plain
from courses.exchange.moodle_settings import tell_others
from courses.exchange.moodle_texts import Texts
from courses.exchange.numbers_reading import decimal_of
from courses.exchange.report import Refused
from courses.exchange.weights import AnswerSaid, whole_percent
from courses.exchange.xml_reading import Element, parsed, words_in
from courses.items.interactions import (
    AcceptedNumber,
    Case,
    Choice,
    Cloze,
    Essay,
    Gap,
    Interaction,
    Matching,
    Numeric,
    Ordering,
    RubricLine,
    ShortText,
    Single,
    TrueFalse,
    Unit,
)
from courses.items.rich_text import RichText, gap_ids, plain

_NUMBERED = re.compile(r"\[\[(\d{1,3})\]\]")
_COMMON = {"name", "questiontext", "generalfeedback", "tags", "answer"}


def read_moodle(content: bytes, filing: Filing) -> None:
    """Raises Refused where the file is no Moodle XML."""
    root = parsed(content)
    if root.tag != "quiz":
        raise Refused("根元素不是 quiz", "the root is not quiz: this is no Moodle XML")
    for element in root:
        where = f"line {element.sourceline}"
        if element.tag != "question":
            filing.report.changed(where, str(element.tag), "未知元素", "unknown, left out")
        elif element.get("type") == "category":
            zh = "题目归入所选文件夹的模块，分类未保留"
            en = "left out: items belong to the module of their folder"
            filing.report.changed(where, "category", zh, en)
        else:
            with filing.report.question(f"{where} ({words_in(element, 'name').strip()})"):
                filing.add(_Question(element, filing).draft())


class _Question:
    def __init__(self, element: Element, filing: Filing) -> None:
        self.element, self.report = element, filing.report
        self.name = words_in(element, "name").strip()
        self.where = f"line {element.sourceline} ({self.name})"
        self.texts = Texts(self.where, filing)
        self._read = {*_COMMON}

    def draft(self) -> Draft:
        kind = self.element.get("type", "")
        readers: dict[str, Callable[[], tuple[RichText, Interaction]]] = {
            "cloze": self._cloze,
            "multianswer": self._cloze,
            "ddwtos": self._numbered_gaps,
            "gapselect": self._numbered_gaps,
        }
        plainly: dict[str, Callable[[], Interaction]] = {
            "multichoice": self._choices,
            "truefalse": self._true_false,
            "shortanswer": self._short_text,
            "numerical": self._numeric,
            "matching": self._matching,
            "match": self._matching,
            "ddmatch": self._matching,
            "ordering": self._ordering,
            "essay": self._essay,
            "description": self._story,
        }
        if kind not in {*readers, *plainly}:
            raise Refused(*_not_supported(kind))
        if kind in readers:
            stem, asked = readers[kind]()
        else:
            stem, asked = self.texts.read(self.element.find("questiontext")), plainly[kind]()
        self.report.imported(self.where, "stem")
        explanation = self.texts.read(self.element.find("generalfeedback"))
        if self.element.find("generalfeedback") is not None:
            self.report.imported(self.where, "general feedback")
        filed = filed_by(self._tags(), self.where, self.report)
        tell_others(self.element, self._read, self.where, self.report)
        return Draft(
            where=self.where,
            name=self.name,
            stem=stem,
            interaction=asked,
            explanation=explanation,
            filed=filed,
        )

    def _tags(self) -> list[str]:
        return [words_in(tag, "text").strip() for tag in self.element.findall("tags/tag")]

    def _story(self) -> Case:
        """A description asks nothing, unless questions of a case stand on it."""
        if not any(tag.startswith(f"{PREFIX}{CASE}=") for tag in self._tags()):
            raise Refused("说明文字不提问", "a description asks nothing")
        return NO_QUESTIONS

    def _setting(self, name: str, otherwise: str = "") -> str:
        """A setting that the reader acts on, and so imports."""
        self._read.add(name)
        found = self.element.find(name)
        if found is None:
            return otherwise
        self.report.imported(self.where, name)
        return "".join(found.itertext()).strip()

    def _answers(self, *, several: bool = False) -> list[AnswerSaid]:
        said = []
        for element in self.element.findall("answer"):
            percent = decimal_of(element.get("fraction", "0"))
            feedback = self.texts.read(element.find("feedback"))
            said.append(
                AnswerSaid(
                    percent=percent,
                    weighted=several or percent not in {Decimal(0), Decimal(100)},
                    raw=words_in(element, "text").strip(),
                    text=self.texts.read(element),
                    feedback=feedback or None,
                )
            )
        return said

    def _choices(self) -> Interaction:
        several = self._setting("single", "true").lower() in {"false", "0"}
        said = self._answers(several=several)
        return weighted_choices(said, several, self.where, self.report)

    def _true_false(self) -> TrueFalse:
        said = {one.raw.lower(): one for one in self._answers()}
        if set(said) != {"true", "false"}:
            raise Refused("判断题的答案不是 true 和 false", "its answers are not true and false")
        right = [name for name, one in said.items() if one.percent == 100]
        if len(right) != 1:
            raise Refused("判断题没有唯一正确的答案", "not exactly one of its answers is right")
        options = []
        for id_, words, name in (("T", "正确", "true"), ("F", "错误", "false")):
            feedback = said[name].feedback
            self.report.imported(self.where, "feedback", feedback is not None)
            options.append(
                Choice(id=id_, text=words)
                if feedback is None
                else Choice(id=id_, text=words, feedback=feedback)
            )
        self.report.imported(self.where, "key")
        return TrueFalse(options=tuple(options), key=("T" if right == ["true"] else "F",))

    def _short_text(self) -> ShortText:
        matters = self._setting("usecase", "0") == "1"
        accepted = accepted_texts(self._answers(), self.where, self.report)
        return ShortText(accepted=accepted, case_matters=matters)

    def _numeric(self) -> Numeric:
        tolerances = [
            words_in(one, "tolerance").strip() or "0" for one in self.element.findall("answer")
        ]
        accepted = []
        for one, tolerance in zip(self._answers(), tolerances, strict=True):
            if one.raw == "*":
                zh, en = "其他数值的反馈没有位置", "feedback for all other numbers has no place"
                self.report.changed(self.where, "answer", zh, en)
                continue
            percent = whole_percent(one.percent, self.where, self.report)
            if percent is None:
                continue
            self.report.imported(self.where, "answer")
            value, _ = number_range(one.raw)
            feedback = {} if one.feedback is None else {"feedback": one.feedback}
            self.report.imported(self.where, "feedback", len(feedback))
            around = decimal_of(tolerance)
            accepted.append(
                AcceptedNumber(value=value, tolerance=around, percent=percent, **feedback)
            )
        if not accepted:
            raise Refused("没有数值答案", "no number is the answer")
        units = tuple(map(self._unit, self.element.findall("units/unit")))
        return Numeric(accepted=tuple(accepted), units=units, unit_needed=self._unit_needed())

    def _unit_needed(self) -> bool:
        self._read.add("units")
        if words_in(self.element, "unitgradingtype").strip() not in {"1", "2"}:
            return False
        self._setting("unitgradingtype")
        if decimal_of(words_in(self.element, "unitpenalty").strip() or "0") == 1:
            self._setting("unitpenalty")
        return True

    def _unit(self, element: Element) -> Unit:
        """There, how many of it make one of the answer's unit; here, what one of it is."""
        multiplier = decimal_of(words_in(element, "multiplier").strip() or "1")
        symbol = words_in(element, "unit_name").strip()
        if not multiplier:
            raise Refused(f"单位 {symbol} 的倍数为 0", f"the multiplier of {symbol} is 0")
        factor = Decimal(1) / multiplier
        if Fraction(factor) * Fraction(multiplier) == 1:
            self.report.imported(self.where, "unit")
        else:
            zh, en = f"{symbol} 的换算取 {factor}", f"{symbol} is rounded to {factor}"
            self.report.changed(self.where, "unit", zh, en)
        return Unit(symbol=symbol, factor=factor)

    def _matching(self) -> Matching:
        self._read.add("subquestion")
        left: list[tuple[RichText, str]] = []
        rights: list[str] = []
        for element in self.element.findall("subquestion"):
            right = words_in(element, "answer/text").strip()
            if not right:
                raise Refused("配对缺少右项", "a pair without its right side")
            text = self.texts.read(element)
            rights += [] if right in rights else [right]
            left += [(text, right)] if plain(text).strip() else []
            self.report.imported(self.where, "pair" if text else "extra right side")
        names = letters(len(left))
        ids = dict(zip(rights, letters(len(rights)), strict=True))
        return Matching(
            left=tuple(Choice(id=n, text=text) for n, (text, _) in zip(names, left, strict=True)),
            right=tuple(Choice(id=id_, text=from_plain(right)) for right, id_ in ids.items()),
            pairs={n: ids[right] for n, (_, right) in zip(names, left, strict=True)},
        )

    def _ordering(self) -> Ordering:
        texts = [self.texts.read(one) for one in self.element.findall("answer")]
        ids = letters(len(texts))
        self.report.imported(self.where, "option", len(texts))
        options = tuple(Choice(id=id_, text=text) for id_, text in zip(ids, texts, strict=True))
        return Ordering(options=options, key=tuple(ids))

    def _essay(self) -> Essay:
        for _ in self.element.findall("answer"):
            zh, en = "论述题没有标准答案", "an essay has no answer of its own, left out"
            self.report.changed(self.where, "answer", zh, en)
        self._read.add("graderinfo")
        said = self.texts.read(self.element.find("graderinfo"))
        if not plain(said).strip():
            return Essay(rubric=())
        zh, en = "评阅说明成为一条评分要点", "what graders are told is one line of the rubric"
        self.report.changed(self.where, "graderinfo", zh, en)
        return Essay(rubric=(RubricLine(id="1", text=said),))

    def _cloze(self) -> tuple[RichText, Cloze]:
        element = self.element.find("questiontext")
        embedded = Embedded(self.where, self.report)
        marked = embedded.marked(words_in(self.element, "questiontext/text"))
        if not embedded.gaps:
            raise Refused("填空题中没有空", "a cloze without a gap")
        stem = with_gaps(self.texts.read(element, marked), MARK, str)
        return stem, Cloze(gaps=tuple(embedded.gaps))

    def _numbered_gaps(self) -> tuple[RichText, Cloze]:
        """`[[2]]` wants the second box; a gap offers all boxes of that group."""
        self._read |= {"dragbox", "selectoption"}
        boxes = self.element.findall("dragbox") + self.element.findall("selectoption")
        words = [words_in(box, "text").strip() for box in boxes]
        groups = [words_in(box, "group").strip() or "1" for box in boxes]
        self.report.imported(self.where, "option", len(boxes))
        wanted: list[int] = []

        def name(number: str) -> str:
            wanted.append(int(number))
            return f"g{len(wanted)}"

        stem = with_gaps(self.texts.read(self.element.find("questiontext")), _NUMBERED, name)
        if not wanted or max(wanted) > len(boxes) or min(wanted) < 1:
            raise Refused("空与选项不符", "its gaps do not fit its options")
        gaps = []
        for id_, number in zip(gap_ids(stem), wanted, strict=True):
            mates = [at for at, group in enumerate(groups) if group == groups[number - 1]]
            ids = dict(zip(mates, letters(len(mates)), strict=True))
            options = tuple(Choice(id=ids[at], text=from_plain(words[at])) for at in mates)
            asked = Single(options=options, key=(ids[number - 1],))
            gaps.append(Gap(id=id_, interaction=asked))
            self.report.imported(self.where, "gap")
        return stem, Cloze(gaps=tuple(gaps))


def _not_supported(kind: str) -> tuple[str, str]:
    if kind.startswith("calculated"):
        return (
            "计算题的数值每次不同，请改为数值题",
            "its numbers differ each time: ask for one number",
        )
    if kind.startswith("dd"):
        return "图上拖放题不支持", "dragging onto an image is not supported"
    return f"不支持题型 {kind}", f"questions of the type {kind} are not supported"
