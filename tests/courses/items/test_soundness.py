"""Each fault an author could plant in an item, and what is said of it."""

from decimal import Decimal
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from courses.item_rules import item_problems
from courses.items.interactions import AcceptedNumber, AcceptedText, Choice, Interaction, Unit
from courses.items.item import Item
from courses.items.rich_text import (
    Formula,
    Image,
    Listing,
    MediaType,
    Paragraph,
    RichText,
    Run,
    Table,
    images,
    plain,
)
from tests.courses.items.samples import (
    CASE,
    CLOZE,
    ESSAY,
    EVERY,
    MATCHING,
    NUMERIC,
    ORDERING,
    SHORT_TEXT,
    SINGLE,
    an_item,
    choices,
)


def told(item: Item) -> str:
    return "\n".join(map(str, item_problems(item)))


@pytest.mark.parametrize("kind", EVERY)
def test_a_sound_item_of_each_kind_has_no_problem(kind: str) -> None:
    item = an_item(EVERY[kind])
    if kind == "case":  # its cloze has gaps a, b and c, as its stem says
        assert "[[a]]" in plain(CASE.parts[2].stem)
    assert told(item) == ""


def of_case(**changes: Any) -> Interaction:
    return replace(CASE, parts=(replace(CASE.parts[0], **changes), *CASE.parts[1:]))


def of_number(value: str, tolerance: str = "0", percent: int = 100) -> Interaction:
    accepted = AcceptedNumber(value=Decimal(value), tolerance=Decimal(tolerance), percent=percent)
    return replace(NUMERIC, accepted=(accepted,))


A = AcceptedText(text="ＩＰ 证。")
FAULTS: list[tuple[str, Interaction, str]] = [
    ("an order that leaves one out", replace(ORDERING, key=("A", "B", "C")), "is no order"),
    ("an order with one twice", replace(ORDERING, key=("A", "B", "C", "C")), "is no order"),
    (
        "an element said twice",
        replace(ORDERING, options=(*choices("ABC"), Choice(id="D", text="说法Ａ "))),
        "say the same",
    ),
    ("a left side without a right one", replace(MATCHING, pairs={"A": "x"}), "do not join"),
    (
        "a pair with what is not there",
        replace(MATCHING, pairs={"A": "q", "B": "x", "C": "x"}),
        "do not join",
    ),
    ("a number without end", of_number("NaN"), "without end"),
    ("a number too long to be counted", of_number("1e999999"), "without end"),
    ("a number of a million places", of_number("1e-999999"), "without end"),
    ("a tolerance below nothing", of_number("1", "-0.1"), "below 0"),
    ("no number for all points", of_number("1", percent=50), "no number earns all"),
    ("no number at all", replace(NUMERIC, accepted=()), "no number earns all"),
    (
        "a unit twice",
        replace(NUMERIC, units=(Unit(symbol="％"), Unit(symbol="%"))),
        "two units alike",
    ),
    (
        "a unit needed and none known",
        replace(NUMERIC, units=(), unit_needed=True),
        "none where one is needed",
    ),
    (
        "a unit of nothing",
        replace(NUMERIC, units=(Unit(symbol="g", factor=Decimal(0)),)),
        "unit of 0",
    ),
    (
        "a text there in two widths",
        replace(SHORT_TEXT, accepted=(A, AcceptedText(text="ip证"))),
        "there twice",
    ),
    ("a text of marks alone", replace(SHORT_TEXT, accepted=(AcceptedText(text="。"),)), "is empty"),
    (
        "no text for all points",
        replace(SHORT_TEXT, accepted=(replace(A, percent=10),)),
        "no answer earns all",
    ),
    ("a gap that the stem has not", replace(CLOZE, gaps=CLOZE.gaps[:2]), "the stem has gaps"),
    ("no gap at all", replace(CLOZE, gaps=()), "no gap"),
    (
        "a faulty gap",
        replace(
            CLOZE,
            gaps=(*CLOZE.gaps[:2], replace(CLOZE.gaps[2], interaction=replace(SINGLE, key=("X",)))),
        ),
        "(c): key ['X'] is no option",
    ),
    ("a case without questions", replace(CASE, parts=()), "no question"),
    ("two questions with one id", of_case(id="2"), "two with one id"),
    ("a question of a case without words", of_case(stem=" "), "(1): the stem is empty"),
    (
        "a faulty question of a case",
        of_case(interaction=replace(SINGLE, key=("A", "B"))),
        "(1): key ['A', 'B'] for kind single",
    ),
    ("an essay without a rubric", replace(ESSAY, rubric=()), "no rubric"),
    ("an essay longer than it may be", replace(ESSAY, at_least=500), "above at_most"),
]


