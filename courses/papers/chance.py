"""Whole numbers out of a seed, the same for ever and in every language: SHA-256 in counter mode.

Python's `random` keeps its promise for `random()` only: how `sample` and `shuffle` use it may
change with any release, and nobody could repeat a draw in another language
(docs/decisions/0027-a-paper-anyone-can-draw-again.md; docs/papers.md has test vectors).
"""

import hashlib
import struct
from collections.abc import Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")
SEED_BYTES = 32
_WORDS = 1 << 64
_FOUR_WORDS = struct.Struct(">4Q")


class Chance:
    """One stream of a seed; `label` tells the streams of one seed apart, so that what is drawn from
    one changes nothing of another.

    Block n is SHA-256(seed | label in UTF-8 | a zero byte | n as 8 bytes), four words of 64 bits,
    big-endian throughout.
    """

    def __init__(self, seed: bytes, label: str) -> None:
        if len(seed) != SEED_BYTES or "\0" in label:
            raise ValueError("a seed has 32 bytes, a label no zero")
        self._began = hashlib.sha256(seed + label.encode() + b"\0")
        self._blocks = 0
        self._words: list[int] = []

    def below(self, bound: int) -> int:
        """0 to `bound` - 1, each equally likely: words of the incomplete last round are refused."""
        refused_from = _WORDS - _WORDS % bound
        while (word := self._word()) >= refused_from:
            pass
        return word % bound

    def dealt(self, cards: Sequence[T]) -> Iterator[T]:
        """All of them in random order (Fisher and Yates, forwards); only what is taken is drawn."""
        left = list(cards)
        for at in range(len(left)):
            other = at + self.below(len(left) - at)
            left[at], left[other] = left[other], left[at]
            yield left[at]

    def _word(self) -> int:
        if not self._words:
            block = self._began.copy()
            block.update(self._blocks.to_bytes(8, "big"))
            self._blocks += 1
            self._words = list(_FOUR_WORDS.unpack(block.digest()))[::-1]
        return self._words.pop()
