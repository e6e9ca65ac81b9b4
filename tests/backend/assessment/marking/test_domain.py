from decimal import Decimal
from itertools import permutations
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from backend.assessment.domain import Criterion, MarkedByPeople, PaperItem, grade
from backend.assessment.marking.domain import agreed_points, essays_of, marks_wanted, tells
from backend.assessment.marking.remedies.domain import Faulty, RemedyKind, Sat, effect
from courses.items.answers import Answer, Parts, Picked, Written
from courses.items.corrected_keys import OtherItem, on_paper
from courses.items.interactions import Interaction
from courses.items.marking_rules import MarkingRules
from courses.items.shuffling import shuffled
from courses.papers.chance import Chance
from tests.backend.assessment.marking.essays import CASE, ESSAY
from tests.courses.items.samples import EVERY, MATCHING, ORDERING, SINGLE

FEW = settings(max_examples=40)
WORTH = Decimal("20.00")
MARKS = st.lists(st.integers(0, 2000).map(lambda c: Decimal(c).scaleb(-2)), min_size=2, max_size=2)


@FEW
@given(MARKS, st.integers(0, 2000), st.integers(0, 100))
def test_a_third_is_asked_exactly_where_two_are_too_far_apart(
    two: list[Decimal], third: int, apart: int
) -> None:
    far = abs(two[0] - two[1]) * 100 > WORTH * apart
    assert marks_wanted(two, WORTH, apart) == (3 if far else 2)
    assert (agreed_points(two, WORTH, apart) is None) == far
    assert agreed_points(two[:1], WORTH, apart) is None
    three = [*two, Decimal(third).scaleb(-2)]
    found = agreed_points(three, WORTH, apart)
    assert found is not None
    assert min(three) <= found <= max(three)
    if far:
        assert len({agreed_points(list(order), WORTH, -1) for order in permutations(three)}) == 1


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        pytest.param("我叫王小明，不符合9.2", ["name"], id="a name"),
        pytest.param("姓名：欧阳·古丽", ["name"], id="a name on a line of its own"),
        pytest.param("联系 １３８１２３４５６７８", ["phone"], id="full-width digits"),
        pytest.param("138 1234 5678", ["phone"], id="with spaces"),
        pytest.param("11010519491231002X", ["id-number"], id="an ID number is no phone number"),
        pytest.param("a.b@example.org", ["email"], id="an address"),
        pytest.param("依据 GB/T 29490-2023 第 9.2 条，编号 20261381234567890123", [], id="codes"),
        pytest.param("审核员应当独立。", [], id="nothing"),
    ],
)
def test_what_may_tell_who_wrote_it(answer: str, found: list[str]) -> None:
    assert tells(answer) == found


@pytest.mark.parametrize("answer", ["姓名" + " " * 19_998, "1" * 20_000, "a@" * 10_000])
def test_no_essay_takes_long_to_be_looked_through(answer: str) -> None:
    """Seconds of the server's time each, once: the test would be seen by its length."""
    for _ in range(20):
        assert tells(answer) == []


def a_paper(*asked: Interaction, pass_mark: str = "60") -> Criterion:
    points = Decimal(100) / len(asked)
    items = tuple(
        PaperItem(id=f"i{n}", sha256="a", stem=f"题{n}", interaction=one, points=points)
        for n, one in enumerate(asked)
    )
    return Criterion(
        pass_mark=Decimal(pass_mark),
        total_points=Decimal(100),
        rules=MarkingRules(),
        items=items,
    )


def test_essays_are_found_also_within_cases_but_not_where_nothing_is_written() -> None:
    case = Parts(parts={"1": Picked(picked=("B",)), "2": Written(text="理由")})
    criterion = a_paper(ESSAY, CASE)
    answers: dict[str, Answer] = {"i0": Written(text=" 　"), "i1": case}
    (found,) = essays_of(criterion, answers)
    assert (found.item_id, found.part_id, found.worth) == ("i1", "2", Decimal("25.00"))
    assert (found.asked.case, found.asked.stem) == ("题1", "说明理由。")
    given_ = MarkedByPeople(item_id="i1", part_id="2", points=Decimal("20.00"), marks=())
    mark = grade(criterion, answers, [given_])
    assert (mark.score, mark.points["i1"]) == (Decimal("45.00"), Decimal("45.00"))


RIGHT, WRONG = Picked(picked=("B",)), Picked(picked=("C",))
OTHER_KEY = replace(SINGLE, key=("C",))


def a_sitting(answers: list[Picked | None], *, pass_mark: int) -> Sat:
    criterion = a_paper(*[SINGLE] * 4, pass_mark=str(pass_mark))
    said: dict[str, Answer] = {f"i{n}": one for n, one in enumerate(answers) if one is not None}
    mark = grade(criterion, said)
    return Sat(
        attempt_id=UUID(int=1),
        learner_id=UUID(int=2),
        programme="IA-E",
        edition="2026.1",
        criterion=criterion,
        answers=said,
        essays=(),
        score=mark.score,
        passed=mark.passed,
    )


@FEW
@given(
    st.lists(st.sampled_from([RIGHT, WRONG, None]), min_size=4, max_size=4),
    st.lists(st.tuples(st.integers(0, 5), st.sampled_from(RemedyKind)), min_size=1, max_size=4),
    st.sampled_from([25, 50, 60, 100]),
)
def test_no_remedy_takes_anything_away_and_none_works_twice(
    answers: list[Picked | None], remedies: list[tuple[int, RemedyKind]], pass_mark: int
) -> None:
    sat = a_sitting(answers, pass_mark=pass_mark)
    known: list[Faulty] = []
    for item, kind in remedies:
        corrected = OTHER_KEY if kind is RemedyKind.NEW_KEY else None
        known.append(Faulty(item_id=f"i{item}", item_sha256="a", kind=kind, corrected=corrected))
        found = effect(sat, known)
        assert sat.score <= found.after <= 100
        assert found.mended <= found.after
        assert found.passed == (sat.passed or found.after >= pass_mark)
        before = effect(sat, known[:-1]).mended if known[:-1] else sat.score
        assert found.would_fail == (sat.passed and found.mended < pass_mark <= before)
        sat = replace(sat, score=found.after, passed=found.passed)
        assert effect(sat, known).after == sat.score


@pytest.mark.parametrize("kind", sorted(EVERY))
def test_a_key_finds_its_options_in_whatever_order_a_paper_has_them(kind: str) -> None:
    for seed in range(8):
        shown = shuffled(EVERY[kind], Chance(bytes([seed]) * 32, "options"))
        assert on_paper(shown, EVERY[kind]) == shown


def test_a_corrected_item_may_not_show_anything_else() -> None:
    renamed = replace(SINGLE, options=tuple(replace(o, text="别的") for o in SINGLE.options))
    for shown, corrected in ((SINGLE, renamed), (SINGLE, ORDERING), (ORDERING, MATCHING)):
        with pytest.raises(OtherItem):
            on_paper(shown, corrected)
