"""Captions as a rendition: what a player is told, and that nothing is lost between the pieces."""

import re
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media_pipeline.captions.domain import Cue, TrackFacts
from media_pipeline.captions.errors import NoSuchSegment
from media_pipeline.captions.hls import (
    SEGMENT_SECONDS,
    captions_playlist,
    captions_segment,
    segment_name,
    segments_of,
    with_captions,
)
from media_pipeline.captions.parse import read
from media_pipeline.captions.write import cues_of, sha256, vtt
from media_pipeline.packaging.playlists import attributes, parse_media
from tests.media_pipeline.captions.samples import styled_cues

MASTER = """#EXTM3U
#EXT-X-VERSION:6
#EXT-X-INDEPENDENT-SEGMENTS

#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="audio",DEFAULT=YES,AUTOSELECT=YES,URI="audio/index.m3u8"

#EXT-X-STREAM-INF:BANDWIDTH=200000,CODECS="avc1.640028,mp4a.40.2",AUDIO="audio"
1080p/index.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=64000,CODECS="mp4a.40.2",AUDIO="audio"
audio/index.m3u8

#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=30000,URI="1080p/iframes.m3u8"
"""


def track(text: str = "WEBVTT\n", language: str = "zh-Hans", label: str = "简体中文") -> TrackFacts:
    return TrackFacts(
        id=UUID(int=1),
        lecture_id=UUID(int=2),
        language=language,
        label=label,
        sha256=sha256(text),
        vtt=text,
    )


def test_the_master_names_every_track_and_every_variant_names_the_group() -> None:
    master = with_captions(MASTER, [track(), track(language="en", label="English")])
    lines = master.splitlines()
    media = [line for line in lines if "TYPE=SUBTITLES" in line]
    assert attributes(media[0].partition(":")[2]) == {
        "TYPE": "SUBTITLES",
        "GROUP-ID": "captions",
        "NAME": "简体中文",
        "LANGUAGE": "zh-Hans",
        "DEFAULT": "NO",
        "AUTOSELECT": "YES",
        "FORCED": "NO",
        "URI": "captions/zh-Hans/index.m3u8",
    }
    assert len(media) == 2
    variants = [line for line in lines if line.startswith("#EXT-X-STREAM-INF")]
    assert all(line.endswith(',SUBTITLES="captions"') for line in variants)
    assert "SUBTITLES" not in next(line for line in lines if "I-FRAME-STREAM" in line)
    assert lines.index(media[1]) < lines.index(variants[0])
    without = [line.removesuffix(',SUBTITLES="captions"') for line in lines if line not in media]
    assert [line for line in without if line] == [line for line in MASTER.splitlines() if line]


def test_without_captions_the_master_is_as_it_was() -> None:
    assert with_captions(MASTER, []) == MASTER


def test_names_differ_and_cannot_leave_their_quotes() -> None:
    evil = 'a",URI="http://x\n#EXTM3U'
    found = with_captions(MASTER, [track(label=evil), track(language="en", label=evil)])
    names = [attributes(line)["NAME"] for line in found.splitlines() if "SUBTITLES," in line]
    assert names == ["a”,URI=”http://x#EXTM3U", "a”,URI=”http://x#EXTM3U (en)"]


@settings(deadline=None)
@given(st.floats(0.05, 6 * 3600))
def test_the_pieces_cover_the_whole_lecture(duration: float) -> None:
    playlist = parse_media(captions_playlist(track(), duration))
    assert playlist.ended
    assert playlist.seconds == pytest.approx(duration, abs=0.001)
    assert [s.uri for s in playlist.segments] == [
        segment_name(n + 1) for n in range(len(playlist.segments))
    ]
    assert all(s.seconds == SEGMENT_SECONDS for s in playlist.segments[:-1])
    assert all(0 < s.seconds <= playlist.target + 0.5 for s in playlist.segments)


def test_every_piece_exists_even_where_nobody_speaks_and_maps_its_times() -> None:
    text = captions_segment(track(), 7)
    assert text == "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000\n"


def test_a_cue_over_a_boundary_is_whole_in_both_pieces_under_one_name() -> None:
    over = track(vtt([Cue(1000, 2000, "一"), Cue(59_000, 61_000, "二"), Cue(60_000, 61_000, "三")]))
    blocks = "\n2\n00:00:59.000 --> 00:01:01.000\n二\n"
    assert captions_segment(over, 1).endswith("一\n" + blocks)
    assert blocks in captions_segment(over, 2)
    assert "三" not in captions_segment(over, 1)


@settings(deadline=None)
@given(styled_cues)
def test_players_that_gather_the_pieces_have_every_cue_once(cues: list[Cue]) -> None:
    whole = track(vtt(read(vtt(cues).encode()).cues))
    gathered: dict[int, str] = {}
    for number in range(1, len(segments_of(6 * 3600.0)) + 1):
        segment = captions_segment(whole, number)
        for name, block in re.findall(r"\n(\d+)\n((?:.+\n)+)", segment):
            assert gathered.setdefault(int(name), block) == block
    in_order = "WEBVTT\n" + "".join(f"\n{gathered[name]}" for name in sorted(gathered))
    assert cues_of(in_order) == cues_of(whole.vtt)


@pytest.mark.parametrize("number", [0, -1, 1000])
def test_a_piece_that_no_lecture_has_is_not_there(number: int) -> None:
    with pytest.raises(NoSuchSegment):
        captions_segment(track(), number)
