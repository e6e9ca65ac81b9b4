"""Text entries to accepted numbers and texts. Units are ours: QTI has none."""

import json
from collections.abc import Callable, Iterator

import msgspec

from courses.exchange.numbers_reading import decimal_of
from courses.exchange.qti.conditions import with_tolerance
from courses.exchange.qti.names import is_true, said
from courses.exchange.qti.texts import Texts
from courses.exchange.qti.worth import Valued, Worth
from courses.exchange.report import Refused
from courses.exchange.weights import whole_percent
from courses.exchange.xml_reading import Element
from courses.items.interactions import AcceptedNumber, AcceptedText, Numeric, ShortText, Unit
from courses.items.rich_text import RichText

UNITS, UNIT_NEEDED = "data-guanbiao-units", "data-guanbiao-unit-needed"
SaidTo = Callable[[str], RichText]
"""A value to what is said to who gives it."""


def numeric(element: Element, worth: Worth, said_to: SaidTo, texts: Texts) -> Numeric:
    accepted = []
    for one, percent in _accepted(worth, texts):
        made = AcceptedNumber(value=decimal_of(one.value), tolerance=one.tolerance, percent=percent)
        if feedback := said_to(with_tolerance(one.value, one.tolerance)):
            made = msgspec.structs.replace(made, feedback=feedback)
            texts.report.imported(texts.where, "feedback")
        accepted.append(made)
    if not accepted:
        raise Refused("没有数值答案", "no number is the answer")
    _tell_pattern(element, texts)
    units = tuple(_units(said(element, UNITS)))
    texts.report.imported(texts.where, "unit", len(units))
    needed = is_true(element, UNIT_NEEDED)
    return Numeric(accepted=tuple(accepted), units=units, unit_needed=needed)


def short_text(element: Element, worth: Worth, said_to: SaidTo, texts: Texts) -> ShortText:
    accepted = []
    for one, percent in _accepted(worth, texts):
        if len(one.value) > 200:
            raise Refused("答案过长", "an accepted answer of more than 200 characters")
        made = AcceptedText(text=one.value, percent=percent)
        if feedback := said_to(one.value):
            made = msgspec.structs.replace(made, feedback=feedback)
            texts.report.imported(texts.where, "feedback")
        accepted.append(made)
    if not accepted:
        raise Refused("没有可接受的答案", "no answer is accepted")
    _tell_pattern(element, texts)
    matters = {one.case_matters for one in worth.values if one.percent > 0}
    if len(matters) > 1:
        zh, en = "部分答案区分大小写，改为全部区分", "case matters for some answers: now for all"
        texts.tell("case-sensitive", zh, en)
    return ShortText(accepted=tuple(accepted), case_matters=True in matters)


def _accepted(worth: Worth, texts: Texts) -> Iterator[tuple[Valued, int]]:
    for one in worth.values:
        percent = whole_percent(one.percent, texts.where, texts.report)
        if percent is not None:
            texts.report.imported(texts.where, "answer")
            yield one, percent


def _tell_pattern(element: Element, texts: Texts) -> None:
    for name in ("pattern-mask", "placeholder-text", "format"):
        if words := said(element, name):
            texts.tell(name, f"未保留：{words}", f"left out: {words}")


def _units(written: str) -> Iterator[Unit]:
    """JSON: `[["kg", "1"], ["g", "0.001"]]`."""
    try:
        pairs = msgspec.json.decode(written or "[]", type=list[tuple[str, str]])
    except (msgspec.DecodeError, ValueError) as error:
        raise Refused("单位有误", "units that cannot be read") from error
    for symbol, factor in pairs:
        yield Unit(symbol=symbol[:200], factor=decimal_of(factor))


def units_written(asked: Numeric) -> str:
    pairs = [[unit.symbol, str(unit.factor)] for unit in asked.units]
    return json.dumps(pairs, ensure_ascii=False)
