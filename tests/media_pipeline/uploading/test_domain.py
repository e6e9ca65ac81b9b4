from datetime import UTC, datetime, timedelta
from uuid import uuid4

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_pipeline.domain import State
from media_pipeline.uploading.domain import (
    MAX_UPLOAD_BYTES,
    PART_BYTES,
    UploadFacts,
    UploadGone,
    UploadTooLarge,
    check_announced,
    check_open,
)

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)


def an_upload(received: int, *, length: int = MAX_UPLOAD_BYTES, state: State) -> UploadFacts:
    return UploadFacts(
        id=uuid4(),
        length=length,
        received=received,
        multipart="m",
        etags=["e"] * (received // PART_BYTES),
        expires_at=NOW + timedelta(days=7),
        state=state,
    )


@given(st.integers(0, MAX_UPLOAD_BYTES))
def test_parts_and_tail_make_up_what_was_received(received: int) -> None:
    upload = an_upload(received, state=State.UPLOADING)
    assert upload.stored_in_parts + upload.tail_bytes == received
    assert 0 <= upload.tail_bytes < PART_BYTES


def test_a_whole_upload_has_no_tail() -> None:
    assert an_upload(70, length=70, state=State.QUEUED).tail_bytes == 0


@given(st.integers(0, PART_BYTES), st.integers(0, PART_BYTES))
def test_tails_that_end_elsewhere_have_other_names(one: int, other: int) -> None:
    first = an_upload(one, state=State.UPLOADING)
    second = msgspec.structs.replace(first, received=other)
    assert (first.tail_name == second.tail_name) == (one == other)


@pytest.mark.parametrize(
    ("received", "state", "at", "gone"),
    [
        pytest.param(5, State.UPLOADING, timedelta(0), False, id="waiting for more"),
        pytest.param(5, State.UPLOADING, timedelta(days=7), True, id="left alone for a week"),
        pytest.param(5, State.FAILED, timedelta(0), True, id="refused at its first bytes"),
        pytest.param(70, State.QUEUED, timedelta(days=8), False, id="complete long ago"),
        pytest.param(70, State.FAILED, timedelta(0), False, id="complete, refused by the job"),
    ],
)
def test_an_upload_can_be_gone(received: int, state: State, at: timedelta, gone: bool) -> None:
    upload = an_upload(received, length=70, state=state)
    if gone:
        with pytest.raises(UploadGone):
            check_open(upload, now=NOW + at)
    else:
        check_open(upload, now=NOW + at)


def test_the_limit_is_inclusive() -> None:
    check_announced(MAX_UPLOAD_BYTES)
    with pytest.raises(UploadTooLarge):
        check_announced(MAX_UPLOAD_BYTES + 1)
