"""What an item says to answers: of one answer, or of all, which is its explanation."""

from collections.abc import Iterator

from courses.exchange.qti.conditions import Asks
from courses.exchange.qti.names import said
from courses.exchange.qti.processing import Processing, Shown
from courses.exchange.qti.texts import Texts
from courses.exchange.xml_reading import Element
from courses.items.rich_text import RichText

_OF_ALL = {Asks.ALWAYS, Asks.ANSWERED, Asks.BLANK}


class Feedback:
    def __init__(self, root: Element, processing: Processing, texts: Texts) -> None:
        self._texts, self._processing = texts, processing
        self._explained: list[str] = []
        self._of_answers: dict[tuple[str, str], str] = {}
        for modal in root.findall("qti-modal-feedback"):
            self._sort(modal)

    def of_answers(self) -> dict[tuple[str, str], str]:
        """Response and value -> HTML."""
        return self._of_answers

    def explanation(self) -> RichText:
        return self._texts.of("".join(self._explained))

    def in_body(self, element: Element) -> str:
        """A block of feedback among the questions: explains rather than asks."""
        zh, en = "正文中的反馈成为解析", "feedback in the body is explanation now"
        self._texts.tell("feedback", zh, en)
        self._explained.append(f"<div>{self._texts.inner(element, {})}</div>")
        return ""

    def _sort(self, modal: Element) -> None:
        html = f"<div>{self._texts.inner(modal, {})}</div>"
        whens = [*self._whens(modal)] if said(modal, "show-hide", "show") == "show" else []
        told = [when for when in whens if when.test.asks is Asks.VALUE]
        for when in told:
            key = (when.test.response, when.test.key or said(modal, "identifier"))
            self._of_answers[key] = self._of_answers.get(key, "") + html
        if told:
            return
        self._explained.append(html)
        if {when.test.asks for when in whens} & _OF_ALL:
            self._texts.report.imported(self._texts.where, "modal feedback")
        else:
            zh = "只在答对、答错或特定得分时显示的反馈，成为人人可见的解析"
            en = "shown to some by their result: explanation for all now"
            self._texts.tell("modal feedback", zh, en)

    def _whens(self, modal: Element) -> Iterator[Shown]:
        for shown in self._processing.shown:
            if shown.outcome == said(modal, "outcome-identifier") and shown.identifier in {
                "",
                said(modal, "identifier"),
            }:
                yield shown
