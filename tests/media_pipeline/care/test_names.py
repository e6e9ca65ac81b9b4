"""Everything that a row names survives; nothing that is unnamed and old does."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_pipeline.care.names import (
    PACKAGE_GRACE,
    SOURCE_GRACE,
    WORK_GRACE,
    Needed,
    made_at,
    orphans,
    read,
)

NOW = datetime(2026, 3, 2, tzinfo=UTC)
GRACE = {"source": SOURCE_GRACE, "package": PACKAGE_GRACE, "work": WORK_GRACE}


def made(seconds_ago: int, salt: int) -> UUID:
    millis = int((NOW.timestamp() - seconds_ago) * 1000)
    return UUID(int=millis << 80 | 7 << 76 | 2 << 62 | salt)


ids = st.builds(made, st.integers(0, 3 * 86_400), st.integers(0, 3))
names = st.one_of(
    ids.map(lambda i: f"incoming/{i}"),
    st.builds(lambda i, n: f"incoming/{i}.tail-{n}", ids, st.integers(0, 9)),
    st.builds(lambda i, j: f"lectures/{i}/{j}/", ids, ids),
    ids.map(lambda i: f"work/{i}/"),
)
needs = st.builds(
    Needed,
    sources=st.frozensets(ids),
    prefixes=st.frozensets(st.builds(lambda i, j: f"lectures/{i}/{j}/", ids, ids)),
    attempts=st.frozensets(ids),
)


@given(st.sets(names), needs, st.data())
def test_what_rows_name_survives_and_what_is_unnamed_and_old_does_not(
    listed: set[str], needed: Needed, data: st.DataObject
) -> None:
    if listed:  # some of what is listed is named by rows
        chosen = data.draw(st.sets(st.sampled_from(sorted(listed))))
        some = [one for name in chosen if (one := read(name))]
        needed = Needed(
            sources=needed.sources | {one.owner for one in some if one.kind == "source"},
            prefixes=needed.prefixes | {one.name for one in some if one.kind == "package"},
            attempts=needed.attempts | {one.owner for one in some if one.kind == "work"},
        )
    found = [one for name in listed if (one := read(name))]
    gone = {one.name for one in orphans(found, needed, now=NOW)}
    for one in found:
        named = (
            one.owner in needed.sources
            if one.kind == "source"
            else one.name in needed.prefixes or one.owner in needed.attempts
        )
        old = NOW - (made_at(one.owner) or NOW) >= GRACE[one.kind]
        assert (one.name in gone) == (old and not named)


@pytest.mark.parametrize(
    "name",
    [
        *("", "incoming/", "incoming/readme.txt", "lectures/x/y/", "work/", "log/tile/0/000"),
        f"lectures/{UUID(int=1)}/",
        f"incoming/{UUID(int=1)}/more",
        f"records/{UUID(int=1)}",
    ],
)
def test_a_name_that_is_not_of_our_making_is_left_alone(name: str) -> None:
    assert read(name) is None


def test_an_id_that_does_not_say_its_age_is_left_alone() -> None:
    old = read(f"work/{UUID(int=5)}/")
    assert old is not None
    assert made_at(old.owner) is None
    assert orphans([old], Needed(), now=NOW + timedelta(days=10**4)) == []


def test_a_file_inside_a_folder_is_judged_as_its_folder() -> None:
    attempt = made(0, 1)
    folder = read(f"work/{attempt}/chunk-3/720p.mp4")
    assert folder is not None
    assert (folder.name, folder.owner) == (f"work/{attempt}/", attempt)
