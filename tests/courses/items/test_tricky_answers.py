"""Answers that a careless comparison would judge wrong, and what they are worth of 10 points."""

from decimal import Decimal

import pytest

from courses.items.answers import (
    Answer,
    Filled,
    Number,
    Ordered,
    Paired,
    Parts,
    Picked,
    Written,
)
from courses.items.interactions import AcceptedNumber, AcceptedText, Interaction, Numeric, ShortText
from courses.items.marking import mark
from courses.items.marking_rules import EachRule, MarkingRules, MultipleRule, OrderingRule
from tests.courses.items.samples import (
    BARE,
    CASE,
    CLOZE,
    ESSAY,
    MATCHING,
    MULTIPLE,
    NUMERIC,
    ORDERING,
    SHORT_TEXT,
    SINGLE,
    TRUE_FALSE,
)

STRICT = MarkingRules()
PARTIAL = MarkingRules(multiple=MultipleRule.PARTIAL_WITHOUT_WRONG_PICK)
LESS_WRONG = MarkingRules(multiple=MultipleRule.RIGHT_LESS_WRONG)
PLACES = MarkingRules(ordering=OrderingRule.BY_POSITION)
PAIRS = MarkingRules(ordering=OrderingRule.ADJACENT_PAIRS)
WHOLE = MarkingRules(matching=EachRule.ALL_OR_NOTHING, cloze=EachRule.ALL_OR_NOTHING)


def picked(ids: str) -> Picked:
    return Picked(picked=tuple(ids))


def order(ids: str) -> Ordered:
    return Ordered(order=tuple(ids))


def pairs(**joined: str) -> Paired:
    return Paired(pairs=joined)


def number(value: str, unit: str = "") -> Number:
    return Number(value=value, unit=unit)


def text(said: str) -> Written:
    return Written(text=said)


def gaps(**filled: Picked | Number | Written) -> Filled:
    return Filled(gaps=filled)


def accepting(*texts: str, case_matters: bool = False) -> ShortText:
    accepted = tuple(AcceptedText(text=one) for one in texts)
    return ShortText(accepted=accepted, case_matters=case_matters)


def exactly(value: str, tolerance: str = "0") -> Numeric:
    return Numeric(accepted=(AcceptedNumber(value=Decimal(value), tolerance=Decimal(tolerance)),))


