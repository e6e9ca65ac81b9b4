"""A file in, a checked package out; nothing half-done is ever seen in `out_dir`."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path

from media_pipeline import check, manifest
from media_pipeline.encode import encode
from media_pipeline.errors import FaultyPackage
from media_pipeline.launch import Limits
from media_pipeline.loudness import Loudness, measure
from media_pipeline.manifest import Package
from media_pipeline.package import package
from media_pipeline.plan import Plan, plan
from media_pipeline.poster import take_poster
from media_pipeline.probe import probe
from media_pipeline.source import Source
from media_pipeline.tools import Tools, find_all, versions


class Step(StrEnum):
    PROBE = "probe"
    LOUDNESS = "loudness"
    ENCODE = "encode"
    PACKAGE = "package"
    POSTER = "poster"
    CHECK = "check"


OnProgress = Callable[[Step, float], None]

# Percent of the whole at which each step begins: about the share of time each takes.
BEGINS = {
    Step.PROBE: 0.0,
    Step.LOUDNESS: 4.0,
    Step.ENCODE: 10.0,
    Step.PACKAGE: 92.0,
    Step.POSTER: 95.0,
    Step.CHECK: 97.0,
}
ENDS = dict(zip(BEGINS, [*list(BEGINS.values())[1:], 100.0], strict=True))


class _Progress:
    """Turns a step's fraction into percent of the whole that never falls."""

    def __init__(self, report: OnProgress) -> None:
        self._report = report
        self._percent = 0.0

    def at(self, step: Step, fraction: float = 0.0) -> None:
        percent = BEGINS[step] + (ENDS[step] - BEGINS[step]) * fraction
        self._percent = max(self._percent, percent)
        self._report(step, self._percent)


async def _loudness(tools: Tools, path: Path, source: Source, chosen: Plan) -> Loudness | None:
    if source.audio is None or chosen.sound is None:
        return None
    limits = Limits(timeout=chosen.loudness_timeout)
    return await measure(tools, path, source.audio.index, chosen.sound, limits)


def _verified(folder: Path, source: Source, chosen: Plan, tools: Tools) -> manifest.Manifest:
    """Describes only what passed the check."""
    faults = check.find_faults(folder, source.duration)
    if faults:
        first = faults[0]
        raise FaultyPackage(
            f"The encoded lecture failed its own check: {first.where} {first.what}"
            f" ({len(faults)} faults); it was not published and will be tried again.",
            zh=f"编码结果未通过自检（{first.code} 等 {len(faults)} 处），未予发布，系统会重试。",
        )
    described = manifest.describe(folder, source, chosen, versions(tools))
    manifest.write(folder, described)
    return described


def _move(finished: Path, out_dir: Path) -> None:
    """Appears in one rename. From another file system it is copied beside the goal first."""
    try:
        os.rename(finished, out_dir)
    except OSError:
        beside = Path(tempfile.mkdtemp(prefix=f".{out_dir.name}.", dir=out_dir.parent))
        try:
            copied = shutil.copytree(finished, beside / "package")
            os.rename(copied, out_dir)
        finally:
            shutil.rmtree(beside, ignore_errors=True)


def _make_scratch(out_dir: Path, scratch: Path | None) -> Path:
    """A folder of our own; beside `out_dir` unless told, so that moving is a rename."""
    parent = scratch or out_dir.parent
    parent.mkdir(parents=True, exist_ok=True)
    out_dir.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=".transcode-", dir=parent)).resolve()
    for name in ("encoded", "package"):
        (made / name).mkdir()
    return made


async def _build(tools: Tools, path: Path, scratch: Path, progress: _Progress) -> manifest.Manifest:
    encoded = scratch / "encoded"
    progress.at(Step.PROBE)
    source = await probe(tools, path)
    chosen = plan(source)
    progress.at(Step.LOUDNESS)
    loudness = await _loudness(tools, path, source, chosen)
    progress.at(Step.ENCODE)
    await encode(
        tools, path, source, chosen, loudness, encoded, lambda f: progress.at(Step.ENCODE, f)
    )
    progress.at(Step.PACKAGE)
    folder = await package(tools, chosen, scratch)
    progress.at(Step.POSTER)
    await take_poster(tools, chosen, encoded, folder)
    progress.at(Step.CHECK)
    return await asyncio.to_thread(_verified, folder, source, chosen, tools)


async def transcode(
    source: Path, out_dir: Path, *, on_progress: OnProgress, scratch: Path | None = None
) -> Package:
    """`out_dir` must be absent or empty. Progress is the step and percent of the whole.

    Raises Refused for a bad file, MachineFault (or OSError) for our own trouble. Cancelling
    stops every tool and leaves nothing behind.
    """
    tools = await asyncio.to_thread(find_all)
    path = await asyncio.to_thread(source.resolve)
    progress = _Progress(on_progress)
    work = await asyncio.to_thread(_make_scratch, out_dir, scratch)
    try:
        described = await _build(tools, path, work, progress)
        await asyncio.to_thread(_move, work / "package", out_dir)
    finally:
        await asyncio.to_thread(shutil.rmtree, work, ignore_errors=True)
    progress.at(Step.CHECK, 1.0)
    return Package(out_dir, described)
