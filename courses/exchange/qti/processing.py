"""Response processing as points for answers, and as when feedback is shown.

Templates and written-out rules that award points for right answers, mapped values or accepted
values are understood; whatever computes, looks up or depends on more is custom and refused.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Literal

import msgspec

from courses.exchange.numbers_reading import decimal_of
from courses.exchange.qti.conditions import (
    ALWAYS,
    Asks,
    Condition,
    Conditions,
    Test,
    branches,
    custom,
)
from courses.exchange.qti.declarations import Declared
from courses.exchange.qti.names import said
from courses.exchange.report import Refused
from courses.exchange.xml_reading import Element

NUMBERS = {"float", "integer", "duration"}


class Award(msgspec.Struct, frozen=True, kw_only=True):
    """Points that an answer to one response earns."""

    response: str
    by: Literal["correct", "mapped", "value"]
    points: Decimal = Decimal(1)
    """Of `mapped`, what the mapping's values are multiplied by."""
    test: Test | None = None


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """When a feedback appears; without `identifier`, that of whatever was chosen."""

    outcome: str
    identifier: str
    test: Test


class Processing:
    """`outcomes`: name -> base type."""

    def __init__(
        self, rules: Element | None, declared: Mapping[str, Declared], outcomes: Mapping[str, str]
    ) -> None:
        self.awards: list[Award] = []
        self.shown: list[Shown] = []
        self.split: bool = False
        """Points for several answers together were shared among them."""
        self._declared, self._outcomes = declared, outcomes
        self._conditions = Conditions(declared)
        if rules is None:
            return
        if name := said(rules, "template") or said(rules, "template-location"):
            self._template(name)
        self._walk(rules, ALWAYS)

    def of(self, response: str) -> list[Award]:
        return [award for award in self.awards if award.response == response]

    def _template(self, name: str) -> None:
        template = name.rstrip("/").split("/")[-1].removesuffix(".xml").lower()
        response = "RESPONSE" if "RESPONSE" in self._declared else next(iter(self._declared), "")
        if template in {"match_correct", "cc2_match", "cc2_match_basic"}:
            self.awards.append(Award(response=response, by="correct"))
        elif template in {"map_response", "cc2_map_response"}:
            self.awards.append(Award(response=response, by="mapped"))
        elif template == "map_response_point":
            raise Refused("按图上区域计分的题不支持", "areas of an image are not marked here")
        else:
            raise custom(template)

    def _walk(self, rules: Iterable[Element], under: Condition) -> None:
        for rule in rules:
            if rule.tag == "qti-set-outcome-value":
                self._set(rule, under)
            elif rule.tag == "qti-response-condition":
                self._branches(rule, under)
            elif rule.tag == "qti-response-processing-fragment":
                self._walk(rule, under)
            else:
                raise custom(str(rule.tag))

    def _branches(self, condition: Element, under: Condition) -> None:
        before: list[Condition] = []
        for name, branch in branches(condition):
            if name == "else":
                asked, rules = _otherwise(before), list(branch)
            elif not len(branch):
                raise custom(name)
            else:
                asked, rules = self._conditions.read(branch[0]), list(branch)[1:]
            before.append(asked)
            self._walk(rules, _both(under, asked))

    def _set(self, rule: Element, under: Condition) -> None:
        outcome = said(rule, "identifier")
        if len(rule) != 1:
            raise custom("qti-set-outcome-value")
        value = rule[0]
        if self._outcomes.get(outcome) in {"identifier", "string"}:
            self._show(outcome, value, under)
        elif self._outcomes.get(outcome, "float") in NUMBERS:
            self._award(outcome, value, under)

    def _award(self, outcome: str, value: Element, under: Condition) -> None:
        name = str(value.tag)
        if name == "qti-sum":
            for one in value:
                self._award(outcome, one, under)
        elif name == "qti-map-response":
            self._mapped(value, under, Decimal(1))
        elif name == "qti-product":
            self._product(value, under)
        elif name == "qti-base-value":
            self._points(outcome, decimal_of("".join(value.itertext())), under)
        elif name not in {"qti-variable", "qti-null"} or _name(value) in self._declared:
            raise custom(name)

    def _product(self, value: Element, under: Condition) -> None:
        factors = [one for one in value if one.tag == "qti-base-value"]
        mapped = [one for one in value if one.tag == "qti-map-response"]
        if len(factors) != 1 or len(mapped) != 1 or len(value) != 2:
            raise custom("qti-product")
        self._mapped(mapped[0], under, decimal_of("".join(factors[0].itertext())))

    def _mapped(self, value: Element, under: Condition, times: Decimal) -> None:
        if {test.asks for test in under.tests} - {Asks.ALWAYS, Asks.ANSWERED, Asks.OTHERWISE}:
            raise custom("qti-map-response")
        self.awards.append(Award(response=said(value, "identifier"), by="mapped", points=times))

    def _points(self, outcome: str, points: Decimal, under: Condition) -> None:
        if not points:
            return
        asks = {test.asks for test in under.tests}
        if outcome != "SCORE" and asks <= {Asks.ALWAYS}:
            return  # the most there is, or a weight: the blueprint says those
        if asks - {Asks.CORRECT, Asks.VALUE} or points < 0:
            zh = "计分给与答案对错无关的分，或扣分"
            raise Refused(zh, "points that no right answer earns, or points taken away")
        if not under.together and len({test.response for test in under.tests}) > 1:
            raise custom("qti-or")
        shared = points / len(under.tests) if under.together else points
        self.split |= under.together and len(under.tests) > 1
        for test in under.tests:
            by: Literal["correct", "value"] = "correct" if test.asks is Asks.CORRECT else "value"
            self.awards.append(Award(response=test.response, by=by, points=shared, test=test))

    def _show(self, outcome: str, value: Element, under: Condition) -> None:
        if value.tag in {"qti-multiple", "qti-ordered"}:
            for one in value:
                self._show(outcome, one, under)
        elif value.tag == "qti-base-value":
            identifier = "".join(value.itertext()).strip()
            self.shown += [
                Shown(outcome=outcome, identifier=identifier, test=test) for test in under.tests
            ]
        elif value.tag == "qti-variable" and (name := said(value, "identifier")) in self._declared:
            test = Test(asks=Asks.VALUE, response=name)
            self.shown.append(Shown(outcome=outcome, identifier="", test=test))


def _name(variable: Element) -> str:
    return said(variable, "identifier")


def _otherwise(before: list[Condition]) -> Condition:
    asks = {test.asks for one in before for test in one.tests}
    if asks == {Asks.BLANK}:
        return Condition((Test(asks=Asks.ANSWERED),))
    kind = Asks.INCORRECT if asks == {Asks.CORRECT} else Asks.OTHERWISE
    return Condition((Test(asks=kind),))


def _both(outer: Condition, inner: Condition) -> Condition:
    trivial = {Asks.ALWAYS, Asks.ANSWERED}
    if {test.asks for test in outer.tests} <= trivial:
        return inner
    if {test.asks for test in inner.tests} <= trivial:
        return outer
    if Asks.SCORE in {test.asks for test in (*outer.tests, *inner.tests)}:
        return Condition((Test(asks=Asks.SCORE),))
    raise custom("a condition in a condition")
