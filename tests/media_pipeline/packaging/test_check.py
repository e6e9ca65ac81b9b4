"""The checker against a real package with one planted fault at a time."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from media_pipeline.packaging.check import find_faults
from media_pipeline.packaging.manifest import Package
from media_pipeline.packaging.playlists import (
    average_rate,
    parse_master,
    parse_media,
    peak_rate,
    target_duration,
)


def rewrite(name: str, pattern: str, replacement: str) -> Callable[[Path], None]:
    def plant(folder: Path) -> None:
        text = (folder / name).read_text()
        changed = re.sub(pattern, replacement, text, count=1)
        assert changed != text, "the fault was not planted"
        (folder / name).write_text(changed)

    return plant


def remove(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


def fill(name: str, content: bytes) -> Callable[[Path], None]:
    def plant(folder: Path) -> None:
        (folder / name).write_bytes(content)

    return plant


LAST_SEGMENT = r"#EXTINF:[\d.]+,\n\d+\.m4s\n(?=#EXT-X-ENDLIST)"
FAULTS = {
    "a segment is missing": (remove("720p/00002.m4s"), "missing-file"),
    "the init segment is missing": (remove("audio/init.mp4"), "missing-file"),
    "a segment is empty": (fill("720p/00002.m4s", b""), "empty-file"),
    "a rung is shorter than the lecture": (
        rewrite("720p/index.m3u8", LAST_SEGMENT, ""),
        "wrong-length",
    ),
    "the sound breaks off": (rewrite("audio/index.m3u8", LAST_SEGMENT, ""), "wrong-length"),
    "a playlist is missing": (remove("720p/index.m3u8"), "missing-playlist"),
    "a playlist has no end": (
        rewrite("720p/index.m3u8", "#EXT-X-ENDLIST\n", ""),
        "not-ended",
    ),
    "a playlist has no map": (rewrite("720p/index.m3u8", "#EXT-X-MAP.*\n", ""), "no-init"),
    "the target duration is too short": (
        rewrite("720p/index.m3u8", r"TARGETDURATION:\d+", "TARGETDURATION:2"),
        "over-target",
    ),
    "a bandwidth is declared too high": (
        rewrite("master.m3u8", r":BANDWIDTH=\d+", ":BANDWIDTH=290000"),
        "wrong-bandwidth",
    ),
    "a bandwidth is declared too low": (
        rewrite("master.m3u8", r":BANDWIDTH=\d+", ":BANDWIDTH=1000"),
        "wrong-bandwidth",
    ),
    "no rung serves the poorest line": (
        rewrite("master.m3u8", r":BANDWIDTH=\d+", ":BANDWIDTH=900000"),
        "no-low-rung",
    ),
    "codecs are left out": (rewrite("master.m3u8", r'CODECS="[^"]*",', ""), "no-codecs"),
    "the codec of the sound is left out": (
        rewrite("master.m3u8", r",mp4a\.40\.2", ""),
        "no-codecs",
    ),
    "the frame rate is left out": (
        rewrite("master.m3u8", r"FRAME-RATE=[\d.]+,", ""),
        "no-frame-rate",
    ),
    "the size is left out": (
        rewrite("master.m3u8", r"RESOLUTION=\d+x\d+,", ""),
        "no-resolution",
    ),
    "segments are not said to be independent": (
        rewrite("master.m3u8", "#EXT-X-INDEPENDENT-SEGMENTS\n", ""),
        "not-independent",
    ),
    "the sound is off by default": (
        rewrite("master.m3u8", "DEFAULT=YES", "DEFAULT=NO"),
        "sound-off",
    ),
    "a stream is not tied to the sound": (
        rewrite("master.m3u8", ',AUDIO="audio"', ""),
        "no-sound",
    ),
    "a key picture lies past the end of its segment": (
        rewrite("720p/iframes.m3u8", r"BYTERANGE:\d+", "BYTERANGE:99999999"),
        "range-past-end",
    ),
    "a file was left behind": (fill("720p/00099.m4s", b"x"), "stray-file"),
    "there is no master playlist": (remove("master.m3u8"), "no-master"),
    "the master playlist is not text": (fill("master.m3u8", b"\xff\xfe"), "no-master"),
    "the master playlist lists nothing": (fill("master.m3u8", b"#EXTM3U\n"), "no-variants"),
}


@pytest.mark.parametrize(("plant", "code"), FAULTS.values(), ids=FAULTS.keys())
def test_a_planted_fault_is_found(
    slide_package: Package, tmp_path: Path, plant: Callable[[Path], None], code: str
) -> None:
    folder = tmp_path / "package"
    shutil.copytree(slide_package.folder, folder)
    plant(folder)
    assert code in {fault.code for fault in find_faults(folder, 7.0)}


def test_a_good_package_has_no_fault(slide_package: Package) -> None:
    assert find_faults(slide_package.folder, 7.0) == []


def test_a_package_of_half_the_lecture_is_a_fault_in_every_rendition(
    slide_package: Package,
) -> None:
    faults = find_faults(slide_package.folder, 14.0)
    assert {fault.where for fault in faults if fault.code == "wrong-length"} >= {
        "720p/index.m3u8",
        "audio/index.m3u8",
    }


def test_attributes_may_hold_commas_in_quotes() -> None:
    text = '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=5,CODECS="avc1.64001f,mp4a.40.2"\nv.m3u8\n'
    (variant,) = parse_master(text).variants
    assert variant.attributes == {"BANDWIDTH": "5", "CODECS": "avc1.64001f,mp4a.40.2"}
    assert variant.uri == "v.m3u8"


def test_byte_ranges_belong_to_their_own_segment() -> None:
    text = "#EXTINF:2,\n#EXT-X-BYTERANGE:10@84\na\n#EXTINF:3,\nb\n#EXT-X-ENDLIST"
    first, second = parse_media(text).segments
    assert (first.length, first.offset) == (10, 84)
    assert (second.length, second.offset) == (None, 0)


def test_the_peak_is_that_of_a_run_between_half_and_one_and_a_half_targets() -> None:
    steady = [(750_000, 6.0)] * 3
    assert peak_rate(steady, 6) == 1_000_000
    # A last segment of 0.2 s does not count alone, but with the one before it.
    assert peak_rate([*steady, (100_000, 0.2)], 6) == int(850_000 * 8 / 6.2)
    assert average_rate(steady) == 1_000_000
    assert peak_rate([(1000, 1.0)], 6) == 8000


def test_the_target_is_rounded_to_the_nearest_second() -> None:
    assert target_duration([6.006, 6.006, 2.1]) == 6
    assert target_duration([5.5]) == 6
    assert target_duration([0.2]) == 1
