"""Reads a package as a player would and says what is wrong with it, before anybody else can.

ffmpeg exits 0 on half a lecture, so no exit code is believed: lengths of source, rungs and sound
are compared, and every promise of a playlist is held against the files.
"""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from media_pipeline.packaging.package import MASTER, Rates, measure
from media_pipeline.packaging.playlists import (
    Entry,
    MasterPlaylist,
    MediaPlaylist,
    parse_master,
    parse_media,
)
from media_pipeline.plan import AUDIO_ONLY_LIMIT, LOW_LINE

LENGTH_TOLERANCE = 0.5  # seconds
RATE_TOLERANCE = 0.10


class Finding(msgspec.Struct, frozen=True):
    """One fault: a stable code, the file it is in, a sentence."""

    code: str
    where: str
    what: str


class _Package:
    """A package with its playlists read; a missing or broken playlist is None."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._read: dict[str, MediaPlaylist | None] = {}

    def media(self, uri: str) -> MediaPlaylist | None:
        if uri not in self._read:
            path = self.folder / uri
            try:
                self._read[uri] = parse_media(path.read_text())
            except (OSError, ValueError):
                self._read[uri] = None
        return self._read[uri]

    def rates(self, uri: str) -> Rates | None:
        playlist = self.media(uri)
        return measure((self.folder / uri).parent, playlist) if playlist else None


def _entries(master: MasterPlaylist) -> list[Entry]:
    return [*master.variants, *master.sounds, *master.key_pictures]


def _file_faults(package: _Package, uri: str, playlist: MediaPlaylist) -> Iterator[Finding]:
    folder = (package.folder / uri).parent
    init = [playlist.init] if playlist.init else []
    if not init:
        yield Finding("no-init", uri, "has no EXT-X-MAP: fMP4 cannot play without it")
    for name in [*init, *(segment.uri for segment in playlist.segments)]:
        path = folder / name
        if not path.is_file():
            yield Finding("missing-file", uri, f"names {name}, which is not there")
        elif not path.stat().st_size:
            yield Finding("empty-file", uri, f"names {name}, which is empty")
    for segment in playlist.segments:
        path, end = folder / segment.uri, segment.offset + (segment.length or 0)
        if path.is_file() and end > path.stat().st_size:
            yield Finding("range-past-end", uri, f"asks for bytes beyond the end of {segment.uri}")


def _length_faults(uri: str, playlist: MediaPlaylist, duration: float) -> Iterator[Finding]:
    if not playlist.ended:
        yield Finding("not-ended", uri, "has no EXT-X-ENDLIST: players would wait for more")
    if abs(playlist.seconds - duration) > LENGTH_TOLERANCE:
        what = f"lasts {playlist.seconds:.2f} s where the lecture lasts {duration:.2f} s"
        yield Finding("wrong-length", uri, what)
    if any(int(segment.seconds + 0.5) > playlist.target for segment in playlist.segments):
        yield Finding("over-target", uri, "has a segment longer than TARGETDURATION")


def _media_faults(package: _Package, uri: str, duration: float) -> Iterator[Finding]:
    playlist = package.media(uri)
    if playlist is None or not playlist.segments:
        yield Finding("missing-playlist", uri, "is missing, unreadable or lists nothing")
        return
    yield from _file_faults(package, uri, playlist)
    yield from _length_faults(uri, playlist, duration)


def _is_video(entry: Entry) -> bool:
    return "avc1" in entry.attributes.get("CODECS", "") or "RESOLUTION" in entry.attributes


def _variant_faults(master: MasterPlaylist, entry: Entry) -> Iterator[Finding]:
    codecs = entry.attributes.get("CODECS", "")
    groups = {sound.attributes.get("GROUP-ID") for sound in master.sounds}
    if not codecs:
        yield Finding("no-codecs", entry.uri, "has no CODECS")
    elif master.sounds and "mp4a" not in codecs:
        yield Finding("no-codecs", entry.uri, "does not name the codec of its sound")
    if _is_video(entry) and "FRAME-RATE" not in entry.attributes:
        yield Finding("no-frame-rate", entry.uri, "has no FRAME-RATE")
    if _is_video(entry) and "RESOLUTION" not in entry.attributes:
        yield Finding("no-resolution", entry.uri, "has no RESOLUTION")
    if master.sounds and entry.attributes.get("AUDIO") not in groups:
        yield Finding("no-sound", entry.uri, "is not tied to the sound")


def _true_rates(package: _Package, master: MasterPlaylist, entry: Entry) -> Rates | None:
    rates = package.rates(entry.uri)
    sounds = {sound.uri for sound in master.sounds}
    if rates is None or entry in master.key_pictures or entry.uri in sounds:
        return rates
    return rates.with_sound(next((package.rates(uri) for uri in sorted(sounds)), None))


def _off(declared: int, measured: int) -> bool:
    return abs(declared - measured) > RATE_TOLERANCE * max(1, measured)


def _rate_faults(package: _Package, master: MasterPlaylist) -> Iterator[Finding]:
    for entry in (*master.variants, *master.key_pictures):
        true = _true_rates(package, master, entry)
        if true is not None and _off(entry.bandwidth, true.peak):
            what = f"declares {entry.bandwidth} b/s where {true.peak} were measured"
            yield Finding("wrong-bandwidth", entry.uri, what)
    video = [entry.bandwidth for entry in master.variants if _is_video(entry)]
    alone = [entry.bandwidth for entry in master.variants if not _is_video(entry)]
    if video and min(video) > LOW_LINE:
        yield Finding("no-low-rung", MASTER, f"asks at least {min(video)} b/s of every learner")
    if any(bandwidth > AUDIO_ONLY_LIMIT for bandwidth in alone):
        yield Finding("heavy-sound", MASTER, "sound alone needs more than 192 kb/s")


def _master_faults(package: _Package, master: MasterPlaylist) -> Iterator[Finding]:
    if not master.variants:
        yield Finding("no-variants", MASTER, "lists no stream")
    if not master.independent:
        yield Finding("not-independent", MASTER, "has no EXT-X-INDEPENDENT-SEGMENTS")
    if master.sounds and not any(s.attributes.get("DEFAULT") == "YES" for s in master.sounds):
        yield Finding("sound-off", MASTER, "has no sound that is on by default")
    for entry in master.variants:
        yield from _variant_faults(master, entry)
    yield from _rate_faults(package, master)


def _stray_faults(package: _Package, uris: list[str]) -> Iterator[Finding]:
    """Files nothing names: left from a run that broke off, or a playlist cut short."""
    named = {MASTER, *uris}
    for uri in uris:
        playlist = package.media(uri)
        folder = Path(uri).parent
        if playlist:
            named |= {(folder / segment.uri).as_posix() for segment in playlist.segments}
            named |= {(folder / playlist.init).as_posix()} if playlist.init else set()
    for path in sorted(package.folder.glob("*/*")):
        name = path.relative_to(package.folder).as_posix()
        if name not in named:
            yield Finding("stray-file", name, "is named by no playlist")


def find_faults(folder: Path, duration: float) -> list[Finding]:
    """Empty for a package that may be published. `duration`: the source's, in seconds."""
    package = _Package(folder)
    try:
        master = parse_master((folder / MASTER).read_text())
    except (OSError, ValueError):
        return [Finding("no-master", MASTER, "is missing or unreadable")]
    uris = sorted({entry.uri for entry in _entries(master)})
    found = list(_master_faults(package, master))
    for uri in uris:
        found += _media_faults(package, uri, duration)
    return found + list(_stray_faults(package, uris))
