"""Bandwidths: what is declared against what was measured on the segments."""

from collections.abc import Iterator

from media_pipeline.packaging.check.case import Case, shows_pictures
from media_pipeline.packaging.check.findings import Finding, Severity, finding
from media_pipeline.packaging.playlists import Entry
from media_pipeline.packaging.rates import Rates, measure
from media_pipeline.packaging.reading import MASTER, Rendition
from media_pipeline.plan import AUDIO_ONLY_LIMIT, LOW_LINE

TOLERANCE = 0.10
HIGHEST_PEAK = 2.0  # times the average


def check(case: Case) -> Iterator[Finding]:
    for entry in case.view.master.variants:
        rendition = case.view.rendition(entry.uri)
        if rendition:
            yield from _variant(case, entry, rendition)
    for entry in case.view.master.key_pictures:
        rendition = case.view.rendition(entry.uri)
        if rendition:
            yield from _key_pictures(entry, _measured(case, rendition))
    yield from _lines(case)


def _measured(case: Case, rendition: Rendition) -> Rates:
    return measure(case.view.sizes, rendition.uri.rpartition("/")[0], rendition.playlist)


def _off(declared: int, measured: int) -> bool:
    return abs(declared - measured) > TOLERANCE * max(1, measured)


def _variant(case: Case, entry: Entry, rendition: Rendition) -> Iterator[Finding]:
    alone = _measured(case, rendition)
    sounds = [_measured(case, sound) for sound in case.sound_of(entry) if sound is not rendition]
    loudest = max(sounds, key=lambda rates: rates.peak, default=None)
    true = alone.with_sound(loudest)
    if entry.bandwidth and _off(entry.bandwidth, true.peak):
        what = f"declares {entry.bandwidth} b/s at the peak where {true.peak} were measured"
        forgotten = loudest is not None and not _off(entry.bandwidth, alone.peak)
        yield finding("Apple 9.13" if forgotten else "Apple 1.27", entry.uri, what)
    declared = entry.average_bandwidth
    if declared and _off(declared, true.average):
        what = f"declares {declared} b/s on average where {true.average} were measured"
        yield finding("Apple 1.26", entry.uri, what)
    if true.peak > HIGHEST_PEAK * true.average:
        what = f"peaks at {true.peak} b/s with {true.average} on average"
        yield finding("Apple 1.30", entry.uri, what)


def _key_pictures(entry: Entry, true: Rates) -> Iterator[Finding]:
    pairs = [(entry.bandwidth, true.peak)]
    if "AVERAGE-BANDWIDTH" in entry.attributes:
        pairs.append((entry.average_bandwidth, true.average))
    for declared, measured in pairs:
        if _off(declared, measured):
            what = f"declares {declared} b/s where {measured} were measured"
            yield finding("Apple 6.9", entry.uri, what)


def _lines(case: Case) -> Iterator[Finding]:
    """The lines that a lecture has to fit through: a telephone's and the poorest learner's."""
    variants = case.view.master.variants
    if variants and min(entry.bandwidth for entry in variants) > AUDIO_ONLY_LIMIT:
        # A camera without sound has nothing to leave out but pictures.
        severity = None if case.view.master.sounds else Severity.SHOULD
        yield finding("Apple 9.21", MASTER, "has no variant of 192 kb/s or less", severity)
    h264 = [
        entry.bandwidth
        for entry in variants
        if shows_pictures(entry, case.view.rendition(entry.uri))
        and any(codec.startswith("avc") for codec in entry.codecs)
    ]
    if h264 and min(h264) > LOW_LINE:
        yield finding("Own low line", MASTER, f"asks at least {min(h264)} b/s of every learner")
