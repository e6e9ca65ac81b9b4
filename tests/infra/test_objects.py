"""What the store keeps for us, and what it gives back in parts and to other pages."""

import asyncio
import os
from collections.abc import AsyncGenerator
from datetime import timedelta
from pathlib import Path
from typing import cast

import httpx
import pytest

from infra.objects import CHUNK_BYTES, FOREVER, NoSuchObject, ObjectStore

NAME = "streams/lecture.mp4"
CONTENT = os.urandom(3 * CHUNK_BYTES + 17)
PAGES = "https://pages.example"


@pytest.fixture
async def address(object_store: ObjectStore, tmp_path: Path) -> str:
    (tmp_path / "file").write_bytes(CONTENT)
    await object_store.put_file(NAME, tmp_path / "file", "video/mp4")
    return object_store.presign_get(NAME, timedelta(minutes=5))


@pytest.mark.parametrize(
    ("start", "length"), [(0, len(CONTENT)), (5, 10), (CHUNK_BYTES - 1, CHUNK_BYTES + 2), (7, 0)]
)
async def test_a_stream_gives_exactly_its_part_in_small_chunks(
    object_store: ObjectStore, address: str, start: int, length: int
) -> None:
    chunks = [chunk async for chunk in object_store.stream(NAME, start, length)]
    assert b"".join(chunks) == CONTENT[start : start + length]
    assert all(0 < len(chunk) <= CHUNK_BYTES for chunk in chunks)


async def test_a_stream_that_nobody_reads_to_its_end_gives_its_connection_back(
    object_store: ObjectStore, address: str
) -> None:
    for _ in range(40):  # more than the pool has
        stream = cast("AsyncGenerator[bytes, None]", object_store.stream(NAME, 0, len(CONTENT)))
        assert await anext(stream)
        await stream.aclose()
    whole = [chunk async for chunk in object_store.stream(NAME, 0, len(CONTENT))]
    assert b"".join(whole) == CONTENT


async def test_a_reader_that_is_cut_off_leaves_no_error_behind(
    object_store: ObjectStore, address: str
) -> None:
    async def read() -> None:
        async for _ in object_store.stream(NAME, 0, len(CONTENT)):
            started.set()

    started = asyncio.Event()
    reading = asyncio.create_task(read())
    await started.wait()
    reading.cancel()
    await asyncio.wait({reading})
    assert (await object_store.stat(NAME)).size == len(CONTENT)


async def test_what_is_not_there_cannot_be_streamed(object_store: ObjectStore) -> None:
    with pytest.raises(NoSuchObject):
        await anext(object_store.stream("streams/none.mp4", 0, 1))


async def test_stored_files_may_be_kept_for_ever_and_say_what_they_are(address: str) -> None:
    async with httpx.AsyncClient() as anyone:
        answer = await anyone.get(address, headers={"Origin": PAGES})
    assert answer.headers["Cache-Control"] == FOREVER
    assert answer.headers["Content-Type"] == "video/mp4"
    assert answer.headers["Access-Control-Allow-Origin"] in {"*", PAGES}


@pytest.mark.parametrize(
    ("asked", "status", "expected"),
    [
        ("bytes=0-9", 206, CONTENT[:10]),
        ("bytes=-7", 206, CONTENT[-7:]),
        (f"bytes={len(CONTENT) - 3}-", 206, CONTENT[-3:]),
        (f"bytes={len(CONTENT)}-", 416, None),
    ],
    ids=["the beginning", "the end", "from a place on", "beyond"],
)
async def test_the_store_answers_ranges_of_signed_addresses(
    address: str, asked: str, status: int, expected: bytes | None
) -> None:
    """Players fetch segments there, not from us."""
    async with httpx.AsyncClient() as player:
        answer = await player.get(address, headers={"Range": asked})
    assert answer.status_code == status
    if expected is not None:
        assert answer.content == expected


async def test_addresses_are_the_same_for_everybody_for_a_while(object_store: ObjectStore) -> None:
    """Else no cache would know a segment again, when a lesson is opened a second time."""
    hours = timedelta(hours=2)
    first, second = (object_store.presigner(hours, steady=timedelta(days=1)) for _ in range(2))
    assert first.get(NAME) == second.get(NAME)
    assert f"X-Amz-Expires={26 * 3600}" in first.get(NAME)
