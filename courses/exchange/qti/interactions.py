"""Interactions of QTI to what an item asks for and its key."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import partial

from courses.exchange.answers_reading import weighted_choices
from courses.exchange.gaps import short_name
from courses.exchange.qti.choices import Choices, Option
from courses.exchange.qti.declarations import Declared
from courses.exchange.qti.names import is_true, said
from courses.exchange.qti.numbers import numeric, short_text
from courses.exchange.qti.texts import Texts, mark
from courses.exchange.qti.worth import Scoring, Worth, weights
from courses.exchange.report import Refused
from courses.exchange.weights import AnswerSaid
from courses.exchange.xml_reading import Element
from courses.items.interactions import (
    Cloze,
    Gap,
    GapInteraction,
    Matching,
    Multiple,
    Ordering,
    Single,
    TrueFalse,
)

InBlock = Single | Multiple | TrueFalse | Ordering | Matching
BLOCK = frozenset(
    f"qti-{name}-interaction"
    for name in ("choice", "order", "match", "associate", "gap-match", "hottext", "extended-text")
)
INLINE = frozenset({"qti-text-entry-interaction", "qti-inline-choice-interaction"})
REFUSED: Mapping[str, tuple[str, str]] = {
    "hotspot": ("图上选点题不支持", "choosing on an image is not supported"),
    "select-point": ("图上选点题不支持", "choosing a point is not supported"),
    "graphic-order": ("图上排序题不支持", "ordering on an image is not supported"),
    "graphic-associate": ("图上连线题不支持", "joining on an image is not supported"),
    "graphic-gap-match": ("图上拖放题不支持", "dragging onto an image is not supported"),
    "position-object": ("图上拖放题不支持", "placing on an image is not supported"),
    "slider": ("滑块题不支持，请改为数值题", "a slider is not supported: ask for a number"),
    "media": ("媒体互动不支持", "media that count plays are not supported"),
    "drawing": ("绘图题不支持", "drawing is not supported"),
    "upload": ("上传题不支持", "answers that are files are not supported"),
    "portable-custom": ("自定义互动不支持", "an interaction that runs code is not supported"),
    "custom": ("自定义互动不支持", "an interaction of one system is not supported"),
    "end-attempt": ("结束作答按钮不支持", "a button that ends the attempt is not supported"),
}


class Interactions:
    def __init__(
        self, texts: Texts, scoring: Scoring, modal: Mapping[tuple[str, str], str]
    ) -> None:
        """`modal`: response and value -> HTML said to who gave it."""
        self.texts, self.scoring, self._report = texts, scoring, texts.report
        self.where = texts.where
        self.choices = Choices(texts, modal)
        self.gaps: list[Gap] = []
        self._points: list[Decimal] = []
        self.earned = Decimal(0)
        """Points for all that was read so far."""

    def of_block(self, element: Element) -> InBlock:
        """Raises Refused, also for an interaction that becomes nothing of ours."""
        readers: Mapping[str, Callable[[Element, Declared], InBlock]] = {
            "qti-choice-interaction": self._choice,
            "qti-hottext-interaction": self._hottext,
            "qti-order-interaction": self._order,
            "qti-match-interaction": self._match,
            "qti-associate-interaction": self._associate,
        }
        if element.tag not in readers:
            name = str(element.tag).removeprefix("qti-").removesuffix("-interaction")
            raise Refused(*REFUSED.get(name, (f"不支持互动 {name}", f"{name} is not supported")))
        response = self.scoring.response(said(element, "response-identifier"))
        asked = readers[str(element.tag)](element, response)
        self._report.imported(self.where, str(element.tag))
        return asked

    def worth(self, response: Declared) -> Worth:
        worth = self.scoring.worth(response)
        self.earned += worth.points
        return worth

    def _choice(self, element: Element, response: Declared) -> Single | Multiple | TrueFalse:
        options = self.choices.options(element, "qti-simple-choice", response.identifier)
        shuffled = is_true(element, "shuffle")
        return self._chosen(element, response, options, self.worth(response), shuffled=shuffled)

    def _hottext(self, element: Element, response: Declared) -> Single | Multiple | TrueFalse:
        zh, en = "文中可点选的词成为选项", "words to be picked in the text become options"
        self._report.changed(self.where, "hottext", zh, en)
        options = self.choices.options(element, "qti-hottext", response.identifier)
        return self._chosen(element, response, options, self.worth(response), shuffled=True)

    def _chosen(
        self,
        element: Element,
        response: Declared,
        options: Sequence[Option],
        worth: Worth,
        *,
        shuffled: bool,
    ) -> Single | Multiple | TrueFalse:
        several = response.cardinality == "multiple" and said(element, "max-choices") != "1"
        percents = {one.value: one.percent for one in worth.values}
        if stray := set(percents) - {one.identifier for one in options}:
            raise Refused(f"答案 {sorted(stray)} 不是选项", f"the key {sorted(stray)} is no option")
        answers = [
            AnswerSaid(
                percent=percents.get(one.identifier, Decimal(0)),
                weighted=worth.weighted and one.identifier in percents,
                raw="",
                text=one.text,
                feedback=one.feedback or None,
            )
            for one in options
        ]
        ids = self.choices.ids(options)
        asked = weighted_choices(answers, several, self.where, self._report, ids)
        if isinstance(asked, Single) and len(options) == 2 and not shuffled:
            return TrueFalse(options=asked.options, key=asked.key)
        self._tell_order(element, shuffled=shuffled)
        limit = said(element, "max-choices", "0")
        if several and limit not in {"0", "", str(len(options))}:
            zh, en = f"最多选 {limit} 项的限制未保留", f"a limit of {limit} picks is left out"
            self._report.changed(self.where, "max-choices", zh, en)
        return asked

    def _tell_order(self, element: Element, *, shuffled: bool) -> None:
        fixed = any(is_true(one, "fixed") for one in element)
        if not shuffled or fixed:
            zh, en = "选项次序对每位学员打乱", "options are shuffled for each learner here"
            self._report.changed(self.where, "shuffle", zh, en)

    def _order(self, element: Element, response: Declared) -> Ordering:
        options = self.choices.options(element, "qti-simple-choice", response.identifier)
        named = [one.identifier for one in options]
        key = [one.value for one in self.worth(response).values]
        if sorted(key) != sorted(named):
            raise Refused("排序题的答案未含每一项一次", "its key does not order every element once")
        ids = dict(zip(named, self.choices.ids(options), strict=True))
        self._report.imported(self.where, "option", len(options))
        self._report.imported(self.where, "key")
        return Ordering(options=self.choices.made(options), key=tuple(ids[one] for one in key))

    def _match(self, element: Element, response: Declared) -> Matching:
        sets = element.findall("qti-simple-match-set")
        if len(sets) != 2:
            raise Refused("配对题没有两组选项", "a match without its two sets")
        left, right = (
            self.choices.options(one, "qti-simple-associable-choice", response.identifier)
            for one in sets
        )
        pairs = self._pairs(response)
        names = {one.identifier for one in left}
        turned = [(a, b) if a in names else (b, a) for a, b in pairs]
        return self._matched(left, right, turned)

    def _associate(self, element: Element, response: Declared) -> Matching:
        """Pairs within one set: the first of each goes left."""
        options = self.choices.options(element, "qti-simple-associable-choice", response.identifier)
        pairs = self._pairs(response)
        firsts = {first for first, _ in pairs}
        zh, en = "每对的前一项成为左项", "the first of each pair becomes its left side"
        self._report.changed(self.where, "associate", zh, en)
        left = [one for one in options if one.identifier in firsts]
        return self._matched(left, [one for one in options if one not in left], pairs)

    def _pairs(self, response: Declared) -> list[tuple[str, str]]:
        found = []
        for one in self.worth(response).values:
            if one.percent <= 0:
                continue
            parts = one.value.split()
            if len(parts) != 2:
                raise Refused(f"“{one.value}”不是一对", f"“{one.value}” is no pair")
            found.append((parts[0], parts[1]))
        return found

    def _matched(
        self, left: Sequence[Option], right: Sequence[Option], pairs: Sequence[tuple[str, str]]
    ) -> Matching:
        of_left, of_right = self.choices.ids(left), self.choices.ids(right)
        lefts = dict(zip((one.identifier for one in left), of_left, strict=True))
        rights = dict(zip((one.identifier for one in right), of_right, strict=True))
        if {a for a, _ in pairs} != set(lefts) or len(pairs) != len(lefts):
            zh = "左项没有或不止一个对应的右项"
            raise Refused(zh, "a left side with no right side, or with more than one")
        if stray := {b for _, b in pairs} - set(rights):
            raise Refused(f"{sorted(stray)} 不是右项", f"{sorted(stray)} is no right side")
        self._report.imported(self.where, "pair", len(pairs))
        unused = set(rights) - {b for _, b in pairs}
        self._report.imported(self.where, "extra right side", len(unused))
        return Matching(
            left=self.choices.made(left),
            right=self.choices.made(right),
            pairs={lefts[a]: rights[b] for a, b in pairs},
        )

    def entry(self, element: Element) -> tuple[GapInteraction, Worth]:
        """Of a text entry or an inline choice."""
        response = self.scoring.response(said(element, "response-identifier"))
        worth = self.worth(response)
        self._report.imported(self.where, str(element.tag))
        if element.tag == "qti-inline-choice-interaction":
            options = self.choices.options(element, "qti-inline-choice", response.identifier)
            asked = self._chosen(element, response, options, worth, shuffled=True)
            if not isinstance(asked, Single):
                raise Refused("空不能有多个正确选项", "a gap has one right option")
            return asked, worth
        said_to = partial(self.choices.said_to, response.identifier)
        read = numeric if response.base_type in {"float", "integer"} else short_text
        return read(element, worth, said_to, self.texts), worth

    def gap(self, element: Element) -> str:
        """Leaves a mark in the text."""
        asked, worth = self.entry(element)
        return self._gap(said(element, "response-identifier"), asked, worth.points)

    def _gap(self, name: str, asked: GapInteraction, points: Decimal) -> str:
        id_ = gap_name(name, {one.id for one in self.gaps})
        self.gaps.append(Gap(id=id_, interaction=asked))
        self._points.append(points)
        self._report.imported(self.where, "gap")
        return mark(id_)

    def taken(self) -> Cloze:
        """The gaps since the last time, with their weights."""
        gaps, points = self.gaps, self._points
        self.gaps, self._points = [], []
        shares = zip(gaps, weights(points), strict=True)
        return Cloze(
            gaps=tuple(
                Gap(id=gap.id, interaction=gap.interaction, weight=weight) for gap, weight in shares
            )
        )

    def gap_match(self, element: Element) -> str:
        """Each gap offers every word: which ones are used up is not told while one answers."""
        response = self.scoring.response(said(element, "response-identifier"))
        texts = self.choices.options(element, "qti-gap-text", response.identifier)
        texts += self.choices.options(element, "qti-gap-img", response.identifier)
        wanted = self._wanted_gaps(response, {one.identifier for one in texts})
        made, names = self.choices.made(texts), self.choices.ids(texts)
        ids = dict(zip((one.identifier for one in texts), names, strict=True))
        self._report.imported(self.where, "option", len(texts))
        self._report.imported(self.where, str(element.tag))

        def gap(one: Element) -> str:
            name = said(one, "identifier")
            if name not in wanted:
                raise Refused(f"空 {name} 没有唯一的答案", f"the gap {name} has not one right word")
            word, points = wanted[name]
            return self._gap(name, Single(options=made, key=(ids[word],)), points)

        skipped = {"qti-gap-text": _nothing, "qti-gap-img": _nothing}
        return self.texts.inner(element, {**skipped, "qti-gap": gap})

    def _wanted_gaps(self, response: Declared, words: set[str]) -> dict[str, tuple[str, Decimal]]:
        worth = self.worth(response)
        values = {one.value: one.percent * worth.points / 100 for one in worth.values}
        found: dict[str, tuple[str, Decimal]] = {}
        for (first, second), value in zip(self._split(values), values.values(), strict=True):
            word, gap = (first, second) if first in words else (second, first)
            if value > 0 and (gap in found or word not in words):
                raise Refused(f"空 {gap} 没有唯一的答案", f"the gap {gap} has not one right word")
            if value > 0:
                found[gap] = (word, value if worth.weighted else Decimal(1))
        return found

    def _split(self, values: Mapping[str, Decimal]) -> list[tuple[str, str]]:
        pairs = [[*one.split(), "", ""] for one in values]
        return [(first, second) for first, second, *_ in pairs]


def gap_name(response: str, taken: set[str]) -> str:
    """Ours stand behind a prefix, since QTI's names begin with a letter."""
    return short_name(response.removeprefix("RESPONSE-"), taken)


def _nothing(_: Element) -> str:
    return ""
