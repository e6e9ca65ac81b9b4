"""One ffmpeg for all pictures of a chunk."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from media_pipeline.encoding.means import USUAL, Means
from media_pipeline.encoding.pieces import BrokenPiece, is_all_there
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


def seconds_of(plan: Plan, chunk: Chunk) -> float:
    until = float(chunk.ends_at) if chunk.ends_at is not None else plan.duration
    return until - float(chunk.starts_at)


async def encode_pictures(
    tools: Tools,
    path: Path,
    source: Source,
    plan: Plan,
    chunk: Chunk,
    folder: Path,
    on_fraction: Callable[[float], None],
    means: Means = USUAL,
) -> None:
    """Writes `<rung>.mp4`. Those of a chunk hold all its pictures; whether those of a whole
    lecture do is `check`'s to say. Paths are absolute. Raises BrokenPiece."""
    base = tuple(rung for rung in plan.rungs if not rung.optional)
    for from_zero in (False, True):

        def arguments(*, from_zero: bool = from_zero) -> tuple[str, ...]:
            """graph is imported here, off the event loop: ffmpeg-python takes 0.4 s to load."""
            from media_pipeline.encoding import graph

            return graph.picture_arguments(
                tools.ffmpeg, path, source, plan, chunk, folder, base, from_zero=from_zero
            )

        timeout = plan.timeout_of(chunk)
        args = await asyncio.to_thread(arguments)
        progress = progress_parser(seconds_of(plan, chunk), on_fraction)
        command = Command(args=args, reads=(path,), writes=(folder,), cwd=folder)
        await run_encoder(command, encode_limits(plan, timeout, means), progress)
        if len(plan.chunks) == 1 or await is_all_there(tools, folder, base, chunk):
            return
    raise BrokenPiece


def encode_limits(plan: Plan, timeout: float, means: Means) -> Limits:
    return Limits(timeout=timeout, file_bytes=_largest_file(plan), nice=means.nice)


async def run_encoder(command: Command, limits: Limits, on_line: Callable[[str], None]) -> None:
    """Raises Undecodable, or a MachineFault."""
    finished = await run(command, limits, on_line=on_line)
    if finished.ok:
        return
    fault = finished.fault("Encoding")
    if not isinstance(fault, DiskFull) and finished.said(*DAMAGE):
        raise Undecodable
    raise fault
