"""What holds of every kind of item, whatever is answered."""

from decimal import Decimal

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from courses.items.answers import (
    Answer,
    Filled,
    Ordered,
    Paired,
    Parts,
    Picked,
    Written,
    blank,
    settled,
)
from courses.items.flaws import Flaw, flaw_of
from courses.items.interactions import (
    Case,
    Choice,
    Interaction,
    Matching,
    Ordering,
    SubQuestion,
    machine_marked,
)
from courses.items.marking import Marked, mark, split
from courses.items.marking_rules import EachRule, MarkingRules, MultipleRule, OrderingRule
from courses.items.shuffling import shuffled
from courses.papers.chance import Chance
from tests.courses.items.answering import ANY_ANSWER, answers_to
from tests.courses.items.samples import (
    CLOZE,
    ESSAY,
    EVERY,
    MACHINE_MARKED,
    MATCHING,
    MULTIPLE,
    ORDERING,
    SINGLE,
    full,
)

RULES = st.builds(
    MarkingRules,
    multiple=st.sampled_from(MultipleRule),
    ordering=st.sampled_from(OrderingRule),
    matching=st.sampled_from(EachRule),
    cloze=st.sampled_from(EachRule),
)
WORTH = st.integers(1, 100_00).map(lambda cents: Decimal(cents).scaleb(-2))
FEW = settings(max_examples=20)  # of each kind
EVERY_KIND = pytest.mark.parametrize("kind", EVERY)
MARKED_KIND = pytest.mark.parametrize("kind", MACHINE_MARKED)


@MARKED_KIND
@FEW
@given(worth=WORTH, rules=RULES)
def test_the_key_earns_all_points_and_a_blank_none(
    kind: str, worth: Decimal, rules: MarkingRules
) -> None:
    asked = MACHINE_MARKED[kind]
    assert mark(asked, full(asked), worth, rules).points == worth
    assert mark(asked, None, worth, rules).points == 0
    assert flaw_of(asked, full(asked)) is None


@EVERY_KIND
@FEW
@given(draw=st.data(), worth=WORTH, rules=RULES)
def test_points_lie_between_nothing_and_all_in_whole_hundredths(
    kind: str, draw: st.DataObject, worth: Decimal, rules: MarkingRules
) -> None:
    asked = EVERY[kind]
    answer = draw.draw(answers_to(asked) | ANY_ANSWER)
    marked = mark(asked, answer, worth, rules)
    assert isinstance(marked.points, Decimal)
    assert 0 <= marked.points <= marked.points + marked.waiting <= worth
    assert marked.points == marked.points.quantize(Decimal("0.01"))
    assert marked == mark(asked, settled(answer), worth, rules)
    if blank(answer):
        assert marked.points == marked.waiting == 0
    if machine_marked(asked):
        assert not marked.waiting


@EVERY_KIND
@FEW
@given(draw=st.data(), seed=st.integers(0, 2**64), rules=RULES)
def test_a_shuffle_changes_no_mark(
    kind: str, draw: st.DataObject, seed: int, rules: MarkingRules
) -> None:
    asked, worth = EVERY[kind], Decimal("7.77")
    shown = shuffled(asked, Chance(seed.to_bytes(32), "options"))
    assert shown == shuffled(asked, Chance(seed.to_bytes(32), "options"))
    answer = draw.draw(answers_to(asked))
    moved = as_shown(asked, shown, answer)
    assert flaw_of(shown, moved) == flaw_of(asked, answer)
    assert mark(shown, moved, worth, rules) == mark(asked, answer, worth, rules)


def as_shown(asked: Interaction, shown: Interaction, answer: Answer) -> Answer:
    """The same answer by the ids of the shuffled paper: whoever points at words, not at ids."""
    match asked, shown, answer:
        case Ordering(), Ordering(), Ordered(order=order):
            now = same_words(asked.options, shown.options)
            return Ordered(order=tuple(now.get(id_, id_) for id_ in order))
        case Matching(), Matching(), Paired(pairs=pairs):
            now = same_words(asked.right, shown.right)
            return Paired(pairs={left: now.get(right, right) for left, right in pairs.items()})
        case Case(), Case(), Parts(parts=parts):
            two = {
                p.id: (p.interaction, q.interaction)
                for p, q in zip(asked.parts, shown.parts, strict=True)
            }
            return msgspec.structs.replace(
                answer,
                parts={
                    id_: as_shown(*two[id_], one) if id_ in two else one
                    for id_, one in parts.items()
                },
            )
    return answer


