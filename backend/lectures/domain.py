"""What a lesson may show, and what a player may fetch. No I/O."""

import posixpath
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from infra.errors import Conflict, Forbidden, Invalid, NotFound

LINK_LIFETIME = timedelta(hours=2)
STEADY = timedelta(minutes=30)
"""For so long everybody is given the same segment addresses, which live that much longer."""
DOWNLOAD_LIFETIME = timedelta(days=7)
"""How long a lecture that was taken along may be fetched; also what its manifest says."""
KEY = "key"
CAPTIONS = "captions"
VIEWER_COOKIE = "guanbiao_viewer"
VIEWER_PATH = "/v1/playback"
KEYS_PATH = "/.well-known/download-keys.json"
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


class NotToTakeAlong(Conflict):
    """This lecture has no files to take along; watch it here."""

    zh = "该视频没有可供离线观看的文件，请在线观看。"


class SomebodyElsesSession(Forbidden):
    """This playback address was given to somebody else; open the lesson yourself."""

    zh = "该播放地址属于他人，请自行打开课程。"


class Ticket(msgspec.Struct, frozen=True):
    """What an address lets its holder fetch: one published package, for a while.

    `pkg` is the lecture in whose folder the package lies: another one's where both have the same
    content. `prs` is the person, `ses` the play session; `sec` the stream's length in seconds.
    """

    lec: UUID
    pkg: UUID
    att: UUID
    prs: UUID
    sec: float
    exp: int
    ses: UUID | None = None

    @property
    def prefix(self) -> str:
        return f"lectures/{self.pkg}/{self.att}/"


class Viewer(msgspec.Struct, frozen=True):
    """Who opened a play session in this browser: for players that cannot send a header."""

    prs: UUID
    sid: UUID | None
    exp: int


class LessonLecture(msgspec.Struct, frozen=True):
    lecture_id: UUID
    duration_seconds: int


class PlaybackUrls(msgspec.Struct, frozen=True):
    """Paths on this server that need no header; valid for LINK_LIFETIME."""

    playlist_url: str
    poster_url: str
    storyboard_url: str
    """Thumbnails as WebVTT; NotInPackage where the lecture has none."""


class DownloadFile(msgspec.Struct, frozen=True, rename="camel"):
    """`url` is a path on this server that needs no header; `sha256` in hex is also the ETag."""

    name: str
    url: str
    size: int
    sha256: str
    content_type: str
    role: str


class TakenOption(msgspec.Struct, frozen=True):
    id: str
    text: str


class TakenCheck(msgspec.Struct, frozen=True, rename="camel"):
    """To be asked when `afterSeconds` were watched since the one before, or at the lecture's end.
    Which option is right stays on the server."""

    number: int
    after_seconds: int
    zh: str
    en: str
    options: tuple[TakenOption, ...]


class TakenLease(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What makes watching offline count: for one learner, device and rendition, until it ends."""

    id: UUID
    device: UUID
    rendition: str
    """SHA-256 of the file that is watched."""
    issued_at: datetime
    expires_at: datetime
    rate_percent: int
    answer_seconds: int
    checks: tuple[TakenCheck, ...]


class DownloadManifest(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    format: int = 1
    lease: TakenLease | None = None
    """None: watching it earns no hours."""
    learner: UUID
    enrolment: UUID
    lesson: str
    lecture: UUID
    title: str
    duration_seconds: int
    issued_at: datetime
    expires_at: datetime
    files: tuple[DownloadFile, ...]

    @property
    def rendition(self) -> str:
        """SHA-256 of the file to watch."""
        return next(file.sha256 for file in self.files if file.role == "offline")


class SignedManifest(msgspec.Struct, frozen=True, rename="camel"):
    """`signed` is a compact JWS (EdDSA) whose payload is `manifest`; verify it with `keysUrl`."""

    signed: str
    keys_url: str
    manifest: DownloadManifest


def check_assignable(duration_seconds: int | None, *, demonstration: bool) -> int:
    if duration_seconds is None:
        raise LectureNotPlayable
    if demonstration and duration_seconds > DEMONSTRATION_SECONDS:
        raise LectureTooLong
    return duration_seconds


def check_not_expired(given: Ticket | Viewer, *, now: datetime) -> None:
    if now.timestamp() >= given.exp:
        raise PlaybackLinkExpired


def package_ids(prefix: str) -> tuple[UUID, UUID]:
    """The lecture and the attempt in `lectures/<lecture>/<attempt>/`."""
    _, lecture_id, attempt_id = prefix.rstrip("/").split("/")
    return UUID(lecture_id), UUID(attempt_id)


def check_name(name: str) -> str:
    """A plain relative path; anything that climbs or escapes is not in the package."""
    if not _NAME.fullmatch(name):
        raise NotInPackage
    return name


def rewrite(playlist: str, folder: str, address: Callable[[str], str]) -> str:
    """Every file a playlist names, by its `address`; nested playlists and the key stay relative.

    `folder` is where the playlist lies in the package ("" for the master); `address` gets paths
    relative to the package.
    """

    def fetched(uri: str) -> str:
        if uri.partition("?")[0].endswith(PLAYLIST):
            return uri
        if posixpath.basename(uri) == KEY:
            return posixpath.relpath(KEY, folder or ".")
        return address(check_name(posixpath.normpath(posixpath.join(folder, uri))))

    def line(text: str) -> str:
        if text.startswith("#"):
            return _URI_ATTRIBUTE.sub(lambda found: fetched(found[0]), text)
        return fetched(text) if text else text

    return "\n".join(line(text.strip()) for text in playlist.splitlines()) + "\n"
