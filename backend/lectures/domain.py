"""What a lesson may show, and what a player may fetch. No I/O."""

import posixpath
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID

import msgspec

from infra.errors import Conflict, Forbidden, Invalid, NotFound

LINK_LIFETIME = timedelta(hours=2)
DEMONSTRATION_SECONDS = 60
PLAYLIST = ".m3u8"
_NAME = re.compile(r"(?:[A-Za-z0-9_-]+/)*[A-Za-z0-9_-]+\.[a-z0-9]{2,5}")
_URI_ATTRIBUTE = re.compile(r'(?<=URI=")[^"]+(?=")')


class LectureTooLong(Invalid):
    """A demonstration lecture lasts at most 60 seconds; choose a shorter one."""

    zh = "演示课程视频不得超过 60 秒，请选用更短的视频。"


class LectureNotPlayable(Conflict):
    """This lecture is not playable yet; wait until its state is `playable`."""

    zh = "该视频尚不能播放；请等待其状态变为 playable。"


class PlaybackLinkNotValid(Forbidden):
    """This playback address is not valid; open the lesson again."""

    zh = "播放地址无效，请重新打开课程。"


class PlaybackLinkExpired(Forbidden):
    """This playback address has expired; open the lesson again."""

    zh = "播放地址已过期，请重新打开课程。"


class NotInPackage(NotFound):
    """The lecture holds no such file; start from the address of its playlist."""

    zh = "视频中没有该文件；请从播放列表的地址开始访问。"


class Ticket(msgspec.Struct, frozen=True, rename={"lecture_id": "lec", "attempt_id": "att"}):
    """What a playback address lets its holder fetch: one published package, for a while."""

    TYPE: ClassVar[str] = "play"
    lecture_id: UUID
    attempt_id: UUID
    ses: UUID
    exp: int


class LessonLecture(msgspec.Struct, frozen=True):
    lecture_id: UUID
    duration_seconds: int


class PlaybackUrls(msgspec.Struct, frozen=True):
    """Paths on this server that need no header; valid for LINK_LIFETIME."""

    playlist_url: str
    poster_url: str


def check_assignable(duration_seconds: int | None, *, demonstration: bool) -> int:
    if duration_seconds is None:
        raise LectureNotPlayable
    if demonstration and duration_seconds > DEMONSTRATION_SECONDS:
        raise LectureTooLong
    return duration_seconds


def check_not_expired(ticket: Ticket, *, now: datetime) -> None:
    if now.timestamp() >= ticket.exp:
        raise PlaybackLinkExpired


def check_name(name: str) -> str:
    """A plain relative path; anything that climbs or escapes is not in the package."""
    if not _NAME.fullmatch(name):
        raise NotInPackage
    return name


def rewrite(playlist: str, folder: str, address: Callable[[str], str]) -> str:
    """Every file a playlist names, by its `address`; nested playlists stay relative.

    `folder` is where the playlist lies in the package ("" for the master); `address` gets paths
    relative to the package.
    """

    def fetched(uri: str) -> str:
        if uri.partition("?")[0].endswith(PLAYLIST):
            return uri
        return address(check_name(posixpath.normpath(posixpath.join(folder, uri))))

    def line(text: str) -> str:
        if text.startswith("#"):
            return _URI_ATTRIBUTE.sub(lambda found: fetched(found[0]), text)
        return fetched(text) if text else text

    return "\n".join(line(text.strip()) for text in playlist.splitlines()) + "\n"
