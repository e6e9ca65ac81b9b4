"""A faulty item mended afterwards, and what several people give an essay."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from courses.items.answers import Picked
from courses.items.interactions import Essay, RubricLine
from courses.items.markers import agreed, rubric_points, third_needed
from courses.items.marking_rules import MarkingRules
from courses.items.remedies import Answered, FullMarks, NewKey, Remedy, Void, mended, never_less
from tests.courses.items.samples import SINGLE

RIGHT, WRONG = Picked(picked=("B",)), Picked(picked=("C",))
OTHER_KEY = NewKey(interaction=replace(SINGLE, key=("C",)))
FEW = settings(max_examples=40)


def a_paper(*answers: Picked | None, worth: str = "10") -> dict[str, Answered]:
    return {
        f"i{n}": Answered(interaction=SINGLE, answer=answer, worth=Decimal(worth))
        for n, answer in enumerate(answers)
    }


@pytest.mark.parametrize(
    ("answers", "remedy", "score"),
    [
        pytest.param((RIGHT, WRONG, None), None, "10", id="nothing is mended"),
        pytest.param((RIGHT, WRONG, None), FullMarks(), "10", id="full marks to who was right"),
        pytest.param((WRONG, RIGHT, None), FullMarks(), "20", id="full marks to who was wrong"),
        pytest.param((None, RIGHT, None), FullMarks(), "20", id="full marks for a blank"),
        pytest.param((WRONG, RIGHT, None), OTHER_KEY, "20", id="another key, right by it"),
        pytest.param((RIGHT, RIGHT, None), OTHER_KEY, "10", id="another key, wrong by it"),
        pytest.param((WRONG, RIGHT, None), Void(), "15", id="void: half of the others is half"),
        pytest.param((RIGHT, RIGHT, RIGHT), Void(), "30", id="void: all of the others is all"),
        pytest.param((RIGHT, WRONG, None), Void(), "0", id="void: the only right one is gone"),
        pytest.param((WRONG,), Void(), "10", id="void: nothing else on the paper"),
    ],
)
def test_the_first_item_of_a_paper_is_mended(
    answers: tuple[Picked | None, ...], remedy: Remedy | None, score: str
) -> None:
    remedies = {"i0": remedy} if remedy else {}
    assert mended(a_paper(*answers), remedies, MarkingRules()) == Decimal(score)


ANSWERS = st.lists(st.sampled_from([RIGHT, WRONG, None]), min_size=2, max_size=8)


@FEW
@given(ANSWERS, st.sampled_from([Void(), FullMarks(), OTHER_KEY]), st.integers(1, 999))
def test_a_mended_score_lies_between_nothing_and_all(
    answers: list[Picked | None], remedy: Remedy, cents: int
) -> None:
    paper = a_paper(*answers, worth=str(Decimal(cents).scaleb(-2)))
    total = sum(one.worth for one in paper.values())
    before = mended(paper, {}, MarkingRules())
    after = mended(paper, {"i0": remedy}, MarkingRules())
    assert 0 <= after <= total
    assert after == after.quantize(Decimal("0.01"))
    assert never_less(before, after) >= before
    if remedy == FullMarks():
        assert after >= before


ESSAY = Essay(
    rubric=tuple(RubricLine(id=id_, text=id_, weight=w) for id_, w in (("a", 2), ("b", 1)))
)


@pytest.mark.parametrize(
    ("given_", "points"),
    [
        ({}, "0"),
        ({"a": 100, "b": 100}, "10"),
        ({"a": 50}, "3.33"),
        ({"b": 100, "a": 0}, "3.33"),
        ({"a": 900, "b": -5, "z": 100}, "6.67"),
    ],
)
def test_lines_of_a_rubric_come_to_points(given_: dict[str, int], points: str) -> None:
    assert rubric_points(ESSAY, given_, Decimal(10)) == Decimal(points)


def marks(*points: str) -> list[Decimal]:
    return [Decimal(one) for one in points]


@pytest.mark.parametrize(
    ("given_", "mark", "third"),
    [
        pytest.param(("6", "7"), "6.5", False, id="near enough"),
        pytest.param(("6", "8"), "7", False, id="just a fifth apart"),
        pytest.param(("6", "8.01"), "7.01", True, id="a hundredth more"),
        pytest.param(("3", "8", "7.5"), "7.75", True, id="the third beside the second"),
        pytest.param(("3", "8", "3"), "3", True, id="the third agrees with the first"),
        pytest.param(("4", "8", "6"), "7", True, id="right between: the higher pair"),
    ],
)
def test_two_or_three_markers_come_to_one_mark(
    given_: tuple[str, ...], mark: str, third: bool
) -> None:
    assert agreed(marks(*given_)) == Decimal(mark)
    assert third_needed(marks(*given_), Decimal(10), 20) is third


@FEW
@given(st.lists(st.integers(0, 1000), min_size=2, max_size=3))
def test_a_mark_lies_within_those_given_whoever_comes_first(cents: list[int]) -> None:
    given_ = [Decimal(one).scaleb(-2) for one in cents]
    assert min(given_) <= agreed(given_) <= max(given_)
    assert agreed(given_) == agreed(given_[::-1])
