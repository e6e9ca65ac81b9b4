"""What an encoded file really holds, and the pieces of a rung put together without encoding."""

import asyncio
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import msgspec

from media_pipeline.errors import MachineFault
from media_pipeline.plan import Chunk, Plan, Rung
from media_pipeline.running.launch import Command, Limits
from media_pipeline.running.runner import run
from media_pipeline.running.tools import Tools

LOOK = Limits(timeout=120)
LIST = "pieces.ffconcat"


class BrokenPiece(MachineFault):
    """An encoded piece of the lecture is missing or not as planned; it will be encoded again."""

    zh = "课程的某个编码分段缺失或不符合预期；系统会重新编码。"


class _Stream(msgspec.Struct, frozen=True):
    start_time: str = ""
    nb_frames: str = "0"
    extradata_hash: str = ""


class _Report(msgspec.Struct, frozen=True):
    streams: tuple[_Stream, ...] = ()


class Piece(msgspec.Struct, frozen=True):
    """`start` in seconds; `headers`: a hash of the encoder's headers, for pieces with different
    ones cannot be one file."""

    pictures: int
    start: float
    headers: str

    def is_all_of(self, rung: Rung, chunk: Chunk) -> bool:
        wanted = pictures_in(rung, chunk)
        enough = self.pictures > 0 if wanted is None else self.pictures == wanted
        return enough and abs(self.start) < float(1 / rung.rate) / 2


def pictures_in(rung: Rung, chunk: Chunk) -> int | None:
    """None for the last chunk, which holds whatever the lecture has."""
    if chunk.ends_at is None:
        return None
    return int((chunk.ends_at - chunk.starts_at) * rung.rate)


async def look_at(tools: Tools, path: Path) -> Piece:
    """Raises MachineFault for a file that cannot be read: we made it."""
    entries = "stream=start_time,nb_frames,extradata_hash"
    options = ("-show_streams", "-show_entries", entries, "-show_data_hash", "sha256")
    args = (str(tools.ffprobe), "-v", "error", "-of", "json", *options, f"file:{path}")
    finished = await run(Command(args=args, reads=(path,)), LOOK)
    if not finished.ok:
        raise finished.fault("Looking at an encoded piece")
    (stream,) = msgspec.json.decode(finished.output, type=_Report).streams
    return Piece(int(stream.nb_frames), float(stream.start_time), stream.extradata_hash)


async def is_all_there(tools: Tools, folder: Path, rungs: Sequence[Rung], chunk: Chunk) -> bool:
    for rung in rungs:
        piece = await look_at(tools, folder / f"{rung.name}.mp4")
        if not piece.is_all_of(rung, chunk):
            return False
    return True


async def _agreed(tools: Tools, plan: Plan, rung: Rung, paths: Sequence[Path]) -> int:
    """The pictures of all pieces together."""
    pieces = [await look_at(tools, path) for path in paths]
    whole = all(
        piece.is_all_of(rung, chunk) for piece, chunk in zip(pieces, plan.chunks, strict=True)
    )
    if not whole or len({piece.headers for piece in pieces}) != 1:
        raise BrokenPiece
    return sum(piece.pictures for piece in pieces)


def _on_grid(rate: Fraction) -> str:
    """Times as whole pictures: the joiner counts in microseconds, whose errors add up."""
    tick = f"({rate.denominator}/{rate.numerator}/TB)"
    pts, dts = (f"round(round({time}/{tick})*{tick})" for time in ("PTS", "DTS"))
    return f"setts=pts={pts}:dts={dts}"


def join_command(tools: Tools, rung: Rung, paths: Sequence[Path], into: Path) -> Command:
    """`auto_convert` off: the pieces keep the form of their headers."""
    listing = ("-f", "concat", "-safe", "0", "-auto_convert", "0")
    whitelist = ("-protocol_whitelist", "file", "-i", f"file:{into / LIST}")
    goal = into / f"{rung.name}.mp4"
    args = (
        *(str(tools.ffmpeg), "-hide_banner", "-nostdin", "-nostats", "-v", "warning"),
        *(*listing, *whitelist, "-map", "0:v", "-c", "copy", "-bsf:v", _on_grid(rung.rate)),
        *("-map_metadata", "-1", "-f", "mp4", "-y", f"file:{goal}"),
    )
    return Command(args=args, reads=tuple(path.parent for path in paths), writes=(into,), cwd=into)


def _listing(paths: Sequence[Path]) -> str:
    quoted = (str(path).replace("'", "'\\''") for path in paths)
    return "ffconcat version 1.0\n" + "".join(f"file 'file:{path}'\n" for path in quoted)


def _resolved(paths: Sequence[Path], into: Path) -> tuple[list[Path], Path]:
    return [path.resolve() for path in paths], into.resolve()


async def join_rung(
    tools: Tools, plan: Plan, rung: Rung, paths: Sequence[Path], into: Path
) -> None:
    """`paths` in order -> `into/<rung>.mp4`. Raises BrokenPiece."""
    paths, into = await asyncio.to_thread(_resolved, paths, into)
    wanted = await _agreed(tools, plan, rung, paths)
    listing = into / LIST
    await asyncio.to_thread(listing.write_text, _listing(paths))
    finished = await run(
        join_command(tools, rung, paths, into), Limits(timeout=plan.package_timeout)
    )
    if not finished.ok:
        raise finished.fault("Joining the pieces")
    await asyncio.to_thread(listing.unlink)
    joined = await look_at(tools, into / f"{rung.name}.mp4")
    if joined.pictures != wanted:
        raise BrokenPiece
