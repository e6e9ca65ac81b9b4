import numpy as np
import pytest

from backend.assessment.statistics.responses import (
    KeyedItem,
    Responses,
    UnusableResponses,
    picks_bits,
    rest_shares,
    scores_of,
)


def rows(**changed: list[int]) -> Responses:
    """Two papers of two items; the second item is worth 2 points on the first paper."""
    columns = {
        "attempt": [0, 0, 1, 1],
        "item": [0, 1, 0, 1],
        "points": [100, 200, 0, 100],
        "worth": [100, 200, 100, 100],
        "picked": [1, 1, 0, 1],
    } | changed
    arrays = {name: np.array(column, np.int32) for name, column in columns.items()}
    item = KeyedItem(code="Q", options=("A", "B"), key=frozenset("A"))
    return Responses(
        items=(item, item),
        attempts=2,
        attempt=arrays["attempt"],
        item=arrays["item"],
        points=arrays["points"],
        worth=arrays["worth"],
        picked=arrays["picked"].astype(np.int64),
    )


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"attempt": [0, 0, 1, 2]}, id="an attempt that is not among them"),
        pytest.param({"item": [0, -1, 0, 1]}, id="an item that is not among them"),
        pytest.param({"item": [0, 0, 0, 1]}, id="one item twice on a paper"),
        pytest.param({"points": [101, 0, 0, 0]}, id="more points than the item is worth"),
        pytest.param({"worth": [0, 1, 1, 1]}, id="an item worth nothing"),
        pytest.param({"picked": [1, 2, 3]}, id="a column too short"),
    ],
)
def test_rows_that_are_no_answers_are_refused(changed: dict[str, list[int]]) -> None:
    with pytest.raises(UnusableResponses):
        rows(**changed)


def test_the_rest_of_a_paper_is_what_all_other_items_gave() -> None:
    responses = rows()
    assert scores_of(responses).share.tolist() == [1.0, 0.5]
    assert rest_shares(responses, scores_of(responses)).tolist() == [1.0, 1.0, 1.0, 0.0]


def test_the_matrix_tells_wrong_from_not_drawn() -> None:
    responses = rows(attempt=[0, 0, 1], item=[0, 1, 0], points=[100, 100, 0], worth=[100, 200, 100],
                     picked=[1, 1, 0])  # fmt: skip
    assert responses.matrix().tolist() == [[1, 0], [0, -1]]


def test_picks_become_bits_in_the_bank_s_order() -> None:
    item = KeyedItem(code="Q", options=("A", "B", "C"), key=frozenset("AC"), multiple=True)
    assert picks_bits(item, frozenset({"C", "A"})) == 0b101
    assert picks_bits(item, frozenset()) == 0
