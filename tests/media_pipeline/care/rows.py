"""Lectures in every state, with files as small as can be."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from infra.clock import system_clock
from infra.objects import ObjectStore
from media_pipeline.care.files import Freed
from media_pipeline.care.purge import Purged
from media_pipeline.domain import Failure, Published, Shortcoming, State, incoming_name
from media_pipeline.tables import Lecture, LectureTask, Upload

REFUSED = Failure("truncated", "不完整", "Truncated")
FAULT = Failure("machine-fault", "故障", "A fault", retryable=True)
UNEVEN = Shortcoming("Apple 7.6", 2, "720p/00003.m4s", "lasts 2.000 s")
AUTHOR = UUID(int=0xCAFE)
OURS = "-cafe"
"""In every name of these tests: rows and bucket are the whole session's."""
PREFIXES = ("incoming/", "lectures/", "work/")


def an_id(age: timedelta = timedelta(), salt: int = 0) -> UUID:
    """A UUIDv7 as it was made `age` ago; `OURS` is in it."""
    millis = int((system_clock() - age - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 1000)
    return UUID(int=millis << 80 | 7 << 76 | 2 << 62 | 0xCAFE << 32 | salt)


async def lecture(state: State, lecture_id: UUID, **values: Any) -> UUID:
    """A row; a playable one shows `lectures/<id>/<id>/` unless told otherwise."""
    fields: dict[str, Any] = {"author_id": AUTHOR, "title": "第一课"}
    fields |= {"created_at": system_clock(), "state": state, **values}
    if state is State.PLAYABLE:
        published = Published(40.0, "master.m3u8", "poster.jpg", (), shortcomings=(UNEVEN,))
        fields.setdefault("package_prefix", f"lectures/{lecture_id}/{lecture_id}/")
        fields.setdefault("playable_at", system_clock())
        fields |= {"manifest": msgspec.json.encode(published).decode(), "duration_seconds": 40}
    if state is State.FAILED:
        failure = fields.pop("failure", FAULT)
        fields["failure"] = msgspec.json.encode(failure).decode()
    await Lecture.insert(Lecture(id=lecture_id, **fields))
    return lecture_id


async def upload(lecture_id: UUID, multipart: str = "-") -> None:
    await Upload.insert(
        Upload(
            id=lecture_id,
            filename="a.mp4",
            length=5,
            received=5,
            multipart=multipart,
            expires_at=system_clock() + timedelta(days=1),
        )
    )


async def task(lecture_id: UUID, attempt_id: UUID, number: int, **values: Any) -> None:
    fields: dict[str, Any] = {"kind": "chunk", "state": "running", "weight": 1, **values}
    await LectureTask.insert(
        LectureTask(
            id=UUID(int=lecture_id.int + number + 1),
            lecture_id=lecture_id,
            attempt_id=attempt_id,
            number=number,
            **fields,
        )
    )


async def source(objects: ObjectStore, lecture_id: UUID) -> str:
    return await put(objects, incoming_name(lecture_id))


async def put(objects: ObjectStore, name: str) -> str:
    await objects.put_bytes(name, b"12345", "application/octet-stream")
    return name


async def names(objects: ObjectStore, prefix: str) -> set[str]:
    """Those of these tests."""
    found = {info.name async for page in objects.pages(prefix) for info in page}
    return {name for name in found if OURS in name}


async def forget(objects: ObjectStore) -> None:
    """All that these tests left."""
    lectures = await Lecture.delete().where(Lecture.author_id == AUTHOR).returning(Lecture.id)
    ids = [row["id"] for row in lectures]
    if ids:
        await LectureTask.delete().where(LectureTask.lecture_id.is_in(ids))
        await Upload.delete().where(Upload.id.is_in(ids))
    for prefix in PREFIXES:
        for name in await names(objects, prefix):
            await objects.remove(name)


def purged(lecture_id: UUID, files: int) -> Purged:
    """What a purge says of a lecture with so many files of ours."""
    return Purged(lecture_id, Freed(files, 5 * files))
