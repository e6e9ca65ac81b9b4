"""The whole sound of a lecture: encoded, heard, corrected, at most three times."""

import asyncio
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from tempfile import mkdtemp

import msgspec

from media_pipeline.encoding.encode import encode_limits, run_encoder
from media_pipeline.encoding.levels import (
    MOST_TRIES,
    Heard,
    Level,
    SoundReport,
    Try,
    best,
    first_level,
    next_level,
)
from media_pipeline.encoding.means import USUAL, Means
from media_pipeline.errors import MachineFault
from media_pipeline.judging.loudness import METER, parse
from media_pipeline.judging.source import Source
from media_pipeline.plan import Plan
from media_pipeline.running.launch import Command, Limits
from media_pipeline.running.runner import progress_parser, run
from media_pipeline.running.tools import Tools

REPORT = "audio.json"


class NotHeard(MachineFault):
    """The encoded sound could not be measured; it was not published and will be tried again."""

    zh = "无法检测编码后的声音，未予发布；系统会自动重试。"


def hear_command(tools: Tools, path: Path) -> Command:
    args = (str(tools.ffmpeg), "-hide_banner", "-nostdin", "-nostats", "-v", "info")
    listen = ("-protocol_whitelist", "file", "-i", f"file:{path}", "-map", "0:a")
    meter = ("-af", METER, "-f", "null", "-")
    return Command(args=(*args, *listen, *meter), reads=(path,))


async def hear(tools: Tools, path: Path, limits: Limits) -> Heard:
    """Raises NotHeard."""
    finished = await run(hear_command(tools, path), limits)
    heard = parse(finished.complaints)
    if not finished.ok or heard is None:
        raise NotHeard
    return Heard(heard.input_i, heard.input_tp)


class _Booth(msgspec.Struct, frozen=True):
    """What every try has in common."""

    tools: Tools
    path: Path
    source: Source
    plan: Plan
    folder: Path
    means: Means

    async def make(self, level: Level | None, on_fraction: Callable[[float], None]) -> Path:
        def arguments() -> tuple[str, ...]:
            from media_pipeline.encoding import graph

            return graph.sound_arguments(
                self.tools.ffmpeg, self.path, self.source, self.plan, level, self.folder
            )

        args = await asyncio.to_thread(arguments)
        command = Command(args=args, reads=(self.path,), writes=(self.folder,), cwd=self.folder)
        limits = encode_limits(self.plan, self.plan.encode_timeout, self.means)
        await run_encoder(command, limits, progress_parser(self.plan.duration, on_fraction))
        assert self.plan.sound is not None
        return self.folder / f"{self.plan.sound.name}.mp4"

    async def attempt(
        self, level: Level | None, on_fraction: Callable[[float], None]
    ) -> tuple[Path, Heard]:
        made = await self.make(level, on_fraction)
        return made, await hear(self.tools, made, Limits(timeout=self.plan.loudness_timeout))


async def _tried(booth: _Booth, folder: Path, on_fraction: Callable[[float], None]) -> SoundReport:
    """Keeps the best of the tries as `audio.mp4` in `folder`."""
    assert booth.source.audio is not None
    assert booth.source.audio.loudness is not None
    level = first_level(booth.source.audio.loudness)
    tries: list[Try] = []
    while True:
        made, heard = await booth.attempt(level, on_fraction)
        if level is None:
            os.replace(made, folder / made.name)
            return SoundReport(heard, None, 1)
        tries.append(Try(level, heard))
        if best(tries) is tries[-1]:
            os.replace(made, folder / made.name)
        if heard.right or len(tries) == MOST_TRIES:
            return SoundReport(best(tries).heard, best(tries).level, len(tries))
        level = next_level(tries)


async def encode_sound(
    tools: Tools,
    path: Path,
    source: Source,
    plan: Plan,
    folder: Path,
    on_fraction: Callable[[float], None],
    means: Means = USUAL,
) -> SoundReport:
    """Writes `audio.mp4`, and what was heard of it as `audio.json`."""
    tries = Path(await asyncio.to_thread(mkdtemp, prefix=".sound-", dir=folder))
    booth = _Booth(tools, path, source, plan, tries, means)
    report = await _tried(booth, folder, on_fraction)
    # A later try that was no better still lies there.
    await asyncio.to_thread(shutil.rmtree, tries)
    await asyncio.to_thread((folder / REPORT).write_bytes, msgspec.json.encode(report))
    return report


def read_report(folder: Path) -> SoundReport | None:
    """None where there is no sound, or a worker before this one left no report."""
    path = folder / REPORT
    return msgspec.json.decode(path.read_bytes(), type=SoundReport) if path.is_file() else None
