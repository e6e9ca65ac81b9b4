"""Captions inside a video file, as cameras, editors and rippers put them there."""

from collections.abc import Sequence
from pathlib import Path
from uuid import uuid4

import msgspec
import pytest

from infra.clock import system_clock
from infra.objects import ObjectStore
from infra.queue import WorkerContext
from infra.settings import Settings
from media_pipeline.captions import service
from media_pipeline.captions.domain import Origin
from media_pipeline.captions.embedded import extract
from media_pipeline.captions.parse import read
from media_pipeline.domain import State
from media_pipeline.judging.source import Motion, Source
from media_pipeline.running.tools import Tools
from tests.backend.lectures.published import publish
from tests.media_pipeline import clips

SOURCE = Source(
    container="mov", size_bytes=1, duration=2.5, video=None, audio=None, motion=Motion.SLIDES
)
SIMPLIFIED = "各位学员大家好，欢迎学习知识产权"
TRADITIONAL = "各位學員大家好，歡迎學習知識產權"


def srt(folder: Path, name: str, text: str) -> Path:
    path = folder / f"{name}.srt"
    path.write_text(f"1\n00:00:00,500 --> 00:00:01,500\n{text}\n")
    return path


def muxed(
    short: Path, to: Path, codec: str, tracks: Sequence[tuple[Path, str]], *options: str
) -> Path:
    """`tracks`: a captions file and what the container calls its language."""
    named: list[str] = []
    for number, (_, language) in enumerate(tracks):
        named += [f"-metadata:s:s:{number}", f"language={language}"]
    inputs = [part for path, _ in tracks for part in ("-i", str(path))]
    maps = [part for number in range(1, len(tracks) + 1) for part in ("-map", str(number))]
    clips.ffmpeg(
        *("-i", str(short), *inputs, "-map", "0", *maps, "-c", "copy", "-c:s", codec),
        *(*named, *options, str(to)),
    )
    return to


@pytest.mark.parametrize(
    ("codec", "suffix"), [("mov_text", "mp4"), ("srt", "mkv"), ("ass", "mkv"), ("webvtt", "mkv")]
)
async def test_text_of_every_kind_comes_out_under_its_language(
    tools: Tools, short: Path, tmp_path: Path, codec: str, suffix: str
) -> None:
    tracks = [
        (srt(tmp_path, "a", f"<i>{SIMPLIFIED}</i>"), "chi"),
        (srt(tmp_path, "b", TRADITIONAL), "zho"),
        (srt(tmp_path, "c", "Good morning"), "eng"),
    ]
    path = muxed(short, tmp_path / f"课.{suffix}", codec, tracks)
    found = dict(await extract(tools, path, SOURCE))
    assert sorted(found) == ["en", "zh-Hans", "zh-Hant"]
    (cue,) = read(found["zh-Hans"].encode()).cues
    assert (cue.from_ms, cue.to_ms) == (500, 1500)
    assert cue.text in {f"<i>{SIMPLIFIED}</i>", SIMPLIFIED}


async def test_of_two_tracks_in_one_language_the_default_is_kept(
    tools: Tools, short: Path, tmp_path: Path
) -> None:
    tracks = [
        (srt(tmp_path, "signs", "Exit"), "eng"),
        (srt(tmp_path, "speech", "Good morning"), "eng"),
    ]
    chosen = ("-disposition:s:0", "forced", "-disposition:s:1", "default")
    path = muxed(short, tmp_path / "two.mkv", "srt", tracks, *chosen)
    ((language, vtt),) = await extract(tools, path, SOURCE)
    assert language == "en"
    assert "Good morning" in vtt


async def test_a_file_without_text_brings_none(tools: Tools, short: Path) -> None:
    assert await extract(tools, short, SOURCE) == []


async def test_a_file_that_points_at_others_is_not_followed(tools: Tools, tmp_path: Path) -> None:
    secret = srt(tmp_path, "secret", "secret")
    path = tmp_path / "list.mkv"
    path.write_text(f"ffconcat version 1.0\nfile {secret}\n")
    assert await extract(tools, path, msgspec.structs.replace(SOURCE, duration=1.0)) == []


async def test_a_lecture_is_playable_with_the_captions_its_file_brought(
    settings: Settings,
    database: None,
    object_store: ObjectStore,
    short: Path,
    tmp_path: Path,
) -> None:
    tracks = [(srt(tmp_path, "a", SIMPLIFIED), "chi"), (srt(tmp_path, "b", "\u200b"), "eng")]
    path = muxed(short, tmp_path / "课.mp4", "mov_text", tracks)
    own = settings.model_copy(update={"data_dir": tmp_path})
    context = WorkerContext(objects=object_store, clock=system_clock, settings=own)
    lecture = await publish(context, path, author_id=uuid4())
    assert lecture.state is State.PLAYABLE
    found = await service.tracks_of(lecture.id)
    assert [(t.language, t.origin) for t in found if t.language != "en"] == [
        ("zh-Hans", Origin.FILE)
    ]
    again = await publish(context, path, author_id=uuid4())
    assert again.package_prefix == lecture.package_prefix, "the same file is not encoded again"
    assert [t.vtt for t in await service.tracks_of(again.id)] == [t.vtt for t in found]
