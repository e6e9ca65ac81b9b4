"""A bitmap against the plain meaning: a set of seconds."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.progress.bitmap import Bitmap

LENGTH = 400
seconds = st.sets(st.integers(0, LENGTH - 1))
edges = st.integers(0, LENGTH)


def of(members: set[int]) -> Bitmap:
    return Bitmap(sum(1 << second for second in members))


def members(bitmap: Bitmap) -> set[int]:
    return {second for start, end in bitmap.spans() for second in range(start, end)}


@given(seconds, seconds, seconds)
def test_merging_is_commutative_associative_and_idempotent(
    a: set[int], b: set[int], c: set[int]
) -> None:
    x, y, z = of(a), of(b), of(c)
    assert x | y == y | x
    assert (x | y) | z == x | (y | z)
    assert x | x == x


@given(seconds, seconds)
def test_merging_never_loses_a_second(a: set[int], b: set[int]) -> None:
    merged = of(a) | of(b)
    assert members(merged) == a | b
    assert merged.seconds >= max(of(a).seconds, of(b).seconds)


@given(seconds)
def test_bytes_bring_back_the_same_bitmap(a: set[int]) -> None:
    stored = of(a).to_bytes(LENGTH)
    assert len(stored) == LENGTH // 8
    assert Bitmap.of(stored) == of(a)


@given(seconds)
def test_spans_are_the_fewest_in_order_and_end_at_the_furthest_second(a: set[int]) -> None:
    spans = of(a).spans()
    assert all(left[1] < right[0] for left, right in pairwise(spans))
    assert all(start < end for start, end in spans)
    assert of(a).end == (spans[-1][1] if spans else 0)


@given(seconds, edges, edges)
def test_a_range_sets_its_seconds_and_no_other(a: set[int], start: int, end: int) -> None:
    added = set(range(start, end))
    assert members(of(a).set_range(start, end)) == a | added
    assert members(of(a).missing(start, end)) == added - a


@given(seconds, st.integers(0, LENGTH + 5))
def test_the_first_seconds_are_the_earliest_ones(a: set[int], count: int) -> None:
    assert members(of(a).first(count)) == set(sorted(a)[:count])


def test_a_lesson_of_45_minutes_is_338_bytes() -> None:
    assert len(Bitmap().set_range(0, 2700).to_bytes(2700)) == 338


def test_a_bit_beyond_the_lecture_is_not_stored_in_silence() -> None:
    with pytest.raises(OverflowError):
        Bitmap().set_range(0, 41).to_bytes(40)
