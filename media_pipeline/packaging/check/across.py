"""Renditions against each other: a player may change from any to any at any segment."""

from collections.abc import Iterator
from itertools import zip_longest

from media_pipeline.packaging.check.case import Case
from media_pipeline.packaging.check.findings import Finding, Severity, finding
from media_pipeline.packaging.check.media import LENGTH_TOLERANCE, ROUNDING
from media_pipeline.packaging.reading import MASTER, Rendition

WORST_START = 0.2  # seconds: a picture at five a second


def check(case: Case) -> Iterator[Finding]:
    yield from _targets(case)
    yield from _lengths(case)
    yield from _starts(case)
    yield from _boundaries(case)


def _targets(case: Case) -> Iterator[Finding]:
    targets = {rendition.playlist.target for rendition in case.played}
    if len(targets) > 1:
        listed = ", ".join(map(str, sorted(targets)))
        yield finding("Apple 8.2", MASTER, f"plays renditions with target durations {listed} s")


def _longest_sample(renditions: list[Rendition]) -> float:
    return max(
        (
            fragment.longest / rendition.track.timescale
            for rendition in renditions
            if rendition.track
            for fragment in rendition.fragments
            if fragment
        ),
        default=0.0,
    )


def _lengths(case: Case) -> Iterator[Finding]:
    """Sound is cut in frames of its own, so within one of a picture or of sound is equal; up to
    half a second is heard as a lecture that ends in silence."""
    renditions = list(case.played)
    lengths = [rendition.playlist.seconds for rendition in renditions]
    if not lengths:
        return
    spread = max(lengths) - min(lengths)
    if spread > _longest_sample(renditions) + ROUNDING:
        severity = Severity.MUST if spread > LENGTH_TOLERANCE else Severity.SHOULD
        yield finding("Apple 8.3", MASTER, f"plays renditions {spread:.3f} s apart", severity)


def _start(rendition: Rendition) -> float | None:
    """Seconds at which the rendition is first seen or heard, after its edit list."""
    first = rendition.fragments[0] if rendition.fragments else None
    if first is None or rendition.track is None:
        return None
    shown = first.shown_from - rendition.track.begins
    if not rendition.track.is_video:
        shown = max(0, shown)
    return shown / rendition.track.timescale


def _starts(case: Case) -> Iterator[Finding]:
    known = [(r.uri, start) for r in case.played if (start := _start(r)) is not None]
    if not known:
        return
    frame = _longest_sample(case.pictures) or WORST_START
    earliest = min(start for _, start in known)
    for uri, start in known:
        if start - earliest > frame + ROUNDING:
            yield finding("RFC 6.2.4", uri, f"starts {start - earliest:.3f} s after the others")


def _times(rendition: Rendition) -> list[float | None]:
    scale = rendition.track.timescale if rendition.track else 1
    return [f.decode_time / scale if f else None for f in rendition.fragments]


def _boundaries(case: Case) -> Iterator[Finding]:
    pictures = case.pictures
    if not pictures:
        return
    model = _times(pictures[0])
    for other in pictures[1:]:
        for number, (one, two) in enumerate(zip_longest(model, _times(other), fillvalue=-1.0)):
            if one is not None and two is not None and abs(one - two) > ROUNDING:
                what = f"begins segment {number + 1} at {two:.3f} s instead of {one:.3f} s"
                yield finding("Apple 8.22", other.uri, what)
                break
    for sound in case.sounds:
        yield from _sound_boundaries(sound, model)


def _sound_boundaries(sound: Rendition, model: list[float | None]) -> Iterator[Finding]:
    """A segment of sound ends with a frame of sound: never quite where the picture's does."""
    begins = sound.track.begins / sound.track.timescale if sound.track else 0.0
    near = _longest_sample([sound]) + ROUNDING
    for number, (one, two) in enumerate(zip(model, _times(sound), strict=False)):
        if number and one is not None and two is not None and abs(one - two + begins) > near:
            what = f"begins segment {number + 1} {two - begins - one:+.3f} s from the picture's"
            yield finding("Apple 8.22", sound.uri, what, Severity.SHOULD)
            break
