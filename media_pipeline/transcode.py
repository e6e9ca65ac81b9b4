"""A file in, a checked package out; nothing half-done is ever seen in `out_dir`."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from enum import StrEnum
from functools import partial
from pathlib import Path

import msgspec

from media_pipeline.encoding.encode import encode_pictures
from media_pipeline.encoding.levels import SoundReport
from media_pipeline.encoding.means import USUAL, Means
from media_pipeline.encoding.pieces import join_rung
from media_pipeline.encoding.sound import encode_sound, read_report
from media_pipeline.errors import FaultyPackage
from media_pipeline.extras.optional import damaged_places, make_extras, wrong_sound
from media_pipeline.judging.loudness import measure
from media_pipeline.judging.probe import probe
from media_pipeline.judging.source import Source
from media_pipeline.packaging import check, manifest
from media_pipeline.packaging.encryption import encrypt_package
from media_pipeline.packaging.manifest import Degraded, Manifest, Package
from media_pipeline.packaging.package import package
from media_pipeline.packaging.reading import FolderFiles
from media_pipeline.plan import CHUNK_SECONDS, NO_WISHES, Chunk, Plan, Wishes, plan
from media_pipeline.running.launch import Limits
from media_pipeline.running.scratch import telling_full_disk
from media_pipeline.running.tools import Tools, find_all, versions

SHORT_SECONDS = 120.0


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


class Prepared(msgspec.Struct, frozen=True):
    """All that a worker needs to know of a lecture besides the file itself."""

    source: Source
    plan: Plan


OnFraction = Callable[[float], None]


async def prepare(
    tools: Tools,
    path: Path,
    wishes: Wishes,
    on_loudness: Callable[[], None] = lambda: None,
    *,
    chunk_seconds: float = CHUNK_SECONDS,
) -> Prepared:
    """Raises Refused for a bad file."""
    source = await probe(tools, path)
    chosen = plan(source, wishes, chunk_seconds=chunk_seconds)
    on_loudness()
    if source.audio is not None and chosen.sound is not None:
        limits = Limits(timeout=chosen.loudness_timeout)
        loudness = await measure(
            tools, path, source.audio.index, chosen.sound, limits, source.audio.only_channel
        )
        audio = msgspec.structs.replace(source.audio, loudness=loudness)
        source = msgspec.structs.replace(source, audio=audio)
    return Prepared(source, chosen)


async def encode_chunk(
    tools: Tools,
    path: Path,
    prepared: Prepared,
    chunk: Chunk,
    folder: Path,
    on_fraction: OnFraction,
    means: Means = USUAL,
) -> None:
    """`<rung>.mp4` of one chunk into `folder`: all its pictures, counted from 0."""
    source, chosen = prepared.source, prepared.plan
    await encode_pictures(tools, path, source, chosen, chunk, folder, on_fraction, means)


async def encode_voice(
    tools: Tools,
    path: Path,
    prepared: Prepared,
    folder: Path,
    on_fraction: OnFraction,
    means: Means = USUAL,
) -> None:
    """`audio.mp4` of the whole lecture and `audio.json` (what was heard of it) into `folder`;
    nothing for a silent one."""
    if prepared.plan.sound is not None:
        await encode_sound(tools, path, prepared.source, prepared.plan, folder, on_fraction, means)


async def join_chunks(
    tools: Tools, prepared: Prepared, folders: Sequence[Path], into: Path
) -> None:
    """`<rung>.mp4` of all chunks' folders, in their order, one after the other into `into`,
    without encoding. An optional rung that a chunk lacks is left out. Raises BrokenPiece."""
    for rung in prepared.plan.rungs:
        pieces = [folder / f"{rung.name}.mp4" for folder in folders]
        if not rung.optional or all(piece.is_file() for piece in pieces):
            await join_rung(tools, prepared.plan, rung, pieces, into)


async def finish(
    tools: Tools,
    prepared: Prepared,
    work: Path,
    on_step: Callable[[Step], None],
    *,
    content_key: bytes | None = None,
) -> Manifest:
    """`work/encoded` -> the checked package in `work/package`. `content_key`: 16 bytes, for a
    plan with encryption."""
    assert (content_key is not None) == prepared.plan.encrypt
    on_step(Step.PACKAGE)
    folder = await package(tools, prepared.plan, work)
    if content_key is not None:
        await asyncio.to_thread(encrypt_package, folder, content_key)
    on_step(Step.POSTER)
    report = await asyncio.to_thread(read_report, work / "encoded")
    degraded = await make_extras(tools, prepared.plan, work, folder)
    on_step(Step.CHECK)
    built = _Built(tools, prepared, folder, report, degraded, content_key)
    return await asyncio.to_thread(_verified, built)


class _Built(msgspec.Struct, frozen=True):
    tools: Tools
    prepared: Prepared
    folder: Path
    report: SoundReport | None
    degraded: tuple[Degraded, ...]
    content_key: bytes | None

    def describe(self, findings: Sequence[check.Finding]) -> Manifest:
        source, chosen = self.prepared.source, self.prepared.plan
        degraded, heard = self.degraded, None
        if self.report is not None:
            sent = self.report.heard
            heard = manifest.SoundReport(sent.integrated, sent.true_peak)
            degraded += () if self.report.right else (wrong_sound(self.report),)
        degraded += (damaged_places(source.damaged_at),) if source.damaged_at else ()
        said = versions(self.tools)
        return manifest.describe(
            *(self.folder, source, chosen, said),
            degraded=degraded,
            sound=heard,
            shortcomings=check.shortcomings(findings),
        )


def _verified(built: _Built) -> Manifest:
    """Describes only what passed the check."""
    files, duration = FolderFiles(built.folder), built.prepared.source.duration
    findings = check.inspect(files, duration, built.content_key)
    faults = [found for found in findings if found.severity is check.Severity.MUST]
    if faults:
        first = faults[0]
        raise FaultyPackage(
            f"The encoded lecture failed its own check: {first}"
            f" ({len(faults)} faults); it was not published and will be tried again.",
            zh=f"编码结果未通过自检（{first.code} 等 {len(faults)} 处），未予发布，系统会重试。",
        )
    described = built.describe(findings)
    manifest.write(built.folder, described)
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


async def _build(
    tools: Tools,
    path: Path,
    work: Path,
    wishes: Wishes,
    progress: _Progress,
    means: Means,
    chunk_seconds: float,
) -> Manifest:
    progress.at(Step.PROBE)
    measuring = partial(progress.at, Step.LOUDNESS)
    prepared = await prepare(tools, path, wishes, measuring, chunk_seconds=chunk_seconds)
    progress.at(Step.ENCODE)
    await _encode(tools, path, prepared, work, lambda f: progress.at(Step.ENCODE, f), means)
    return await finish(tools, prepared, work, progress.at)


async def _encode(
    tools: Tools,
    path: Path,
    prepared: Prepared,
    work: Path,
    on_fraction: OnFraction,
    means: Means,
) -> None:
    """Sound and pictures of a short lecture at once: starting costs more than encoding there, and
    sound has one thread only."""

    async def sound() -> None:
        await encode_voice(tools, path, prepared, work / "encoded", lambda _: None, means)

    async def pictures() -> None:
        await _encode_pictures(tools, path, prepared, work, on_fraction, means)

    if prepared.plan.duration > SHORT_SECONDS:
        await sound()
        await pictures()
        return
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(sound())
            group.create_task(pictures())
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from None


async def _encode_pictures(
    tools: Tools,
    path: Path,
    prepared: Prepared,
    work: Path,
    on_fraction: OnFraction,
    means: Means,
) -> None:
    """One chunk after the other, then joined; a single one needs no joining."""
    chunks, encoded = prepared.plan.chunks, work / "encoded"
    if len(chunks) == 1:
        await encode_chunk(tools, path, prepared, chunks[0], encoded, on_fraction, means)
        return
    folders = [work / f"chunk-{chunk.number}" for chunk in chunks]
    for chunk, folder in zip(chunks, folders, strict=True):

        def report(fraction: float, number: int = chunk.number) -> None:
            on_fraction((number + fraction) / len(chunks))

        folder.mkdir()
        await encode_chunk(tools, path, prepared, chunk, folder, report, means)
    await join_chunks(tools, prepared, folders, encoded)


async def transcode(
    source: Path,
    out_dir: Path,
    *,
    on_progress: OnProgress,
    scratch: Path | None = None,
    wishes: Wishes = NO_WISHES,
    means: Means = USUAL,
    chunk_seconds: float = CHUNK_SECONDS,
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
        with telling_full_disk():
            described = await _build(tools, path, work, wishes, progress, means, chunk_seconds)
            await asyncio.to_thread(_move, work / "package", out_dir)
    finally:
        await asyncio.to_thread(shutil.rmtree, work, ignore_errors=True)
    progress.at(Step.CHECK, 1.0)
    return Package(out_dir, described)
