from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.assessment.domain import (
    COOLING_OFF,
    GRACE,
    AlreadyPassed,
    AttemptsUsedUp,
    CoolingOff,
    Criterion,
    Kind,
    MultipleRule,
    PaperItem,
    PaperOption,
    Past,
    UnknownItem,
    check_may_start,
    check_picks,
    grade,
    is_over,
    points_of,
)
from infra.errors import DomainError

START = datetime(2026, 3, 2, 1, tzinfo=UTC)
STRICT, PARTIAL = MultipleRule.ALL_OR_NOTHING, MultipleRule.PARTIAL_WITHOUT_WRONG_PICK


def an_item(kind: str, points: str = "2", id: str = "i1") -> PaperItem:
    options = tuple(PaperOption(letter, letter) for letter in "ABCD")
    return PaperItem(id=id, kind=Kind(kind), stem="?", options=options, points=Decimal(points))


@pytest.mark.parametrize(
    ("kind", "key", "picked", "rule", "points"),
    [
        pytest.param("single", "A", "A", STRICT, "2", id="a single choice, right"),
        pytest.param("single", "A", "B", STRICT, "0", id="a single choice, wrong"),
        pytest.param("single", "A", "", STRICT, "0", id="a blank"),
        pytest.param("single", "A", "AB", STRICT, "0", id="two picks where one is right"),
        pytest.param("true-false", "B", "B", STRICT, "2", id="true or false"),
        pytest.param("multiple", "AC", "CA", STRICT, "2", id="the order of picks is nothing"),
        pytest.param("multiple", "AC", "A", STRICT, "0", id="all or nothing: half is nothing"),
        pytest.param("multiple", "AC", "ABCD", STRICT, "0", id="all options picked"),
        pytest.param("multiple", "AC", "A", PARTIAL, "1", id="partial: half of the points"),
        pytest.param("multiple", "ABC", "A", PARTIAL, "0.66", id="partial: a third, rounded down"),
        pytest.param("multiple", "ABC", "AD", PARTIAL, "0", id="partial: not beside a wrong pick"),
        pytest.param("multiple", "AC", "", PARTIAL, "0", id="partial: a blank"),
        pytest.param("single", "A", "", PARTIAL, "0", id="partial is for multiple items only"),
    ],
)
def test_points(kind: str, key: str, picked: str, rule: MultipleRule, points: str) -> None:
    found = points_of(an_item(kind), frozenset(key), frozenset(picked), rule)
    assert found == Decimal(points)


def a_criterion(*points: str, pass_mark: str = "60") -> Criterion:
    items = tuple(an_item("single", worth, f"i{n}") for n, worth in enumerate(points))
    return Criterion(
        pass_mark=Decimal(pass_mark),
        total_points=sum(map(Decimal, points), Decimal(0)),
        multiple_rule=STRICT,
        items=items,
        key={item.id: ("A",) for item in items},
    )


RIGHT, WRONG = frozenset("A"), frozenset("B")


def test_tenths_add_up_exactly() -> None:
    mark = grade(a_criterion("0.1", "0.2", pass_mark="0.3"), {"i0": RIGHT, "i1": RIGHT})
    assert (mark.score, mark.passed) == (Decimal("0.3"), True)


def test_the_pass_mark_itself_passes_and_a_hundredth_less_does_not() -> None:
    assert grade(a_criterion("60", "40"), {"i0": RIGHT}).passed
    assert not grade(a_criterion("59.99", "40.01"), {"i0": RIGHT}).passed


@given(st.lists(st.sampled_from([RIGHT, WRONG, frozenset[str]()]), min_size=10, max_size=10))
def test_a_score_is_its_right_answers_and_more_of_them_never_score_less(
    picks: list[frozenset[str]],
) -> None:
    criterion = a_criterion(*["10"] * 10)
    given_ = {f"i{n}": pick for n, pick in enumerate(picks)}
    score = grade(criterion, given_).score
    assert score == 10 * picks.count(RIGHT)
    assert grade(criterion, {**given_, "i0": RIGHT}).score >= score
    assert grade(criterion, {**given_, "nothing": RIGHT}).score == score


def ended(*hours: float, passed: bool = False) -> list[Past]:
    return [Past(ended_at=START + timedelta(hours=h), passed=passed) for h in hours]


@pytest.mark.parametrize(
    ("past", "refusal"),
    [
        pytest.param(ended(-1, passed=True), AlreadyPassed, id="passed"),
        pytest.param(ended(-100, -60, -30), AttemptsUsedUp, id="three failed"),
        pytest.param(ended(-23.9), CoolingOff, id="not yet a day ago"),
        pytest.param(ended(-60, -1), CoolingOff, id="the latest counts"),
    ],
)
def test_an_attempt_that_may_not_start(past: list[Past], refusal: type[DomainError]) -> None:
    with pytest.raises(refusal):
        check_may_start(past, now=START)


def test_an_attempt_starts_first_and_again_24_hours_later() -> None:
    check_may_start([], now=START)
    check_may_start(ended(0), now=START + COOLING_OFF)


def test_the_learner_is_told_when_the_next_attempt_opens() -> None:
    with pytest.raises(CoolingOff) as refused:
        check_may_start(ended(0), now=START)
    assert "03 月 03 日 09:00" in refused.value.zh


def test_the_network_has_half_a_minutes_grace_and_no_more() -> None:
    assert not is_over(START, now=START + GRACE)
    assert is_over(START, now=START + GRACE + timedelta(microseconds=1))


@pytest.mark.parametrize(
    "picks",
    [
        pytest.param({"i9": RIGHT}, id="an item of another paper"),
        pytest.param({"i0": frozenset("E")}, id="an option it does not have"),
        pytest.param({"i0": frozenset("AB")}, id="two picks of a single choice"),
    ],
)
def test_picks_that_fit_no_item_are_refused(picks: dict[str, frozenset[str]]) -> None:
    with pytest.raises(UnknownItem):
        check_picks(a_criterion("10"), picks)


def test_clearing_an_answer_is_allowed() -> None:
    check_picks(a_criterion("10"), {"i0": frozenset()})
