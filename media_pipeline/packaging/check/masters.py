"""What the master playlist promises, and whether the init segments and samples keep it."""

from collections.abc import Iterator

from media_pipeline.packaging.check.case import Case, shows_pictures
from media_pipeline.packaging.check.findings import Finding, Severity, finding
from media_pipeline.packaging.codecs import required
from media_pipeline.packaging.playlists import Entry
from media_pipeline.packaging.reading import MASTER, Rendition

CAPTION_CODECS = {"wvtt", "stpp.ttml.im1t"}
H264_PROFILES = {"42", "4d", "58", "64"}  # Baseline, Main, Extended, High
HIGHEST_H264_LEVEL = 0x34
RATE_TOLERANCE = 0.002


def check(case: Case) -> Iterator[Finding]:
    master = case.view.master
    if not master.variants:
        yield finding("Own master", MASTER, "lists no stream")
    for entry in master.variants:
        yield from _variant(case, entry)
    for entry in master.key_pictures:
        yield from _key_pictures(case, entry)
    yield from _independence(case)
    yield from _sounds(case)
    for entry in (*master.sounds, *master.captions):
        yield from _medium(entry)
    yield from _families(case)
    if master.variants and not master.key_pictures and not case.view.encrypted:
        yield finding("Apple 6.1", MASTER, "lists no I-frame playlist")


def _variant(case: Case, entry: Entry) -> Iterator[Finding]:
    rendition = case.view.rendition(entry.uri)
    if not entry.uri or not entry.bandwidth:
        yield finding("RFC 4.3.4.2", MASTER, "has a stream without address or BANDWIDTH")
    if not entry.codecs:
        yield finding("Apple 9.1", entry.uri, "has no CODECS")
    if not entry.average_bandwidth:
        yield finding("Apple 9.14", entry.uri, "has no AVERAGE-BANDWIDTH")
    if shows_pictures(entry, rendition):
        if "RESOLUTION" not in entry.attributes:
            yield finding("Apple 9.2", entry.uri, "has no RESOLUTION")
        if "FRAME-RATE" not in entry.attributes:
            yield finding("Apple 9.15", entry.uri, "has no FRAME-RATE")
    yield from _groups(case, entry)
    if entry.attributes.get("CLOSED-CAPTIONS") != case.closed_captions:
        yield finding("RFC 4.3.4.2 CLOSED-CAPTIONS", entry.uri, "differs in CLOSED-CAPTIONS")
    if rendition:
        yield from _truth(entry, rendition, case.sound_of(entry))


def _groups(case: Case, entry: Entry) -> Iterator[Finding]:
    master = case.view.master
    for name, members in (("AUDIO", master.sounds), ("SUBTITLES", master.captions)):
        groups = {member.attributes.get("GROUP-ID") for member in members}
        if members and entry.attributes.get(name) not in groups:
            yield finding("RFC 4.3.4.2 AUDIO", entry.uri, f"is not tied to a group of {name}")
        if not members and name in entry.attributes:
            yield finding("RFC 4.3.4.2 AUDIO", entry.uri, f"names {name}, of which there is none")


def _key_pictures(case: Case, entry: Entry) -> Iterator[Finding]:
    rendition = case.view.rendition(entry.uri)
    if not entry.codecs:
        yield finding("Apple 9.3", entry.uri, "has no CODECS")
    if "RESOLUTION" not in entry.attributes:
        yield finding("Apple 9.4", entry.uri, "has no RESOLUTION")
    if rendition is None:
        return
    if not rendition.playlist.key_pictures:
        yield finding("Apple 6.8", entry.uri, "has no EXT-X-I-FRAMES-ONLY")
    init = rendition.path(rendition.playlist.init or "")
    for shown in case.pictures:
        if shown.path(shown.playlist.init or "") == init:
            yield from _truth(entry, shown, [])
            return


def _truth(entry: Entry, rendition: Rendition, sounds: list[Rendition]) -> Iterator[Finding]:
    track = rendition.track
    if track is None:
        return
    there = {track.entry.codec, *(s.track.entry.codec for s in sounds if s.track)}
    said = {required(codec) for codec in entry.codecs} - CAPTION_CODECS
    if said and said != there:
        what = f"says {','.join(sorted(said))} where {','.join(sorted(there))} is there"
        yield finding("RFC 4.3.4.2 CODECS", entry.uri, what)
    if not track.is_video:
        return
    size = f"{track.entry.width}x{track.entry.height}"
    if entry.attributes.get("RESOLUTION", size) != size:
        said_size = entry.attributes["RESOLUTION"]
        yield finding("RFC 4.3.4.2 RESOLUTION", entry.uri, f"says {said_size}, is {size}")
    if "FRAME-RATE" in entry.attributes and not _rate_is_true(entry, rendition):
        what = f"says {entry.attributes['FRAME-RATE']}, which no sample lasts"
        yield finding("RFC 4.3.4.2 FRAME-RATE", entry.uri, what)


