"""A package as a player meets it: playlists parsed, the head of every segment read.

`Files` is all that is asked of a package, so that one held in memory is looked at like one on
the disk. Looking never raises for what the package holds: what cannot be read is a Trouble.
"""

import os
import posixpath
import re
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import msgspec

from media_pipeline.packaging.boxes import (
    BrokenBoxes,
    Fragment,
    Track,
    header_length,
    read_fragment,
    read_track,
)
from media_pipeline.packaging.cipher import BrokenCipher, decrypted_head, decrypted_size
from media_pipeline.packaging.playlists import (
    MasterPlaylist,
    MediaPlaylist,
    Segment,
    parse_master,
    parse_media,
)

MASTER = "master.m3u8"
HEAD = 16 * 1024  # holds the boxes of six seconds with room to spare
MOST_HEAD = 1024 * 1024
MOST_TEXT = 4 * 1024 * 1024
MOST_INIT = 64 * 1024
NEIGHBOUR = re.compile(r"[\w-][\w.-]*", re.ASCII)
OPENING = 4096  # bytes of the first sample in which its first picture slice begins


class Files(Protocol):
    """`sizes` in bytes by path, which is relative to the package with `/`."""

    @property
    def sizes(self) -> Mapping[str, int]: ...

    def read(self, path: str, length: int, offset: int = 0) -> bytes: ...


class FolderFiles:
    """Of a folder; links are not followed, and nothing outside it is ever read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sizes = dict(self._found())

    def _found(self) -> list[tuple[str, int]]:
        found, prefix = [], len(str(self.folder)) + 1
        for parent, _, names in os.walk(self.folder):
            for name in names:
                path = os.path.join(parent, name)
                facts = os.lstat(path)
                if stat.S_ISREG(facts.st_mode):
                    found.append((path[prefix:].replace(os.sep, "/"), facts.st_size))
        return sorted(found)

    def read(self, path: str, length: int, offset: int = 0) -> bytes:
        """Raises FileNotFoundError for what is not one of `sizes`, wherever it leads."""
        if path not in self.sizes:
            raise FileNotFoundError(path)
        opened = os.open(self.folder / path, os.O_RDONLY | os.O_NOFOLLOW)
        try:
            return os.pread(opened, length, offset)
        finally:
            os.close(opened)


class Trouble(msgspec.Struct, frozen=True):
    """Something that could not be read: `what` is broken in `where`, for the reason `why`."""

    kind: str
    where: str
    why: str


class Rendition(msgspec.Struct, frozen=True, kw_only=True):
    """A media playlist with what its files say; a fragment is None where it was not read."""

    uri: str
    text: str
    playlist: MediaPlaylist
    track: Track | None = None
    fragments: tuple[Fragment | None, ...] = ()

    def path(self, uri: str) -> str:
        """Of a file that this playlist names, as a path of the package."""
        return resolved(self.uri, uri)

    def shown_seconds(self, fragment: Fragment) -> float:
        """Without the priming samples that an edit list takes off the first fragment of sound."""
        if self.track is None:
            return 0.0
        begins = 0 if self.track.is_video else self.track.begins
        shown = fragment.ends - max(begins, fragment.decode_time)
        return max(0, shown) / self.track.timescale


class View(msgspec.Struct, frozen=True, kw_only=True):
    """Renditions by address; `texts` are all playlists and caption files that were read."""

    sizes: Mapping[str, int]
    master: MasterPlaylist
    master_text: str
    renditions: dict[str, Rendition]
    captions: dict[str, Rendition]
    troubles: tuple[Trouble, ...]
    encrypted: bool
    readable: bool

    def rendition(self, uri: str) -> Rendition | None:
        return self.renditions.get(uri)


def resolved(playlist: str, uri: str) -> str:
    """`uri` as a player would resolve it against the playlist's own place."""
    folder, slash, _ = playlist.rpartition("/")
    if NEIGHBOUR.fullmatch(uri):
        return folder + slash + uri
    return posixpath.normpath(posixpath.join(folder, uri.partition("?")[0]))


