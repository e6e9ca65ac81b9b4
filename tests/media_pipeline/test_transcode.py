"""Whole ways through the pipeline: every file ends as a whole stream or a reasoned refusal."""

import asyncio
import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from media_pipeline import errors
from media_pipeline.command import transcode_command
from media_pipeline.judging.loudness import TARGET_LUFS, measure
from media_pipeline.packaging import manifest
from media_pipeline.packaging.manifest import Package
from media_pipeline.plan import LOW_LINE, Sound
from media_pipeline.running.launch import Limits
from media_pipeline.running.tools import Tools
from media_pipeline.transcode import Step, transcode
from tests.media_pipeline import clips

WHITE, BLACK = 235, 16  # in video's usual range


async def made_from(path: Path, folder: Path) -> Package:
    return await transcode(path, folder, on_progress=lambda *_: None)


def probed(tools: Tools, playlist: Path, *entries: str) -> list[dict[str, str]]:
    """What ffprobe, as a player would, finds in a rendition."""
    command = [str(tools.ffprobe), "-v", "error", "-of", "json", *entries, str(playlist)]
    done = subprocess.run(command, capture_output=True, check=True, timeout=30)
    answer: dict[str, list[dict[str, str]]] = json.loads(done.stdout)
    return next(found for found in answer.values() if found)


def key_times(tools: Tools, playlist: Path) -> list[float]:
    packets = probed(tools, playlist, "-show_entries", "packet=pts_time,flags")
    return [round(float(p["pts_time"]), 2) for p in packets if p["flags"].startswith("K")]


async def test_a_real_lecture_becomes_a_whole_stream(
    tools: Tools, bunny: Path, tmp_path: Path
) -> None:
    steps: list[tuple[Step, float]] = []
    folder = tmp_path / "课程 一, final's"
    package = await transcode(bunny, folder, on_progress=lambda *at: steps.append(at))
    described = package.manifest
    assert described.duration == pytest.approx(5.3, abs=0.1)
    assert [found.name for found in described.renditions] == ["720p", "480p", "360p", "audio"]
    assert min(r.bandwidth for r in described.renditions if r.width) <= LOW_LINE
    keys = [key_times(tools, folder / name / "index.m3u8") for name in ("720p", "480p", "360p")]
    assert keys[0] == keys[1] == keys[2] == [0, 2, 4]
    percents = [percent for _, percent in steps]
    assert percents == sorted(percents)
    assert percents[-1] == 100
    assert [*dict(steps)] == list(Step)
    assert os.listdir(tmp_path) == [folder.name]


def test_the_manifest_names_every_file_as_it_is(slide_package: Package) -> None:
    described = manifest.read(slide_package.folder)
    assert described == slide_package.manifest
    for file in described.files:
        content = (slide_package.folder / file.path).read_bytes()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (file.size, file.sha256)
    on_disk = {
        path.relative_to(slide_package.folder).as_posix()
        for path in slide_package.folder.rglob("*")
        if path.is_file()
    }
    assert on_disk == {file.path for file in described.files} | {manifest.MANIFEST}


def test_slides_get_few_pictures_and_few_bits(slide_package: Package) -> None:
    described = slide_package.manifest
    assert described.ladder == "slides"
    assert {found.frame_rate for found in described.renditions} == {"5.000", None}
    assert all(found.bandwidth < LOW_LINE for found in described.renditions)


async def test_the_voice_is_as_loud_as_it_should_be(
    tools: Tools, slide_package: Package, tmp_path: Path
) -> None:
    heard = tmp_path / "heard.mp4"
    clips.ffmpeg("-i", str(slide_package.folder / "audio" / "index.m3u8"), "-c", "copy", str(heard))
    mono = Sound(channels=1, bit_rate=48_000)
    loudness = await measure(tools, heard, 0, mono, Limits(timeout=30))
    assert loudness.input_i == pytest.approx(TARGET_LUFS, abs=0.5)
    assert loudness.input_tp <= -1


async def test_a_silent_clip_is_a_stream_without_sound(bikes: Path, tmp_path: Path) -> None:
    described = (await made_from(bikes, tmp_path / "out")).manifest
    assert [(found.name, found.codecs[:4]) for found in described.renditions] == [("272p", "avc1")]
    assert "AUDIO" not in (tmp_path / "out" / "master.m3u8").read_text()


@pytest.mark.parametrize(
    ("fixture", "size", "seconds"),
    [
        pytest.param("rotated", (240, 320), 2.5, id="held upright"),
        pytest.param("uneven", (320, 240), 2.5, id="with dropped frames"),
        pytest.param("sound_only", (1280, 720), 3.0, id="sound alone"),
        pytest.param("one_picture", (320, 240), 4.0, id="one picture under a long sound"),
        pytest.param("odd", (320, 240), 2.5, id="of odd size"),
        pytest.param("late", (320, 240), 4.0, id="sound that starts late and ends last"),
        pytest.param("hdr", (320, 240), 2.0, id="high dynamic range"),
        pytest.param("hushed", (320, 240), 2.5, id="a track of silence"),
    ],
)
async def test_unusual_files_become_whole_streams(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    fixture: str,
    size: tuple[int, int],
    seconds: float,
) -> None:
    path: Path = request.getfixturevalue(fixture)
    described = (await made_from(path, tmp_path / "out")).manifest
    top = described.renditions[0]
    assert (top.width, top.height) == size
    assert described.duration == pytest.approx(seconds, abs=0.3)


