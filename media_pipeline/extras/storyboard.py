"""Small pictures for scrubbing, twenty-five a sheet, and the WebVTT that says which is when.

Single pictures first, tiled afterwards: a filter that tiles as it goes gives no progress and, where
it breaks off, nothing at all.
"""

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path

from media_pipeline.errors import MachineFault
from media_pipeline.packaging.manifest import STORYBOARD
from media_pipeline.plan import Plan, Rung, Storyboard
from media_pipeline.running.launch import Command, Limits
from media_pipeline.running.runner import run
from media_pipeline.running.tools import Tools

SINGLES = "singles"
NUMBERED = "%05d.jpg"


class NoPictures(MachineFault):
    """No picture for scrubbing came out of the encoded lecture."""

    zh = "未能从编码结果中截取进度预览图。"


def _quiet(tools: Tools) -> tuple[str, ...]:
    return (str(tools.ffmpeg), "-v", "error", "-nostdin", "-protocol_whitelist", "file")


def singles_command(
    tools: Tools, board: Storyboard, rung: Rung, encoded: Path, singles: Path
) -> Command:
    """The picture that is seen at each moment. Key pictures alone are decoded where they come
    often enough."""
    keys_only = rung.gop / rung.rate <= board.interval
    skip = ("-skip_frame", "nokey") if keys_only else ()
    each = f"fps=fps=1/{board.interval}:start_time=0:round=up"
    shrunk = f"scale={board.width}:{board.height}:flags=area,format=yuvj420p"
    args = (
        *(*_quiet(tools), *skip, "-i", f"file:{encoded / rung.name}.mp4"),
        *("-vf", f"{each},{shrunk}", "-q:v", "2", "-f", "image2", "-y"),
        f"file:{singles / NUMBERED}",
    )
    return Command(args=args, reads=(encoded,), writes=(singles,))


def sheets_command(tools: Tools, board: Storyboard, singles: Path, sheets: Path) -> Command:
    args = (
        *(*_quiet(tools), "-f", "image2", "-i", f"file:{singles / NUMBERED}"),
        *("-vf", f"tile={board.columns}x{board.rows}", "-q:v", "5"),
        *("-f", "image2", "-y", f"file:{sheets / NUMBERED}"),
    )
    return Command(args=args, reads=(singles,), writes=(sheets,))


def _clock(seconds: float) -> str:
    thousandths = round(seconds * 1000)
    minutes, rest = divmod(thousandths, 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest // 1000:02}.{rest % 1000:03}"


def _cues(board: Storyboard, pictures: int, duration: float) -> Iterator[str]:
    each = board.columns * board.rows
    for number in range(pictures):
        begins = number * board.interval
        ends = duration if number == pictures - 1 else begins + board.interval
        row, column = divmod(number % each, board.columns)
        area = f"{column * board.width},{row * board.height},{board.width},{board.height}"
        sheet = NUMBERED % (number // each + 1)
        yield f"{_clock(begins)} --> {_clock(ends)}\n{sheet}#xywh={area}\n"


def index(board: Storyboard, pictures: int, duration: float) -> str:
    """WebVTT; the last picture stands to the end. Pictures that begin at the end are not shown."""
    shown = min(pictures, max(1, -int(-(duration - 0.001) // board.interval)))
    return "\n".join(["WEBVTT\n", *_cues(board, shown, duration)])


async def _run(command: Command, plan: Plan) -> None:
    finished = await run(command, Limits(timeout=plan.package_timeout))
    if not finished.ok:
        raise finished.fault("Drawing the storyboard")


def _written(sheets: Path, singles: Path, board: Storyboard, duration: float) -> None:
    pictures = len(list(singles.glob("*.jpg")))
    if not pictures:
        raise NoPictures
    (sheets.parent / STORYBOARD).write_text(index(board, pictures, duration))
    shutil.rmtree(singles)


async def draw_storyboard(tools: Tools, plan: Plan, rung: Rung, work: Path, package: Path) -> None:
    """`work/encoded/<rung>.mp4` -> `package/storyboard`."""
    assert plan.storyboard is not None
    singles, sheets = work / SINGLES, package / Path(STORYBOARD).parent
    for folder in (singles, sheets):
        await asyncio.to_thread(folder.mkdir)
    await _run(singles_command(tools, plan.storyboard, rung, work / "encoded", singles), plan)
    await _run(sheets_command(tools, plan.storyboard, singles, sheets), plan)
    await asyncio.to_thread(_written, sheets, singles, plan.storyboard, plan.duration)
