"""Tracks as renditions of an HLS package: lines of the master, a playlist, pieces of WebVTT.

Pure, and made when asked for: a track may change while the package, which is immutable, does not.
"""

import math
from collections.abc import Iterator, Sequence

from media_pipeline.captions.domain import LATEST_MS, TrackFacts
from media_pipeline.captions.errors import NoSuchSegment
from media_pipeline.captions.write import block, cues_of
from media_pipeline.packaging.playlists import target_duration

FOLDER = "captions"
GROUP = "captions"
INDEX = "index.m3u8"
SEGMENT_SECONDS = 60
LAST_SEGMENT = math.ceil(LATEST_MS / 1000 / SEGMENT_SECONDS) + 1
# Our CMAF segments count from 0, and so does a cue. The 900000 of Apple's examples is where their
# MPEG-TS segments begin; with fMP4 it shows every caption ten seconds late.
_MAP = "X-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000"


def playlist_name(language: str) -> str:
    return f"{FOLDER}/{language}/{INDEX}"


def segment_name(number: int) -> str:
    return f"{number:05}.vtt"


def with_captions(master: str, tracks: Sequence[TrackFacts]) -> str:
    """The master playlist with a subtitles group that every variant names; without tracks, as it
    was. No CHARACTERISTICS: whether a track also describes music and noises is not known."""
    if not tracks:
        return master
    media, lines, told = list(_media_lines(tracks)), [], False
    for line in master.splitlines():
        if line.startswith("#EXT-X-STREAM-INF:"):
            if not told:
                lines += [*media, ""]
                told = True
            line = f'{line},SUBTITLES="{GROUP}"'
        lines.append(line)
    return "\n".join(lines) + "\n"


def _media_lines(tracks: Sequence[TrackFacts]) -> Iterator[str]:
    """NAME must be one of its kind within the group (RFC 8216 §4.3.4.1.1)."""
    seen: set[str] = set()
    for track in tracks:
        name = _quotable(track.label)
        if name in seen:
            name = f"{name} ({track.language})"
        seen.add(name)
        yield (
            f'#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="{GROUP}",NAME="{name}",'
            f'LANGUAGE="{track.language}",DEFAULT=NO,AUTOSELECT=YES,FORCED=NO,'
            f'URI="{playlist_name(track.language)}"'
        )


def _quotable(label: str) -> str:
    """A quoted string holds no quote and no end of line, and cannot escape them."""
    return "".join("”" if char == '"' else char for char in label if char.isprintable())


def segments_of(duration: float) -> list[float]:
    """Seconds of each piece; together the whole lecture, to the millisecond."""
    whole_ms, step = round(duration * 1000), SEGMENT_SECONDS * 1000
    starts = range(0, max(whole_ms, 1), step)
    return [(min(whole_ms, start + step) - start) / 1000 for start in starts]


def captions_playlist(track: TrackFacts, duration: float) -> str:  # noqa: ARG001  every track's alike
    """Addresses are relative to the playlist. Every piece exists, also where nobody speaks."""
    seconds = segments_of(duration)
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:6",
        f"#EXT-X-TARGETDURATION:{target_duration(seconds)}",
        "#EXT-X-PLAYLIST-TYPE:VOD",
    ]
    for number, part in enumerate(seconds, 1):
        lines += [f"#EXTINF:{part:.3f},", segment_name(number)]
    return "\n".join([*lines, "#EXT-X-ENDLIST"]) + "\n"


def captions_segment(track: TrackFacts, number: int) -> str:
    """Piece `number`, from 1, as text/vtt. A cue that spans two pieces is whole in both, under one
    name, so that players show it once. NoSuchSegment for one that no lecture has."""
    begin = (number - 1) * SEGMENT_SECONDS * 1000
    end = begin + SEGMENT_SECONDS * 1000
    if not 1 <= number <= LAST_SEGMENT:
        raise NoSuchSegment
    blocks = [
        block(cue, name=str(name))
        for name, cue in enumerate(cues_of(track.vtt), 1)
        if cue.from_ms < end and cue.to_ms > begin
    ]
    return f"WEBVTT\n{_MAP}\n" + "".join(blocks)
