"""What lies beside the stream: drawn when it can be, told when it cannot."""

import re
import shutil
import subprocess
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_pipeline.errors import DiskFull
from media_pipeline.extras import optional
from media_pipeline.extras.storyboard import index, singles_command
from media_pipeline.packaging import manifest
from media_pipeline.packaging.check.extras import jpeg_size
from media_pipeline.packaging.manifest import Degraded, Package
from media_pipeline.plan import Offline, Storyboard, Wishes
from media_pipeline.running.launch import Limits
from media_pipeline.running.runner import run
from media_pipeline.running.tools import Tools
from media_pipeline.transcode import Prepared, encode_chunk, encode_voice, finish, prepare
from tests.media_pipeline import clips

AMPLE = Limits(timeout=30)
BOARD = Storyboard(interval=2.0, width=192, height=108)
CUE = re.compile(r"(\S+) --> (\S+)\n(\S+)#xywh=(\d+),(\d+),192,108")


def seconds(clock: str) -> float:
    hours, minutes, rest = clock.split(":")
    return int(hours) * 3600 + int(minutes) * 60 + float(rest)


@given(duration=st.floats(1, 600), interval=st.sampled_from([2.0, 7.0, 108.0]))
def test_the_storyboard_covers_the_lecture_without_gaps(duration: float, interval: float) -> None:
    board = msgspec.structs.replace(BOARD, interval=interval)
    pictures = int(duration // interval) + 1
    cues = CUE.findall(index(board, pictures, duration))
    begins, ends = [seconds(cue[0]) for cue in cues], [seconds(cue[1]) for cue in cues]
    assert begins[0] == 0
    assert ends[:-1] == begins[1:]
    assert ends[-1] == pytest.approx(duration, abs=0.001)
    assert all(begin < end for begin, end in zip(begins, ends, strict=True))
    areas = {(cue[2], cue[3], cue[4]) for cue in cues}
    assert len(areas) == len(cues)
    assert all(int(x) <= 4 * 192 and int(y) <= 4 * 108 for _, x, y in areas)


def test_the_twenty_sixth_picture_begins_a_sheet() -> None:
    cues = CUE.findall(index(BOARD, 27, 54))
    assert cues[24][2:] == ("00001.jpg", "768", "432")
    assert cues[25][2:] == ("00002.jpg", "0", "0")


async def test_only_key_pictures_are_decoded_where_they_come_often_enough(
    tools: Tools, bunny: Path
) -> None:
    rung = (await prepare(tools, bunny, Wishes())).plan.rungs[-1]
    assert rung.gop / rung.rate == 2
    close = msgspec.structs.replace(BOARD, interval=1.0)
    for board, skips in ((BOARD, True), (close, False)):
        args = singles_command(tools, board, rung, Path("/a"), Path("/b")).args
        assert ("nokey" in args) is skips


def test_a_package_has_pictures_for_scrubbing_and_files_to_take_along(
    slide_package: Package,
) -> None:
    folder, described = slide_package.folder, slide_package.manifest
    assert described.storyboard == "storyboard/index.vtt"
    assert described.degraded == ()
    assert described.sound is not None
    cues = re.findall(r"-->", (folder / described.storyboard).read_text())
    assert len(cues) == 4
    assert jpeg_size((folder / "storyboard/00001.jpg").read_bytes()) == (960, 540)
    roles = {file.path: file.role for file in described.files}
    assert roles["offline/lecture.mp4"] == roles["offline/sound.m4a"] == "offline"


async def test_the_picture_shown_for_a_moment_is_of_that_moment(
    tools: Tools, tmp_path: Path
) -> None:
    """Grey that grows lighter by the second, so that a picture tells its time."""
    grey = "geq=lum='16+10*floor(T)':cb=128:cr=128"
    drawn = ("-f", "lavfi", "-i", f"color=s=192x108:r=5:d=9,format=yuv420p,{grey}")
    lecture = tmp_path / "encoded" / "108p.mp4"
    lecture.parent.mkdir()
    clips.ffmpeg(*drawn, *clips.QUICK, "-g", "10", str(lecture))
    singles = tmp_path / "singles"
    singles.mkdir()
    chosen = (await prepare(tools, lecture, Wishes())).plan
    rung = msgspec.structs.replace(chosen.rungs[0], name="108p")
    assert (await run(singles_command(tools, BOARD, rung, lecture.parent, singles), AMPLE)).ok
    shades = [shade(tools, path) for path in sorted(singles.iterdir())]
    expected = [10 * second * 255 / 219 for second in (0, 2, 4, 6, 8)]
    assert shades == pytest.approx(expected, abs=1.5)


def shade(tools: Tools, path: Path) -> float:
    """Luma of the corner, 0 to 255."""
    take = ("-i", str(path), "-vf", "format=gray,crop=1:1", "-f", "rawvideo")
    done = subprocess.run(
        [str(tools.ffmpeg), "-v", "error", *take, "-"], capture_output=True, check=True
    )
    return float(done.stdout[0])


@pytest.mark.parametrize(("name", "kinds"), [("lecture.mp4", "va"), ("sound.m4a", "a")])
def test_what_is_taken_along_plays_whole(
    tools: Tools, slide_package: Package, name: str, kinds: str
) -> None:
    path = slide_package.folder / "offline" / name
    show = ("-show_entries", "stream=codec_type:format=duration", "-of", "csv=p=0")
    command = [str(tools.ffprobe), "-v", "error", *show, str(path)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert [line[0] for line in said[:-1]] == list(kinds)
    assert float(said[-1]) == pytest.approx(7, abs=0.2)
    decode = [str(tools.ffmpeg), "-v", "error", "-xerror", "-i", str(path), "-f", "null", "-"]
    assert subprocess.run(decode, capture_output=True, check=True).stderr == b""


@pytest.fixture(scope="module")
async def encoded(
    tools: Tools, short: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Prepared, Path]:
    prepared = await prepare(tools, short, Wishes())
    work = tmp_path_factory.mktemp("work")
    (work / "encoded").mkdir()
    (work / "package").mkdir()
    chunk, into = prepared.plan.chunks[0], work / "encoded"
    await encode_chunk(tools, short, prepared, chunk, into, lambda _: None)
    await encode_voice(tools, short, prepared, into, lambda _: None)
    return prepared, work


@pytest.fixture
def work(encoded: tuple[Prepared, Path], tmp_path: Path) -> Path:
    return shutil.copytree(encoded[1], tmp_path / "work")


def changed(prepared: Prepared, **facts: object) -> Prepared:
    return msgspec.structs.replace(prepared, plan=msgspec.structs.replace(prepared.plan, **facts))


async def finished(tools: Tools, prepared: Prepared, work: Path) -> manifest.Manifest:
    return await finish(tools, prepared, work, lambda _: None)


def explained(degraded: tuple[Degraded, ...], *parts: str) -> bool:
    assert tuple(one.part for one in degraded) == parts
    return all(one.code and one.en and re.search("[一-鿿]", one.zh) for one in degraded)


async def test_a_storyboard_that_fails_is_told_and_missed_by_nothing_else(
    tools: Tools, encoded: tuple[Prepared, Path], work: Path
) -> None:
    impossible = msgspec.structs.replace(BOARD, width=100_001)
    described = await finished(tools, changed(encoded[0], storyboard=impossible), work)
    assert explained(described.degraded, "storyboard")
    assert described.storyboard is None
    assert not (work / "package" / "storyboard").exists()
    assert (work / "package" / "offline" / "lecture.mp4").is_file()


async def test_a_file_to_take_along_that_fails_is_told(
    tools: Tools, encoded: tuple[Prepared, Path], work: Path
) -> None:
    absent = Offline("absent", sound=False)
    described = await finished(tools, changed(encoded[0], offline=absent), work)
    assert explained(described.degraded, "offline")
    assert not (work / "package" / "offline").exists()


async def test_a_poster_that_fails_gives_way_to_a_plain_card(
    tools: Tools, encoded: tuple[Prepared, Path], work: Path
) -> None:
    described = await finished(tools, changed(encoded[0], poster_at=9000.0), work)
    assert explained(described.degraded, "poster")
    assert jpeg_size((work / "package" / "poster.jpg").read_bytes()) == (1280, 720)


async def test_a_full_disk_is_no_missing_part(tmp_path: Path) -> None:
    async def full() -> None:
        raise DiskFull

    with pytest.raises(DiskFull):
        await optional._optional("offline", full, tmp_path / "offline")


async def test_sound_that_missed_its_mark_is_told(
    tools: Tools, encoded: tuple[Prepared, Path], work: Path
) -> None:
    report = work / "encoded" / "audio.json"
    report.write_bytes(report.read_bytes().replace(b'"true_peak":-', b'"true_peak":'))
    described = await finished(tools, encoded[0], work)
    assert explained(described.degraded, "sound")
    assert described.sound is not None
    assert described.sound.true_peak > 0


async def test_broken_pictures_of_the_source_are_told_with_their_place(
    tools: Tools, encoded: tuple[Prepared, Path], work: Path
) -> None:
    source = msgspec.structs.replace(encoded[0].source, damaged_at=tuple(range(3700, 3707)))
    damaged = msgspec.structs.replace(encoded[0], source=source)
    described = await finished(tools, damaged, work)
    assert explained(described.degraded, "picture")
    assert "1:01:40、1:01:41" in described.degraded[0].zh
    assert "and more" in described.degraded[0].en
