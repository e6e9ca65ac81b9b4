"""Byte ranges by RFC 9110, against a reading of it that slices a real byte string."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.lectures.ranges import Part, RangeNotSatisfiable, Unchanged, part, wanted

TAG = '"abc"'
SIZES = st.integers(0, 50)
NUMBERS = st.integers(0, 60)


def cut(found: Part | None, size: int) -> bytes:
    whole = bytes(range(size))
    return whole if found is None else whole[found.start : found.start + found.length]


@given(size=SIZES, first=NUMBERS, last=NUMBERS)
def test_a_range_gives_its_bytes_as_far_as_there_are_any(size: int, first: int, last: int) -> None:
    header = f"bytes={first}-{last}"
    if last < first:
        assert part(header, size=size) is None, "not a range: ignored"
    elif first >= size:
        with pytest.raises(RangeNotSatisfiable):
            part(header, size=size)
    else:
        found = part(header, size=size)
        assert found is not None
        assert cut(found, size) == bytes(range(size))[first : last + 1]
        assert found.headers["Content-Range"] == f"bytes {first}-{min(last, size - 1)}/{size}"


@given(size=st.integers(1, 50), first=st.integers(0, 49))
def test_an_open_range_runs_to_the_end(size: int, first: int) -> None:
    if first < size:
        assert cut(part(f"bytes={first}-", size=size), size) == bytes(range(size))[first:]


@given(size=st.integers(1, 50), last=st.integers(1, 90))
def test_a_suffix_gives_the_end_and_at_most_all(size: int, last: int) -> None:
    assert cut(part(f"bytes=-{last}", size=size), size) == bytes(range(size))[-last:]


@given(size=SIZES, cuts=st.lists(st.integers(1, 49), max_size=4, unique=True))
def test_parts_that_follow_each_other_make_the_file_whole(size: int, cuts: list[int]) -> None:
    """What a resumed download does."""
    marks = [0, *sorted(at for at in cuts if at < size), size]
    got = b"".join(
        cut(part(f"bytes={start}-{end - 1}", size=size), size)
        for start, end in pairwise(marks)
        if end > start
    )
    assert got == bytes(range(size))


@given(st.text(max_size=30))
def test_no_header_breaks_it(header: str) -> None:
    for text in (header, f"bytes={header}"):
        try:
            found = part(text, size=10)
        except RangeNotSatisfiable:
            continue
        assert found is None or (found.partial and 0 < found.length <= 10 - found.start)


@pytest.mark.parametrize(
    "header",
    ["bytes=0-1,4-5", "items=0-1", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=٣-٤"],
)
def test_what_is_no_single_byte_range_is_ignored(header: str) -> None:
    assert part(header, size=10) is None


@pytest.mark.parametrize("header", ["BYTES=2-3", "bytes= 2-3", "bytes=2-3 , ,"])
def test_the_unit_has_no_case_and_lists_may_have_empty_members(header: str) -> None:
    assert part(header, size=10) == Part(2, 2, 10, partial=True)


@pytest.mark.parametrize("header", ["bytes=10-", "bytes=-0", f"bytes={'9' * 5000}-"])
def test_what_lies_outside_is_refused_with_the_length(header: str) -> None:
    with pytest.raises(RangeNotSatisfiable) as refusal:
        part(header, size=10)
    assert refusal.value.status_code == 416
    assert refusal.value.headers["Content-Range"] == "bytes */10"


@pytest.mark.parametrize(
    ("condition", "status"),
    [
        (TAG, 206),
        ('"other"', 200),
        (f"W/{TAG}", 200),
        ("Mon, 02 Mar 2026 01:00:00 GMT", 200),
    ],
    ids=["same", "another", "weak", "date"],
)
def test_if_range_holds_for_the_same_strong_tag_alone(condition: str, status: int) -> None:
    found = wanted({"range": "bytes=2-3", "if-range": condition}, size=10, etag=TAG)
    assert isinstance(found, Part)
    assert found.status_code == status
    assert found.length == (2 if status == 206 else 10)


def test_a_changed_file_is_never_refused_for_a_range_of_the_old_one() -> None:
    found = wanted({"range": "bytes=90-", "if-range": '"old"'}, size=10, etag=TAG)
    assert found == Part(0, 10, 10, partial=False)


@pytest.mark.parametrize("condition", [TAG, f"W/{TAG}", f'"x", {TAG}', "*", f'"a,b",{TAG}'])
def test_what_the_client_has_already_is_not_sent(condition: str) -> None:
    headers = {"if-none-match": condition, "range": "bytes=99-"}
    assert wanted(headers, size=10, etag=TAG) is Unchanged.UNCHANGED


@pytest.mark.parametrize("condition", ['"x"', "abc", '"abcd"', ""])
def test_another_tag_changes_nothing(condition: str) -> None:
    found = wanted({"if-none-match": condition}, size=10, etag=TAG)
    assert found == Part(0, 10, 10, partial=False)
