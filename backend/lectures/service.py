"""Lessons' lectures and how they are played; the making of lectures is `media_pipeline`'s."""

import posixpath
from collections.abc import Collection
from datetime import datetime
from pathlib import Path
from uuid import UUID

import msgspec

from backend.accounts.domain import Caller
from backend.lectures import captioned, downloads, repository, tickets
from backend.lectures.domain import (
    LINK_LIFETIME,
    STEADY,
    DownloadManifest,
    LectureNotPlayable,
    LessonLecture,
    NotInPackage,
    PlaybackUrls,
    SignedManifest,
    Ticket,
    check_assignable,
    check_name,
)
from backend.lectures.playlists import signed, stored
from backend.lectures.signing import manifest_key
from infra.audit import record_act
from infra.database import UnitOfWork
from infra.engine import DB
from infra.objects import NoSuchObject, ObjectStore
from infra.vault import Vault, place
from media_pipeline import service as media
from media_pipeline.care.removal import hold
from media_pipeline.domain import LectureFacts
from media_pipeline.packaging.manifest import STORYBOARD
from media_pipeline.tables import Lecture


async def lecture_of_lesson(lesson_code: str, demonstration: bool) -> LessonLecture | None:
    """The lecture a lesson shows now; None before an author has chosen one."""
    lecture_id = await repository.assigned(lesson_code, demonstration=demonstration)
    lecture = await media.playable(lecture_id) if lecture_id else None
    if lecture is None or lecture.duration_seconds is None:
        return None
    return LessonLecture(lecture.id, lecture.duration_seconds)


async def lectures_of_lessons(
    lesson_codes: Collection[str], demonstration: bool
) -> dict[str, LessonLecture]:
    """`lecture_of_lesson` for a whole programme: two queries, however many lessons."""
    chosen = await repository.assigned_to(lesson_codes, demonstration=demonstration)
    seconds = await media.playable_seconds(chosen.values()) if chosen else {}
    return {
        code: LessonLecture(lecture_id, seconds[lecture_id])
        for code, lecture_id in chosen.items()
        if lecture_id in seconds
    }


async def assign(
    lesson_code: str,
    lecture_id: UUID,
    *,
    demonstration: bool,
    author_id: UUID,
    now: datetime,
) -> LessonLecture:
    """LectureNotPlayable, LectureTooLong; NotFound for another author's lecture."""
    async with UnitOfWork(DB):
        await hold(lecture_id)
        lecture = await media.lecture_of(lecture_id, author_id=author_id)
        seconds = check_assignable(lecture.duration_seconds, demonstration=demonstration)
        await repository.assign(
            lesson_code,
            lecture_id,
            demonstration=demonstration,
            assigned_by=author_id,
            now=now,
        )
        await record_act(
            "lecture-published",
            actor=author_id,
            subject=f"lecture:{lecture_id}",
            now=now,
            details={"lesson": lesson_code, "demonstration": demonstration},
        )
    return LessonLecture(lecture_id, seconds)


async def playback_urls(
    lecture_id: UUID, play_session_id: UUID, person_id: UUID, now: datetime, *, vault: Vault
) -> PlaybackUrls:
    """Addresses for one play session. LectureNotPlayable."""
    lecture = await media.playable(lecture_id)
    if lecture is None or lecture.manifest is None:
        raise LectureNotPlayable
    ticket = tickets.ticket_for(lecture, person_id, until=tickets.expiry(now, LINK_LIFETIME))
    session = msgspec.structs.replace(ticket, ses=play_session_id)
    folder = f"/v1/playback/{tickets.mint(vault, tickets.PLAY, session)}"
    return PlaybackUrls(
        f"{folder}/{lecture.manifest.master}",
        f"{folder}/{lecture.manifest.poster}",
        f"{folder}/{STORYBOARD}",
    )


def viewer_cookie(vault: Vault, caller: Caller, *, now: datetime) -> str:
    """What lets a native player of this browser fetch keys (docs/decisions/0008)."""
    return tickets.mint_viewer(vault, caller.person_id, caller.session_id, now=now)


async def take_along(
    objects: ObjectStore,
    vault: Vault,
    lecture: LessonLecture,
    *,
    caller: Caller,
    enrolment_id: UUID,
    lesson_code: str,
    now: datetime,
) -> DownloadManifest:
    """What there is to take along, to be signed. LectureNotPlayable, NotToTakeAlong."""
    return await downloads.list_files(
        objects,
        vault,
        lecture.lecture_id,
        learner_id=caller.person_id,
        enrolment_id=enrolment_id,
        lesson_code=lesson_code,
        now=now,
    )


def sign_manifest(manifest: DownloadManifest, keys_dir: Path) -> SignedManifest:
    return downloads.signed(manifest, manifest_key(keys_dir))


async def playlist_for(objects: ObjectStore, ticket: Ticket, name: str) -> bytes:
    """A playlist as this ticket's holder may see it, gzipped. NotInPackage.

    Only the first one costs a query, for its captions.
    """
    try:
        if posixpath.dirname(name):
            return await signed(objects, ticket.prefix, check_name(name))
        master = (await stored(objects, ticket.prefix + check_name(name))).decode()
    except NoSuchObject as error:
        raise NotInPackage from error
    return await captioned.master(master, ticket)


def file_address(objects: ObjectStore, ticket: Ticket, name: str) -> str:
    """Where the store gives a file of the ticket's package."""
    return objects.presigner(LINK_LIFETIME, steady=STEADY).get(ticket.prefix + check_name(name))


async def content_key(vault: Vault, ticket: Ticket) -> bytes:
    """The 16 bytes under which the package's segments are encrypted. NotInPackage."""
    sealed = await repository.content_key(ticket.lec, ticket.pkg, package_prefix=ticket.prefix)
    if sealed is None:
        raise NotInPackage
    return bytes.fromhex(vault.open(sealed, place(Lecture.content_key, ticket.prefix)))


def poster_address(objects: ObjectStore, lecture: LectureFacts) -> str | None:
    if lecture.package_prefix is None or lecture.manifest is None:
        return None
    return objects.presign_get(lecture.package_prefix + lecture.manifest.poster, LINK_LIFETIME)
