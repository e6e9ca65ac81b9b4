"""The whole way through the house, on an instance that the command starts itself."""

from pathlib import Path

import pytest

from tests.journeys.clips import packaged
from tests.journeys.terminal import Demo, video

VALID, REFUSED = 0, 2
STEPS = {"upload", "transcode", "enrol", "watch", "check", "quiz", "record", "verify"}


@pytest.mark.parametrize(
    "clip",
    [
        pytest.param(None, id="the lecture it draws itself"),
        pytest.param("bikes.mp4", id="a real clip without sound"),
        pytest.param("bigbuckbunny.mp4", id="a real clip with sound"),
    ],
)
def test_the_whole_journey_ends_in_a_valid_record(clip: str | None) -> None:
    ended = Demo("--fast", *video(packaged(clip) if clip else None)).end()
    assert (ended.exit_code, ended.outcome.get("verdict")) == (VALID, "valid"), ended.said
    assert ended.outcome["hours"] > 0
    assert set(ended.outcome["seconds"]) >= STEPS


def test_a_text_file_named_mp4_is_refused_with_the_reason(tmp_path: Path) -> None:
    fake = tmp_path / "讲座 notes.mp4"
    fake.write_text("not a video at all\n" * 500)
    ended = Demo("--fast", *video(fake)).end()
    assert (ended.exit_code, ended.outcome["error"]) == (REFUSED, "not-a-video"), ended.said
    assert "MP4" in ended.said


def test_a_file_that_is_not_there_is_named_before_anything_starts(tmp_path: Path) -> None:
    ended = Demo("--fast", *video(tmp_path / "absent.mp4")).end()
    assert ended.exit_code == REFUSED
    assert "absent.mp4" in ended.outcome["detail"]
