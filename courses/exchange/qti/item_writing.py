"""An item as an assessment item of QTI 3.0, whose processing says what each answer is worth."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from courses.exchange.qti.content_writing import Contents, element
from courses.exchange.qti.names import QTI_3, XML, in_namespace
from courses.exchange.qti.numbers import UNIT_NEEDED, UNITS, units_written
from courses.exchange.qti.rubrics import AT_LEAST, AT_MOST, LINE_ID, MODEL_ANSWER, ROLE, WEIGHT
from courses.exchange.qti.rules_writing import RulesWriter
from courses.exchange.xml_reading import Element
from courses.items.interactions import (
    Choice,
    Cloze,
    Essay,
    Gap,
    Matching,
    Multiple,
    Numeric,
    Ordering,
    ShortText,
    Single,
    TrueFalse,
)
from courses.items.item import Item
from courses.items.rich_text import RichText

RESPONSE = "RESPONSE"
_LONE_GAP = "gap"


class ItemWriter:
    """`stimulus`: where the story lies that it is a question about."""

    def __init__(self, item: Item, contents: Contents, stimulus: str = "") -> None:
        self._item, self._contents, self._stimulus = item, contents, stimulus
        self._body = element("qti-item-body")
        self._rules = RulesWriter(contents)

    def note(self, role: str, text: RichText) -> None:
        """For authors and tutors; not for learners."""
        if text:
            self._rubric(text, "author tutor", {ROLE: role})

    def root(self) -> Element:
        """Raises Refused."""
        notes = [*self._body]
        self._ask()
        self._body.extend(notes)
        if self._item.explanation:
            self._rules.explain(self._item.explanation)
        name = self._contents.name(self._item.id)
        root = element("qti-assessment-item", identifier=name, title=self._item.id)
        root.set("adaptive", "false")
        root.set("time-dependent", "false")
        root.set(f"{{{XML}}}lang", "zh-CN")
        root.extend([*self._rules.declarations, *self._rules.outcomes()])
        if self._stimulus:
            found = {"identifier": "STIMULUS", "href": self._stimulus}
            root.append(element("qti-assessment-stimulus-ref", **found))
        root.append(self._body)
        root.extend(self._rules.processing())
        root.extend(self._rules.modals)
        return in_namespace(root, QTI_3)

    def _ask(self) -> None:
        asked = self._item.interaction
        if isinstance(asked, Cloze):
            self._cloze(asked)
            return
        self._contents.put(self._body, self._item.stem)
        match asked:
            case Single() | Multiple() | TrueFalse():
                self._body.append(self._choice(asked))
            case Ordering():
                self._body.append(self._order(asked))
            case Matching():
                self._body.append(self._match(asked))
            case Numeric() | ShortText():
                paragraph = element("p")
                paragraph.append(self._entry(asked, RESPONSE, 1))
                self._body.append(paragraph)
            case Essay():
                self._essay(asked)

    def _choice(self, asked: Single | Multiple | TrueFalse) -> Element:
        several = isinstance(asked, Multiple)
        names = self._names(asked.options)
        key = [names.get(id_, id_) for id_ in asked.key]
        self._rules.declare(RESPONSE, "multiple" if several else "single", "identifier", key)
        self._rules.when_correct(RESPONSE, 1)
        made = element("qti-choice-interaction", response_identifier=RESPONSE)
        made.set("shuffle", "false" if isinstance(asked, TrueFalse) else "true")
        made.set("max-choices", "0" if several else "1")
        self._options(made, "qti-simple-choice", asked.options, names, RESPONSE)
        return made

    def _order(self, asked: Ordering) -> Element:
        names = self._names(asked.options)
        key = [names.get(id_, id_) for id_ in asked.key]
        self._rules.declare(RESPONSE, "ordered", "identifier", key)
        self._rules.when_correct(RESPONSE, 1)
        made = element("qti-order-interaction", response_identifier=RESPONSE, shuffle="true")
        self._options(made, "qti-simple-choice", asked.options, names, RESPONSE)
        return made

    def _match(self, asked: Matching) -> Element:
        ids = [one.id for one in (*asked.left, *asked.right)]
        alike = len(set(ids)) != len(ids)
        left = self._names(asked.left, "L" if alike else "")
        right = self._names(asked.right, "R" if alike else "")
        pairs = [f"{left[a]} {right[b]}" for a, b in asked.pairs.items()]
        self._rules.declare(RESPONSE, "multiple", "directedPair", pairs)
        self._rules.by_mapping(RESPONSE, [(pair, Decimal(1)) for pair in pairs])
        made = element("qti-match-interaction", response_identifier=RESPONSE, shuffle="true")
        made.set("max-associations", "0")
        for choices, names, most in ((asked.left, left, "1"), (asked.right, right, "0")):
            one = element("qti-simple-match-set")
            name = "qti-simple-associable-choice"
            self._options(one, name, choices, names, RESPONSE)
            for option in one:
                option.set("match-max", most)
            made.append(one)
        return made

    def _names(self, choices: Sequence[Choice], letter: str = "") -> Mapping[str, str]:
        """Their own where XML can name them so."""
        ids = [one.id for one in choices]
        if not letter and all(self._contents.name(id_) == id_ for id_ in ids):
            return {id_: id_ for id_ in ids}
        return {id_: f"{letter or 'C'}{at}" for at, id_ in enumerate(ids, start=1)}

    def _options(
        self,
        into: Element,
        tag: str,
        choices: Sequence[Choice],
        names: Mapping[str, str],
        response: str,
    ) -> None:
        for one in choices:
            made = element(tag, identifier=names[one.id])
            if tag == "qti-inline-choice":
                made.text = self._contents.words(one.text, "option")
            else:
                self._contents.put(made, one.text, bare=True)
            if isinstance(one.feedback, str | tuple) and one.feedback:
                made.append(self._rules.feedback_in(names[one.id], one.feedback, response))
            into.append(made)

    def _entry(self, asked: Numeric | ShortText, response: str, weight: int) -> Element:
        made = element("qti-text-entry-interaction", response_identifier=response)
        if isinstance(asked, ShortText):
            self._rules.texts(response, asked, weight)
            return made
        self._rules.numbers(response, asked, weight)
        if asked.units:
            zh, en = (
                "单位只在此处认得，别处只填数值",
                "only read back here: elsewhere a bare number",
            )
            self._contents.report.changed(self._contents.where, "unit", zh, en)
            made.set(UNITS, units_written(asked))
            made.set(UNIT_NEEDED, "true" if asked.unit_needed else "false")
        return made

    def _cloze(self, asked: Cloze) -> None:
        gaps = {gap.id: gap for gap in asked.gaps}

        def made(id_: str) -> Element:
            return self._gap(gaps[id_])

        self._contents.put(self._body, self._item.stem, gap=made)

    def _gap(self, gap: Gap) -> Element:
        response, asked = f"{RESPONSE}-{gap.id}", gap.interaction
        if not isinstance(asked, Single):
            made = self._entry(asked, response, gap.weight)
        else:
            names = self._names(asked.options)
            key = [names.get(id_, id_) for id_ in asked.key]
            self._rules.declare(response, "single", "identifier", key)
            self._rules.when_correct(response, gap.weight)
            made = element("qti-inline-choice-interaction", response_identifier=response)
            made.set("shuffle", "true")
            self._options(made, "qti-inline-choice", asked.options, names, response)
        made.set(ROLE, _LONE_GAP)
        return made

    def _essay(self, asked: Essay) -> None:
        self._rules.declare(RESPONSE, "single", "string", [])
        made = element("qti-extended-text-interaction", response_identifier=RESPONSE)
        made.set("expected-length", str(asked.at_most))
        made.set(AT_MOST, str(asked.at_most))
        made.set(AT_LEAST, str(asked.at_least))
        self._body.append(made)
        for line in asked.rubric:
            self._rubric(line.text, "scorer", {LINE_ID: line.id, WEIGHT: str(line.weight)})
        if isinstance(asked.model_answer, str | tuple) and asked.model_answer:
            self._rubric(asked.model_answer, "scorer", {ROLE: MODEL_ANSWER})

    def _rubric(self, text: RichText, view: str, more: Mapping[str, str]) -> None:
        block = element("qti-rubric-block", view=view)
        block.set("use", "scoring" if view == "scorer" else "instructions")
        for name, said in more.items():
            block.set(name, said)
        block.append(self._contents.put(element("qti-content-body"), text))
        self._body.append(block)
