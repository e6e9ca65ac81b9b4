"""`guanbiao demo` as somebody at a terminal runs it: its own process, its last line, its exit."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.clips import packaged

REFUSED = 2
STEPS = {"upload", "transcode", "enrol", "watch", "check", "quiz", "record", "verify"}


def demo(*arguments: str) -> tuple[int, dict[str, Any], str]:
    done = subprocess.run(
        [sys.executable, "-m", "backend.cli", "demo", "--fast", "--json", *arguments],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    lines = done.stdout.strip().splitlines()
    assert lines, done.stderr
    return done.returncode, json.loads(lines[-1]), done.stderr


@pytest.mark.parametrize(
    "clip",
    [
        pytest.param(None, id="the lecture it draws itself"),
        pytest.param("bikes.mp4", id="a real clip without sound"),
        pytest.param("bigbuckbunny.mp4", id="a real clip with sound"),
    ],
)
def test_the_whole_journey_ends_in_a_valid_record(clip: str | None) -> None:
    video = ("--video", str(packaged(clip))) if clip else ()
    exit_code, outcome, said = demo(*video)
    assert (exit_code, outcome.get("verdict")) == (0, "valid"), said
    assert outcome["hours"] > 0
    assert set(outcome["seconds"]) >= STEPS


def test_a_text_file_named_mp4_is_refused_with_the_reason(tmp_path: Path) -> None:
    fake = tmp_path / "讲座 notes.mp4"
    fake.write_text("not a video at all\n" * 500)
    exit_code, outcome, said = demo("--video", str(fake))
    assert exit_code == REFUSED
    assert outcome["error"] == "not-a-video"
    assert "MP4" in said


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    exit_code, outcome, _ = demo("--video", str(tmp_path / "absent.mp4"))
    assert exit_code == REFUSED
    assert "absent.mp4" in outcome["detail"]
