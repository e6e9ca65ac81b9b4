"""Watched seconds of a lecture as bits: merging is OR, so order, repeats and devices do not matter.

Bit n is second [n, n+1). Bytes are little-endian: bit n sits in byte n // 8, at 1 << n % 8. A
45-minute lecture is 338 bytes.
"""

from typing import Self

import msgspec

Span = tuple[int, int]
"""Half-open: [from, to)."""


class Bitmap(msgspec.Struct, frozen=True):
    """Immutable. Python's integers do OR and popcount in C, far faster than a loop over bytes."""

    bits: int = 0

    @classmethod
    def of(cls, stored: bytes) -> Self:
        return cls(int.from_bytes(stored, "little"))

    def to_bytes(self, seconds: int) -> bytes:
        """As stored, for a lecture of `seconds`. OverflowError when a bit lies beyond its end."""
        return self.bits.to_bytes((seconds + 7) // 8, "little")

    def __or__(self, other: "Bitmap") -> "Bitmap":
        return Bitmap(self.bits | other.bits)

    def set_range(self, start: int, end: int) -> "Bitmap":
        return Bitmap(self.bits | _mask(start, end))

    def missing(self, start: int, end: int) -> "Bitmap":
        """What [start, end) would add."""
        return Bitmap(_mask(start, end) & ~self.bits)

    def first(self, count: int) -> "Bitmap":
        """The `count` earliest of the set bits; all of them when there are fewer."""
        if self.bits.bit_count() <= count:
            return self
        low, high = 0, self.bits.bit_length()
        while low < high:
            middle = (low + high) // 2
            if (self.bits & _mask(0, middle)).bit_count() < count:
                low = middle + 1
            else:
                high = middle
        return Bitmap(self.bits & _mask(0, low))

    @property
    def seconds(self) -> int:
        """How many seconds are set."""
        return self.bits.bit_count()

    @property
    def end(self) -> int:
        """One past the furthest set second; 0 when none is."""
        return self.bits.bit_length()

    def spans(self) -> list[Span]:
        """Set seconds as the fewest half-open ranges, in order."""
        found: list[Span] = []
        bits, at = self.bits, 0
        while bits:
            gap = _trailing_zeros(bits)
            run = _trailing_zeros(~(bits >> gap))
            found.append((at + gap, at + gap + run))
            at += gap + run
            bits >>= gap + run
        return found


def _mask(start: int, end: int) -> int:
    return ((1 << max(0, end - start)) - 1) << start


def _trailing_zeros(bits: int) -> int:
    return (bits & -bits).bit_length() - 1
