"""What an author is told, on papers in which one thing was done wrong."""

import msgspec
import numpy as np
import pytest

from backend.assessment.statistics.item_analysis import item_statistics
from backend.assessment.statistics.item_flags import Finding, Flag, findings_of
from backend.assessment.statistics.responses import KeyedItem, Responses
from tests.backend.assessment.statistics.simulated import OPTIONS, answered, drawn, keyed


@pytest.fixture(scope="module")
def papers() -> Responses:
    return answered(8, drawn(8, 2000, 60, 20), 60)


def findings(responses: Responses, place: int) -> list[Finding]:
    return findings_of(item_statistics(responses)[place])


def with_item(responses: Responses, place: int, item: KeyedItem, picked: np.ndarray) -> Responses:
    """The item and all its answers replaced, and marked by its key."""
    mine = responses.item == place
    picks, points = responses.picked.copy(), responses.points.copy()
    picks[mine] = picked
    bits = sum(1 << n for n, option in enumerate(item.options) if option in item.key)
    points[mine] = 100 * (picked == bits)
    items = (*responses.items[:place], item, *responses.items[place + 1 :])
    return msgspec.structs.replace(responses, items=items, picked=picks, points=points)


def strong(responses: Responses, place: int) -> np.ndarray:
    """Whether each of those who drew the item does better than half of all elsewhere."""
    earned = np.bincount(responses.attempt, responses.points)
    mine = earned[responses.attempt[responses.item == place]]
    return np.asarray(mine > np.median(earned))


def test_a_key_typed_wrong_is_found_and_the_option_named(papers: Responses) -> None:
    right = sorted(papers.items[0].key)[0]
    wrong = OPTIONS[(OPTIONS.index(right) + 1) % 4]
    old = papers.picked[papers.item == 0]
    found = findings(with_item(papers, 0, keyed("Q0", wrong), old), 0)
    assert found[0].flag is Flag.KEY_MAY_BE_WRONG
    assert f"多数高分者选了 {right}：答案可能有误" in found[0].zh
    assert f"picked {right}: the key may be wrong" in found[0].en


def test_good_items_are_not_said_to_have_wrong_keys(papers: Responses) -> None:
    serious = {Flag.KEY_MAY_BE_WRONG, Flag.SECOND_KEY, Flag.NEGATIVE}
    found = [finding.flag for item in item_statistics(papers) for finding in findings_of(item)]
    assert not serious & set(found)


def test_a_second_option_that_the_able_see_is_named(papers: Responses) -> None:
    """A third of the able see that C holds as well; the weak guess between key and B."""
    able = strong(papers, 1)
    guess = np.random.default_rng(9).integers(0, 3, len(able))
    picked = np.where(able, np.where(guess == 0, 4, 1), np.where(guess == 0, 2, 1))
    found = findings(with_item(papers, 1, keyed("Q1", "A"), picked), 1)
    assert found[0].flag is Flag.SECOND_KEY
    assert "C 可能也成立" in found[0].zh


def test_options_of_a_multiple_item_are_judged_one_by_one(papers: Responses) -> None:
    """Keyed AB, but the able pick AC."""
    able = strong(papers, 2)
    picked = np.where(able, 0b101, 0b011)
    item = KeyedItem(code="Q2", options=OPTIONS, key=frozenset("AB"), multiple=True)
    found = {finding.flag: finding for finding in findings(with_item(papers, 2, item, picked), 2)}
    assert "B 作为正确选项可能有误" in found[Flag.KEY_MAY_BE_WRONG].zh
    assert "C may" not in found[Flag.KEY_MAY_BE_WRONG].en
    assert "C 可能也是正确选项" in found[Flag.SECOND_KEY].zh
    assert Flag.NEGATIVE in found


@pytest.mark.parametrize(
    ("weights", "flag"),
    [
        pytest.param((0.99, 0.01, 0, 0), Flag.TOO_EASY, id="nearly all are right"),
        pytest.param((0.1, 0.3, 0.3, 0.3), Flag.TOO_HARD, id="hardly anybody is right"),
        pytest.param((0.5, 0.3, 0.2, 0), Flag.DEAD_DISTRACTOR, id="nobody picks D"),
        pytest.param((0.5, 0.2, 0.2, 0.1), Flag.WEAK, id="all pick by lot"),
    ],
)
def test_plain_weaknesses_are_named(papers: Responses, weights: list[float], flag: Flag) -> None:
    mine = int((papers.item == 3).sum())
    picked = 1 << np.random.default_rng(10).choice(4, mine, p=weights)
    found = findings(with_item(papers, 3, keyed("Q3", "A"), picked), 3)
    assert flag in {finding.flag for finding in found}
    assert not {Flag.KEY_MAY_BE_WRONG, Flag.SECOND_KEY} & {finding.flag for finding in found}


def test_an_item_left_blank_is_named(papers: Responses) -> None:
    mine = papers.picked[papers.item == 4].copy()
    mine[::4] = 0
    flags = {f.flag for f in findings(with_item(papers, 4, papers.items[4], mine), 4)}
    assert Flag.OFTEN_BLANK in flags


def test_few_answers_are_not_judged() -> None:
    few = answered(11, drawn(11, 20, 60, 20), 60)
    assert [finding.flag for finding in findings(few, 0)] == [Flag.TOO_FEW]