def same_words(before: tuple[Choice, ...], after: tuple[Choice, ...]) -> dict[str, str]:
    by_text = {str(one.text): one.id for one in after}
    return {one.id: by_text[str(one.text)] for one in before}


def test_a_shuffle_does_not_tell_the_order_by_ids() -> None:
    seen = set()
    for seed in range(50):
        shown = shuffled(ORDERING, Chance(seed.to_bytes(32), "options"))
        assert isinstance(shown, Ordering)
        seen.add(shown.key)
    assert len(seen) > 10
    assert all(set(key) == set("1234") for key in seen)


@FEW
@given(worth=WORTH, weights=st.lists(st.integers(1, 10_000), min_size=1, max_size=20))
def test_points_of_sub_questions_sum_to_those_of_the_item(
    worth: Decimal, weights: list[int]
) -> None:
    each = split(worth, weights)
    assert sum(each) == worth
    assert all(
        part >= 0 and abs(part - worth * w / sum(weights)) < Decimal("0.01")
        for part, w in zip(each, weights, strict=True)
    )


@FEW
@given(worth=WORTH, picks=st.permutations(MULTIPLE.key))
def test_another_right_pick_never_costs_points(worth: Decimal, picks: list[str]) -> None:
    for rule in MultipleRule:
        steps = [tuple(picks[:n]) for n in range(len(picks) + 1)]
        rules = MarkingRules(multiple=rule)
        points = [mark(MULTIPLE, Picked(picked=had), worth, rules).points for had in steps]
        assert points == sorted(points)


@FEW
@given(worth=WORTH, rules=RULES, right=st.permutations([*MATCHING.pairs]))
def test_another_right_pair_never_costs_points(
    worth: Decimal, rules: MarkingRules, right: list[str]
) -> None:
    sets = [{left: MATCHING.pairs[left] for left in right[:n]} for n in range(len(right) + 1)]
    points = [mark(MATCHING, Paired(pairs=pairs), worth, rules).points for pairs in sets]
    assert points == sorted(points)


@FEW
@given(draw=st.data(), worth=WORTH, rules=RULES)
def test_a_gap_filled_right_never_costs_points(
    draw: st.DataObject, worth: Decimal, rules: MarkingRules
) -> None:
    given_ = draw.draw(answers_to(CLOZE))
    assert isinstance(given_, Filled)
    best = full(CLOZE)
    assert isinstance(best, Filled)
    better = Filled(gaps={**given_.gaps, "a": best.gaps["a"]})
    assert mark(CLOZE, better, worth, rules).points >= mark(CLOZE, given_, worth, rules).points


@EVERY_KIND
@FEW
@given(answer=ANY_ANSWER)
def test_any_answer_at_all_is_judged_or_refused_but_never_raises(kind: str, answer: Answer) -> None:
    asked = EVERY[kind]
    flaw = flaw_of(asked, answer)
    assert flaw is None or isinstance(flaw, Flaw)
    assert msgspec.convert(msgspec.to_builtins(answer), Answer) == answer


def test_a_case_with_an_essay_in_it_is_marked_by_people() -> None:
    parts = (
        SubQuestion(id="1", stem="?", interaction=ESSAY),
        SubQuestion(id="2", stem="?", interaction=SINGLE),
    )
    assert not machine_marked(Case(parts=parts))
    answer = Parts(parts={"1": Written(text="论述"), "2": Picked(picked=("B",))})
    assert mark(Case(parts=parts), answer, Decimal(5), MarkingRules()) == Marked(
        Decimal("2.50"), Decimal("2.50")
    )
