"""Which track and which of its channels are the voice."""

from pathlib import Path

import pytest

from media_pipeline.judging.hearing import Heard
from media_pipeline.judging.loudness import mixdown
from media_pipeline.judging.probe import probe
from media_pipeline.plan import Sound, plan
from media_pipeline.running.tools import Tools
from tests.media_pipeline import clips

DEAD = float("-inf")


@pytest.mark.parametrize(
    ("levels", "only"),
    [
        pytest.param((-20.0, -21.0), None, id="both sides"),
        pytest.param((-20.0, DEAD), 0, id="the left alone"),
        pytest.param((-58.0, -20.0), 1, id="the right, and what the left catches of it"),
        pytest.param((-70.0, DEAD), None, id="neither"),
        pytest.param((-20.0,), None, id="one channel"),
        pytest.param((-20.0, DEAD, -20.0, DEAD, DEAD, DEAD), None, id="six channels"),
    ],
)
def test_a_dead_side_is_left_out(levels: tuple[float, ...], only: int | None) -> None:
    assert Heard(levels).only_channel == only


def test_the_one_side_that_is_heard_is_not_halved() -> None:
    assert mixdown(Sound(channels=1, bit_rate=1), 1) == ("pan", "args", "mono|c0=c1")
    assert mixdown(Sound(channels=2, bit_rate=1), None)[1:] == ("channel_layouts", "stereo")


async def test_a_microphone_on_one_side_is_heard_on_both(tools: Tools, made: Path) -> None:
    path = made / "one side.mp4"
    sides = ("-f", "lavfi", "-i", "aevalsrc=0|0.2*sin(600*t):d=2:s=44100")
    clips.ffmpeg(*sides, "-c:a", "aac", str(path))
    source = await probe(tools, path)
    assert source.audio is not None
    assert (source.audio.channels, source.audio.only_channel) == (2, 1)
    sound = plan(source).sound
    assert sound is not None
    assert sound.channels == 1


async def test_the_track_that_is_heard_is_taken_where_the_default_is_silent(
    tools: Tools, made: Path, hushed: Path, short: Path
) -> None:
    path = made / "two tracks.mkv"
    mapped = ("-map", "0:v", "-map", "0:a", "-map", "1:a", "-c", "copy")
    marked = ("-disposition:a:0", "default", "-disposition:a:1", "0")
    clips.ffmpeg("-i", str(hushed), "-i", str(short), *mapped, *marked, str(path))
    source = await probe(tools, path)
    assert source.audio is not None
    assert (source.audio.index, source.audio.silent) == (2, False)


async def test_a_track_of_silence_alone_is_still_a_track(tools: Tools, hushed: Path) -> None:
    source = await probe(tools, hushed)
    assert source.audio is not None
    assert source.audio.silent or source.audio.channels == 1
