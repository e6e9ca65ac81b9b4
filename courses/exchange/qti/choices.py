"""Options of an interaction with the feedback that stands in them."""

from collections.abc import Mapping, Sequence

import msgspec

from courses.exchange.answers_reading import MOST_OPTIONS
from courses.exchange.qti.names import said
from courses.exchange.qti.texts import Texts
from courses.exchange.report import Refused
from courses.exchange.xml_reading import Element
from courses.items.interactions import Choice
from courses.items.rich_text import RichText

_FEEDBACK = ("qti-feedback-inline", "qti-feedback-block")


class Option(msgspec.Struct, frozen=True, kw_only=True):
    identifier: str
    text: RichText
    feedback: RichText


class Choices:
    def __init__(self, texts: Texts, modal: Mapping[tuple[str, str], str]) -> None:
        self._texts, self._modal = texts, dict(modal)

    def said_to(self, response: str, value: str) -> RichText:
        html = self._modal.pop((response, value), "")
        return self._texts.of(html) if html else ""

    def tell_unsaid(self) -> None:
        """Feedback for answers that are neither options nor accepted."""
        for _, value in self._modal:
            zh = f"对其他答案“{value}”的反馈没有位置"
            en = f"feedback for “{value}”, which earns nothing, has no place"
            self._texts.tell("feedback", zh, en)

    def options(self, within: Element, name: str, response: str) -> list[Option]:
        found = [self._option(one, response) for one in within.iter(name)]
        named = [one.identifier for one in found]
        if len(set(named)) != len(named):
            raise Refused("两个选项的标识相同", "two options with one identifier")
        if len(found) > MOST_OPTIONS:
            raise Refused(f"超过 {MOST_OPTIONS} 项", f"more than {MOST_OPTIONS} options")
        return found

    def _option(self, element: Element, response: str) -> Option:
        identifier, shown = said(element, "identifier"), list[str]()

        def feedback(one: Element) -> str:
            if said(one, "show-hide", "show") == "show":
                shown.append(f"<div>{self._texts.inner(one, {})}</div>")
            else:
                zh, en = "未选时显示的反馈未保留", "feedback for who did not choose it is left out"
                self._texts.tell("feedback", zh, en)
            return ""

        text = self._texts.read(element, dict.fromkeys(_FEEDBACK, feedback))
        if modal := self._modal.pop((response, identifier), ""):
            shown.append(f"<div>{modal}</div>")
        return Option(identifier=identifier, text=text, feedback=self._texts.of("".join(shown)))

    def ids(self, options: Sequence[Option]) -> list[str]:
        """Their own."""
        if not all(1 <= len(one.identifier) <= 64 for one in options):
            raise Refused("选项的标识缺失或过长", "an option without an identifier, or a long one")
        return [one.identifier for one in options]

    def made(self, options: Sequence[Option]) -> tuple[Choice, ...]:
        fed = sum(bool(one.feedback) for one in options)
        self._texts.report.imported(self._texts.where, "feedback", fed)
        return tuple(
            Choice(id=id_, text=one.text, feedback=one.feedback)
            if one.feedback
            else Choice(id=id_, text=one.text)
            for id_, one in zip(self.ids(options), options, strict=True)
        )
