"""CPU of a whole transcode, beside the same tools with the same arguments run bare."""

import asyncio
import ctypes
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from backend.demo.lecture import make
from media_pipeline.encoding import graph, sound
from media_pipeline.encoding.means import USUAL, within
from media_pipeline.extras import offline, poster, storyboard
from media_pipeline.extras.storyboard import SINGLES
from media_pipeline.judging import loudness, motion
from media_pipeline.judging.sampling import windows
from media_pipeline.packaging import package
from media_pipeline.plan import NO_WISHES
from media_pipeline.running.launch import Command
from media_pipeline.running.tools import find_all
from media_pipeline.transcode import Prepared, prepare
from tests.bench.rows import Row, interleaved, row

EXTRAS = ("storyboard", "offline")
_PR_SET_CHILD_SUBREAPER = 36
REPEATS = 8
"""The demonstration lecture eight times over, a third of a lesson: starting Python and ten tools
costs 0.9 CPU-seconds however long the lecture is (6 % of one of 160 s, measured)."""


def measure() -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="guanbiao-bench-") as name:
        folder = Path(name)
        clip = _long_clip(folder)
        commands = asyncio.run(_bare_commands(clip, folder))
        rounds = iter(range(100))
        ours, floor = interleaved(
            lambda: _cpu(lambda: _transcode(clip, folder / f"package-{next(rounds)}")),
            lambda: _cpu(lambda: _run_bare(commands)),
        )
    name = "transcode CPU / same tools bare"
    return [row(name, value=ours, unit="CPU-s", floor=floor, target="ratio <= 1.05")]


def _long_clip(folder: Path) -> Path:
    lecture, clip = make(folder / "lecture.mp4"), folder / "clip.mp4"
    ffmpeg = [str(find_all().ffmpeg), "-v", "error", "-stream_loop", str(REPEATS - 1)]
    subprocess.run([*ffmpeg, "-i", str(lecture), "-c", "copy", str(clip)], check=True)
    return clip


async def _bare_commands(clip: Path, folder: Path) -> list[Command]:
    """Analysis, loudness, encode, hearing it, package, extras: what a person would type who knew
    the arguments. The sound is encoded as often as ours had to be."""
    tools = find_all()
    prepared = await prepare(tools, clip, NO_WISHES)
    source, chosen = prepared.source, prepared.plan
    scratch = folder / "bare"
    encoded, packaged = scratch / "encoded", scratch / "package"
    for made in (encoded, packaged, scratch / SINGLES, *(packaged / name for name in EXTRAS)):
        made.mkdir(parents=True)
    assert source.audio is not None
    assert source.video is not None
    assert chosen.sound is not None
    analysing = [
        motion.command(tools, clip, source.video.index, start, length)
        for start, length in windows(source.duration)
    ]
    measuring = loudness.command(tools, clip, source.audio.index, chosen.sound)
    return [
        *analysing,
        measuring,
        *await _sound(prepared, clip, encoded),
        _pictures(prepared, clip, encoded),
        package.command(tools, chosen, scratch),
        *_extras(prepared, scratch),
    ]


async def _sound(prepared: Prepared, clip: Path, encoded: Path) -> list[Command]:
    tools, chosen = find_all(), prepared.plan
    report = await sound.encode_sound(tools, clip, prepared.source, chosen, encoded, lambda _: None)
    args = graph.sound_arguments(tools.ffmpeg, clip, prepared.source, chosen, report.level, encoded)
    assert chosen.sound is not None
    once = [
        Command(args=args, cwd=encoded),
        sound.hear_command(tools, encoded / f"{chosen.sound.name}.mp4"),
    ]
    return once * report.tries


def _pictures(prepared: Prepared, clip: Path, encoded: Path) -> Command:
    tools, source, chosen = find_all(), prepared.source, prepared.plan
    order = graph.PictureOrder(
        plan=chosen,
        chunk=chosen.chunks[0],
        rungs=chosen.rungs,
        folder=encoded,
        thrift=within(USUAL, source, chosen, chosen.rungs),
    )
    return Command(args=graph.picture_arguments(tools.ffmpeg, clip, source, order), cwd=encoded)


def _extras(prepared: Prepared, scratch: Path) -> list[Command]:
    tools, chosen = find_all(), prepared.plan
    encoded, packaged, singles = scratch / "encoded", scratch / "package", scratch / SINGLES
    board = chosen.storyboard
    assert board is not None
    return [
        poster.command(tools, chosen, chosen.rungs[0], encoded, packaged),
        storyboard.singles_command(tools, board, chosen.rungs[-1], encoded, singles),
        storyboard.sheets_command(tools, board, singles, packaged / "storyboard"),
        *offline.commands(tools, chosen, encoded, packaged / "offline"),
    ]


def _run_bare(commands: list[Command]) -> None:
    for command in commands:
        subprocess.run(
            [
                *command.args[:1],
                *(["-y"] if "ffmpeg" in command.args[0] else []),
                *command.args[1:],
            ],
            cwd=command.cwd,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=True,
        )


def _transcode(clip: Path, out: Path) -> None:
    command = [sys.executable, "-m", "backend.cli", "transcode", str(clip), str(out), "--json"]
    subprocess.run(command, capture_output=True, check=True)


def _cpu(work: Callable[[], None]) -> float:
    """User and system seconds of all that `work` started, however deep."""
    _adopt_orphans()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    work()
    _reap()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _adopt_orphans() -> None:
    """bubblewrap ends without waiting for its child, whose CPU time would then count nowhere."""
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")


def _reap() -> None:
    with suppress(ChildProcessError):
        while True:
            os.waitpid(-1, 0)
