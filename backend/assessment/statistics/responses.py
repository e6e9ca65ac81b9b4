"""Answers as arrays. One row is one item on one paper; an item that was not drawn has no row."""

import msgspec
import numpy as np
from numpy.typing import NDArray

from infra.errors import Invalid

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

MOST_OPTIONS = 62
"""Of one item: the picks of an answer are the bits of a signed 64-bit integer."""


class UnusableResponses(Invalid):
    """These rows are no set of answers; compare the number that is named with what was exported."""

    zh = "这些数据不是有效的作答记录，请核对所列数值。"


class KeyedItem(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    options: tuple[str, ...] = ()
    """Ids in the bank's order, whatever order each paper showed; empty where nothing is picked."""
    key: frozenset[str] = frozenset()
    multiple: bool = False
    """Any number of options may be picked."""


class Responses(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Five columns of equal length, in any order. Blank answers are rows too.

    Give one attempt of each person (the first): a second look at an item is another question.
    """

    items: tuple[KeyedItem, ...]
    attempts: int
    """How many; rows name them 0, 1, 2 …"""
    attempt: NDArray[np.int32]
    item: NDArray[np.int32]
    points: NDArray[np.int32]
    """Earned, in hundredths."""
    worth: NDArray[np.int32]
    """What could be earned, in hundredths; the same item may be worth more on another paper."""
    picked: NDArray[np.int64]
    """Bit i: the item's option i was picked. Of an item without options: a number that equal
    answers share. 0: blank."""

    def __post_init__(self) -> None:
        columns = (self.attempt, self.item, self.points, self.worth, self.picked)
        if len({len(column) for column in columns}) != 1:
            raise UnusableResponses(f"columns differ in length: {[len(c) for c in columns]}")
        if len(self.attempt):
            self._check_rows()

    def _check_rows(self) -> None:
        for name, column, bound in (
            ("attempt", self.attempt, self.attempts),
            ("item", self.item, len(self.items)),
        ):
            if column.min() < 0 or column.max() >= bound:
                raise UnusableResponses(f"{name} {column.min()}…{column.max()} is not in 0…{bound}")
        if self.worth.min() <= 0 or np.any(self.points > self.worth) or self.points.min() < 0:
            raise UnusableResponses("points lie between 0 and what the item is worth")
        if max(len(item.options) for item in self.items) > MOST_OPTIONS:
            raise UnusableResponses(f"an item has at most {MOST_OPTIONS} options")
        rows = np.sort(self.attempt.astype(np.int64) * len(self.items) + self.item)
        if np.any(rows[1:] == rows[:-1]):
            raise UnusableResponses("an attempt answers an item once")

    @property
    def credit(self) -> Floats:
        """Per row, 0 to 1."""
        return np.asarray(self.points / self.worth)

    def matrix(self) -> NDArray[np.int8]:
        """Attempts × items: 1 full points, 0 fewer, -1 not drawn."""
        dense = np.full((self.attempts, len(self.items)), -1, np.int8)
        dense[self.attempt, self.item] = self.points == self.worth
        return dense


def of_attempts(responses: Responses, which: NDArray[np.bool_]) -> Responses:
    """Rows of these attempts alone; all keep their numbers."""
    rows = which[responses.attempt]
    return msgspec.structs.replace(
        responses,
        attempt=responses.attempt[rows],
        item=responses.item[rows],
        points=responses.points[rows],
        worth=responses.worth[rows],
        picked=responses.picked[rows],
    )


class Scores(msgspec.Struct, frozen=True, eq=False):
    """Of each attempt, in hundredths and in items."""

    earned: Floats
    possible: Floats
    items: Floats

    @property
    def share(self) -> Floats:
        """0 to 1; NaN for an attempt without rows."""
        return over(self.earned, self.possible)


def scores_of(responses: Responses) -> Scores:
    where, count = responses.attempt, responses.attempts
    return Scores(
        sums(where, count, responses.points),
        sums(where, count, responses.worth),
        sums(where, count),
    )


def rest_shares(responses: Responses, scores: Scores) -> Floats:
    """Per row: the share earned of everything else on the same paper, so that an item is not
    compared with itself. NaN where the paper holds no other item."""
    earned = scores.earned[responses.attempt] - responses.points
    return over(earned, scores.possible[responses.attempt] - responses.worth)


def sums(
    where: NDArray[np.int32], count: int, weight: Floats | NDArray[np.int32] | None = None
) -> Floats:
    """How much lies at each place 0 … count - 1; without a weight, how many."""
    return np.bincount(where, weight, count).astype(float)


def over(part: Floats, whole: Floats) -> Floats:
    """NaN where the whole is zero."""
    found: Floats = np.divide(part, whole, out=np.full(len(part), np.nan), where=whole > 0)
    return found


def picks_bits(item: KeyedItem, picks: frozenset[str]) -> int:
    """As the column `picked` wants them."""
    return sum(1 << place for place, option in enumerate(item.options) if option in picks)
