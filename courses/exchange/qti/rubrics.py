"""Rubric blocks: what a scorer looks for becomes the rubric of an essay."""

from collections.abc import Sequence

from courses.exchange.qti.names import said
from courses.exchange.qti.texts import Texts
from courses.exchange.qti.worth import Scoring, length
from courses.exchange.xml_reading import Element
from courses.items.interactions import Essay, RubricLine
from courses.items.rich_text import RichText

ROLE, LINE_ID, WEIGHT = "data-guanbiao", "data-guanbiao-id", "data-guanbiao-weight"
AT_LEAST, AT_MOST = "data-guanbiao-at-least", "data-guanbiao-at-most"
CASE_EXPLANATION, MODEL_ANSWER = "case-explanation", "model-answer"


class Rubrics:
    def __init__(self, body: Element | None, texts: Texts) -> None:
        self._texts = texts
        self.of_case: RichText = ""
        """Of the case that the item is a part of."""
        self._model: RichText = ""
        self._lines: list[RubricLine] = []
        for block in () if body is None else body.iter("qti-rubric-block"):
            self._read(block)

    def shown(self, block: Element) -> str:
        """HTML of what candidates see of it."""
        return f"<div>{self._texts.inner(block, {})}</div>" if _for_candidates(block) else ""

    def essay(self, element: Element, scoring: Scoring) -> Essay:
        response = scoring.response(said(element, "response-identifier"))
        report, where = self._texts.report, self._texts.where
        report.imported(where, str(element.tag))
        if scoring.processing.of(response.identifier):
            zh, en = "论述题由人评阅，自动计分未保留", "an essay is marked by people, not by a rule"
            report.changed(where, "response processing", zh, en)
        at_most = said(element, AT_MOST)
        if (expected := said(element, "expected-length")) and not at_most:
            zh, en = "预期长度成为字数上限", "the expected length is now the most there may be"
            report.changed(where, "expected-length", zh, en)
        words = self._model or " ".join(response.correct)
        report.imported(where, "model answer", bool(words))
        lines, self._lines, self._model = tuple(self._lines), [], ""
        report.imported(where, "rubric", len(lines))
        asked = Essay(
            rubric=lines,
            at_least=length(said(element, AT_LEAST)) or 0,
            at_most=length(at_most or expected) or 5000,
        )
        return _with_model(asked, words)

    def tell_unused(self) -> None:
        for line in self._lines:
            zh, en = "评分要点只用于论述题，未保留", "left out: only essays have rubrics"
            self._texts.tell("rubric", zh, f"{line.id}: {en}")

    def _read(self, block: Element) -> None:
        role, views = said(block, ROLE), said(block, "view").split()
        if role == CASE_EXPLANATION:
            self.of_case = self._texts.read(block)
            self._texts.report.imported(self._texts.where, "explanation")
        elif role == MODEL_ANSWER:
            self._model = self._texts.read(block)
        elif _for_candidates(block):
            zh, en = "给考生的说明并入题干", "what candidates are told is part of the stem"
            self._texts.tell("rubric block", zh, en)
        elif "scorer" in views:
            weight = length(said(block, WEIGHT, "1")) or 1
            name = said(block, LINE_ID) or str(len(self._lines) + 1)
            text = self._texts.read(block)
            self._lines.append(RubricLine(id=name[:64], text=text, weight=min(weight, 10_000)))
        else:
            zh, en = f"给 {' '.join(views)} 的说明未保留", f"left out: told to {' '.join(views)}"
            self._texts.tell("rubric block", zh, en)


def _for_candidates(block: Element) -> bool:
    views: Sequence[str] = said(block, "view", "candidate").split()
    return "candidate" in views and not said(block, ROLE)


def _with_model(asked: Essay, model: RichText) -> Essay:
    if not model:
        return asked
    return Essay(
        rubric=asked.rubric, model_answer=model, at_least=asked.at_least, at_most=asked.at_most
    )
