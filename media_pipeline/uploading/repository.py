"""Rows of uploads. A change names the state it expects: a late one finds nothing."""

from datetime import datetime
from uuid import UUID

import msgspec

from infra.database import connection
from media_pipeline.domain import Failure, State
from media_pipeline.tables import Lecture, Upload
from media_pipeline.uploading.domain import UploadFacts, Usage


async def lock_author(author_id: UUID) -> None:
    """Until the transaction ends: of two creations at once the second sees the first."""
    await connection().execute(
        "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"uploads:{author_id}"
    )


async def usage(author_id: UUID, *, now: datetime) -> Usage:
    """What counts: files that come, wait, play, or failed and are kept for another attempt. A
    lecture whose upload row is gone counts no more."""
    row = await connection().fetchrow(
        "SELECT coalesce(sum(upload.length), 0)::bigint AS bytes,"
        " count(*) FILTER (WHERE state = 'uploading') AS open_uploads"
        " FROM upload JOIN lecture USING (id) WHERE author_id = $1"
        " AND (state <> 'uploading' OR expires_at > $2)"
        " AND (state <> 'failed' OR (failure->>'retryable')::bool)",
        *(author_id, now),
    )
    assert row is not None  # an aggregate always has one
    return Usage(row["bytes"], row["open_uploads"])


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


async def start_over(upload_id: UUID, *, writer: UUID) -> None:
    """Forgets every part: the next request begins at the first byte."""
    await Upload.update({Upload.received: 0, Upload.etags: []}).where(
        Upload.id == upload_id, Upload.writer == writer
    )


async def expired(*, now: datetime, after: UUID, limit: int) -> list[UploadFacts]:
    """Unfinished uploads that nobody may go on with, by their ids."""
    rows = await Upload.raw(
        "SELECT upload.id, length, received, multipart, etags, expires_at, state"
        " FROM upload JOIN lecture USING (id)"
        " WHERE state = 'uploading' AND expires_at <= {} AND upload.id > {}"
        " ORDER BY upload.id LIMIT {}",
        *(now, after, limit),
    )
    return [msgspec.convert(row, UploadFacts) for row in rows]


async def claim_expired(upload_id: UUID, *, writer: UUID, now: datetime) -> bool:
    """`writer` sweeps: whoever still adds bytes can commit no more. False where one was faster."""
    rows = (
        await Upload.update({Upload.writer: writer})
        .where(Upload.id == upload_id, Upload.expires_at <= now)
        .returning(Upload.id)
    )
    return bool(rows)


async def remove_expired(upload_id: UUID, *, writer: UUID) -> bool:
    rows = (
        await Upload.delete()
        .where(Upload.id == upload_id, Upload.writer == writer)
        .returning(Upload.id)
    )
    if rows:
        await Lecture.delete().where(Lecture.id == upload_id, Lecture.state == State.UPLOADING)
    return bool(rows)


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
