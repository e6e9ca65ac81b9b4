"""Marked papers of every kind of item become rows, and rows a report."""

from decimal import Decimal

import msgspec
import pytest

from backend.assessment.statistics.collecting import Answered, Collector
from backend.assessment.statistics.exam_report import exam_report
from backend.assessment.statistics.item_flags import Flag
from courses.items.answers import Answer, Picked, Written
from courses.items.interactions import Interaction
from courses.items.marking import mark
from courses.items.marking_rules import MarkingRules
from tests.courses.items.samples import CASE, ESSAY, EVERY, MULTIPLE, SHORT_TEXT, SINGLE, full

RULES = MarkingRules()


def answered(
    code: str,
    interaction: Interaction,
    answer: Answer | None,
    worth: str = "2.00",
    version: int = 1,
) -> Answered:
    points = mark(interaction, answer, Decimal(worth), RULES).points
    return Answered(
        code=code,
        version=version,
        interaction=interaction,
        answer=answer,
        points=points,
        worth=Decimal(worth),
    )


def picked(*options: str) -> Picked:
    return Picked(picked=options)


def test_every_kind_becomes_a_row_and_full_answers_full_points() -> None:
    collector = Collector(cases_whole=True)
    for given in (True, False):
        paper = [
            answered(kind, one, full(one) if given else None)
            for kind, one in EVERY.items()
            if one is not ESSAY
        ]
        collector.add(paper, RULES)
    found = collector.responses()
    assert found.attempts == 2
    first = found.attempt == 0
    assert (found.points[first] == found.worth[first]).all()
    assert (found.points[~first] == 0).all()
    assert (found.picked[first] != 0).all()
    assert (found.picked[~first] == 0).all()


def test_picks_are_the_bits_of_sorted_options_whatever_order_the_paper_had() -> None:
    shuffled = msgspec.structs.replace(MULTIPLE, options=MULTIPLE.options[::-1])
    collector = Collector(cases_whole=True)
    collector.add([answered("Q", MULTIPLE, picked("D", "A"))], RULES)
    collector.add([answered("Q", shuffled, picked("A", "D"))], RULES)
    found = collector.responses()
    assert found.items[0].options == tuple("ABCDE")
    assert found.items[0].multiple
    assert found.picked.tolist() == [0b1001, 0b1001]


def test_another_version_is_another_item() -> None:
    collector = Collector(cases_whole=True)
    collector.add([answered("Q", SINGLE, picked("B"))], RULES)
    collector.add([answered("Q", SINGLE, picked("B"), version=2)], RULES)
    assert [item.code for item in collector.responses().items] == ["Q", "Q v2"]


def test_equal_texts_share_a_number_and_others_do_not() -> None:
    collector = Collector(cases_whole=True)
    for text in ("ＩＰ　证书", "ip 证书", "证书"):
        collector.add([answered("Q", SHORT_TEXT, Written(text=text))], RULES)
    one, same, other = collector.responses().picked
    assert one == same != other


def test_a_case_counts_whole_or_by_its_questions() -> None:
    paper = [answered("C", CASE, full(CASE), "10.00"), answered("Q", SINGLE, picked("A"))]
    whole, divided = Collector(cases_whole=True), Collector(cases_whole=False)
    for collector in (whole, divided):
        collector.add(paper, RULES)
    assert [item.code for item in whole.responses().items] == ["C", "Q"]
    found = divided.responses()
    assert [item.code for item in found.items] == ["C/1", "C/2", "C/3", "C/4", "Q"]
    assert found.worth[:4].sum() == found.points[:4].sum() == 1000
    assert found.items[0].key == frozenset("B")


def test_what_people_marked_keeps_their_points() -> None:
    essay = Answered(
        code="E",
        interaction=ESSAY,
        answer=Written(text="论述"),
        points=Decimal("6.50"),
        worth=Decimal(10),
    )
    collector = Collector(cases_whole=False)
    collector.add([essay], RULES)
    assert collector.responses().points.tolist() == [650]


def test_a_report_puts_the_wrong_key_first_and_can_be_sent() -> None:
    """Key B, but whoever knows the other two picks C."""
    collector = Collector(cases_whole=True)
    for n in range(120):
        able = n % 2 == 0
        right = picked("B" if able or n % 3 == 0 else "A")
        paper = [answered("Z-good", SINGLE, right), answered("A-good", SINGLE, right)]
        paper.append(answered("M-wrong", SINGLE, picked("C" if able else "B")))
        collector.add(paper, RULES)
    found = exam_report(collector.responses(), collector.responses(), 0.6)
    assert found.items[0].statistics.code == "M-wrong"
    assert found.items[0].findings[0].flag is Flag.KEY_MAY_BE_WRONG
    assert found.distribution.attempts == 120
    sent = msgspec.json.decode(msgspec.json.encode(found))
    assert sent["items"][0]["findings"][0]["flag"] == "key-may-be-wrong"
    assert sent["reliability"]["alpha"] == pytest.approx(found.reliability.alpha)
