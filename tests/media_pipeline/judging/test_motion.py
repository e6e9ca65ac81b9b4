"""How much moves, by the share of the picture that does."""

from pathlib import Path

import pytest

from media_pipeline.judging import motion
from media_pipeline.judging.probe import probe
from media_pipeline.judging.source import Motion
from media_pipeline.running.tools import Tools
from tests.media_pipeline import clips

STILL = [0.0] * 38 + [0.9, 0.9]  # a new slide now and then
SPEAKER = [0.008] * 40
FILM = [0.3] * 40


@pytest.mark.parametrize(
    ("windows", "kind"),
    [
        pytest.param([STILL] * 6, Motion.SLIDES, id="slides that change"),
        pytest.param([SPEAKER] * 6, Motion.MIXED, id="a speaker's window throughout"),
        pytest.param([STILL] * 5 + [FILM], Motion.MIXED, id="a clip among slides"),
        pytest.param([FILM] * 5 + [STILL], Motion.CAMERA, id="a film with a title"),
        pytest.param([[]], Motion.SLIDES, id="one picture"),
    ],
)
def test_the_kind_follows_from_what_moves(windows: list[list[float]], kind: Motion) -> None:
    assert motion.classify(windows) is kind


def test_a_long_look_is_judged_piece_by_piece() -> None:
    assert [len(piece) for piece in motion.pieces([0.0] * 130)] == [40, 40, 50]
    assert [len(piece) for piece in motion.pieces([0.0] * 7)] == [7]
    assert motion.pieces([0.0] * 0) == [[]]


async def test_a_speaker_in_the_corner_of_a_slide_is_mixed(tools: Tools, made: Path) -> None:
    speaker = str(clips.sample("carphone_pristine.mp4"))
    corner = "[1]scale=192:-2[who];[0][who]overlay=W-w:H-h"
    still = [part.format(size="1280x720", rate="25", seconds=4) for part in clips.STILL]
    path = made / "corner.mp4"
    clips.ffmpeg(*still, "-i", speaker, "-filter_complex", corner, *clips.QUICK, str(path))
    source = await probe(tools, path)
    assert source.motion is Motion.MIXED
    assert source.moving_area < 0.05


async def test_fields_are_seen_though_the_file_does_not_say(tools: Tools, made: Path) -> None:
    """An old DV or MPEG recording: two moments in one picture, and no word of it."""
    path = made / "tape.avi"
    woven = ("-vf", "interlace=lowpass=off,setfield=prog", "-c:v", "mpeg4", "-q:v", "3")
    clips.clip(path, size="720x576", rate="50", sound=False, options=woven)
    source = await probe(tools, path)
    assert source.video is not None
    assert source.video.interlaced


async def test_broken_pictures_are_noticed_where_they_are_sampled(tools: Tools, made: Path) -> None:
    path = clips.clip(made / "scratched.mp4", sound=False, seconds=4, size="640x360")
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 400] = bytes(range(200)) * 2
    path.write_bytes(content)
    source = await probe(tools, path)
    assert source.damaged_at
