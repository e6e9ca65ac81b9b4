"""Uploads that were left alone go, beside whoever may still be writing."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from infra.ids import uuid7
from infra.objects import ObjectStore
from media_pipeline import repository as lectures
from media_pipeline.domain import State
from media_pipeline.tables import Lecture, Upload
from media_pipeline.uploading import repository, service
from media_pipeline.uploading.domain import (
    PART_BYTES,
    UPLOAD_LIFETIME,
    TakenOver,
    UploadFacts,
    UploadGone,
)

LONG_AGO = datetime(2001, 3, 5, 1, tzinfo=UTC)  # so that no other test's upload has expired
LATER = LONG_AGO + UPLOAD_LIFETIME
VIDEO = b"\x00\x00\x00\x20ftypisom" + bytes(range(256)) * (PART_BYTES // 256)


async def chunks(*pieces: bytes) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


@pytest.fixture
def author_id(database: None) -> UUID:
    return uuid7()


async def an_upload(
    objects: ObjectStore, author_id: UUID, *, received: int = 9000, length: int = len(VIDEO)
) -> UploadFacts:
    opened = await service.open_upload(
        objects, author_id=author_id, title="", filename="a.mp4", length=length, now=LONG_AGO
    )
    return await service.receive(
        objects,
        opened.id,
        chunks(VIDEO[:received]),
        author_id=author_id,
        offset=0,
        now=LONG_AGO,
    )


async def is_gone(objects: ObjectStore, upload: UploadFacts) -> bool:
    """Neither rows nor a tail nor a multipart."""
    if await Upload.exists().where(Upload.id == upload.id):
        return False
    opened = [found async for page in objects.open_multiparts(upload.object_name) for found in page]
    names = await objects.list_names(upload.object_name)
    return not opened and not names and await lectures.lecture(upload.id) is None


async def test_what_was_left_alone_goes_with_all_it_left(
    author_id: UUID, object_store: ObjectStore
) -> None:
    uploads = [
        await an_upload(object_store, author_id, received=received)
        for received in (0, 9000, PART_BYTES + 7)
    ]
    assert await service.sweep_expired(object_store, LATER - timedelta(seconds=1)) == 0
    assert await service.sweep_expired(object_store, LATER) == 3
    for upload in uploads:
        assert await is_gone(object_store, upload)
    assert await service.sweep_expired(object_store, LATER) == 0


async def test_more_than_one_batch_goes_at_once(
    author_id: UUID, object_store: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "SWEPT_AT_ONCE", 2)
    for _ in range(5):
        await an_upload(object_store, author_id, received=0)
    assert await service.sweep_expired(object_store, LATER) == 5


async def test_what_is_complete_or_goes_on_stays(
    author_id: UUID, object_store: ObjectStore
) -> None:
    complete = await an_upload(object_store, author_id, received=len(VIDEO))
    going_on = await an_upload(object_store, author_id)
    await service.receive(
        object_store,
        going_on.id,
        chunks(VIDEO[9000:9001]),
        author_id=author_id,
        offset=9000,
        now=LATER - timedelta(days=1),
    )
    assert await service.sweep_expired(object_store, LATER) == 0
    assert (await service.upload_of(complete.id, author_id=author_id)).state is State.QUEUED
    await Lecture.delete().where(Lecture.id == complete.id)
    assert await service.sweep_expired(object_store, LATER + UPLOAD_LIFETIME) == 1


async def test_a_late_writer_is_told_and_brings_nothing_back(
    author_id: UUID, object_store: ObjectStore
) -> None:
    """The sweep comes while a request is in the middle of its bytes."""
    upload = await an_upload(object_store, author_id)
    half_way, swept = asyncio.Event(), asyncio.Event()

    async def slowly() -> AsyncIterator[bytes]:
        yield VIDEO[9000:20_000]
        half_way.set()
        await swept.wait()
        yield VIDEO[20_000:]

    late = asyncio.create_task(
        service.receive(
            object_store,
            upload.id,
            slowly(),
            author_id=author_id,
            offset=9000,
            now=LATER - timedelta(seconds=1),
        )
    )
    await half_way.wait()
    assert await service.sweep_expired(object_store, LATER) == 1
    swept.set()
    with pytest.raises((TakenOver, UploadGone)):
        await late
    assert await is_gone(object_store, upload)


async def test_a_sweep_that_was_killed_is_ended_by_the_next(
    author_id: UUID, object_store: ObjectStore
) -> None:
    upload = await an_upload(object_store, author_id)
    await repository.claim_expired(upload.id, writer=uuid7(), now=LATER)
    await service.discard(object_store, upload)
    assert await service.sweep_expired(object_store, LATER) == 1
    assert await is_gone(object_store, upload)


async def test_two_sweeps_at_once_remove_each_upload_once(
    author_id: UUID, object_store: ObjectStore
) -> None:
    uploads = [await an_upload(object_store, author_id) for _ in range(4)]
    counts = await asyncio.gather(*(service.sweep_expired(object_store, LATER) for _ in range(3)))
    assert sum(counts) <= 4
    await service.sweep_expired(object_store, LATER)
    for upload in uploads:
        assert await is_gone(object_store, upload)
