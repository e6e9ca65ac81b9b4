"""Playlists in and out of text, and the rates that are measured on them."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_pipeline.packaging.package import line
from media_pipeline.packaging.playlists import (
    Key,
    Segment,
    attributes,
    average_rate,
    parse_master,
    parse_media,
    peak_rate,
    target_duration,
    well_formed,
)

names = st.from_regex(r"[A-Z][A-Z0-9-]{0,12}", fullmatch=True)
quoted = st.text("avc1.,=-: #中文é“”")
bare = st.from_regex(r"[A-Za-z0-9.x-]{1,12}", fullmatch=True)
uris = st.from_regex(r"[a-z0-9]{1,8}\.m4s", fullmatch=True)
durations = st.integers(0, 10_000_000).map(lambda ticks: ticks / 100_000)
ranges = st.none() | st.tuples(st.integers(0, 10**9), st.integers(0, 10**9))


@given(st.dictionaries(names, bare, min_size=1), quoted)
def test_attribute_lists_are_read_as_they_are_written(named: dict[str, str], said: str) -> None:
    named = {**named, "CODECS": said}
    _, _, text = line("EXT-X-STREAM-INF", named).partition(":")
    assert well_formed(text)
    assert attributes(text) == named


@given(st.lists(st.tuples(uris, durations, ranges)), st.integers(0, 10**6))
def test_segments_are_read_as_they_are_written(
    listed: list[tuple[str, float, tuple[int, int] | None]], first: int
) -> None:
    lines = ["#EXTM3U", f"#EXT-X-MEDIA-SEQUENCE:{first}", '#EXT-X-MAP:URI="init.mp4"']
    expected = []
    for number, (uri, seconds, extent) in enumerate(listed, first):
        lines.append(f"#EXTINF:{seconds:.5f},")
        lines += [f"#EXT-X-BYTERANGE:{extent[0]}@{extent[1]}"] if extent else []
        lines.append(uri)
        length, offset = extent or (None, 0)
        expected.append(Segment(uri, seconds, length, offset, "init.mp4", None, number))
    assert list(parse_media("\n".join(lines)).segments) == expected


@given(st.text())
def test_any_text_is_a_playlist_or_a_value_error(text: str) -> None:
    parse_master(text)
    with suppress(ValueError):
        parse_media(text)


def test_attributes_may_hold_commas_in_quotes() -> None:
    text = '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=5,CODECS="avc1.64001f,mp4a.40.2"\nv.m3u8\n'
    (variant,) = parse_master(text).variants
    assert variant.attributes == {"BANDWIDTH": "5", "CODECS": "avc1.64001f,mp4a.40.2"}
    assert variant.codecs == ("avc1.64001f", "mp4a.40.2")
    assert variant.uri == "v.m3u8"


def test_captions_are_not_sound() -> None:
    text = '#EXT-X-MEDIA:TYPE=SUBTITLES,URI="c"\n#EXT-X-MEDIA:TYPE=AUDIO,URI="a"\n'
    master = parse_master(text)
    assert [entry.uri for entry in master.captions] == ["c"]
    assert [entry.uri for entry in master.sounds] == ["a"]


def test_byte_ranges_belong_to_their_own_segment() -> None:
    text = "#EXTINF:2,\n#EXT-X-BYTERANGE:10@84\na\n#EXTINF:3,\nb\n#EXT-X-ENDLIST"
    first, second = parse_media(text).segments
    assert (first.length, first.offset) == (10, 84)
    assert (second.length, second.offset) == (None, 0)


def test_a_byte_range_without_offset_goes_on_where_the_last_one_ended() -> None:
    text = "#EXT-X-BYTERANGE:10@84\na\n#EXT-X-BYTERANGE:5\na\n#EXT-X-BYTERANGE:7\nb\n"
    assert [segment.offset for segment in parse_media(text).segments] == [84, 94, 0]


def test_a_key_holds_for_what_follows_it() -> None:
    text = (
        '#EXT-X-MAP:URI="i"\na\n#EXT-X-KEY:METHOD=AES-128,URI="key",IV=0x01\nb\n'
        "#EXT-X-KEY:METHOD=NONE\nc\n"
    )
    playlist = parse_media(text)
    assert [s.key for s in playlist.segments] == [None, Key("AES-128", "key", "0x01"), None]
    assert playlist.init_key is None
    late = '#EXT-X-KEY:METHOD=AES-128,URI="key"\n#EXT-X-MAP:URI="i"\na\n'
    assert parse_media(late).init_key == Key("AES-128", "key")


@pytest.mark.parametrize("value", ["nan", "inf", "-1", "x", "1e9"])
def test_what_is_no_duration_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_media(f"#EXTINF:{value},\na\n")


def test_the_peak_is_that_of_a_run_between_half_and_one_and_a_half_targets() -> None:
    steady = [(750_000, 6.0)] * 3
    assert peak_rate(steady, 6) == 1_000_000
    # A last segment of 0.2 s does not count alone, but with the one before it.
    assert peak_rate([*steady, (100_000, 0.2)], 6) == int(850_000 * 8 / 6.2)
    assert average_rate(steady) == 1_000_000
    assert peak_rate([(1000, 1.0)], 6) == 8000


@given(st.lists(st.tuples(st.integers(1, 10**6), st.floats(0.5, 9)), min_size=1, max_size=12))
def test_the_peak_lies_between_the_average_and_the_heaviest_segment(
    sizes: list[tuple[int, float]],
) -> None:
    peak = peak_rate(sizes, 6)
    assert peak <= max(size * 8 / seconds for size, seconds in sizes) + 1
    if all(3 <= seconds <= 9 for _, seconds in sizes):
        assert peak >= average_rate(sizes) - 1


def test_the_target_is_rounded_to_the_nearest_second() -> None:
    assert target_duration([6.006, 6.006, 2.1]) == 6
    assert target_duration([5.5]) == 6
    assert target_duration([0.2]) == 1
