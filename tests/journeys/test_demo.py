"""The whole way through the house, on an instance that the command starts itself."""

from pathlib import Path

from tests.journeys.terminal import Demo, video

VALID, REFUSED = 0, 2
STEPS = {"upload", "transcode", "enrol", "watch", "check", "quiz", "record", "verify"}


def test_the_whole_journey_ends_in_a_valid_record() -> None:
    """Of the lecture it draws itself; test_faults.py sends real clips the same way."""
    ended = Demo("--fast").end()
    assert (ended.exit_code, ended.outcome.get("verdict")) == (VALID, "valid"), ended.said
    assert ended.outcome["hours"] > 0
    assert set(ended.outcome["seconds"]) >= STEPS


def test_a_file_that_is_not_there_is_named_before_anything_starts(tmp_path: Path) -> None:
    ended = Demo("--fast", *video(tmp_path / "absent.mp4")).end()
    assert ended.exit_code == REFUSED
    assert "absent.mp4" in ended.outcome["detail"]
