"""Lectures taken along: a signed list of files, and the files, in parts where asked.

The manifest names the learner, the lesson and the lecture, and its signature shows later that this
very download was given to that learner at that time. With a lease (given by whoever counts hours)
watching it offline counts, too.
"""

import hashlib
from collections.abc import AsyncIterator
from datetime import datetime
from urllib.parse import quote
from uuid import UUID

import msgspec

from backend.lectures import tickets
from backend.lectures.domain import (
    CAPTIONS,
    DOWNLOAD_LIFETIME,
    KEYS_PATH,
    DownloadFile,
    DownloadManifest,
    LectureNotPlayable,
    NotInPackage,
    NotToTakeAlong,
    SignedManifest,
    Ticket,
)
from backend.lectures.playlists import stored
from backend.lectures.signing import ManifestKey
from infra.objects import NoSuchObject, ObjectStore
from infra.vault import Vault
from media_pipeline import service as media
from media_pipeline.captions import service as captions
from media_pipeline.captions.domain import TrackFacts
from media_pipeline.domain import LectureFacts
from media_pipeline.packaging.manifest import MANIFEST, Role

_TAKEN = (Role.OFFLINE, Role.POSTER)


class Taken(msgspec.Struct, frozen=True, rename="camel"):
    """`content` of captions, which live in rows so that they change without the package; None for
    a file of the package."""

    path: str
    size: int
    sha256: str
    content_type: str
    role: str = Role.STREAM
    content: bytes | None = None

    @property
    def etag(self) -> str:
        return f'"{self.sha256}"'

    def part(
        self, objects: ObjectStore, ticket: Ticket, start: int, length: int
    ) -> AsyncIterator[bytes]:
        if self.content is None:
            return objects.stream(ticket.prefix + self.path, start, length)
        return _once(self.content[start : start + length])


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content


class _Package(msgspec.Struct, frozen=True):
    """The part of a package's manifest.json that is needed here."""

    files: tuple[Taken, ...]


async def list_files(
    objects: ObjectStore,
    vault: Vault,
    lecture_id: UUID,
    *,
    learner_id: UUID,
    enrolment_id: UUID,
    lesson_code: str,
    now: datetime,
) -> DownloadManifest:
    """LectureNotPlayable, NotToTakeAlong."""
    lecture = await media.playable(lecture_id)
    if lecture is None or lecture.duration_seconds is None:
        raise LectureNotPlayable
    return DownloadManifest(
        learner=learner_id,
        enrolment=enrolment_id,
        lesson=lesson_code,
        lecture=lecture_id,
        title=lecture.title,
        duration_seconds=lecture.duration_seconds,
        issued_at=now,
        expires_at=now + DOWNLOAD_LIFETIME,
        files=await _files(objects, vault, lecture, learner_id, now=now),
    )


def signed(manifest: DownloadManifest, key: ManifestKey) -> SignedManifest:
    return SignedManifest(key.sign(msgspec.to_builtins(manifest)), KEYS_PATH, manifest)


async def _files(
    objects: ObjectStore, vault: Vault, lecture: LectureFacts, learner_id: UUID, *, now: datetime
) -> tuple[DownloadFile, ...]:
    ticket = tickets.ticket_for(lecture, learner_id, until=tickets.expiry(now, DOWNLOAD_LIFETIME))
    taken = await _taken_files(objects, ticket)
    if not any(file.role == Role.OFFLINE for file in taken):
        raise NotToTakeAlong
    folder = f"/v1/downloads/{tickets.mint(vault, tickets.DOWNLOAD, ticket)}"
    return tuple(
        DownloadFile(
            name=file.path.rpartition("/")[2],
            url=f"{folder}/{quote(file.path)}",
            size=file.size,
            sha256=file.sha256,
            content_type=file.content_type,
            role=file.role,
        )
        for file in taken
    )


async def file_of(objects: ObjectStore, ticket: Ticket, name: str) -> Taken:
    """A file that may be taken along. NotInPackage for any other."""
    for file in await _taken_files(objects, ticket):
        if file.path == name:
            return file
    raise NotInPackage


async def _taken_files(objects: ObjectStore, ticket: Ticket) -> list[Taken]:
    taken = [file for file in await _stored_files(objects, ticket) if file.role in _TAKEN]
    return [*taken, *map(_captions_file, await captions.tracks_of(ticket.lec))]


def _captions_file(track: TrackFacts) -> Taken:
    vtt = track.vtt.encode()
    return Taken(
        path=f"{CAPTIONS}/{track.language}.vtt",
        size=len(vtt),
        sha256=hashlib.sha256(vtt).hexdigest(),
        content_type="text/vtt",
        role=CAPTIONS,
        content=vtt,
    )


async def _stored_files(objects: ObjectStore, ticket: Ticket) -> tuple[Taken, ...]:
    try:
        content = await stored(objects, ticket.prefix + MANIFEST)
    except NoSuchObject as error:
        raise NotInPackage from error
    return msgspec.json.decode(content, type=_Package).files
