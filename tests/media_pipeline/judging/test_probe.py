from pathlib import Path

import pytest

from media_pipeline import errors
from media_pipeline.judging.probe import probe
from media_pipeline.judging.source import Motion
from media_pipeline.running.tools import Tools
from tests.media_pipeline import clips


async def test_a_real_clip_is_described_as_it_is(tools: Tools, bunny: Path) -> None:
    source = await probe(tools, bunny)
    assert source.video is not None
    assert source.audio is not None
    assert (source.video.width, source.video.height) == (1280, 720)
    assert source.video.frame_rate == "25/1"
    assert (source.audio.channels, source.audio.sample_rate) == (6, 48_000)
    assert source.duration == pytest.approx(5.312, abs=0.01)
    assert source.motion is Motion.CAMERA


async def test_a_silent_clip_has_no_sound(tools: Tools, bikes: Path) -> None:
    source = await probe(tools, bikes)
    assert source.audio is None
    assert source.motion is Motion.CAMERA


async def test_a_still_slide_is_seen_as_slides(tools: Tools, slides: Path) -> None:
    source = await probe(tools, slides)
    assert source.motion is Motion.SLIDES
    assert source.changed_share < 0.05


async def test_an_upright_phone_recording_is_upright(tools: Tools, rotated: Path) -> None:
    video = (await probe(tools, rotated)).video
    assert video is not None
    assert (video.width, video.height) == (240, 320)
    assert video.rotation in (90, 270)


async def test_wide_pixels_are_counted_as_shown(tools: Tools, made: Path) -> None:
    path = clips.clip(made / "wide.mp4", sound=False, options=("-vf", "setsar=4/3"))
    video = (await probe(tools, path)).video
    assert video is not None
    assert (video.width, video.height) == (427, 240)


async def test_dropped_frames_are_noticed(tools: Tools, uneven: Path) -> None:
    video = (await probe(tools, uneven)).video
    assert video is not None
    assert video.variable_rate


async def test_interlaced_and_hdr_are_noticed(tools: Tools, made: Path) -> None:
    options = ("-flags", "+ilme+ildct", "-x264-params", "tff=1")
    graph = ("-vf", "setparams=color_trc=smpte2084:color_primaries=bt2020")
    path = clips.clip(made / "tv.mp4", sound=False, options=(*options, *graph))
    video = (await probe(tools, path)).video
    assert video is not None
    assert video.interlaced
    assert video.hdr


async def test_sound_alone_is_a_source(tools: Tools, sound_only: Path) -> None:
    source = await probe(tools, sound_only)
    assert source.video is None
    assert source.duration == pytest.approx(3, abs=0.1)


async def test_cover_art_is_not_a_lecture_picture(tools: Tools, made: Path, short: Path) -> None:
    picture, path = made / "cover.jpg", made / "cover.m4a"
    clips.ffmpeg("-i", str(short), "-frames:v", "1", "-update", "1", str(picture))
    both = ("-i", str(short), "-i", str(picture), "-map", "0:a", "-map", "1:v", "-c", "copy")
    clips.ffmpeg(*both, "-disposition:v:0", "attached_pic", "-f", "mp4", str(path))
    assert (await probe(tools, path)).video is None


async def test_a_recording_without_a_stated_length_is_measured(
    tools: Tools, made: Path, short: Path
) -> None:
    """Browsers' recorders write WebM and Matroska so."""
    path = made / "live.mkv"
    with path.open("wb") as file:  # a pipe cannot seek back to write the length
        clips.ffmpeg("-i", str(short), "-c", "copy", "-f", "matroska", "pipe:1", into=file)
    assert (await probe(tools, path)).duration == pytest.approx(2.5, abs=0.1)


# Broken off anywhere, it shows. Not so in a programme stream (.mpg), which only its author can
# know to have been longer.
SHOW_A_CUT = [
    *("mp4", "mov", "mkv", "webm", "avi", "wmv", "flv", "ts", "m2ts", "ogg"),
    *("mp3", "m4a", "wav", "flac", "aac", "opus"),
]


