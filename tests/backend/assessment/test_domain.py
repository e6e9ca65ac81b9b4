from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from backend.assessment.criteria import answer_from, criterion_from
from backend.assessment.domain import (
    COOLING_OFF,
    GRACE,
    AlreadyPassed,
    AwaitingMarks,
    CoolingOff,
    Criterion,
    PaperItem,
    Past,
    check_may_start,
    due,
    failed_modules,
    grade,
    is_over,
    last_of_round,
    needs_people,
    refusal,
)
from backend.assessment.outcome import canonical
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


def ended(*hours: float, passed: bool | None = False) -> list[Past]:
    return [Past(ended_at=START + timedelta(hours=h), passed=passed) for h in hours]


@pytest.mark.parametrize(
    ("past", "refusal"),
    [
        pytest.param(ended(-1, passed=True), AlreadyPassed, id="passed"),
        pytest.param(ended(-60, -30, passed=None), AwaitingMarks, id="still being marked"),
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
    ("answer", "flaw"),
    [
        pytest.param(Picked(picked=("E",)), "unknown-option", id="an option it does not have"),
        pytest.param(Picked(picked=("A", "B")), "too-many", id="two picks of a single choice"),
        pytest.param(Number(value="1"), "other-form", id="a number where options are"),
        pytest.param(BLANK, None, id="clearing an answer"),
    ],
)
def test_answers_that_do_not_fit_are_refused_with_the_reason(
    answer: Answer, flaw: str | None
) -> None:
    found = refusal(an_item("10", "i0"), answer)
    assert (found and found.flaw) == flaw
    assert refusal(None, answer) is not None


def test_after_each_three_failures_comes_study() -> None:
    assert [last_of_round(ended(*range(-n, 0))) is not None for n in range(7)] == [
        *(False, False, False, True, False, False, True)
    ]


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 10)), min_size=1, max_size=20))
def test_who_failed_failed_in_some_module_and_who_is_at_the_mark_in_each_passed(
    earned: list[tuple[str, int]],
) -> None:
    items = tuple(
        replace(an_item("10", f"i{n}"), module=module) for n, (module, _) in enumerate(earned)
    )
    total = Decimal(10 * len(items))
    criterion = replace(
        a_criterion(), items=items, total_points=total, pass_mark=total * Decimal("0.6")
    )
    points = {f"i{n}": Decimal(worth) for n, (_, worth) in enumerate(earned)}
    failed = failed_modules(criterion, points)
    if sum(points.values()) < criterion.pass_mark:
        assert failed
    assert set(failed) <= {module for module, _ in earned}


def test_extra_time_is_rounded_up_to_a_minute() -> None:
    assert due(START, 20, 0) == (START + timedelta(minutes=20), 0)
    assert due(START, 90, 25) == (START + timedelta(minutes=113), 23)


def test_a_paper_with_an_essay_needs_people() -> None:
    assert not needs_people(a_criterion("10"))
    assert needs_people(replace(a_criterion("10"), items=(an_item("10", "i1", ESSAY),)))


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


def test_evidence_is_canonical_whatever_somebody_writes() -> None:
    texts = ["".join(map(chr, range(0x20))), '\x7f\u2028"\\/<&>é😀密', ""]
    said: dict[str, Any] = {"b": texts, "a": {"2": True, "10": None}, "n": -7, "密": "x"}
    assert canonical(said) == rfc8785.dumps(said)
