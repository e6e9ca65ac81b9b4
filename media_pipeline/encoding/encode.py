"""One ffmpeg for all pictures of a chunk, one for the whole sound."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from media_pipeline.errors import DiskFull, Undecodable
from media_pipeline.judging.source import Source
from media_pipeline.plan import Chunk, Plan
from media_pipeline.running.launch import Command, Limits
from media_pipeline.running.runner import progress_parser, run
from media_pipeline.running.tools import Tools

SPARE_BYTES = 64 << 20
DAMAGE = ("Error while decoding", "Invalid data found", "Decoding error", "Error opening")


def _largest_file(plan: Plan) -> int:
    """Bytes no honest output reaches: twice what the highest ceiling allows, and some."""
    highest = max(rung.quality.max_rate for rung in plan.rungs)
    return int(plan.duration * highest / 8 * 2) + SPARE_BYTES


async def encode_pictures(
    tools: Tools,
    path: Path,
    source: Source,
    plan: Plan,
    chunk: Chunk,
    folder: Path,
    on_fraction: Callable[[float], None],
) -> None:
    """Writes `<rung>.mp4`; whether they are whole is `check`'s to say. Paths are absolute."""

    def arguments() -> tuple[str, ...]:
        """graph is imported here, off the event loop: ffmpeg-python takes 0.4 s to load."""
        from media_pipeline.encoding import graph

        return graph.picture_arguments(tools.ffmpeg, path, source, plan, chunk, folder)

    await _run(await asyncio.to_thread(arguments), path, plan, folder, on_fraction)


async def encode_sound(
    tools: Tools,
    path: Path,
    source: Source,
    plan: Plan,
    folder: Path,
    on_fraction: Callable[[float], None],
) -> None:
    """Writes `audio.mp4`."""

    def arguments() -> tuple[str, ...]:
        from media_pipeline.encoding import graph

        return graph.sound_arguments(tools.ffmpeg, path, source, plan, folder)

    await _run(await asyncio.to_thread(arguments), path, plan, folder, on_fraction)


async def _run(
    args: tuple[str, ...],
    path: Path,
    plan: Plan,
    folder: Path,
    on_fraction: Callable[[float], None],
) -> None:
    command = Command(args=args, reads=(path,), writes=(folder,), cwd=folder)
    limits = Limits(timeout=plan.encode_timeout, file_bytes=_largest_file(plan))
    finished = await run(command, limits, on_line=progress_parser(plan.duration, on_fraction))
    if finished.ok:
        return
    fault = finished.fault("Encoding")
    if not isinstance(fault, DiskFull) and finished.said(*DAMAGE):
        raise Undecodable
    raise fault
