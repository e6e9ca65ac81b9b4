import asyncio
import subprocess
from pathlib import Path

import pytest

from backend.demo.answers import Answers
from backend.demo.lecture import make
from backend.demo.video import LIMIT_SECONDS, fit
from courses.items.interactions import Single
from media_pipeline.judging.probe import read_facts
from media_pipeline.judging.source import Source
from media_pipeline.running.tools import find_all
from tests.courses import current_edition


def facts(video: Path) -> Source:
    return asyncio.run(read_facts(find_all(), video))


@pytest.fixture(scope="module")
def lecture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("演示 课件") / "lecture.mp4")


def test_the_demonstration_lecture_is_drawn_and_spoken_within_its_minute(lecture: Path) -> None:
    found = facts(lecture)
    assert found.video is not None
    assert found.audio is not None
    assert 30 <= found.duration <= LIMIT_SECONDS


def test_a_short_video_is_taken_as_it_is(lecture: Path, tmp_path: Path) -> None:
    assert fit(lecture, tmp_path) == (lecture, False)


def test_a_file_that_is_no_video_is_left_to_the_server_to_refuse(tmp_path: Path) -> None:
    text = tmp_path / "notes.mp4"
    text.write_text("这不是视频")
    assert fit(text, tmp_path) == (text, False)


def test_a_long_video_is_cut_to_the_demonstration_minute(lecture: Path, tmp_path: Path) -> None:
    long = tmp_path / "long.mkv"
    subprocess.run(
        [
            str(find_all().ffmpeg),
            "-v",
            "error",
            "-stream_loop",
            "1",
            "-i",
            str(lecture),
            "-c",
            "copy",
            str(long),
        ],
        check=True,
    )
    assert facts(long).duration > LIMIT_SECONDS
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    short, shortened = fit(long, scratch)
    assert shortened
    assert facts(short).duration <= LIMIT_SECONDS


def test_a_prepared_learner_picks_by_text_however_a_paper_letters_its_options() -> None:
    edition = current_edition()
    answers, item = Answers(edition), edition.items[0]
    asked = item.interaction
    assert isinstance(asked, Single)
    shown = [{"id": f"o{n}", "text": o.text} for n, o in enumerate(reversed(asked.options))]
    right = {o.text for o in asked.options if o.id in asked.key}
    picked = answers.for_paper([{"id": item.id, "options": shown}])[item.id]["picked"]
    assert {o["text"] for o in shown if o["id"] in picked} == right
