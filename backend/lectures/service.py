"""Lessons' lectures and how they are played; the making of lectures is `media_pipeline`'s."""

import posixpath
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from backend.lectures import repository, tickets
from backend.lectures.domain import (
    LINK_LIFETIME,
    PLAYLIST,
    LectureNotPlayable,
    LessonLecture,
    NotInPackage,
    PlaybackUrls,
    check_assignable,
    check_name,
    rewrite,
)
from backend.lectures.playlists import playlist
from infra.database import UnitOfWork
from infra.engine import DB
from infra.objects import NoSuchObject, ObjectStore
from infra.vault import Vault
from media_pipeline import service as media
from media_pipeline.domain import LectureFacts, lecture_folder


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
        lecture = await media.lecture_of(lecture_id, author_id=author_id)
        seconds = check_assignable(lecture.duration_seconds, demonstration=demonstration)
        await repository.assign(
            lesson_code,
            lecture_id,
            demonstration=demonstration,
            assigned_by=author_id,
            now=now,
        )
    return LessonLecture(lecture_id, seconds)


async def playback_urls(
    lecture_id: UUID, play_session_id: UUID, now: datetime, *, vault: Vault
) -> PlaybackUrls:
    """Addresses for one play session. LectureNotPlayable."""
    lecture = await media.playable(lecture_id)
    if lecture is None or lecture.manifest is None:
        raise LectureNotPlayable
    token = tickets.mint(
        vault,
        lecture_id=lecture_id,
        attempt_id=_attempt_of(lecture),
        session_id=play_session_id,
        now=now,
    )
    folder = f"/v1/playback/{token}"
    return PlaybackUrls(
        f"{folder}/{lecture.manifest.master}", f"{folder}/{lecture.manifest.poster}"
    )


async def playlist_for(
    objects: ObjectStore, vault: Vault, token: str, name: str, *, now: datetime
) -> str | None:
    """A playlist as this token's holder may see it; None where `name` is another kind of file."""
    prefix = _package(vault, token, now=now)
    if not check_name(name).endswith(PLAYLIST):
        return None
    try:
        text = await playlist(objects, prefix + name)
    except NoSuchObject as error:
        raise NotInPackage from error
    sign = objects.presigner(LINK_LIFETIME)
    return rewrite(text, posixpath.dirname(name), lambda path: sign.get(prefix + path))


def file_address(
    objects: ObjectStore, vault: Vault, token: str, name: str, *, now: datetime
) -> str:
    """Where the store gives a file of the token's package."""
    prefix = _package(vault, token, now=now)
    return objects.presign_get(prefix + check_name(name), LINK_LIFETIME)


def poster_address(objects: ObjectStore, lecture: LectureFacts) -> str | None:
    if lecture.package_prefix is None or lecture.manifest is None:
        return None
    return objects.presign_get(lecture.package_prefix + lecture.manifest.poster, LINK_LIFETIME)


def _package(vault: Vault, token: str, *, now: datetime) -> str:
    ticket = tickets.read(vault, token, now=now)
    return f"{lecture_folder(ticket.lecture_id)}{ticket.attempt_id}/"


def _attempt_of(lecture: LectureFacts) -> UUID:
    assert lecture.package_prefix is not None
    return UUID(lecture.package_prefix.rstrip("/").rpartition("/")[2])
