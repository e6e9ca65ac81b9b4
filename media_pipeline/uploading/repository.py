"""Rows of uploads. A change names the state it expects: a late one finds nothing."""

from datetime import datetime
from uuid import UUID

import msgspec

from infra.database import connection
from media_pipeline.domain import Failure, State
from media_pipeline.tables import Lecture, Upload
from media_pipeline.uploading.domain import UploadFacts


async def add(lecture: Lecture, upload: Upload) -> None:
    await Lecture.insert(lecture)
    await Upload.insert(upload)


async def upload(upload_id: UUID, *, author_id: UUID) -> UploadFacts | None:
    lecture = (
        await Lecture.select(Lecture.state)
        .where(Lecture.id == upload_id, Lecture.author_id == author_id)
        .first()
    )
    row = await Upload.select().where(Upload.id == upload_id).first() if lecture else None
    return msgspec.convert({**row, **lecture}, UploadFacts) if row and lecture else None


async def take_over(upload_id: UUID, *, writer: UUID, offset: int) -> bool:
    """From now on only `writer` may add bytes. False when the upload stands elsewhere."""
    rows = (
        await Upload.update({Upload.writer: writer})
        .where(Upload.id == upload_id, Upload.received == offset)
        .returning(Upload.id)
    )
    return bool(rows)


async def writes(upload_id: UUID, *, writer: UUID) -> bool:
    return await Upload.exists().where(Upload.id == upload_id, Upload.writer == writer)


async def store_received(
    upload_id: UUID, *, writer: UUID, received: int, etags: list[str], expires_at: datetime
) -> bool:
    """`etags` are those of new parts, appended. False when another writer took over."""
    done = await connection().fetchval(
        "UPDATE upload SET received = $3, etags = etags || $4::varchar[], expires_at = $5"
        " WHERE id = $1 AND writer = $2 RETURNING true",
        *(upload_id, writer, received, etags, expires_at),
    )
    return bool(done)


async def remove_unfinished(lecture_id: UUID) -> bool:
    rows = (
        await Lecture.delete()
        .where(Lecture.id == lecture_id, Lecture.state == State.UPLOADING)
        .returning(Lecture.id)
    )
    if rows:
        await Upload.delete().where(Upload.id == lecture_id)
    return bool(rows)


async def queue(lecture_id: UUID) -> bool:
    rows = (
        await Lecture.update({Lecture.state: State.QUEUED})
        .where(Lecture.id == lecture_id, Lecture.state == State.UPLOADING)
        .returning(Lecture.id)
    )
    return bool(rows)


async def refuse_upload(lecture_id: UUID, failure: Failure) -> None:
    await Lecture.update(
        {Lecture.state: State.FAILED, Lecture.failure: msgspec.json.encode(failure).decode()}
    ).where(Lecture.id == lecture_id, Lecture.state == State.UPLOADING)
