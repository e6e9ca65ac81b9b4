"""One assessment item to a draft."""

from collections.abc import Mapping
from decimal import Decimal

import msgspec

from courses.exchange.filing import Draft, Filing, filed_by
from courses.exchange.qti.declarations import Declared, declared
from courses.exchange.qti.feedback import Feedback
from courses.exchange.qti.interactions import INLINE, Interactions, gap_name
from courses.exchange.qti.item_body import Piece, pieces, stands_alone
from courses.exchange.qti.names import is_true, said
from courses.exchange.qti.package import Resource
from courses.exchange.qti.processing import Processing
from courses.exchange.qti.rubrics import Rubrics
from courses.exchange.qti.settings import tell_settings
from courses.exchange.qti.texts import Beside, Texts, words_of
from courses.exchange.qti.worth import Scoring, weights
from courses.exchange.report import Refused
from courses.exchange.xml_reading import Element
from courses.items.interactions import Case, Interaction, PartInteraction, SubQuestion
from courses.items.rich_text import RichText

_READ = {
    *("qti-response-declaration", "qti-outcome-declaration", "qti-item-body"),
    *("qti-response-processing", "qti-modal-feedback", "qti-assessment-stimulus-ref"),
}


class ItemReader:
    def __init__(self, root: Element, resource: Resource, filing: Filing, beside: Beside) -> None:
        self.root, self.resource = root, resource
        self.name = said(root, "identifier")
        self.where = f"{resource.path} ({self.name})"
        self.texts = Texts(resource.path, self.where, filing, beside)
        self.report = filing.report
        self.case_explanation: RichText = ""
        """Of the case that the item is a part of."""

    def draft(self) -> Draft:
        """Raises Refused."""
        self._refuse_what_varies()
        answers = self._declared()
        outcomes = {
            said(one, "identifier"): said(one, "base-type").lower()
            for one in self.root.findall("qti-outcome-declaration")
        }
        self.report.imported(self.where, "outcome", len(outcomes))
        rules = self.root.find("qti-response-processing")
        processing = Processing(rules, answers, outcomes)
        self._tell_processing(processing, rules)
        feedback = Feedback(self.root, processing, self.texts)
        scoring = Scoring(answers, processing, self.where, self.report)
        interactions = Interactions(self.texts, scoring, feedback.of_answers())
        body = self.root.find("qti-item-body")
        if body is None:
            raise Refused("试题没有正文", "an item without a body")
        rubrics = Rubrics(body, self.texts)
        stem, asked = _Body(body, interactions, feedback, rubrics).read()
        if interactions.gaps:
            raise Refused("选项或提示中不能有空", "a gap within a prompt or an option")
        self.case_explanation = rubrics.of_case
        rubrics.tell_unused()
        interactions.choices.tell_unsaid()
        for name in sorted(set(answers) - scoring.used):
            zh, en = f"没有互动用到作答 {name}", f"no interaction asks for {name}"
            self.report.changed(self.where, "response-declaration", zh, en)
        self._tell_others()
        self.report.imported(self.where, "stem")
        filed = filed_by(self.resource.keywords, self.where, self.report)
        return Draft(
            where=self.where,
            name=self.name,
            stem=stem,
            interaction=asked,
            explanation=feedback.explanation(),
            filed=filed,
        )

    def _refuse_what_varies(self) -> None:
        if self.root.find("qti-template-declaration") is not None:
            zh, en = "数值每次不同的试题不支持", "numbers that differ each time are not supported"
            raise Refused(zh, en)
        if is_true(self.root, "adaptive"):
            zh, en = "自适应试题（多次作答）不支持", "an adaptive item, answered several times"
            raise Refused(zh, en)

    def _declared(self) -> Mapping[str, Declared]:
        found = [declared(one) for one in self.root.findall("qti-response-declaration")]
        names = [one.identifier for one in found]
        if len(set(names)) != len(names):
            raise Refused("两个作答的标识相同", "two responses with one identifier")
        return {one.identifier: one for one in found}

    def _tell_processing(self, processing: Processing, rules: Element | None) -> None:
        if rules is not None:
            self.report.imported(self.where, "response processing")
        if processing.split:
            zh = "须全部答对才得分，改为按双向细目表给分"
            en = "points for all answers together: the blueprint's rule gives them"
            self.report.changed(self.where, "response processing", zh, en)

    def _tell_others(self) -> None:
        """Every child that nobody has read, and the language."""
        language = said(self.root, "lang", "zh")
        if not language.lower().startswith("zh"):
            zh, en = f"语言 {language} 未标注", f"{language}: an item does not name its language"
            self.report.changed(self.where, "language", zh, en)
        if (title := said(self.root, "title")) not in {"", self.name}:
            zh, en = f"标题“{title}”未保留", f"“{title}” is left out: items have no titles"
            self.report.changed(self.where, "title", zh, en)
        tell_settings(self.root, self.texts)
        if is_true(self.root, "time-dependent"):
            zh, en = "与用时相关的设置未保留", "that it depends on time is left out"
            self.report.changed(self.where, "time-dependent", zh, en)
        for child in self.root:
            if child.tag not in _READ:
                zh, en = "没有位置，未保留", "left out: items have no place for it"
                self.report.changed(self.where, f"<{child.tag}>", zh, en)


