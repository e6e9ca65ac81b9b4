"""Uploads: opened, gone on with, stopped, swept away."""

from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import datetime
from pathlib import PurePosixPath
from uuid import UUID

import msgspec

from infra.database import UnitOfWork
from infra.engine import DB
from infra.errors import DomainError, NotFound
from infra.ids import uuid7
from infra.objects import NoSuchObject, ObjectStore
from media_pipeline.domain import Failure, State, incoming_name
from media_pipeline.errors import EmptyFile, Refused
from media_pipeline.plan import NO_WISHES, Wishes
from media_pipeline.service import remove_incoming
from media_pipeline.tables import Lecture, Upload
from media_pipeline.uploading import repository
from media_pipeline.uploading.domain import (
    UPLOAD_LIFETIME,
    Checksum,
    ChecksumMismatch,
    Limits,
    MoreThanAnnounced,
    NothingLeftToStop,
    TakenOver,
    UploadFacts,
    UploadGone,
    WrongOffset,
    check_announced,
    check_open,
    check_room,
)
from media_pipeline.uploading.intake import OCTETS, Intake

TITLE_CHARACTERS = 200
SWEPT_AT_ONCE = 50


async def open_upload(
    objects: ObjectStore,
    *,
    author_id: UUID,
    title: str,
    filename: str,
    length: int,
    now: datetime,
    limits: Limits = Limits(),  # noqa: B008  frozen
    wishes: Wishes = NO_WISHES,
) -> UploadFacts:
    """A new lecture that waits for its bytes.

    EmptyFile, UploadTooLarge, QuotaUsedUp, TooManyOpenUploads.
    """
    check_announced(length)
    if length == 0:
        raise EmptyFile
    lecture_id = uuid7()
    multipart = await objects.multipart_begin(incoming_name(lecture_id), OCTETS)
    lecture = Lecture(
        id=lecture_id,
        author_id=author_id,
        title=_title(title, filename),
        created_at=now,
        state=State.UPLOADING,
        wishes=msgspec.json.encode(wishes).decode(),
    )
    upload = Upload(
        id=lecture_id,
        filename=_printable(filename)[:255],
        length=length,
        multipart=multipart,
        expires_at=now + UPLOAD_LIFETIME,
    )
    try:
        async with UnitOfWork(DB):
            await repository.lock_author(author_id)
            check_room(await repository.usage(author_id, now=now), length, limits)
            await repository.add(lecture, upload)
    except DomainError:
        await objects.multipart_abort(incoming_name(lecture_id), multipart)
        raise
    return await upload_of(lecture_id, author_id=author_id)


async def upload_of(upload_id: UUID, *, author_id: UUID) -> UploadFacts:
    found = await repository.upload(upload_id, author_id=author_id)
    if found is None:
        raise NotFound
    return found


async def open_upload_of(upload_id: UUID, *, author_id: UUID, now: datetime) -> UploadFacts:
    """As `upload_of`, but UploadGone where nothing more can come."""
    found = await upload_of(upload_id, author_id=author_id)
    check_open(found, now=now)
    return found


async def receive(
    objects: ObjectStore,
    upload_id: UUID,
    chunks: AsyncIterator[bytes],
    *,
    author_id: UUID,
    offset: int,
    now: datetime,
    checksum: Checksum | None = None,
) -> UploadFacts:
    """Adds bytes at `offset`: WrongOffset, TakenOver, MoreThanAnnounced, Refused, UploadGone,
    ChecksumMismatch, PartsDamaged.

    The latest request wins: a client that lost its line need not wait for the server to notice.
    """
    upload = await open_upload_of(upload_id, author_id=author_id, now=now)
    if offset != upload.received:
        raise WrongOffset
    if upload.whole:
        return upload
    writer = uuid7()
    if not await repository.take_over(upload_id, writer=writer, offset=offset):
        raise WrongOffset
    try:
        intake = Intake(objects, upload, writer, now=now, checksum=checksum)
        return await intake.receive(chunks)
    except Refused as refusal:
        await _refuse(objects, upload, refusal)
        raise
    except NoSuchObject as error:
        # The store's side is gone: finished by a later request, or dropped for its age.
        taken_over = not await repository.writes(upload_id, writer=writer)
        raise (TakenOver() if taken_over else UploadGone()) from error


async def receive_first(
    objects: ObjectStore,
    upload: UploadFacts,
    chunks: AsyncIterator[bytes],
    *,
    author_id: UUID,
    now: datetime,
    checksum: Checksum | None,
) -> UploadFacts:
    """As `receive`, for bytes that come with the creation. Where they are not taken nobody learns
    the upload's address, so it goes too; a refused file stays, for its author to read why."""
    try:
        return await receive(
            objects, upload.id, chunks, author_id=author_id, offset=0, now=now, checksum=checksum
        )
    except (ChecksumMismatch, MoreThanAnnounced):
        await stop_upload(objects, upload.id, author_id=author_id)
        raise


async def stop_upload(objects: ObjectStore, upload_id: UUID, *, author_id: UUID) -> None:
    upload = await upload_of(upload_id, author_id=author_id)
    async with UnitOfWork(DB):
        if not await repository.remove_unfinished(upload_id):
            raise NothingLeftToStop
    await discard(objects, upload)


async def sweep_expired(objects: ObjectStore, now: datetime) -> int:
    """Removes uploads that were left alone for too long: rows, multiparts, tails. How many.

    Whoever was still adding bytes can commit no more once we have claimed the upload. Killed
    between the store and the row we find it again: it is still expired.
    """
    swept, after = 0, UUID(int=0)
    while found := await repository.expired(now=now, after=after, limit=SWEPT_AT_ONCE):
        for upload in found:
            swept += await _sweep(objects, upload, now=now)
        after = found[-1].id
    return swept


async def _sweep(objects: ObjectStore, upload: UploadFacts, *, now: datetime) -> int:
    writer = uuid7()
    if not await repository.claim_expired(upload.id, writer=writer, now=now):
        return 0
    await discard(objects, upload)
    async with UnitOfWork(DB):
        removed = await repository.remove_expired(upload.id, writer=writer)
    return int(removed)


async def _refuse(objects: ObjectStore, upload: UploadFacts, refusal: Refused) -> None:
    await repository.refuse_upload(upload.id, Failure.of(refusal))
    await discard(objects, upload)


async def discard(objects: ObjectStore, upload: UploadFacts) -> None:
    """Removes what an unfinished upload left in the store."""
    with suppress(NoSuchObject):  # stopped between its last part and our knowing it
        await objects.multipart_abort(upload.object_name, upload.multipart)
    await remove_incoming(objects, upload.id)


def _printable(text: str) -> str:
    return "".join(char for char in text if char.isprintable()).strip()


def _title(title: str, filename: str) -> str:
    stem = PurePosixPath(_printable(filename).replace("\\", "/")).stem
    return (_printable(title) or stem or "—")[:TITLE_CHARACTERS]
