from datetime import UTC, datetime, timedelta
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from backend.assessment.criteria import answer_from, criterion_from
from backend.assessment.domain import (
    COOLING_OFF,
    GRACE,
    AlreadyPassed,
    AttemptsUsedUp,
    CoolingOff,
    Criterion,
    NoMarkers,
    PaperItem,
    Past,
    UnfitAnswer,
    UnknownItem,
    check_answers,
    check_markable,
    check_may_start,
    grade,
    is_over,
)
from courses.items.answers import Answer, Number, Picked
from courses.items.interactions import Interaction
from courses.items.marking_rules import MarkingRules
from infra.errors import DomainError
from tests.courses.items.samples import ESSAY, SINGLE

START = datetime(2026, 3, 2, 1, tzinfo=UTC)
RIGHT, WRONG, BLANK = (Picked(picked=tuple(ids)) for ids in ("B", "A", ""))


def an_item(points: str, id: str, interaction: Interaction = SINGLE) -> PaperItem:
    return PaperItem(id=id, stem="?", interaction=interaction, points=Decimal(points))


def a_criterion(*points: str, pass_mark: str = "60") -> Criterion:
    items = tuple(an_item(worth, f"i{n}") for n, worth in enumerate(points))
    return Criterion(
        pass_mark=Decimal(pass_mark),
        total_points=sum(map(Decimal, points), Decimal(0)),
        rules=MarkingRules(),
        items=items,
    )


def test_tenths_add_up_exactly() -> None:
    mark = grade(a_criterion("0.1", "0.2", pass_mark="0.3"), {"i0": RIGHT, "i1": RIGHT})
    assert (mark.score, mark.passed) == (Decimal("0.3"), True)


def test_the_pass_mark_itself_passes_and_a_hundredth_less_does_not() -> None:
    assert grade(a_criterion("60", "40"), {"i0": RIGHT}).passed
    assert not grade(a_criterion("59.99", "40.01"), {"i0": RIGHT}).passed


@given(st.lists(st.sampled_from([RIGHT, WRONG, BLANK]), min_size=10, max_size=10))
def test_a_score_is_its_right_answers_and_more_of_them_never_score_less(
    picks: list[Picked],
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
    ("answers", "refusal"),
    [
        pytest.param({"i9": RIGHT}, UnknownItem, id="an item of another paper"),
        pytest.param({"i0": Picked(picked=("E",))}, UnknownItem, id="an option it does not have"),
        pytest.param(
            {"i0": Picked(picked=("A", "B"))}, UnfitAnswer, id="two picks of a single choice"
        ),
        pytest.param({"i0": Number(value="1")}, UnfitAnswer, id="a number where options are"),
    ],
)
def test_answers_that_fit_no_item_are_refused(
    answers: dict[str, Answer], refusal: type[DomainError]
) -> None:
    with pytest.raises(refusal):
        check_answers(a_criterion("10"), answers)


def test_clearing_an_answer_is_allowed() -> None:
    check_answers(a_criterion("10"), {"i0": BLANK})


def test_a_paper_that_people_mark_waits_for_markers() -> None:
    check_markable(a_criterion("10"))
    essay = replace(a_criterion("10"), items=(an_item("10", "i1", ESSAY),))
    with pytest.raises(NoMarkers):
        check_markable(essay)


FIRST_FORM = {
    "pass_mark": "60",
    "total_points": "10",
    "multiple_rule": "partial-without-wrong-pick",
    "items": [
        {
            "id": "M02-001",
            "kind": "multiple",
            "stem": "?",
            "options": [{"id": id_, "text": id_} for id_ in "ABC"],
            "points": "10",
        }
    ],
    "key": {"M02-001": ["A", "C"]},
}


def test_an_attempt_frozen_in_the_first_form_is_marked_as_it_was() -> None:
    criterion = criterion_from(FIRST_FORM)
    assert grade(criterion, {"M02-001": answer_from(["A"])}).score == 5
    assert grade(criterion, {"M02-001": answer_from(["C", "A"])}).score == 10
    assert grade(criterion, {"M02-001": answer_from(["A", "B"])}).score == 0
    assert criterion_from(msgspec.to_builtins(criterion)) == criterion
