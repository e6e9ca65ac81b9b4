"""Rare kinds of picture, made here, all the way to a checked stream."""

from pathlib import Path

import pytest

from media_pipeline.transcode import transcode
from tests.media_pipeline import clips

FIELDS = ("-vf", "interlace=lowpass=off,setfield=prog", "-c:v", "mpeg4", "-q:v", "3")
TEN_BITS = ("-pix_fmt", "yuv422p10le")
OLD = ("-c:v", "mpeg2video", "-c:a", "mp2")
RATE_OF_TELEVISION = ("-r", "30000/1001")
KINDS = {
    "fields that the file does not tell of": ("tape.avi", "720x576", FIELDS),
    "ten bits and half the colour": ("deep.mov", "322x182", TEN_BITS),
    "an old programme stream": ("old.mpg", "352x288", OLD),
    "the rate of American television": ("ntsc.mkv", "640x480", RATE_OF_TELEVISION),
    "lying pixels": ("wide.mp4", "360x288", ("-vf", "setsar=16/11")),
}


@pytest.mark.parametrize(("name", "size", "options"), KINDS.values(), ids=KINDS.keys())
async def test_rare_kinds_of_picture_become_whole_streams(
    tmp_path: Path, name: str, size: str, options: tuple[str, ...]
) -> None:
    rate = "50" if options is FIELDS else "25"
    path = clips.clip(tmp_path / name, size=size, rate=rate, seconds=2, options=options)
    package = await transcode(path, tmp_path / "out", on_progress=lambda *_: None)
    assert package.manifest.duration == pytest.approx(2, abs=0.25)
    assert any(found.name == "audio" for found in package.manifest.renditions)
