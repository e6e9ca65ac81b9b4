"""Gaps as Moodle's embedded answers write them: `{1:SHORTANSWER:=认证#对~%50%认可}`."""

import re
from decimal import Decimal
from html import unescape

from courses.exchange.answers_reading import accepted_texts, weighted_choices
from courses.exchange.gift_reading import number_range
from courses.exchange.markup import from_plain
from courses.exchange.report import Refused, Report
from courses.exchange.weights import AnswerSaid, whole_percent
from courses.items.interactions import (
    AcceptedNumber,
    AcceptedText,
    Choice,
    Gap,
    GapInteraction,
    Numeric,
    ShortText,
    Single,
)
from courses.items.rich_text import plain

_EMBEDDED = re.compile(r"(?<!\\)\{(\d*):([A-Za-z_]+):((?:\\.|[^}\\]){0,20000})\}", re.DOTALL)
LONGEST = 200_000
"""Of a text with gaps, so that many beginnings without an end are not searched for ever."""
MARK = re.compile("\ue000([a-z0-9]+)\ue001")
_PERCENT = re.compile(r"%(-?\d+(?:\.\d+)?)%")
_SHORT = {
    "SHORTANSWER": False,
    "SA": False,
    "MW": False,
    "SHORTANSWER_C": True,
    "SAC": True,
    "MWC": True,
}
"""Whether case matters."""
_CHOICE = re.compile(r"MULTICHOICE(_[VHS]|_VS|_HS)?|MC[VHS]?|MCVS|MCHS")


class Embedded:
    """Takes the gaps out of a text and leaves marks in their places."""

    def __init__(self, where: str, report: Report) -> None:
        self.where, self.report = where, report
        self.gaps: list[Gap] = []

    def marked(self, raw: str) -> str:
        if len(raw) > LONGEST:
            raise Refused("填空题过长", f"a cloze of more than {LONGEST} characters")
        return _EMBEDDED.sub(self._gap, raw.replace("\ue000", "\ufffd").replace("\ue001", "\ufffd"))

    def _gap(self, found: re.Match[str]) -> str:
        id_ = f"g{len(self.gaps) + 1}"
        asked = self._asked(found[2].upper(), found[3])
        self.report.imported(self.where, "gap")
        self.gaps.append(Gap(id=id_, interaction=asked, weight=int(found[1] or "1")))
        return f"\ue000{id_}\ue001"

    def _asked(self, kind: str, body: str) -> GapInteraction:
        said = [self._answer(one) for one in re.split(r"(?<!\\)~", body) if one.strip()]
        if kind in _SHORT:
            accepted = accepted_texts(said, self.where, self.report)
            return ShortText(accepted=accepted, case_matters=_SHORT[kind])
        if kind in {"NUMERICAL", "NM"}:
            return self._numeric(said)
        if _CHOICE.fullmatch(kind):
            if kind.endswith(("V", "H", "VS", "HS")):
                zh, en = "竖排或横排的选项改为下拉", "options of a gap are one list"
                self.report.changed(self.where, "layout", zh, en)
            asked = weighted_choices(said, False, self.where, self.report)
            if isinstance(asked, Single):
                return asked
        raise Refused(f"空的类型 {kind} 不支持", f"gaps of the type {kind} are not supported")

    def _answer(self, raw: str) -> AnswerSaid:
        raw = raw.strip()
        right = raw.startswith("=")
        raw = raw.removeprefix("=")
        percent, weight = Decimal(100 if right else 0), _PERCENT.match(raw)
        if weight:
            percent, raw = Decimal(weight[1]), raw[weight.end() :]
        words, *feedback = re.split(r"(?<![\\&])#", raw, maxsplit=1)  # `&#92;` is a letter
        text = _bare(words)
        said = _bare(feedback[0]) if feedback else ""
        return AnswerSaid(
            percent=percent,
            weighted=weight is not None,
            raw=text,
            text=from_plain(text),
            feedback=from_plain(said) if said else None,
        )

    def _numeric(self, said: list[AnswerSaid]) -> Numeric:
        accepted = []
        for one in said:
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


def _bare(raw: str) -> str:
    """Words of an answer: the escapes of the syntax, then HTML's entities."""
    words = re.sub(r"<[^<>]*>", "", raw)
    return unescape(re.sub(r"\\([}#~/\"\\=])", r"\1", words)).strip()


def embedded(gap: Gap, where: str, report: Report) -> str:
    """For HTML."""
    asked, said = gap.interaction, []
    if isinstance(asked, Single):
        for option in asked.options:
            mark = "=" if option.id in asked.key else ""
            words = _words(option, where, report)
            said.append(mark + _quoted(words) + _feedback(option, where, report))
        kind = "MULTICHOICE"
    elif isinstance(asked, ShortText):
        for text in asked.accepted:
            words = text.text.replace("*", "\\*")
            said.append(f"{_share(text)}{_quoted(words)}{_feedback(text, where, report)}")
        kind = "SHORTANSWER_C" if asked.case_matters else "SHORTANSWER"
    else:
        for one in asked.accepted:
            number = f"{one.value}:{one.tolerance}"
            said.append(f"{_share(one)}{number}{_feedback(one, where, report)}")
        kind = "NUMERICAL"
        if asked.units:
            report.changed(where, "unit", "空中的单位未导出", "gaps have no units there")
    return f"{{{gap.weight}:{kind}:{'~'.join(said)}}}"


def _share(one: AcceptedText | AcceptedNumber) -> str:
    return "=" if one.percent == 100 else f"%{one.percent}%"


def _words(option: Choice, where: str, report: Report) -> str:
    if not isinstance(option.text, str) or "\n" in option.text:
        report.changed(where, "option", "以纯文字写出", "written as plain words")
    return plain(option.text)


def _feedback(one: Choice | AcceptedText | AcceptedNumber, where: str, report: Report) -> str:
    if not one.feedback:
        return ""
    if not isinstance(one.feedback, str) or "\n" in one.feedback:
        report.changed(where, "feedback", "以纯文字写出", "written as plain words")
    return f"#{_quoted(plain(one.feedback))}"


_QUOTED = {"\\": "&#92;", "&": "&amp;", "<": "&lt;", ">": "&gt;", "\n": " "}
_QUOTED |= {mark: f"\\{mark}" for mark in '}#~/"='}
"""A backslash as an entity: before a mark it would be taken for an escape, even when it is one."""


def _quoted(words: str) -> str:
    return "".join(_QUOTED.get(one, one) for one in words)
