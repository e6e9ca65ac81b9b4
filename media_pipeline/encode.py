"""One ffmpeg for all renditions."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from media_pipeline.errors import DiskFull, Undecodable
from media_pipeline.launch import Command, Limits
from media_pipeline.loudness import Loudness
from media_pipeline.plan import Plan
from media_pipeline.runner import progress_parser, run
from media_pipeline.source import Source
from media_pipeline.tools import Tools

SPARE_BYTES = 64 << 20
DAMAGE = ("Error while decoding", "Invalid data found", "Decoding error", "Error opening")


def _largest_file(plan: Plan) -> int:
    """Bytes no honest output reaches: twice what the highest ceiling allows, and some."""
    highest = max(rung.quality.max_rate for rung in plan.rungs)
    return int(plan.duration * highest / 8 * 2) + SPARE_BYTES


def _arguments(
    tools: Tools,
    path: Path,
    source: Source,
    plan: Plan,
    loudness: Loudness | None,
    folder: Path,
) -> tuple[str, ...]:
    """graph is imported here, off the event loop: ffmpeg-python takes 0.4 s to load."""
    from media_pipeline import graph

    return graph.encode_arguments(tools.ffmpeg, path, source, plan, loudness, folder)


async def encode(
    tools: Tools,
    path: Path,
    source: Source,
    plan: Plan,
    loudness: Loudness | None,
    folder: Path,
    on_fraction: Callable[[float], None],
) -> None:
    """Writes `<rung>.mp4` and `audio.mp4`; whether they are whole is `check`'s to say.

    `path` and `folder` are absolute.
    """
    args = await asyncio.to_thread(_arguments, tools, path, source, plan, loudness, folder)
    command = Command(args=args, reads=(path,), writes=(folder,), cwd=folder)
    limits = Limits(timeout=plan.encode_timeout, file_bytes=_largest_file(plan))
    finished = await run(command, limits, on_line=progress_parser(plan.duration, on_fraction))
    if finished.ok:
        return
    fault = finished.fault("Encoding")
    if not isinstance(fault, DiskFull) and finished.said(*DAMAGE):
        raise Undecodable
    raise fault
