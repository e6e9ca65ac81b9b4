"""What is mended after the packager."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_pipeline.errors import FaultyPackage
from media_pipeline.packaging.package import mend, mend_master, rounded
from media_pipeline.packaging.playlists import parse_master, parse_media
from media_pipeline.packaging.rates import Rates

Held = dict[str, dict[str, bytes]]
LADDER = "".join(
    f'#EXT-X-STREAM-INF:BANDWIDTH=1,CODECS="{codec},mp4a.40.2",RESOLUTION={size},AUDIO="audio"\n'
    f"{uri}\n"
    for uri, codec, size in (
        ("thin", "av01.0.04M.08", "1920x1080"),
        ("top", "avc1.640028", "1920x1080"),
        ("low", "avc1.64001e", "640x360"),
        ("middle", "avc1.64001f", "1280x720"),
    )
)
SOUND = '#EXT-X-MEDIA:TYPE=AUDIO,URI="voice",GROUP-ID="audio",NAME="audio",DEFAULT=NO\n'
RATES = {
    "thin": Rates(900_000, 800_000),
    "top": Rates(4_000_000, 3_000_000),
    "low": Rates(200_000, 150_000),
    "middle": Rates(800_000, 700_000),
    "voice": Rates(60_000, 50_000),
}


def test_the_first_variant_is_the_best_for_a_mobile_line_and_av1_comes_after_h264() -> None:
    variants = parse_master(mend_master(SOUND + LADDER, RATES)).variants
    assert [entry.uri for entry in variants] == ["middle", "top", "low", "thin", "voice"]


def test_equal_packages_are_written_equally() -> None:
    blocks = LADDER.replace("\n#", "\0#").split("\0")
    turned = "\n".join(block.strip("\n") for block in reversed(blocks)) + "\n"
    swapped = turned.replace('RESOLUTION=640x360,AUDIO="audio"', 'AUDIO="audio",RESOLUTION=640x360')
    assert swapped != turned
    assert mend_master(SOUND + LADDER, RATES) == mend_master(SOUND + swapped, RATES)


def test_the_lightest_comes_first_where_none_fits_a_mobile_line() -> None:
    heavy = {uri: Rates(rates.peak * 50, rates.average * 50) for uri, rates in RATES.items()}
    assert parse_master(mend_master(SOUND + LADDER, heavy)).variants[0].uri == "low"


def test_picture_and_sound_are_counted_together() -> None:
    first = parse_master(mend_master(SOUND + LADDER, RATES)).variants[0]
    assert (first.bandwidth, first.average_bandwidth) == (860_000, 750_000)


@pytest.mark.parametrize(
    ("said", "asked", "told"),
    [("", "und", "und"), ("", "zh", "zh"), ('LANGUAGE="en",', "zh", "en")],
)
def test_the_sound_s_own_language_goes_before_the_one_asked_for(
    said: str, asked: str, told: str
) -> None:
    text = mend_master(SOUND.replace("DEFAULT=NO", f"{said}DEFAULT=NO") + LADDER, RATES, asked)
    (sound,) = parse_master(text).sounds
    assert (sound.attributes["LANGUAGE"], sound.attributes["DEFAULT"]) == (told, "YES")


def test_the_language_inside_the_file_is_told(held_packages: Held) -> None:
    (sound,) = parse_master(held_packages["spoken"]["master.m3u8"].decode()).sounds
    assert sound.attributes["LANGUAGE"] == "zh"


def test_a_rung_that_failed_is_not_missed(held_packages: Held) -> None:
    uris = [entry.uri for entry in parse_master(_master(held_packages["av1"])).variants]
    assert uris == ["90p/index.m3u8", "90p-av1/index.m3u8", "audio/index.m3u8"]


def _master(contents: dict[str, bytes]) -> str:
    return contents["master.m3u8"].decode()


def test_every_playlist_has_the_same_target_and_no_advertisement(held_packages: Held) -> None:
    for path, content in held_packages["camera"].items():
        if path.endswith(".m3u8"):
            assert b"##" not in content
            assert b"\r" not in content
            assert path == "master.m3u8" or parse_media(content.decode()).target == 6


def test_durations_are_those_of_the_samples(held_packages: Held) -> None:
    playlist = parse_media(held_packages["portrait"]["90p/index.m3u8"].decode())
    first, second, third = (segment.seconds for segment in playlist.segments)
    assert first == second == 6.006
    assert third == pytest.approx(60 * 1001 / 30000, abs=1e-5)


@given(st.lists(st.floats(0.001, 10), max_size=300))
def test_no_stretch_of_rounded_durations_drifts(lengths: list[float]) -> None:
    told = list(map(float, rounded(lengths)))
    for start in range(0, len(lengths), 50):
        assert sum(told[start:]) == pytest.approx(sum(lengths[start:]), abs=2.1e-5)


def test_output_that_cannot_be_read_is_the_machine_s_fault(
    held_packages: Held, tmp_path: Path
) -> None:
    with pytest.raises(FaultyPackage, match="no master playlist"):
        mend(tmp_path)
    (tmp_path / "master.m3u8").write_bytes(held_packages["silent"]["master.m3u8"])
    with pytest.raises(FaultyPackage, match="is not there"):
        mend(tmp_path)
