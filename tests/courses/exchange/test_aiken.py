"""Aiken: single choices in plain words, element by element; and text of any kind."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from courses.exchange.aiken_reading import read_aiken
from courses.exchange.gift_reading import read_gift
from courses.exchange.report import Outcome
from courses.items.interactions import Choice, Single
from tests.courses.exchange.banks import a_filing, told

GOOD, NEW, BAD = Outcome.IMPORTED, Outcome.CHANGED, Outcome.REFUSED
ONE = "谁颁发证书？\nA. 法院\nB) 认证机构\nC. 学校\nANSWER: B\n"


def test_each_element_is_counted_and_its_line_named() -> None:
    filing = a_filing()
    read_aiken(f"{ONE}\n两行的\n题干？\n\nA. 甲\nB. 乙\nC. 丙\nANSWER:A", filing)
    expected = [
        (where, element, outcome)
        for where in ("line 1", "line 7")
        for element, outcome in [
            *[("option", GOOD)] * 3,
            *[("key", GOOD), ("stem", GOOD), ("question", NEW)],
        ]
    ]
    assert told(filing.report) == expected
    texts = ("法院", "认证机构", "学校")
    options = tuple(Choice(id=id_, text=text) for id_, text in zip("ABC", texts, strict=True))
    assert filing.items[0].interaction == Single(options=options, key=("B",))
    assert filing.items[1].stem == "两行的\n题干？"


REFUSED = {
    "no answer at the file's end": "谁？\nA. 甲\nB. 乙",
    "an answer that is no option": "谁？\nA. 甲\nB. 乙\nANSWER: C",
    "several answers": "谁？\nA. 甲\nB. 乙\nANSWER: A, B",
    "an empty answer": "谁？\nA. 甲\nB. 乙\nANSWER:",
    "no stem": "A. 甲\nB. 乙\nANSWER: A",
    "no options": "谁？\nANSWER: A",
    "letters out of order": "谁？\nA. 甲\nC. 乙\nANSWER: A",
    "an option on two lines": "谁？\nA. 甲\n还是甲\nB. 乙\nANSWER: A",
}


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED.keys())
def test_what_is_no_question_is_refused_and_its_neighbour_comes(text: str) -> None:
    filing = a_filing()
    read_aiken(f"{ONE}\n{text}", filing)
    assert len(filing.items) == 1
    assert told(filing.report)[-1] == ("line 7", "question", BAD)


WORDS = st.text("甲乙AB=~#{}:\\%-> \n/[]<b>.T1", max_size=60)


@settings(max_examples=60, deadline=None)
@given(WORDS)
def test_whatever_the_text_every_question_is_counted_and_nothing_else_is_raised(
    text: str,
) -> None:
    for read in (read_aiken, read_gift):
        filing = a_filing()
        read(text, filing)
        questions = [one for one in filing.report.told if one.element == "question"]
        came = [one for one in questions if one.outcome is not BAD]
        assert len(came) == len(filing.items)
        nothing = not text.strip("/ \n")  # an empty comment says nothing
        assert nothing or filing.report.told
