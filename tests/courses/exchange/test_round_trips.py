"""Whatever the words, an item that an export did not tell of comes back as it went."""

from decimal import Decimal

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from courses.exchange.formats import WRITERS, Format, read
from courses.exchange.report import Outcome, Report
from courses.items.interactions import (
    AcceptedNumber,
    AcceptedText,
    Choice,
    Interaction,
    Multiple,
    Numeric,
    ShortText,
    Single,
)
from courses.items.item import Item
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
def interactions(draw: st.DrawFn) -> Interaction:
    texts = draw(st.lists(TEXT, min_size=3, max_size=5))
    options = tuple(Choice(id=i, text=text) for i, text in zip("ABCDE", texts, strict=False))
    lines = draw(st.lists(LINE, min_size=1, max_size=3))
    accepted = tuple(
        AcceptedText(text=line, percent=100 - 10 * at) for at, line in enumerate(lines)
    )
    number = Decimal(draw(st.integers(-9999, 9999))) / 100
    each: list[Interaction] = [
        Single(options=options, key=("B",)),
        Multiple(options=options, key=("A", "C")),
        ShortText(accepted=accepted),
        Numeric(accepted=(AcceptedNumber(value=number, tolerance=Decimal("0.5")),)),
    ]
    return draw(st.sampled_from(each))


@pytest.mark.parametrize("form", list(WRITERS))
@settings(max_examples=25, deadline=None)
@given(asked=interactions(), stem=TEXT, explanation=TEXT)
def test_any_words_come_back(
    form: Format, asked: Interaction, stem: RichText, explanation: RichText
) -> None:
    item = an_item(asked, "M02-001")
    item = msgspec.structs.replace(item, stem=stem, explanation=explanation)
    out = Report()
    filing = read(WRITERS[form]([item], {}, out), form, PLACE)
    assert filing.report.refusals == ()
    if all(one.outcome is Outcome.IMPORTED for one in out.told):
        (back,) = filing.items
        assert renamed(as_meant(back)) == renamed(as_meant(item))


def as_meant(item: Item) -> Item:
    """Apart from the status, which a draft's faults decide."""
    return msgspec.structs.replace(item, status=msgspec.UNSET)
