"""Declarations, response processing and feedback of an item that is written."""

from collections.abc import Sequence
from decimal import Decimal

from courses.exchange.qti.content_writing import Contents, element
from courses.exchange.xml_reading import Element
from courses.items.interactions import AcceptedNumber, AcceptedText, Numeric, ShortText
from courses.items.rich_text import RichText

_EXPLANATION = "explanation"


class RulesWriter:
    def __init__(self, contents: Contents) -> None:
        self._contents = contents
        self.declarations: list[Element] = []
        self.modals: list[Element] = []
        self._rules: list[Element] = []
        self._feedback: dict[str, str] = {}
        """Outcome -> cardinality."""

    def declare(self, response: str, cardinality: str, base: str, key: Sequence[str]) -> None:
        made = element("qti-response-declaration", identifier=response, cardinality=cardinality)
        made.set("base-type", base)
        if key:
            correct = element("qti-correct-response")
            correct.extend([element("qti-value", one) for one in key])
            made.append(correct)
        self.declarations.append(made)

    def when_correct(self, response: str, weight: int) -> None:
        test = element("qti-match")
        test.append(element("qti-variable", identifier=response))
        test.append(element("qti-correct", identifier=response))
        self._rules.append(_condition([(test, [_earn(_number(Decimal(weight)))])]))

    def by_mapping(
        self, response: str, entries: Sequence[tuple[str, Decimal]], case: str = ""
    ) -> None:
        """The declaration is the one made last."""
        mapping = element("qti-mapping", default_value="0")
        for key, value in entries:
            entry = element("qti-map-entry", map_key=key, mapped_value=f"{value:f}")
            if case:
                entry.set("case-sensitive", case)
            mapping.append(entry)
        self.declarations[-1].append(mapping)
        self._rules.append(_earn(element("qti-map-response", identifier=response)))

    def texts(self, response: str, asked: ShortText, weight: int) -> None:
        right = [one.text for one in asked.accepted if one.percent == 100][:1]
        case = "true" if asked.case_matters else "false"
        self.declare(response, "single", "string", right)
        entries = [(one.text, _share(one.percent, weight)) for one in asked.accepted]
        self.by_mapping(response, entries, case)
        for at, one in enumerate(asked.accepted, start=1):
            if said := self._said(response, at, one):
                test = element("qti-string-match", case_sensitive=case)
                test.append(element("qti-variable", identifier=response))
                test.append(element("qti-base-value", one.text, base_type="string"))
                self._rules.append(_condition([(test, said)]))

    def numbers(self, response: str, asked: Numeric, weight: int) -> None:
        """The first that fits counts, as here."""
        right = [str(one.value) for one in asked.accepted if one.percent == 100][:1]
        self.declare(response, "single", "float", right)
        branches = []
        for at, one in enumerate(asked.accepted, start=1):
            mode = "absolute" if one.tolerance else "exact"
            test = element("qti-equal", tolerance_mode=mode)
            if one.tolerance:
                test.set("tolerance", f"{one.tolerance} {one.tolerance}")
            test.append(element("qti-variable", identifier=response))
            test.append(element("qti-base-value", str(one.value), base_type="float"))
            earned = _earn(_number(_share(one.percent, weight)))
            branches.append((test, [earned, *self._said(response, at, one)]))
        if branches:
            self._rules.append(_condition(branches))

    def feedback_in(self, choice: str, text: RichText, response: str) -> Element:
        """Within an option; it appears when that was chosen."""
        outcome = f"FEEDBACK-{response}"
        if outcome not in self._feedback:
            rule = element("qti-set-outcome-value", identifier=outcome)
            rule.append(element("qti-variable", identifier=response))
            self._rules.append(rule)
        self._feedback[outcome] = self._cardinality(response)
        inline = isinstance(text, str) and "\n" not in text and "[[" not in text
        made = element("qti-feedback-inline" if inline else "qti-feedback-block")
        made.set("outcome-identifier", outcome)
        made.set("identifier", choice)
        made.set("show-hide", "show")
        if inline:
            return self._contents.put(made, text, bare=True)
        made.append(self._contents.put(element("qti-content-body"), text))
        return made

    def explain(self, text: RichText) -> None:
        self._rules.append(_set("SOLUTION", element("qti-base-value", _EXPLANATION)))
        self._modal("SOLUTION", _EXPLANATION, text)

    def outcomes(self) -> list[Element]:
        made = [element("qti-outcome-declaration", identifier="SCORE", cardinality="single")]
        made[0].set("base-type", "float")
        default = element("qti-default-value")
        default.append(element("qti-value", "0"))
        made[0].append(default)
        for name, cardinality in self._feedback.items():
            one = element("qti-outcome-declaration", identifier=name, cardinality=cardinality)
            one.set("base-type", "identifier")
            made.append(one)
        return made

    def processing(self) -> list[Element]:
        if not self._rules:
            return []
        made = element("qti-response-processing")
        made.extend(self._rules)
        return [made]

    def _said(self, response: str, at: int, one: AcceptedText | AcceptedNumber) -> list[Element]:
        if not (isinstance(one.feedback, str | tuple) and one.feedback):
            return []
        outcome, name = f"FEEDBACK-{response}", f"A{at}"
        self._modal(outcome, name, one.feedback)
        return [_set(outcome, element("qti-base-value", name))]

    def _modal(self, outcome: str, name: str, text: RichText) -> None:
        self._feedback.setdefault(outcome, "single")
        made = element("qti-modal-feedback", outcome_identifier=outcome, identifier=name)
        made.set("show-hide", "show")
        made.append(self._contents.put(element("qti-content-body"), text))
        self.modals.append(made)

    def _cardinality(self, response: str) -> str:
        found = (one for one in self.declarations if one.get("identifier") == response)
        cardinality: str = next(found).get("cardinality")
        return cardinality


def _share(percent: int, weight: int) -> Decimal:
    return Decimal(percent) * weight / 100


def _number(value: Decimal) -> Element:
    return element("qti-base-value", f"{value:f}", base_type="float")


def _earn(points: Element) -> Element:
    total = element("qti-sum")
    total.append(element("qti-variable", identifier="SCORE"))
    total.append(points)
    return _set("SCORE", total)


def _set(outcome: str, value: Element) -> Element:
    if value.tag == "qti-base-value" and value.get("base-type") is None:
        value.set("base-type", "identifier")
    made = element("qti-set-outcome-value", identifier=outcome)
    made.append(value)
    return made


def _condition(branches: Sequence[tuple[Element, Sequence[Element]]]) -> Element:
    made = element("qti-response-condition")
    for at, (test, rules) in enumerate(branches):
        branch = element("qti-response-else-if" if at else "qti-response-if")
        branch.append(test)
        branch.extend(rules)
        made.append(branch)
    return made
