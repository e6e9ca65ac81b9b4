"""Honest classes, measured for false alarms, and classes with copiers, measured for power."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.assessment.statistics.agreement import Agreement, gains
from backend.assessment.statistics.answer_shares import answered_of, bands_of
from backend.assessment.statistics.copying import compared, twin_answers
from backend.assessment.statistics.counting import at_least, beyond
from backend.assessment.statistics.responses import Responses
from backend.assessment.statistics.signals import Signal, one_in
from tests.backend.assessment.statistics.simulated import answered, copied, drawn

CLASS, CLASSES = 40, 10
GROUP = np.repeat(np.arange(CLASSES), CLASS)


@pytest.fixture(scope="module")
def honest() -> Responses:
    """400 people, one paper of 50."""
    return answered(30, np.tile(np.arange(50, dtype=np.int32), (len(GROUP), 1)), 50)


def test_among_honest_people_alarms_are_no_more_frequent_than_they_say(honest: Responses) -> None:
    found = compared(honest, GROUP)
    assert found.pairs == CLASSES * CLASS * (CLASS - 1) // 2
    chances = np.array([pair.chance for pair in found.striking])
    for bound in (1e-2, 1e-3):
        assert (chances <= bound).sum() <= 1.2 * bound * found.pairs
    assert twin_answers(honest, GROUP) == []


def of_copiers(honest: Responses, share: float) -> tuple[int, list[Signal]]:
    """In each class the second has copied from the first: how many are found, and all signals."""
    papers = honest
    for source in range(0, len(GROUP), CLASS):
        papers = copied(papers, source, source + 1, share, seed=source)
    found = twin_answers(papers, GROUP)
    return sum(s.attempts[0] % CLASS == 0 and s.attempts[1] % CLASS == 1 for s in found), found


def test_who_copied_nearly_all_is_found_nobody_else_and_it_is_explained(honest: Responses) -> None:
    hits, found = of_copiers(honest, 0.9)
    assert hits == len(found)
    assert hits >= 0.9 * CLASSES
    assert found == sorted(found, key=lambda signal: signal.chance)
    assert found[0].expected < 1e-5
    assert "各自作答而如此相似的概率约 1/" in found[0].zh
    assert "请人工核查，不作为结论" in found[0].zh
    assert "this decides nothing" in found[0].en


def test_of_those_who_copied_a_share_the_more_are_found_the_more_they_copied(
    honest: Responses,
) -> None:
    some, most = (of_copiers(honest, share)[0] for share in (0.3, 0.7))
    assert some < 0.3 * CLASSES < 0.5 * CLASSES < most


def test_only_pairs_of_a_group_with_enough_common_items_are_compared() -> None:
    papers = answered(31, drawn(31, 60, 200, 10), 200)
    assert compared(papers, np.full(60, -1)).pairs == 0
    assert compared(papers, np.zeros(60, np.int64)).pairs < 60 * 59 / 2 / 20


def test_shares_of_the_answers_to_an_item_add_up_in_every_tenth(honest: Responses) -> None:
    found = answered_of(honest)
    sums = np.array([np.bincount(found.item, share) for share in found.share.T])
    assert sums == pytest.approx(1)
    alike, wrong = found.same(wrong_only=False), found.same(wrong_only=True)
    assert (wrong < alike).all()
    assert alike.max() < 1
    assert alike == pytest.approx(alike.transpose(1, 0, 2))


def test_tenths_are_even_and_equal_scores_share_one() -> None:
    assert np.bincount(bands_of(np.arange(100) / 100)).tolist() == [10] * 10
    assert set(bands_of(np.full(50, 0.5)).tolist()) == {5}


@settings(max_examples=30)
@given(st.integers(0, 12), st.floats(0.01, 0.99))
def test_the_tail_of_equal_chances_is_the_binomial_s(count: int, chance: float) -> None:
    from scipy.stats import binom  # above, it would cost every process of the tests a second

    assert at_least(count, np.full(12, chance)) == pytest.approx(
        float(binom.sf(count - 1, 12, chance)), abs=1e-12
    )


def test_the_tail_of_an_agreement_is_what_drawing_it_often_shows() -> None:
    rng = np.random.default_rng(32)
    chance = rng.uniform(0.05, 0.9, (1, 20))
    often = rng.random((20_000, 20)) < chance
    gain = gains(chance) - np.log(0.5)
    totals = (often * gain).sum(axis=1)
    one = often[int(np.argsort(totals)[-400])][None]
    tail = Agreement(chance > 0, one, chance).tail(0)
    assert tail == pytest.approx(400 / 20_000, rel=0.25)


def test_chances_are_said_with_two_digits() -> None:
    assert (one_in(1 / 21_300), one_in(0.5), one_in(0)) == ("21,000", "2", "1,000,000,000,000")
    assert beyond(1.959964) == pytest.approx(0.025, abs=1e-6)