@pytest.mark.parametrize(
    ("asked", "what"), [pytest.param(asked, what, id=name) for name, asked, what in FAULTS]
)
def test_a_planted_fault_is_found(asked: Interaction, what: str) -> None:
    assert what in told(an_item(asked))


def block(*inlines: Run | Formula) -> RichText:
    return (Paragraph(content=inlines),)


def cells(*lengths: int) -> RichText:
    return (Table(rows=tuple(((Run(text="格"),),) * n for n in lengths)),)


def picture(alt: str) -> Image:
    return Image(sha256="0" * 64, media_type=MediaType.PNG, alt=alt)


RIGHT_TO_LEFT = "\u202e"
TEXTS: list[tuple[str, RichText, str]] = [
    ("a table with a cell missing", cells(3, 2), "rows of unlike length"),
    ("a table without rows", cells(), "rows of unlike length"),
    ("an image nobody can hear", (picture(" "), *block(Run(text="看图"))), "image without words"),
    ("a formula nobody can hear", block(Formula(latex="x", alt="")), "formula without words"),
    ("a formula that reads a file", block(Formula(latex=r"\input{x}", alt="x")), "['input']"),
    ("a formula with a link", block(Formula(latex=r"\href{javascript:1}{x}", alt="x")), "['href']"),
    ("a formula that defines", block(Formula(latex=r"\def\a{\a}\a", alt="x")), "['def']"),
    ("a formula left open", block(Formula(latex=r"\frac{1}{2", alt="一半")), "brace too many"),
    ("a formula closed first", block(Formula(latex="}{", alt="x")), "brace too many"),
    ("a line turned around", block(Run(text=f"选{RIGHT_TO_LEFT}对")), "cannot be seen"),
    ("an empty list", (Listing(entries=()), *block(Run(text="列"))), "empty list"),
    ("nothing but blanks", block(Run(text="　")), "the stem is empty"),
    (
        "an option called by its letter in a table",
        (Table(rows=(((Run(text="选项B"),),),)),),
        "its letter",
    ),
]


@pytest.mark.parametrize(
    ("stem", "what"), [pytest.param(stem, what, id=name) for name, stem, what in TEXTS]
)
def test_a_text_that_cannot_be_shown_or_read_is_found(stem: RichText, what: str) -> None:
    assert what in told(replace(an_item(SINGLE), stem=stem))


def test_a_text_with_everything_is_sound_and_can_be_read_aloud() -> None:
    stem: RichText = (
        Paragraph(
            content=(
                Run(text="若"),
                Formula(latex=r"\frac{a}{b} \geq \{0\}", alt="a 比 b 不小于零"),
                Run(text="，则", strong=True),
            )
        ),
        Listing(entries=((Run(text="其一"),), (Run(text="其二"),)), numbered=True),
        Table(rows=(((Run(text="年"),), (Run(text="件"),)),), caption="申请量"),
        picture("柱状图：逐年上升"),
    )
    assert told(replace(an_item(SINGLE), stem=stem)) == ""
    assert plain(stem) == "若a 比 b 不小于零，则\n其一\n其二\n年\n件\n柱状图：逐年上升"
    assert [image.sha256 for image in images(stem)] == ["0" * 64]
    written = msgspec.to_builtins(stem)
    assert written[2]["headers"] == 1
    assert written[3]["format"] == "image/png"
    assert msgspec.convert(written, RichText) == stem
