"""One ffmpeg for all pictures of a chunk."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import msgspec
import structlog

from media_pipeline.encoding.means import LEAST, USUAL, Means, Thrift, within
from media_pipeline.encoding.pieces import BrokenPiece, is_all_there
from media_pipeline.errors import DiskFull, MachineFault, Undecodable
from media_pipeline.judging.source import Source
from media_pipeline.plan import Chunk, Plan, Rung
from media_pipeline.running.launch import Command, Limits
from media_pipeline.running.runner import progress_parser, run
from media_pipeline.running.tools import Tools
from media_pipeline.running.watching import OutOfMemory

OnLine = Callable[[str], None]
# A busy machine may give a niced encoder nothing for a while; a hung one never comes back.
STALL_SECONDS = 180.0
SPARE_BYTES = 64 << 20
_log = structlog.get_logger(__name__)
DAMAGE = ("Error while decoding", "Invalid data found", "Decoding error", "Error opening")


def _largest_file(plan: Plan) -> int:
    """Bytes no honest output reaches: twice what the highest ceiling allows, and some."""
    highest = max(rung.quality.max_rate for rung in plan.rungs)
    return int(plan.duration * highest / 8 * 2) + SPARE_BYTES


def seconds_of(plan: Plan, chunk: Chunk) -> float:
    until = float(chunk.ends_at) if chunk.ends_at is not None else plan.duration
    return until - float(chunk.starts_at)


class _Encoding(msgspec.Struct, frozen=True):
    """What all encodes of a chunk have in common."""

    tools: Tools
    path: Path
    source: Source
    plan: Plan
    chunk: Chunk
    folder: Path
    means: Means

    async def _run(
        self, rungs: tuple[Rung, ...], thrift: Thrift, on_line: OnLine, *, from_zero: bool
    ) -> None:
        def arguments() -> tuple[str, ...]:
            """graph is imported here, off the event loop: ffmpeg-python takes 0.4 s to load."""
            from media_pipeline.encoding import graph

            order = graph.PictureOrder(
                plan=self.plan,
                chunk=self.chunk,
                rungs=rungs,
                folder=self.folder,
                thrift=thrift,
                from_zero=from_zero,
            )
            return graph.picture_arguments(self.tools.ffmpeg, self.path, self.source, order)

        args = await asyncio.to_thread(arguments)
        command = Command(args=args, reads=(self.path,), writes=(self.folder,), cwd=self.folder)
        limits = encode_limits(self.plan, self.plan.timeout_of(self.chunk), self.means)
        if from_zero:  # nothing is told while it decodes what it does not need
            limits = msgspec.structs.replace(limits, stall_seconds=None)
        await run_encoder(command, limits, on_line)

    async def _thrifty(self, rungs: tuple[Rung, ...], on_line: OnLine, *, from_zero: bool) -> None:
        """Once more with as little as can be, where the estimate was wrong."""
        thrift = within(self.means, self.source, self.plan, rungs)
        try:
            await self._run(rungs, thrift, on_line, from_zero=from_zero)
        except OutOfMemory:
            if thrift == LEAST:
                raise
            await self._run(rungs, LEAST, on_line, from_zero=from_zero)

    async def encode(self, rungs: tuple[Rung, ...], on_line: OnLine) -> None:
        """Raises BrokenPiece where pictures of a chunk are missing. Whether those of a whole
        lecture are all there is `check`'s to say."""
        for from_zero in (False, True):
            await self._thrifty(rungs, on_line, from_zero=from_zero)
            if len(self.plan.chunks) == 1:
                return
            if await is_all_there(self.tools, self.folder, rungs, self.chunk):
                return
        raise BrokenPiece


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
    """Writes `<rung>.mp4`, counted from 0. One ffmpeg decodes once for all rungs; each optional
    rung has its own, so that its failure costs nothing but itself. Paths are absolute.

    Raises Undecodable, BrokenPiece or another MachineFault.
    """
    encoding = _Encoding(tools, path, source, plan, chunk, folder, means)
    base = tuple(rung for rung in plan.rungs if not rung.optional)
    optional = [rung for rung in plan.rungs if rung.optional]

    def part(number: int) -> OnLine:
        def report(done: float) -> None:
            on_fraction((number + done) / (1 + len(optional)))

        return progress_parser(seconds_of(plan, chunk), report)

    await encoding.encode(base, part(0))
    for number, rung in enumerate(optional, start=1):
        await _if_possible(encoding, rung, part(number))


async def _if_possible(encoding: _Encoding, rung: Rung, on_line: OnLine) -> None:
    """Leaves no file of a rung that failed."""
    try:
        await encoding.encode((rung,), on_line)
    except DiskFull:
        raise
    except (Undecodable, MachineFault) as fault:
        _log.warning("optional rung failed", rung=rung.name, code=fault.code, why=str(fault))
        made = encoding.folder / f"{rung.name}.mp4"
        await asyncio.to_thread(made.unlink, missing_ok=True)


def encode_limits(plan: Plan, timeout: float, means: Means) -> Limits:
    return Limits(
        timeout=timeout,
        file_bytes=_largest_file(plan),
        nice=means.nice,
        cores=means.bound_to,
        memory_mb=means.memory_mb,
        stall_seconds=STALL_SECONDS,
    )


async def run_encoder(command: Command, limits: Limits, on_line: Callable[[str], None]) -> None:
    """Raises Undecodable, or a MachineFault."""
    finished = await run(command, limits, on_line=on_line)
    if finished.ok:
        return
    fault = finished.fault("Encoding")
    if not isinstance(fault, DiskFull) and finished.said(*DAMAGE):
        raise Undecodable
    raise fault
