"""What people of a given ability answer: the share of every answer in each tenth of the scores.

An empirical answer model in place of a fitted nominal one (Ramsay, Psychometrika 56 (1991)): it
needs no convergence, and holds for several picks at once, as the whole pattern is one answer.
"""

import msgspec
import numpy as np
from numpy.typing import NDArray

from backend.assessment.statistics.responses import Floats, Responses, scores_of, sums

BANDS = 10
_BORROWED = 5.0
"""Answers' worth of everybody's shares added to each tenth's, for the rare ones."""


class Answered(msgspec.Struct, frozen=True, eq=False):
    """Given answers; blanks are left out, as nobody copies nothing."""

    code: NDArray[np.int32]
    """Attempts × items: which of all the answers ever given; -1 not drawn, or blank."""
    right: NDArray[np.bool_]
    """By code."""
    item: NDArray[np.int32]
    """By code."""
    band: NDArray[np.int64]
    """By attempt."""
    share: Floats
    """Code × band: of the answers that people of the band gave to the item."""

    def same(self, wrong_only: bool) -> Floats:
        """Band × band × items: the chance that two answer alike, each for himself."""
        share = np.where(self.right[:, None] & wrong_only, 0, self.share)
        count = self.code.shape[1]
        pairs = [
            sums(self.item, count, share[:, a] * share[:, b]) for a, b in np.ndindex(BANDS, BANDS)
        ]
        return np.array(pairs).reshape(BANDS, BANDS, count)


def answered_of(responses: Responses) -> Answered:
    given = responses.picked != 0
    attempt, item = responses.attempt[given], responses.item[given]
    patterns = np.stack([item.astype(np.int64), responses.picked[given]])
    known, which = np.unique(patterns, axis=1, return_inverse=True)
    codes = np.full((responses.attempts, len(responses.items)), -1, np.int32)
    codes[attempt, item] = which
    right = np.zeros(known.shape[1], bool)
    right[which] = (responses.points == responses.worth)[given]
    band = bands_of(scores_of(responses).share)
    return Answered(
        code=codes,
        right=right,
        item=known[0].astype(np.int32),
        band=band,
        share=_shares(which, known[0], band[attempt], len(responses.items)),
    )


def bands_of(score: Floats, bands: int = BANDS) -> NDArray[np.int64]:
    """Even bands by rank; equal scores stay together. NaN falls into the lowest."""
    score = np.nan_to_num(score)
    ordered = np.sort(score)
    middle = (np.searchsorted(ordered, score) + np.searchsorted(ordered, score, "right")) / 2
    return np.minimum((bands * middle / len(score)).astype(np.int64), bands - 1)


def _shares(
    which: NDArray[np.int64], item: NDArray[np.int64], band: NDArray[np.int64], items: int
) -> Floats:
    counts = np.bincount(which * BANDS + band, minlength=len(item) * BANDS).astype(float)
    counts = counts.reshape(-1, BANDS)
    whole = np.stack([sums(item.astype(np.int32), items, column) for column in counts.T], axis=1)
    overall = counts.sum(axis=1) / whole.sum(axis=1)[item]
    return np.asarray((counts + _BORROWED * overall[:, None]) / (whole[item] + _BORROWED))
