"""Cases that a file tells in pieces: the story once, and a question at a time.

No exchange format has structured cases. Their questions go as questions of their own, tagged
`guanbiao:case`, `guanbiao:part` and `guanbiao:weight`, and are put together again here.
"""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from courses.exchange.draft import Draft
from courses.exchange.gaps import short_name
from courses.exchange.report import Refused, Report
from courses.items.interactions import Case, SubQuestion
from courses.items.item import Item
from courses.items.kinds import Citation
from courses.items.rich_text import RichText, paragraphs

CASE, PART, WEIGHT = "case", "part", "weight"
NO_QUESTIONS = Case(parts=())
"""What the draft of a story asks for, until its questions are there."""


class Cases:
    def __init__(self, report: Report) -> None:
        self._report = report
        self._stories: dict[str, Draft] = {}
        self._parts: dict[str, list[Draft]] = {}
        self._explained: dict[str, RichText] = {}
        self.places: dict[str, int] = {}
        """Case -> how many items came before it."""

    def takes(self, draft: Draft, before: int) -> bool:
        """Whether it is a piece of a case. Raises Refused for a second story."""
        case = draft.filed.get(CASE, "")
        if not case:
            return False
        self.places.setdefault(case, before)
        if draft.filed.get(PART):
            self._parts.setdefault(case, []).append(draft)
            self._report.imported(draft.where, "part")
        elif case in self._stories:
            raise Refused(f"案例 {case} 有两个背景", f"two stories of the case {case}")
        else:
            self._stories[case] = draft
        return True

    def explain(self, case: str, explanation: RichText) -> None:
        if explanation:
            self._explained[case] = explanation

    def tell_orphans(self) -> None:
        """Questions whose story is not in the file."""
        for case, parts in self._parts.items():
            for part in () if case in self._stories else parts:
                zh, en = f"文件中没有案例 {case}", f"the case {case} is not in the file"
                self._report.refused(part.where, "question", zh, en)

    def whole(self) -> Iterator[Draft]:
        """The last first, so that each can be put into its place."""
        for case in sorted(self._stories, key=lambda one: self.places[one], reverse=True):
            draft = self._stories[case]
            explanation = draft.explanation or self._explained.get(case, "")
            parts = tuple(self._questions(self._parts.get(case, ())))
            filed = {name: said for name, said in draft.filed.items() if name != CASE}
            yield msgspec.structs.replace(
                draft,
                interaction=Case(parts=parts),
                explanation=explanation,
                filed={**filed, CASE: case},
            )

    def _questions(self, drafts: Sequence[Draft]) -> Iterator[SubQuestion]:
        taken: set[str] = set()
        for draft in drafts:
            for question in _of(draft):
                id_ = short_name(question.id, taken)
                taken.add(id_)
                yield msgspec.structs.replace(question, id=id_)
                self._tell_name(draft, id_)

    def _tell_name(self, draft: Draft, id_: str) -> None:
        if draft.name in {id_, f"{draft.filed[CASE]}-{id_}"}:
            self._report.imported(draft.where, "name")
        elif draft.name:
            zh = f"“{draft.name}”成为案例的问题 {id_}"
            en = f"“{draft.name}” is now question {id_} of its case"
            self._report.changed(draft.where, "name", zh, en)


def _of(draft: Draft) -> Iterator[SubQuestion]:
    """A part that is a case itself gives its own questions, the first with its story before it."""
    if isinstance(draft.interaction, Case):
        story = draft.stem
        for part in draft.interaction.parts:
            stem = (*paragraphs(story), *paragraphs(part.stem)) if story else part.stem
            yield msgspec.structs.replace(part, stem=stem)
            story = ""
        return
    question = SubQuestion(
        id=draft.filed[PART],
        stem=draft.stem,
        interaction=draft.interaction,
        weight=_weight(draft.filed),
    )
    if draft.explanation:
        question = msgspec.structs.replace(question, explanation=draft.explanation)
    cited = {name: draft.filed.get(name, "") for name in ("standard", "edition", "clause")}
    if any(cited.values()):
        question = msgspec.structs.replace(question, citation=Citation(**cited))
    yield question


def _weight(filed: Mapping[str, str]) -> int:
    """Bounded again when the item is made."""
    said = filed.get(WEIGHT, "1")
    return int(said) if said.isdecimal() and len(said) < 6 else 1


def part_as_item(item: Item, part: SubQuestion) -> Item:
    """A question of a case as if it were an item, for writers; `part_tags` say what it is."""
    explanation = part.explanation if isinstance(part.explanation, str | tuple) else ""
    citation = part.citation if isinstance(part.citation, Citation) else _UNCITED
    return Item(
        id=f"{item.id}-{part.id}",
        stem=part.stem,
        interaction=part.interaction,
        explanation=explanation,
        citation=citation,
        module=item.module,
        topic="",
        level=item.level,
    )


_UNCITED = Citation(standard="", edition="")


def part_tags(item: Item, part: SubQuestion) -> dict[str, str]:
    return {CASE: item.id, PART: part.id, WEIGHT: str(part.weight)}
