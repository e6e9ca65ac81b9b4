"""Whatever the words, an item that an export did not tell of comes back as it went."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import starmap
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from courses.exchange.formats import WRITERS, Format, read
from courses.exchange.report import Outcome, Report
from courses.items.interactions import (
    AcceptedNumber,
    AcceptedText,
    Case,
    Choice,
    Cloze,
    Essay,
    Gap,
    Interaction,
    Matching,
    Multiple,
    Numeric,
    Ordering,
    RubricLine,
    ShortText,
    Single,
    SubQuestion,
    TrueFalse,
)
from courses.items.item import Item
from courses.items.kinds import Kind
from courses.items.rich_text import Paragraph, RichText, Run
from tests.courses.exchange.banks import PLACE, renamed
from tests.courses.items.samples import an_item

MARKS = "甲乙Aa0 =~#{}:\\%->/[]<b>&;|@×：±\"'!*$.\n"


def tidy(text: str) -> str:
    """Blanks at the ends of lines go, and lines that are empty."""
    return "\n".join(line for line in map(" ".join, map(str.split, text.split("\n"))) if line)


LINE = st.text(MARKS.replace("\n", ""), min_size=1, max_size=25).map(tidy).filter(bool)
WORDS = st.text(MARKS, min_size=1, max_size=40).map(tidy).filter(bool)
STRONG = WORDS.map(lambda text: (Paragraph(content=(Run(text=text, strong=True),)),))
TEXT: st.SearchStrategy[RichText] = st.one_of(WORDS, STRONG)


@st.composite
def questions(draw: st.DrawFn, kinds: Sequence[Kind] = tuple(Kind)) -> tuple[RichText, Interaction]:
    """A stem, and what is asked."""
    kind, stem = draw(st.sampled_from(kinds)), draw(TEXT)
    if kind is Kind.CASE:
        asked = draw(st.lists(questions(PARTS), min_size=1, max_size=3))
        return stem, Case(parts=tuple(starmap(_part, enumerate(asked, start=1))))
    if kind is Kind.CLOZE:
        before, between = draw(LINE), draw(LINE)
        gaps = (
            Gap(id="a", interaction=draw(asked_for(Kind.SHORT_TEXT)), weight=2),
            Gap(id="b", interaction=draw(asked_for(Kind.SINGLE))),
            Gap(id="c", interaction=draw(asked_for(Kind.NUMERIC))),
        )
        return f"{before}[[a]]{between}[[b]]，[[c]]", Cloze(gaps=gaps)
    return stem, draw(asked_for(kind))


def _part(at: int, question: tuple[RichText, Any]) -> SubQuestion:
    stem, asked = question
    return SubQuestion(id=str(at), stem=stem, interaction=asked, weight=at)


PARTS = [kind for kind in Kind if kind is not Kind.CASE]


@st.composite
def asked_for(draw: st.DrawFn, kind: Kind) -> Any:
    texts = draw(st.lists(TEXT, min_size=3, max_size=5))
    options = tuple(Choice(id=i, text=text) for i, text in zip("ABCDE", texts, strict=False))
    lines = draw(st.lists(LINE, min_size=3, max_size=3, unique=True))
    accepted = tuple(
        AcceptedText(text=line, percent=100 - 10 * at) for at, line in enumerate(lines)
    )
    right = tuple(Choice(id=id_, text=line) for id_, line in zip("xyz", lines, strict=True))
    number = Decimal(draw(st.integers(-9999, 9999))) / 100
    made: Mapping[Kind, Interaction] = {
        Kind.SINGLE: Single(options=options, key=("B",)),
        Kind.MULTIPLE: Multiple(options=options, key=("A", "C")),
        Kind.TRUE_FALSE: TrueFalse(options=TRUE_OR_FALSE, key=("F",)),
        Kind.ORDERING: Ordering(options=options[:3], key=("A", "B", "C")),
        Kind.MATCHING: Matching(left=options[:2], right=right, pairs={"A": "x", "B": "y"}),
        Kind.SHORT_TEXT: ShortText(accepted=accepted),
        Kind.NUMERIC: Numeric(accepted=(AcceptedNumber(value=number, tolerance=Decimal("0.5")),)),
        Kind.ESSAY: Essay(rubric=(RubricLine(id="A", text=texts[0], weight=3),)),
    }
    return made[kind]


TRUE_OR_FALSE = (Choice(id="T", text="正确"), Choice(id="F", text="错误"))
AS_GOOD_AS_WHOLE = {"case", "unit"}
"""Told, since it goes in another form; here it comes back as it went."""


@pytest.mark.parametrize("form", list(WRITERS))
@settings(max_examples=25, deadline=None)
@given(question=questions(), explanation=TEXT)
def test_any_words_come_back(
    form: Format, question: tuple[RichText, Interaction], explanation: RichText
) -> None:
    stem, asked = question
    item = msgspec.structs.replace(an_item(asked, "M02-001"), stem=stem, explanation=explanation)
    out = Report()
    filing = read(WRITERS[form]([item], {}, out), form, PLACE)
    assert filing.report.refusals == ()
    lost = {one.element for one in out.told if one.outcome is not Outcome.IMPORTED}
    if lost <= AS_GOOD_AS_WHOLE:
        (back,) = filing.items
        assert renamed(as_meant(back)) == renamed(as_meant(item))


def as_meant(item: Item) -> Item:
    """Apart from the status, which a draft's faults decide."""
    return msgspec.structs.replace(item, status=msgspec.UNSET)
