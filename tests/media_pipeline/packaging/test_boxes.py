"""The boxes of real segments, and of broken ones."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_pipeline.packaging import codecs
from media_pipeline.packaging.boxes import (
    BrokenBoxes,
    boxes,
    header_length,
    read_fragment,
    read_track,
)

Held = dict[str, dict[str, bytes]]


@pytest.mark.parametrize(
    ("kind", "folder", "codec", "size"),
    [
        pytest.param("camera", "180p", "avc1.4d400c", (320, 180), id="H.264"),
        pytest.param("portrait", "90p", "avc1.4d400b", (90, 160), id="H.264 upright"),
        pytest.param("av1", "90p-av1", "av01.0.00M.08", (160, 90), id="AV1"),
        pytest.param("spoken", "audio", "mp4a.40.2", (0, 0), id="AAC"),
    ],
)
def test_an_init_segment_says_what_the_packager_says(
    held_packages: Held, kind: str, folder: str, codec: str, size: tuple[int, int]
) -> None:
    contents = held_packages[kind]
    entry = read_track(contents[f"{folder}/init.mp4"]).entry
    assert (entry.codec, (entry.width, entry.height)) == (codec, size)
    assert codec in contents["master.m3u8"].decode()


def test_sound_tells_its_language_and_its_priming(held_packages: Held) -> None:
    track = read_track(held_packages["spoken"]["audio/init.mp4"])
    assert (track.handler, track.language, track.timescale) == ("soun", "zho", 48_000)
    assert (track.entry.channels, track.entry.sample_rate, track.begins) == (1, 48_000, 1024)


@pytest.mark.parametrize("folder", ["180p", "90p", "audio"])
def test_fragments_follow_each_other(held_packages: Held, folder: str) -> None:
    contents, time = held_packages["camera"], 0
    track = read_track(contents[f"{folder}/init.mp4"])
    for number in (1, 2, 3):
        content = contents[f"{folder}/{number:05}.m4s"]
        fragment = read_fragment(content, len(content), track)
        assert fragment.decode_time == time
        assert fragment.sync
        assert fragment.opens is (True if track.is_video else None)
        time = fragment.ends
    assert time / track.timescale == pytest.approx(14, abs=0.03)


def test_the_head_of_a_segment_is_enough(held_packages: Held) -> None:
    contents = held_packages["camera"]
    track, content = read_track(contents["180p/init.mp4"]), contents["180p/00001.m4s"]
    needed = header_length(content, len(content))
    head = read_fragment(content[: needed + 2000], len(content), track)
    assert head == read_fragment(content, len(content), track)


def test_an_init_segment_cut_anywhere_is_broken(held_packages: Held) -> None:
    content = held_packages["camera"]["180p/init.mp4"]
    for length in range(len(content)):
        with pytest.raises(BrokenBoxes):
            read_track(content[:length])


def test_a_segment_cut_anywhere_is_broken(held_packages: Held) -> None:
    contents = held_packages["camera"]
    track, content = read_track(contents["180p/init.mp4"]), contents["180p/00003.m4s"]
    for length in range(0, len(content), 7):
        with pytest.raises(BrokenBoxes):
            read_fragment(content[:length], length, track)


@given(st.binary(max_size=200), st.integers(0, 10**12))
def test_any_bytes_are_boxes_or_broken(data: bytes, size: int) -> None:
    with suppress(BrokenBoxes):
        for box in boxes(data, 0, size):
            assert box.start + 8 <= box.body <= box.end <= size


def test_long_boxes_and_boxes_to_the_end_are_understood() -> None:
    long = b"\0\0\0\x01long" + (24).to_bytes(8, "big") + bytes(8)
    last = b"\0\0\0\0last" + bytes(5)
    data = long + last
    assert [(b.kind, b.body, b.end) for b in boxes(data, 0, len(data))] == [
        (b"long", 16, 24),
        (b"last", 32, 37),
    ]


@pytest.mark.parametrize(
    ("configuration", "codec"),
    [
        ("81010c00", "av01.0.01M.08"),
        ("81084c00", "av01.0.08M.10"),
        ("814dec00", "av01.2.13H.12"),
    ],
)
def test_av1_is_named_with_tier_and_depth(configuration: str, codec: str) -> None:
    assert codecs.av1(bytes.fromhex(configuration)) == codec


@given(st.binary(max_size=60))
def test_any_esds_is_named_somehow(configuration: bytes) -> None:
    assert codecs.aac(configuration).startswith("mp4a")


def test_high_efficiency_aac_is_told_from_plain() -> None:
    specific = bytes([5, 2, 5 << 3, 0])
    decoder = bytes([4, 13 + len(specific), 0x40, *bytes(12), *specific])
    assert codecs.aac(bytes([3, 3 + len(decoder), 0, 1, 0, *decoder])) == "mp4a.40.5"