class Looking:
    """One look at a package. `key` opens an encrypted one; without it segments stay shut."""

    def __init__(self, files: Files, key: bytes | None = None) -> None:
        self.files, self.key = files, key
        self.troubles: list[Trouble] = []

    def text(self, path: str) -> str | None:
        try:
            return self.files.read(path, MOST_TEXT).decode("utf-8")
        except OSError:
            self._note("missing", path, "is not there")
        except UnicodeDecodeError:
            self._note("not-utf-8", path, "is not UTF-8")
        return None

    def _note(self, kind: str, where: str, why: str) -> None:
        self.troubles.append(Trouble(kind, where, why))

    def rendition(self, uri: str, *, media: bool = True) -> Rendition | None:
        """`media`: whether to read its segments."""
        text = self.text(uri)
        if text is None:
            return None
        try:
            playlist = parse_media(text)
        except ValueError as error:
            self._note("broken-playlist", uri, f"cannot be parsed: {error}")
            return None
        found = Rendition(uri=uri, text=text, playlist=playlist)
        return self._filled(found) if media and not playlist.key_pictures else found

    def _filled(self, found: Rendition) -> Rendition:
        track = self._track(found)
        fragments = tuple(
            self._fragment(found.path(segment.uri), segment, track) if track else None
            for segment in found.playlist.segments
        )
        return msgspec.structs.replace(found, track=track, fragments=fragments)

    def _track(self, found: Rendition) -> Track | None:
        if found.playlist.init is None:
            return None
        path = found.path(found.playlist.init)
        try:
            return read_track(self.files.read(path, MOST_INIT))
        except OSError:
            return None
        except BrokenBoxes as error:
            self._note("broken-boxes", path, str(error))
        return None

    def _fragment(self, path: str, segment: Segment, track: Track) -> Fragment | None:
        size = self.files.sizes.get(path, 0)
        if not size or segment.length is not None:
            return None
        try:
            if segment.key is not None:
                return self._opened(path, size, segment, track)
            head = self.files.read(path, HEAD)
            needed = header_length(head, size) + OPENING
            if needed > HEAD:
                head = self.files.read(path, min(needed, MOST_HEAD))
            return read_fragment(head, size, track)
        except OSError:
            return None
        except BrokenBoxes as error:
            self._note("broken-boxes", path, str(error))
        except BrokenCipher as error:
            self._note("broken-cipher", path, str(error))
        return None

    def _opened(self, path: str, size: int, segment: Segment, track: Track) -> Fragment | None:
        if self.key is None or segment.key is None:
            return None
        head = self.files.read(path, HEAD)
        tail = self.files.read(path, 32, max(0, size - 32))
        plain = decrypted_head(head, self.key, segment.key, segment.number)
        return read_fragment(plain, decrypted_size(size, tail, self.key), track)


def look(files: Files, key: bytes | None = None, *, media: bool = True) -> View | None:
    """None where there is no master playlist to begin with. `media`: whether to read segments."""
    looking = Looking(files, key)
    text = looking.text(MASTER)
    if text is None:
        return None
    master = parse_master(text)
    uris = dict.fromkeys(
        entry.uri for entry in (*master.variants, *master.sounds, *master.key_pictures)
    )
    renditions = {
        uri: found
        for uri in uris
        if uri and (found := looking.rendition(resolved(MASTER, uri), media=media))
    }
    captions = {
        entry.uri: found
        for entry in master.captions
        if entry.uri and (found := looking.rendition(resolved(MASTER, entry.uri), media=False))
    }
    locked = any(s.key for found in renditions.values() for s in found.playlist.segments)
    return View(
        sizes=files.sizes,
        master=master,
        master_text=text,
        renditions=renditions,
        captions=captions,
        troubles=tuple(looking.troubles),
        encrypted=locked,
        readable=not locked or key is not None,
    )