@pytest.fixture(scope="module")
def kinds(made: Path, short: Path) -> dict[str, Path]:
    """The short clip in every container."""
    found = {}
    for suffix in SHOW_A_CUT:
        found[suffix] = made / f"whole.{suffix}"
        vp8 = ("-c:v", "libvpx", "-deadline", "realtime") if suffix == "webm" else ()
        copy = ("-c", "copy") if suffix in ("mp4", "mov", "mkv") else ()
        clips.ffmpeg("-i", str(short), *vp8, *copy, str(found[suffix]))
    return found


@pytest.mark.parametrize("percent", [11, 41, 71])
@pytest.mark.parametrize("suffix", SHOW_A_CUT)
async def test_a_file_that_breaks_off_is_refused_wherever_it_breaks(
    tools: Tools, tmp_path: Path, kinds: dict[str, Path], suffix: str, percent: int
) -> None:
    path = clips.cut(kinds[suffix], tmp_path / f"cut.{suffix}", percent / 100)
    with pytest.raises(errors.Truncated):
        await probe(tools, path)


@pytest.mark.parametrize("percent", [10, 40, 70, 95])
async def test_a_file_with_its_index_first_that_breaks_off_is_refused(
    tools: Tools, tmp_path: Path, short: Path, percent: int
) -> None:
    path = clips.cut(short, tmp_path / "cut.mp4", percent / 100)
    with pytest.raises(errors.Truncated):
        await probe(tools, path)


async def test_a_file_whose_index_was_never_written_is_truncated(
    tools: Tools, tmp_path: Path, bunny: Path
) -> None:
    path = clips.cut(bunny, tmp_path / "no index.mp4", 0.5)
    with pytest.raises(errors.Truncated):
        await probe(tools, path)


GARBAGE = {
    "plain text": (b"This is my lecture.\n" * 40, errors.NotAVideo),
    "nothing": (b"", errors.EmptyFile),
    "a zip": (b"PK\x03\x04" + bytes(400), errors.NotAVideo),
    "a web page": (b"<!DOCTYPE html><html><body>Sign in</body></html>", errors.NotAVideo),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(400), errors.StillPicture),
    "a phone's picture in boxes": (b"\0\0\0\x18ftypheic" + bytes(400), errors.StillPicture),
    "a PDF": (b"%PDF-1.7\n" + bytes(400), errors.NotAVideo),
    "noise": (bytes(range(256)) * 90, errors.NotAVideo),
    "zeros": (bytes(20_000), errors.NotAVideo),
    "Chinese text cut inside a character": (("课程" * 1000).encode()[:4097], errors.NotAVideo),
    "the first box of an MP4 alone": (
        b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom",
        errors.Truncated,
    ),
}


@pytest.mark.parametrize(("content", "reason"), GARBAGE.values(), ids=GARBAGE.keys())
async def test_what_is_no_video_is_refused_with_its_reason(
    tools: Tools, tmp_path: Path, content: bytes, reason: type[errors.Refused]
) -> None:
    path = tmp_path / "lecture.mp4"
    path.write_bytes(content)
    with pytest.raises(reason):
        await probe(tools, path)


async def test_a_clip_of_a_moment_is_too_short(tools: Tools, made: Path) -> None:
    path = clips.clip(made / "moment.mp4", seconds=0.4)
    with pytest.raises(errors.TooShort):
        await probe(tools, path)


async def test_a_picture_beyond_8k_is_refused_before_it_is_decoded(
    tools: Tools, made: Path
) -> None:
    picture = ("-f", "lavfi", "-i", "color=size=7680x4336:rate=1:duration=1")
    path = clips.clip(made / "huge.mp4", picture=picture, sound=False)
    with pytest.raises(errors.TooManyPixels):
        await probe(tools, path)


@pytest.mark.parametrize("suffix", ["mov", "mkv", "avi", "ts", "mpg", "wmv", "flv", "webm", "ogg"])
async def test_the_containers_authors_use_are_taken(
    tools: Tools, made: Path, short: Path, suffix: str
) -> None:
    path = made / f"kind.{suffix}"
    # WebM needs its own codecs; the others take what their muxer prefers.
    codecs = ("-c:v", "libvpx", "-deadline", "realtime") if suffix == "webm" else ()
    clips.ffmpeg("-i", str(short), *codecs, str(path))
    source = await probe(tools, path)
    assert source.duration == pytest.approx(2.5, abs=0.2)
    assert source.audio is not None
