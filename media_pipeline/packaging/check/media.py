"""Each media playlist by itself: its tags, its files, its segments."""

from collections.abc import Iterator
from itertools import accumulate

from media_pipeline.packaging.boxes import Fragment
from media_pipeline.packaging.check.case import Case
from media_pipeline.packaging.check.findings import Finding, finding
from media_pipeline.packaging.playlists import Segment
from media_pipeline.packaging.reading import Rendition

TARGET = 6
SHORTEST, LONGEST = 5.0, 6.5  # seconds that still are about six
HALF = 0.5
LENGTH_TOLERANCE = 0.5
COMMON_FRAME = 1 / 30
ROUNDING = 0.001


def check(case: Case) -> Iterator[Finding]:
    view = case.view
    fragments = {
        rendition.path(segment.uri): fragment
        for rendition in case.played
        for segment, fragment in zip(
            rendition.playlist.segments, rendition.fragments or (), strict=False
        )
    }
    listed = {e.uri for e in view.master.key_pictures}
    frame = min((_frame(rendition) for rendition in case.pictures), default=COMMON_FRAME)
    for uri, rendition in view.renditions.items():
        yield from _tags(rendition)
        yield from _files(case, rendition)
        yield from _length(case, rendition)
        if uri in listed:
            yield from _key_pictures(rendition, fragments)
        else:
            yield from _segments(rendition)
            own = _frame(rendition) if rendition.track and rendition.track.is_video else frame
            yield from _durations(rendition, own)


def _frame(rendition: Rendition) -> float:
    """Seconds that a picture lasts."""
    lengths = [fragment.longest for fragment in rendition.fragments if fragment]
    if rendition.track is None or not lengths:
        return COMMON_FRAME
    return max(lengths) / rendition.track.timescale


def _tags(rendition: Rendition) -> Iterator[Finding]:
    playlist, where = rendition.playlist, rendition.uri
    if not playlist.segments:
        yield finding("Own playlist", where, "lists nothing")
    if playlist.untimed:
        yield finding("RFC 4.3.2.1", where, f"has {playlist.untimed} segments without EXTINF")
    if not playlist.ended:
        yield finding("RFC 4.3.3.4", where, "has no EXT-X-ENDLIST: players would wait for more")
    if playlist.kind != "VOD":
        yield finding("Apple 8.6", where, "has no EXT-X-PLAYLIST-TYPE:VOD")
    if playlist.init is None:
        yield finding("Apple 8.20", where, "has no EXT-X-MAP: fMP4 cannot play without it")
    if any(int(segment.seconds + HALF) > playlist.target for segment in playlist.segments):
        yield finding("RFC 4.3.3.1", where, "has an EXTINF longer than its target duration")
    if playlist.target != TARGET:
        yield finding("Apple 7.5", where, f"has a target duration of {playlist.target} s")


def _files(case: Case, rendition: Rendition) -> Iterator[Finding]:
    sizes, playlist = case.view.sizes, rendition.playlist
    named = dict.fromkeys(segment.uri for segment in playlist.segments)
    for name in [*([playlist.init] if playlist.init else []), *named]:
        size = sizes.get(rendition.path(name))
        if not size:
            what = "is empty" if size == 0 else "is not there"
            yield finding("Own files", rendition.uri, f"names {name}, which {what}")
    for segment in playlist.segments:
        end = segment.offset + (segment.length or 0)
        if end > sizes.get(rendition.path(segment.uri), end):
            what = f"asks for bytes behind the end of {segment.uri}"
            yield finding("RFC 4.3.2.2", rendition.uri, what)


def _length(case: Case, rendition: Rendition) -> Iterator[Finding]:
    if abs(rendition.playlist.seconds - case.duration) > LENGTH_TOLERANCE:
        what = f"lasts {rendition.playlist.seconds:.2f} s of the lecture's {case.duration:.2f} s"
        yield finding("Own length", rendition.uri, what)


def _read(rendition: Rendition) -> Iterator[tuple[Segment, Fragment]]:
    for segment, fragment in zip(
        rendition.playlist.segments, rendition.fragments or (), strict=False
    ):
        if fragment:
            yield segment, fragment


def _segments(rendition: Rendition) -> Iterator[Finding]:
    video, expected = rendition.track is not None and rendition.track.is_video, None
    last = rendition.playlist.segments[-1:]
    for segment, fragment in _read(rendition):
        path, seconds = rendition.path(segment.uri), rendition.shown_seconds(fragment)
        if expected is not None and fragment.decode_time != expected:
            gap = fragment.decode_time - expected
            yield finding("Apple 7.3", path, f"starts {gap:+} ticks from where its forerunner ends")
        expected = fragment.ends
        if video and (not fragment.sync or fragment.opens is False):
            yield finding("Apple 7.4", path, "does not start with an IDR picture")
        if seconds > rendition.playlist.target + HALF:
            yield finding("Apple 7.7", path, f"lasts {seconds:.3f} s, over its target by a half")
        if not SHORTEST <= seconds <= LONGEST and (segment,) != last:
            yield finding("Apple 7.6", path, f"lasts {seconds:.3f} s")


def _durations(rendition: Rendition, frame: float) -> Iterator[Finding]:
    """The sums of any stretch differ by no more than the drift's own spread."""
    errors = [segment.seconds - rendition.shown_seconds(part) for segment, part in _read(rendition)]
    drift = list(accumulate(errors, initial=0.0))
    spread = max(drift) - min(drift)
    if spread > frame + ROUNDING:
        what = f"declares durations that are {spread:.3f} s off over some stretch"
        yield finding("Apple 8.1", rendition.uri, what)


def _key_pictures(rendition: Rendition, fragments: dict[str, Fragment | None]) -> Iterator[Finding]:
    for segment in rendition.playlist.segments:
        fragment = fragments.get(rendition.path(segment.uri))
        if fragment is None:
            continue
        if segment.offset != fragment.moof:
            what = f"begins an I-frame of {segment.uri} elsewhere than at its moof"
            yield finding("Apple 6.10", rendition.uri, what)
        end = segment.offset + (segment.length or 0)
        if not fragment.sync or end != fragment.first_end:
            what = f"does not name the bytes of the I-frame of {segment.uri}"
            yield finding("RFC 4.3.3.6", rendition.uri, what)
