"""Papers whose truth is known: people of normal ability, items of the two-parameter model."""

import msgspec
import numpy as np
from numpy.typing import NDArray

from backend.assessment.statistics.responses import Floats, KeyedItem, Responses

OPTIONS = ("A", "B", "C", "D")


def keyed(code: str, key: str = "A") -> KeyedItem:
    return KeyedItem(code=code, options=OPTIONS, key=frozenset({key}))


def from_matrix(right: NDArray[np.int8], items: tuple[KeyedItem, ...] | None = None) -> Responses:
    """-1: not drawn. Who is right picks A, the others B."""
    attempt, item = np.nonzero(right >= 0)
    correct = right[attempt, item]
    return Responses(
        items=items or tuple(keyed(f"Q{n}") for n in range(right.shape[1])),
        attempts=len(right),
        attempt=attempt.astype(np.int32),
        item=item.astype(np.int32),
        points=(100 * correct).astype(np.int32),
        worth=np.full(len(item), 100, np.int32),
        picked=np.where(correct == 1, 1, 2).astype(np.int64),
    )


def drawn(seed: int, people: int, bank: int, paper: int) -> NDArray[np.int32]:
    """People × paper: the items of each, without repeats."""
    # A stream of its own: the same numbers must not decide who draws what and who is right.
    lots = np.random.default_rng([seed, 1]).random((people, bank))
    return np.argpartition(lots, paper - 1, axis=1)[:, :paper].astype(np.int32)


def chances(ability: Floats, slope: Floats, difficulty: Floats) -> Floats:
    """Of being right, element by element."""
    return 1 / (1 + np.exp(-slope * (ability - difficulty)))


def answered(seed: int, papers: NDArray[np.int32], bank: int, *, spread: float = 1.0) -> Responses:
    """Four options each, the key anywhere; the wrong ones attract in unequal shares, as they do."""
    rng = np.random.default_rng(seed)
    people, length = papers.shape
    slope, difficulty = rng.lognormal(0, 0.3, bank), rng.normal(-0.7, 0.8, bank)
    keys = rng.integers(0, 4, bank)
    ability = rng.normal(0, spread, people)
    item = papers.ravel()
    right = rng.random(item.size) < chances(
        np.repeat(ability, length), slope[item], difficulty[item]
    )
    wrong = (keys[item] + 1 + rng.choice(3, item.size, p=(0.6, 0.3, 0.1))) % 4
    return Responses(
        items=tuple(keyed(f"Q{n}", OPTIONS[keys[n]]) for n in range(bank)),
        attempts=people,
        attempt=np.repeat(np.arange(people, dtype=np.int32), length),
        item=item,
        points=(100 * right).astype(np.int32),
        worth=np.full(item.size, 100, np.int32),
        picked=np.int64(1) << np.where(right, keys[item], wrong),
    )


def copied(responses: Responses, source: int, copier: int, share: float, seed: int) -> Responses:
    """So much of what both drew, the copier now has from the source."""
    rng = np.random.default_rng(seed)
    of_source = {
        int(i): r for r in np.flatnonzero(responses.attempt == source) for i in [responses.item[r]]
    }
    picked, points = responses.picked.copy(), responses.points.copy()
    for row in np.flatnonzero(responses.attempt == copier):
        there = of_source.get(int(responses.item[row]))
        if there is not None and rng.random() < share:
            picked[row], points[row] = picked[there], points[there]
    return msgspec.structs.replace(responses, picked=picked, points=points)
