"""Captions as values: cues, tracks, what was found in an author's file. No I/O."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec

FILE_BYTES = 2 << 20
CUES = 20_000
TEXT_CHARACTERS = 500
LATEST_MS = 6 * 3600 * 1000


class Origin(StrEnum):
    """Where a track comes from: an author's file, the video file itself, speech recognition."""

    UPLOAD = "upload"
    FILE = "file"
    RECOGNISED = "recognised"


class Cue(msgspec.Struct, frozen=True, order=True):
    """`text` as WebVTT writes it: `<b> <i> <u>` alone, balanced; `& < >` as entities; lines by
    newline, none of them empty. So it never holds `-->` nor any other markup."""

    from_ms: int
    to_ms: int
    text: str


class Remark(msgspec.Struct, frozen=True):
    """Something in the file that was changed or left out, and how often."""

    code: str
    count: int
    zh: str
    en: str


class Fault(msgspec.Struct, frozen=True):
    """A line (from 1) that cannot be taken as it is."""

    line: int
    zh: str
    en: str


class TrackFacts(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    lecture_id: UUID
    language: str
    label: str
    origin: Origin = Origin.UPLOAD
    version: int = 1
    sha256: str
    vtt: str
    updated_at: datetime | None = None

    @property
    def etag(self) -> str:
        """What If-Match compares: another version or other content is another tag."""
        return f'"{self.version}-{self.sha256[:16]}"'


class NotRecognised(msgspec.Struct, frozen=True):
    """Why recognition in `language` brought nothing, for the author."""

    language: str
    code: str
    zh: str
    en: str
    failed_at: datetime


class Line(msgspec.Struct, frozen=True):
    """A cue as the transcript shows it: plain text."""

    from_ms: int
    to_ms: int
    text: str


class Found(msgspec.Struct, frozen=True):
    """A line in which a search found its words; `matches` how often."""

    lecture_id: UUID
    language: str
    from_ms: int
    to_ms: int
    text: str
    matches: int = 0


class Transcript(msgspec.Struct, frozen=True):
    """`language` is None, and there are no lines, where the lecture has no captions."""

    language: str | None
    languages: list[tuple[str, str]]
    """Tag and label of each track."""
    lines: list[Line]
