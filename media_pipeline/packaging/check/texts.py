"""The letters of a playlist: what RFC 8216 demands of any, before its meaning is looked at."""

import re
from collections.abc import Iterator

from media_pipeline.packaging.check.case import Case
from media_pipeline.packaging.check.findings import Finding, finding
from media_pipeline.packaging.playlists import MediaPlaylist, well_formed
from media_pipeline.packaging.reading import MASTER, Rendition, resolved

CONTROL = re.compile("[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\ufeff]")
WITH_ATTRIBUTES = re.compile(
    r"^#(EXT-X-(?:KEY|MAP|MEDIA|STREAM-INF|I-FRAME-STREAM-INF)):(.*?)\r?$", re.MULTILINE
)
MASTER_TAG = re.compile(r"^#EXT-X-(?:STREAM-INF|I-FRAME-STREAM-INF|MEDIA):", re.MULTILINE)
MEDIA_TAG = re.compile(r"^#(?:EXTINF|EXT-X-(?:TARGETDURATION|MAP|KEY|BYTERANGE)):", re.MULTILINE)
VERSION = re.compile(r"^#EXT-X-VERSION:", re.MULTILINE)
NAMED = re.compile(r'URI="([^"]*)"')
SCHEME = re.compile(r"^(?:[A-Za-z][A-Za-z0-9+.-]*:|/|\\)")


def check(case: Case) -> Iterator[Finding]:
    view = case.view
    yield from _letters(MASTER, view.master_text)
    if MEDIA_TAG.search(view.master_text):
        yield finding("RFC 4.3.4", MASTER, "has tags of media playlists")
    yield from _addresses(MASTER, view.master_text)
    for rendition in (*view.renditions.values(), *view.captions.values()):
        yield from _letters(rendition.uri, rendition.text)
        if MASTER_TAG.search(rendition.text):
            yield finding("RFC 4.3.4", rendition.uri, "has tags of master playlists")
        yield from _addresses(rendition.uri, rendition.text)
        yield from _version(rendition)


def _letters(where: str, text: str) -> Iterator[Finding]:
    if CONTROL.search(text):
        yield finding("RFC 4.1", where, "has a control character or a byte order mark")
    if re.match(r"#EXTM3U\r?\n", text.removeprefix("\ufeff")) is None:
        yield finding("RFC 4.3.1.1", where, "does not begin with #EXTM3U")
    if len(VERSION.findall(text)) > 1:
        yield finding("RFC 4.3.1.2", where, "says its version more than once")
    for tag, listed in WITH_ATTRIBUTES.findall(text):
        if not well_formed(listed):
            yield finding("RFC 4.2", where, f"has a malformed {tag}")


def _addresses(where: str, text: str) -> Iterator[Finding]:
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    for uri in dict.fromkeys([*lines, *NAMED.findall(text)]):
        if SCHEME.match(uri) or resolved(where, uri).startswith(".."):
            yield finding("Own address", where, f"names {uri[:80]!r}, which lies elsewhere")


def needed_version(playlist: MediaPlaylist, text: str) -> int:
    """RFC 8216 §7."""
    needed = {
        2: any(s.key is not None and s.key.iv for s in playlist.segments),
        3: re.search(r"^#EXTINF:\d+\.", text, re.MULTILINE) is not None,
        4: playlist.key_pictures or any(s.length is not None for s in playlist.segments),
        5: playlist.init is not None or "KEYFORMAT" in text,
        6: playlist.init is not None and not playlist.key_pictures,
    }
    return max((version for version, used in needed.items() if used), default=1)


def _version(rendition: Rendition) -> Iterator[Finding]:
    needed = needed_version(rendition.playlist, rendition.text)
    if rendition.playlist.version < needed:
        said = rendition.playlist.version
        yield finding("RFC 7", rendition.uri, f"says version {said} but needs {needed}")