def _rate_is_true(entry: Entry, rendition: Rendition) -> bool:
    """Between the slowest and the fastest sample; the last segment's end may be cut shorter."""
    fragments = [fragment for fragment in rendition.fragments if fragment]
    track, counted = rendition.track, fragments[:-1] or fragments
    if not counted or track is None:
        return True
    try:
        rate = float(entry.attributes["FRAME-RATE"])
    except ValueError:
        return False
    slowest = track.timescale / max(1, *(fragment.longest for fragment in counted), 1)
    fastest = track.timescale / max(1, min(fragment.shortest for fragment in counted))
    return slowest * (1 - RATE_TOLERANCE) <= rate <= fastest * (1 + RATE_TOLERANCE)


def _independence(case: Case) -> Iterator[Finding]:
    if case.view.master.independent:
        return
    if all(rendition.playlist.independent for rendition in case.pictures):
        yield finding("Apple 9.11", MASTER, "has no EXT-X-INDEPENDENT-SEGMENTS")
    else:
        what = "has no EXT-X-INDEPENDENT-SEGMENTS, nor have all video playlists"
        yield finding("Apple 9.12", MASTER, what)


def _sounds(case: Case) -> Iterator[Finding]:
    sounds = case.view.master.sounds
    if not sounds:
        return
    if sum(sound.attributes.get("DEFAULT") == "YES" for sound in sounds) != 1:
        yield finding("Own default sound", MASTER, "has no sound, or several, on by default")
    if all(shows_pictures(e, case.view.rendition(e.uri)) for e in case.view.master.variants):
        yield finding("Own sound alone", MASTER, "has no variant of sound alone")
    kinds = {sound.track.entry.codec for sound in case.sounds if sound.track}
    if kinds and not any(kind.startswith("mp4a.40.") for kind in kinds):
        yield finding("Apple 2.3", MASTER, "has no sound in AAC")
    for entry in sounds:
        rendition = case.view.rendition(entry.uri)
        if rendition and rendition.track and "CHANNELS" in entry.attributes:
            said, there = entry.attributes["CHANNELS"], rendition.track.entry.channels
            if said.partition("/")[0] != str(there):
                what = f"says {said} channels where there are {there}"
                yield finding("RFC 4.3.4.1 CHANNELS", entry.uri, what)


def _medium(entry: Entry) -> Iterator[Finding]:
    named, where = entry.attributes, entry.uri or MASTER
    missing = [name for name in ("TYPE", "GROUP-ID", "NAME", "URI") if not named.get(name)]
    if missing:
        yield finding("RFC 4.3.4.1", where, f"has no {' and no '.join(missing)}")
    if named.get("DEFAULT") == "YES" and named.get("AUTOSELECT", "YES") != "YES":
        yield finding("RFC 4.3.4.1", where, "is on by default but not to be selected")
    if not named.get("LANGUAGE"):
        yield finding("Apple 8.10", where, "has no LANGUAGE")


def _families(case: Case) -> Iterator[Finding]:
    tracks = [(r.uri, r.track.entry) for r in case.pictures if r.track]
    if tracks and not any(entry.kind in ("avc1", "avc3") for _, entry in tracks):
        yield finding("Apple 1.12", MASTER, "has no video in H.264")
    for uri, entry in tracks:
        if entry.kind == "avc3":
            yield finding("Apple 1.10", uri, "keeps its parameter sets in the samples")
        if entry.kind.startswith("avc") and not _playable_h264(entry.codec):
            yield finding("Apple 1.3b", uri, f"is {entry.codec}")
    if case.view.encrypted and case.view.master.key_pictures:
        what = "offers I-frames, which cannot be read out of encrypted segments"
        yield finding("Own encryption", MASTER, what, Severity.MUST)


def _playable_h264(codec: str) -> bool:
    said = codec.partition(".")[2]
    return said[:2] in H264_PROFILES and int(said[4:6] or "ff", 16) <= HIGHEST_H264_LEVEL