async def test_a_mirrored_picture_is_shown_as_it_was_meant_and_as_bright(
    turned_over: Path, tmp_path: Path
) -> None:
    await made_from(turned_over, tmp_path / "out")
    picture = tmp_path / "picture.gray"
    film = str(tmp_path / "out" / "offline" / "lecture.mp4")
    brightness = ("-vf", "extractplanes=y,scale=2:2:flags=area", "-f", "rawvideo")
    clips.ffmpeg("-i", film, "-frames:v", "1", *brightness, str(picture))
    assert list(picture.read_bytes()) == pytest.approx([WHITE, BLACK] * 2, abs=2)


async def test_a_refused_file_leaves_nothing_behind(tmp_path: Path, short: Path) -> None:
    path = clips.cut(short, tmp_path / "cut.mp4", 0.6)
    with pytest.raises(errors.Truncated):
        await made_from(path, tmp_path / "out")
    assert os.listdir(tmp_path) == ["cut.mp4"]


async def test_cancelling_mid_encode_leaves_no_file_and_no_process(
    bunny: Path, tmp_path: Path
) -> None:
    encoding = asyncio.Event()

    def watch(step: Step, percent: float) -> None:
        if step is Step.ENCODE:
            encoding.set()

    task = asyncio.create_task(transcode(bunny, tmp_path / "out", on_progress=watch))
    await encoding.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert os.listdir(tmp_path) == []
    assert not [
        process.pid
        for process in psutil.Process().children(recursive=True)
        if "ffmpeg" in process.name()
    ]


async def test_a_scratch_folder_elsewhere_is_used_and_left_clean(
    short: Path, tmp_path: Path
) -> None:
    scratch = tmp_path / "scratch"
    await transcode(short, tmp_path / "a" / "b", on_progress=lambda *_: None, scratch=scratch)
    assert os.listdir(scratch) == []
    assert (tmp_path / "a" / "b" / "master.m3u8").is_file()


def test_the_command_says_in_json_what_it_made(
    short: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert transcode_command(short, tmp_path / "out", as_json=True) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["ok"] is True
    assert Path(said["manifest"]).is_file()
    assert transcode_command(short, tmp_path / "out", as_json=True) == 2
    assert json.loads(capsys.readouterr().out)["code"] == "output-not-empty"


def test_the_command_adds_av1_where_it_is_asked_for(
    slides: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert transcode_command(slides, tmp_path / "out", as_json=True, av1=True) == 0
    said = json.loads(capsys.readouterr().out)
    assert [found["name"] for found in said["renditions"] if "av01" in found["codecs"]]
    assert said["degraded"] == []
    assert said["sound"]["truePeak"] <= -1


def test_the_command_says_what_the_lecture_does_without(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Clicks between silences cannot be brought to the loudness of speech."""
    clicks = "aevalsrc='lt(mod(t,2),0.003)*sin(6283*t)':d=6:s=44100"
    path = tmp_path / "clicks.wav"
    clips.ffmpeg("-f", "lavfi", "-i", clicks, str(path))
    assert transcode_command(path, tmp_path / "out", as_json=False) == 0
    said = capsys.readouterr().out
    assert "LUFS" in said
    assert "响度" in said


async def test_a_long_lecture_made_in_pieces_is_one_stream(tmp_path: Path) -> None:
    """By a worker alone, one piece after the other."""
    long = clips.clip(tmp_path / "long.mp4", seconds=14)
    percents: list[float] = []
    package = await transcode(
        long,
        tmp_path / "out",
        on_progress=lambda _, percent: percents.append(percent),
        chunk_seconds=6.0,
    )
    assert package.manifest.duration == pytest.approx(14, abs=0.1)
    assert percents == sorted(percents)
    assert sorted(os.listdir(tmp_path)) == ["long.mp4", "out"]


def test_the_command_tells_the_author_what_to_do_in_both_languages(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "lecture.mp4"
    path.write_text("not a lecture")
    assert transcode_command(path, tmp_path / "out", as_json=False) == 2
    said = capsys.readouterr().err
    assert "export the lecture as MP4" in said
    assert "请将课程导出" in said
    assert transcode_command(tmp_path / "absent.mp4", tmp_path / "out", as_json=False) == 2


def test_the_command_blames_the_machine_when_a_tool_is_missing(
    short: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("GUANBIAO_PACKAGER", str(tmp_path / "absent"))
    assert transcode_command(short, tmp_path / "out", as_json=True) == 3
    assert json.loads(capsys.readouterr().out)["code"] == "tool-missing"


def test_terminating_the_command_leaves_nothing(bunny: Path, tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path\n"
        "from media_pipeline.command import transcode_command\n"
        "sys.exit(transcode_command(Path(sys.argv[1]), Path(sys.argv[2]), True))\n"
    )
    args = [sys.executable, "-c", program, str(bunny), str(tmp_path / "out")]
    command = subprocess.Popen(args, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    latest = time.monotonic() + 20
    while not list(tmp_path.glob(".transcode-*/encoded/*.mp4")):
        assert time.monotonic() < latest
        time.sleep(0.01)
    command.send_signal(signal.SIGTERM)
    assert command.wait(timeout=20) == 130
    assert os.listdir(tmp_path) == []
