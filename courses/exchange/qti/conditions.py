"""Conditions of response processing, as far as they ask something of one answer at a time."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from enum import StrEnum

import msgspec

from courses.exchange.numbers_reading import decimal_of
from courses.exchange.qti.declarations import Declared
from courses.exchange.qti.names import said
from courses.exchange.report import Refused
from courses.exchange.xml_reading import Element


class Asks(StrEnum):
    ALWAYS = "always"
    CORRECT = "correct"
    INCORRECT = "incorrect"
    VALUE = "value"
    ANSWERED = "answered"
    BLANK = "blank"
    SCORE = "score"
    """Something about points that were given already."""
    FROM, TO = "from", "to"
    OTHERWISE = "otherwise"


class Test(msgspec.Struct, frozen=True, kw_only=True):
    asks: Asks
    response: str = ""
    value: str = ""
    tolerance: Decimal = Decimal(0)
    case_matters: bool = True

    @property
    def key(self) -> str:
        """Of the feedback to who gives this answer."""
        return with_tolerance(self.value, self.tolerance)


def with_tolerance(value: str, tolerance: Decimal) -> str:
    return f"{value}±{tolerance}" if tolerance else value


class Condition(msgspec.Struct, frozen=True):
    tests: tuple[Test, ...]
    together: bool = False
    """All of them, rather than any."""


ALWAYS = Condition((Test(asks=Asks.ALWAYS),))
_TRIVIAL = {Asks.ALWAYS, Asks.ANSWERED, Asks.BLANK}


class Conditions:
    def __init__(self, declared: Mapping[str, Declared]) -> None:
        self._declared = declared

    def read(self, expression: Element) -> Condition:
        """Raises Refused for whatever does not ask whether one answer is right."""
        name, within = str(expression.tag), list(expression)
        if name in {"qti-and", "qti-or"}:
            return self._joined(within, together=name == "qti-and")
        if name == "qti-not" and len(within) == 1:
            return self._negated(self.read(within[0]))
        if self._asks_about_points(within):
            return Condition((Test(asks=Asks.SCORE),))
        if name == "qti-is-null" and (response := self._variable(within)):
            return Condition((Test(asks=Asks.BLANK, response=response),))
        if name in {"qti-gte", "qti-lte"} and len(within) == 2:
            return self._bound(name, within)
        if name in {"qti-match", "qti-equal", "qti-string-match", "qti-member"}:
            return Condition((self._test(name, expression, within),))
        raise custom(name)

    def _joined(self, within: list[Element], *, together: bool) -> Condition:
        read = [self.read(one) for one in within]
        if not read:
            raise custom("qti-and")
        if any(len(one.tests) > 1 and one.together != together for one in read):
            raise custom("qti-and in qti-or")
        tests = [test for one in read for test in one.tests]
        weighty = [test for test in tests if test.asks not in _TRIVIAL] if together else tests
        if together and {test.asks for test in weighty} == {Asks.FROM, Asks.TO}:
            return Condition((_between(weighty),))
        return Condition(tuple(weighty or tests[:1]), together=together)

    def _negated(self, inner: Condition) -> Condition:
        turned = {Asks.CORRECT: Asks.INCORRECT, Asks.BLANK: Asks.ANSWERED}
        turned |= {Asks.INCORRECT: Asks.CORRECT, Asks.SCORE: Asks.SCORE}
        if len(inner.tests) != 1 or inner.tests[0].asks not in turned:
            raise custom("qti-not")
        (test,) = inner.tests
        return Condition((msgspec.structs.replace(test, asks=turned[test.asks]),))

    def _variable(self, within: list[Element]) -> str:
        names = [said(one, "identifier") for one in within if one.tag == "qti-variable"]
        return next((name for name in names if name in self._declared), "")

    def _asks_about_points(self, within: list[Element]) -> bool:
        variables = [one for one in within if one.tag == "qti-variable"]
        return bool(variables) and not self._variable(within)

    def _bound(self, name: str, within: list[Element]) -> Condition:
        first, second = within
        if not (self._variable([first]) and second.tag == "qti-base-value"):
            raise custom(name)
        asks = Asks.FROM if name == "qti-gte" else Asks.TO
        value = "".join(second.itertext()).strip()
        return Condition((Test(asks=asks, response=self._variable([first]), value=value),))

    def _test(self, name: str, expression: Element, within: list[Element]) -> Test:
        response = self._variable(within)
        others = [one for one in within if one.tag != "qti-variable"]
        if not response or len(others) != 1 or len(within) != 2:
            raise custom(name)
        (other,) = others
        tolerance = self._is_plain(name, expression)
        if other.tag == "qti-correct" and said(other, "identifier") == response:
            correct = self._declared[response].correct
            if name in {"qti-match", "qti-member"} or len(correct) != 1:
                return Test(asks=Asks.CORRECT, response=response)
            value = correct[0]
        elif other.tag == "qti-base-value":
            value = "".join(other.itertext()).strip()
        else:
            raise custom(str(other.tag))
        matters = said(expression, "case-sensitive", "true").lower() not in {"false", "0"}
        around = _around(value, tolerance, expression)
        return Test(
            asks=Asks.VALUE, response=response, value=value, tolerance=around, case_matters=matters
        )

    def _is_plain(self, name: str, expression: Element) -> str:
        """The tolerance, of a comparison that means what ours does."""
        if said(expression, "substring").lower() in {"true", "1"}:
            raise custom("substring")
        for end in ("include-lower-bound", "include-upper-bound"):
            if said(expression, end, "true").lower() in {"false", "0"}:
                zh = "容差范围不含端点的计分不支持"
                raise Refused(zh, f"{end}: the ends of a range count here")
        return said(expression, "tolerance") if name == "qti-equal" else ""


def _between(tests: list[Test]) -> Test:
    ends = {test.asks: decimal_of(test.value) for test in tests}
    if len({test.response for test in tests}) != 1 or len(tests) != 2:
        raise custom("qti-gte")
    middle, half = (ends[Asks.FROM] + ends[Asks.TO]) / 2, (ends[Asks.TO] - ends[Asks.FROM]) / 2
    return Test(asks=Asks.VALUE, response=tests[0].response, value=f"{middle:f}", tolerance=half)


def _around(value: str, tolerance: str, expression: Element) -> Decimal:
    if not tolerance:
        return Decimal(0)
    sides = {decimal_of(one) for one in tolerance.split()}
    if len(sides) != 1:
        raise Refused("上下容差不同的计分不支持", "a tolerance that differs up and down")
    (side,) = sides
    mode = said(expression, "tolerance-mode", "exact").lower()
    if mode == "relative":
        return abs(decimal_of(value)) * side / 100
    return side if mode == "absolute" else Decimal(0)


def custom(name: str) -> Refused:
    zh = f"自定义计分（{name}）不能化为此处的计分规则"
    return Refused(zh, f"custom response processing ({name}) means none of our marking rules")


def branches(condition: Element) -> Iterator[tuple[str, Element]]:
    """`if`, `else-if`, `else` of a response condition."""
    for branch in condition:
        name = str(branch.tag).removeprefix("qti-response-")
        if name not in {"if", "else-if", "else"}:
            raise custom(str(branch.tag))
        yield name, branch