class _Body:
    """Several things asked are a cloze when all are gaps, and else a case."""

    def __init__(
        self, body: Element, interactions: Interactions, feedback: Feedback, rubrics: Rubrics
    ) -> None:
        self._interactions, self._rubrics = interactions, rubrics
        self._pieces = [*pieces(body)]
        self._special = {
            **{name: interactions.gap for name in INLINE},
            "qti-feedback-block": feedback.in_body,
            "qti-feedback-inline": feedback.in_body,
            "qti-rubric-block": rubrics.shown,
            "qti-hottext": lambda one: interactions.texts.inner(one, {}),
        }

    def read(self) -> tuple[RichText, Interaction]:
        """Raises Refused where nothing is asked."""
        asking = [one for one in self._pieces if one.asks]
        gaps = sum(one.gaps for one in self._pieces)
        if not asking and not gaps:
            raise Refused("没有互动，不提问", "no interaction: it asks nothing")
        if len(asking) == 1 and not gaps:
            html = [self._html(one) for one in self._pieces]
            asked = self._asked(asking[0])
            return self._of("".join(html)), asked
        if not asking:
            return self._gaps()
        return self._case()

    def _of(self, html: str) -> RichText:
        return self._interactions.texts.of(html)

    def _html(self, piece: Piece) -> str:
        """Of a block interaction, what it says before its options."""
        texts = self._interactions.texts
        if piece.tail:
            return f"<p>{words_of(piece.text)}</p>"
        if not piece.asks:
            return texts.html(piece.element, self._special)
        if piece.element.tag == "qti-gap-match-interaction":
            return self._interactions.gap_match(piece.element)
        if piece.element.tag == "qti-hottext-interaction":
            return texts.inner(piece.element, self._special)
        prompt = piece.element.find("qti-prompt")
        return "" if prompt is None else texts.html(prompt, self._special)

    def _asked(self, piece: Piece) -> PartInteraction:
        name = str(piece.element.tag)
        if name == "qti-gap-match-interaction":
            return self._interactions.taken()
        if name == "qti-extended-text-interaction":
            return self._rubrics.essay(piece.element, self._interactions.scoring)
        return self._interactions.of_block(piece.element)

    def _gaps(self) -> tuple[RichText, PartInteraction]:
        asking = [one for one in self._pieces if one.gaps]
        if len(asking) == 1 and stands_alone(asking[0].element):
            (gap,) = (one for one in asking[0].element.iter() if one.tag in INLINE)
            asked, _ = self._interactions.entry(gap)
            html = [self._html(one) for one in self._pieces if one is not asking[0]]
            return self._of("".join(html)), asked
        stem = self._of("".join(map(self._html, self._pieces)))
        return stem, self._interactions.taken()

    def _case(self) -> tuple[RichText, Case]:
        """Words before the first question tell the case; later ones belong to the next question."""
        story: list[str] = []
        before: list[str] = []
        parts: list[SubQuestion] = []
        worth: list[Decimal] = []
        for piece in self._pieces:
            earned, html = self._interactions.earned, self._html(piece)
            if not (piece.asks or piece.gaps):
                before.append(html)
                continue
            if not parts:
                story, before = before, []
            asked = self._asked(piece) if piece.asks else self._interactions.taken()
            id_ = gap_name(said(piece.element, "response-identifier"), {one.id for one in parts})
            stem = self._of("".join((*before, html)))
            parts.append(SubQuestion(id=id_, stem=stem, interaction=asked))
            worth.append(self._interactions.earned - earned)
            before = []
        self._interactions.texts.report.imported(self._interactions.where, "part", len(parts))
        shares = zip(parts, weights([one or Decimal(1) for one in worth]), strict=True)
        weighed = tuple(msgspec.structs.replace(one, weight=weight) for one, weight in shares)
        return self._of("".join((*story, *before))), Case(parts=weighed)