ALL_GAPS = gaps(a=text("知识产权证"), b=number("1,200"), c=picked("B"))
TRICKY: list[tuple[str, Interaction, Answer | None, MarkingRules, str]] = [
    ("single: never answered", SINGLE, None, STRICT, "0"),
    ("single: cleared", SINGLE, picked(""), STRICT, "0"),
    ("single: right", SINGLE, picked("B"), STRICT, "10"),
    ("single: the right one twice is one pick", SINGLE, picked("BB"), STRICT, "10"),
    ("single: right and wrong together", SINGLE, picked("AB"), STRICT, "0"),
    ("single: all options", SINGLE, picked("ABCD"), STRICT, "0"),
    ("single: the letter in small", SINGLE, picked("b"), STRICT, "0"),
    ("single: the letter typed as text", SINGLE, text("B"), STRICT, "0"),
    ("single: a partial rule is not for it", SINGLE, picked("AB"), PARTIAL, "0"),
    ("true-false: right", TRUE_FALSE, picked("F"), STRICT, "10"),
    ("true-false: both", TRUE_FALSE, picked("TF"), STRICT, "0"),
    ("multiple: order swapped", MULTIPLE, picked("DCA"), STRICT, "10"),
    ("multiple: one missing, all or nothing", MULTIPLE, picked("AC"), STRICT, "0"),
    ("multiple: two of three", MULTIPLE, picked("AC"), PARTIAL, "6.66"),
    ("multiple: two of three and a wrong one", MULTIPLE, picked("ACB"), PARTIAL, "0"),
    ("multiple: all options", MULTIPLE, picked("ABCDE"), PARTIAL, "0"),
    ("multiple: blank", MULTIPLE, picked(""), PARTIAL, "0"),
    ("multiple: right less wrong, all options", MULTIPLE, picked("ABCDE"), LESS_WRONG, "3.33"),
    ("multiple: right less wrong, only wrong", MULTIPLE, picked("BE"), LESS_WRONG, "0"),
    ("ordering: right", ORDERING, order("CADB"), STRICT, "10"),
    ("ordering: two neighbours swapped", ORDERING, order("CABD"), STRICT, "0"),
    ("ordering: two neighbours swapped, by place", ORDERING, order("CABD"), PLACES, "5"),
    ("ordering: two neighbours swapped, by pairs", ORDERING, order("CABD"), PAIRS, "3.33"),
    ("ordering: all one place late, by place", ORDERING, order("BCAD"), PLACES, "0"),
    ("ordering: all one place late, by pairs", ORDERING, order("BCAD"), PAIRS, "6.66"),
    ("ordering: reversed, by pairs", ORDERING, order("BDAC"), PAIRS, "0"),
    ("ordering: begun", ORDERING, order("CA"), PLACES, "5"),
    ("ordering: one element again and again", ORDERING, order("CCCC"), PLACES, "0"),
    ("ordering: more than there are", ORDERING, order("CADBX"), PLACES, "10"),
    ("matching: right", MATCHING, pairs(A="x", B="y", C="x"), STRICT, "10"),
    ("matching: one left open", MATCHING, pairs(A="x", B="y"), STRICT, "6.66"),
    ("matching: one left open, as a whole", MATCHING, pairs(A="x", B="y"), WHOLE, "0"),
    ("matching: sides swapped", MATCHING, pairs(x="A", y="B"), STRICT, "0"),
    ("number: 0.1 + 0.2", exactly("0.3"), number("0.3"), STRICT, "10"),
    (
        "number: 0.1 + 0.2 as a float prints it",
        exactly("0.3"),
        number("0.30000000000000004"),
        STRICT,
        "0",
    ),
    ("number: the edge of the tolerance", exactly("0.3", "0.1"), number("0.4"), STRICT, "10"),
    (
        "number: a hair beyond it",
        exactly("0.3", "0.1"),
        number("0.4000000000000000001"),
        STRICT,
        "0",
    ),
    ("number: in the wider tolerance for half", NUMERIC, number("0.5"), STRICT, "5"),
    ("number: full-width digits and point", NUMERIC, number("０．３"), STRICT, "10"),
    ("number: trailing zeros and blanks", NUMERIC, number(" 0.300 "), STRICT, "10"),
    ("number: without the nought", NUMERIC, number(".3"), STRICT, "10"),
    ("number: with thousands", BARE, number("1,200"), STRICT, "10"),
    ("number: with full-width thousands", BARE, number("１，２００．０"), STRICT, "10"),
    ("number: as a power", BARE, number("1.2e3"), STRICT, "10"),
    ("number: a comma for the point", exactly("3.5"), number("3,5"), STRICT, "0"),
    ("number: a typographic minus", exactly("-5"), number("−5"), STRICT, "10"),
    ("number: a plus", exactly("5"), number("+5"), STRICT, "10"),
    ("number: a power of it", exactly("52"), number("5²"), STRICT, "0"),
    ("number: in words", exactly("3"), number("三"), STRICT, "0"),
    ("number: not one", exactly("0"), number("NaN"), STRICT, "0"),
    ("number: without end", exactly("0"), number("Infinity"), STRICT, "0"),
    ("number: nought is an answer, a blank is not", exactly("0"), number("0"), STRICT, "10"),
    ("number: a blank", exactly("0"), number("　"), STRICT, "0"),
    ("number: in another unit", NUMERIC, number("300 g"), STRICT, "10"),
    ("number: in a full-width unit", NUMERIC, number("３００ｇ"), STRICT, "10"),
    ("number: its unit apart", NUMERIC, number("300", "g"), STRICT, "10"),
    ("number: the unit said twice", NUMERIC, number("300g", "g"), STRICT, "10"),
    ("number: two units", NUMERIC, number("0.3kg", "g"), STRICT, "0"),
    ("number: the unit in capitals is another", NUMERIC, number("0.3 KG"), STRICT, "0"),
    ("number: a unit nobody asked for", BARE, number("1200 元"), STRICT, "0"),
    ("text: as it stands", SHORT_TEXT, text("知识产权证"), STRICT, "10"),
    ("text: blanks and a full stop", SHORT_TEXT, text("　知识 产权证 。"), STRICT, "10"),
    ("text: in a book's marks", SHORT_TEXT, text("《知识产权证》"), STRICT, "10"),
    ("text: traditional characters", SHORT_TEXT, text("知識產權證"), STRICT, "0"),
    ("text: traditional, listed", accepting("证", "證"), text("證"), STRICT, "10"),
    ("text: a radical in the place of a character", accepting("一"), text("⼀"), STRICT, "10"),
    ("text: another case", SHORT_TEXT, text("ip CERTIFICATE"), STRICT, "10"),
    (
        "text: another case where it matters",
        accepting("pH", case_matters=True),
        text("PH"),
        STRICT,
        "0",
    ),
    ("text: full-width letters", SHORT_TEXT, text("ＩＰ　ｃｅｒｔｉｆｉｃａｔｅ"), STRICT, "10"),
    ("text: a narrow blank, no break", SHORT_TEXT, text("IP\u202fcertificate"), STRICT, "10"),
    ("text: two words in one", SHORT_TEXT, text("IPcertificate"), STRICT, "0"),
    ("text: zero-width joints", SHORT_TEXT, text("知\u200b识\u2060产权证\ufeff"), STRICT, "10"),
    ("text: turned around by a control", SHORT_TEXT, text("\u202e知识产权证"), STRICT, "10"),
    ("text: another dash, no blank", SHORT_TEXT, text("gb/t29490—2023"), STRICT, "5"),
    ("text: an accent apart", accepting("café"), text("cafe\u0301"), STRICT, "10"),
    ("text: without the accent", accepting("café"), text("cafe"), STRICT, "0"),
    ("text: a Cyrillic look-alike", accepting("ACT"), text("АCT"), STRICT, "0"),
    ("text: a point inside counts", accepting("9.2"), text("92"), STRICT, "0"),
    ("text: only marks", SHORT_TEXT, text("。。。"), STRICT, "0"),
    ("text: more than was asked", SHORT_TEXT, text("知识产权证或者商标"), STRICT, "0"),
    ("cloze: all gaps", CLOZE, ALL_GAPS, STRICT, "10"),
    ("cloze: the heavier gap alone", CLOZE, gaps(a=text("知识产权证")), STRICT, "5"),
    ("cloze: half of the heavier gap", CLOZE, gaps(a=text("GB/T 29490-2023")), STRICT, "2.5"),
    (
        "cloze: as a whole, one gap half right",
        CLOZE,
        gaps(a=text("GB/T 29490-2023"), b=number("1200"), c=picked("B")),
        WHOLE,
        "0",
    ),
    ("cloze: as a whole", CLOZE, ALL_GAPS, WHOLE, "10"),
    ("cloze: gaps exchanged", CLOZE, gaps(b=text("知识产权证"), a=number("1200")), STRICT, "0"),
    ("cloze: an unknown gap earns nothing", CLOZE, gaps(z=picked("B")), STRICT, "0"),
    ("case: one question", CASE, Parts(parts={"1": picked("B")}), STRICT, "2.73"),
    ("case: a cloze within", CASE, Parts(parts={"3": ALL_GAPS}), STRICT, "3.63"),
    ("case: nothing answered", CASE, Parts(parts={}), STRICT, "0"),
    ("case: the answer to a part given for the whole", CASE, picked("B"), STRICT, "0"),
    ("essay: nobody has read it", ESSAY, text("全对"), STRICT, "0"),
]


@pytest.mark.parametrize(
    ("asked", "answer", "rules", "points"),
    [pytest.param(*case, id=name) for name, *case in TRICKY],
)
def test_a_tricky_answer(
    asked: Interaction, answer: Answer | None, rules: MarkingRules, points: str
) -> None:
    assert mark(asked, answer, Decimal(10), rules).points == Decimal(points)


def test_the_points_of_an_essay_wait_for_a_person_unless_it_is_blank() -> None:
    assert mark(ESSAY, text("论述"), Decimal(10), STRICT).waiting == 10
    assert mark(ESSAY, text("　\n"), Decimal(10), STRICT).waiting == 0
