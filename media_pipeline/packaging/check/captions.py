"""Captions, where the master playlist names some (they are added when it is played)."""

from collections.abc import Iterator

from media_pipeline.packaging.check.case import Case
from media_pipeline.packaging.check.findings import Finding, finding
from media_pipeline.packaging.check.media import LENGTH_TOLERANCE
from media_pipeline.packaging.reading import MOST_TEXT, Rendition

WEBVTT = "WEBVTT"
TIMESTAMP_MAP = "X-TIMESTAMP-MAP="


def check(case: Case) -> Iterator[Finding]:
    for entry in case.view.master.captions:
        rendition = case.view.captions.get(entry.uri)
        if rendition:
            yield from _track(case, rendition)


def _track(case: Case, rendition: Rendition) -> Iterator[Finding]:
    playlist, where = rendition.playlist, rendition.uri
    if playlist.seconds < case.duration - LENGTH_TOLERANCE:
        what = f"covers {playlist.seconds:.2f} s of the lecture's {case.duration:.2f} s"
        yield finding("Apple 5.5", where, what)
    if not playlist.ended:
        yield finding("RFC 4.3.3.4", where, "has no EXT-X-ENDLIST: players would wait for more")
    if playlist.kind != "VOD":
        yield finding("Apple 8.6", where, "has no EXT-X-PLAYLIST-TYPE:VOD")
    if any(int(segment.seconds + 0.5) > playlist.target for segment in playlist.segments):
        yield finding("RFC 4.3.3.1", where, "has an EXTINF longer than its target duration")
    for segment in playlist.segments:
        yield from _segment(case, rendition, segment.uri)


def _segment(case: Case, rendition: Rendition, uri: str) -> Iterator[Finding]:
    path = rendition.path(uri)
    try:
        text = case.files.read(path, MOST_TEXT).decode("utf-8")
    except OSError:
        yield finding("Own files", rendition.uri, f"names {uri}, which is not there")
        return
    except UnicodeDecodeError:
        yield finding("Apple 5.3", path, "is not text")
        return
    header = text.removeprefix("\ufeff").replace("\r\n", "\n").partition("\n\n")[0]
    if not header.startswith(WEBVTT):
        yield finding("Apple 5.3", path, "does not begin with WEBVTT")
    elif not any(line.startswith(TIMESTAMP_MAP) for line in header.split("\n")):
        yield finding("Apple 5.3", path, "has no X-TIMESTAMP-MAP")
