"""Slides or camera: measured, because it decides half the bits and two thirds of the CPU."""

from pathlib import Path

from media_pipeline.errors import Undecodable
from media_pipeline.judging.source import Motion, Source
from media_pipeline.running import reading
from media_pipeline.running.launch import Command, Limits
from media_pipeline.running.runner import run
from media_pipeline.running.tools import Tools

SAMPLE_RATE = 5  # pictures a second: the rate of the slide ladder
WINDOW_SECONDS = 8.0
WINDOWS = 6
# Mean change of luma (0-255) between two samples: noise of a still slide stays below, a mouse
# pointer too; a speaker who moves does not.
CHANGED_LUMA = 0.6
SLIDES_SHARE = 0.25


def classify(changed_share: float) -> Motion:
    return Motion.SLIDES if changed_share <= SLIDES_SHARE else Motion.CAMERA


def windows(duration: float) -> list[tuple[float, float]]:
    """(start, length) of the samples: all of a short recording, six pieces of a long one."""
    if duration <= WINDOWS * WINDOW_SECONDS:
        return [(0.0, duration)]
    step = duration / WINDOWS
    return [(step * (n + 0.5) - WINDOW_SECONDS / 2, WINDOW_SECONDS) for n in range(WINDOWS)]


def command(tools: Tools, path: Path, index: int, start: float, length: float) -> Command:
    filters = (
        f"fps={SAMPLE_RATE}:eof_action=pass,scale=320:-2,format=gray,signalstats,"
        "metadata=mode=print:key=lavfi.signalstats.YDIF:file=-"
    )
    args = (str(tools.ffmpeg), "-v", "error", "-nostdin", *reading.guard_arguments())
    cut = ("-ss", f"{start:.3f}", "-t", f"{length:.3f}", "-i", reading.address(path))
    return Command(
        args=(*args, *cut, "-map", f"0:{index}", "-vf", filters, "-f", "null", "-"),
        reads=(path.resolve(),),
    )


class Changes:
    """Counts pictures that differ from the one before."""

    def __init__(self) -> None:
        self.pictures = 0
        self.changed = 0

    def take(self, line: str) -> None:
        key, _, value = line.partition("=")
        if key != "lavfi.signalstats.YDIF":
            return
        self.pictures += 1
        self.changed += float(value) > CHANGED_LUMA

    @property
    def share(self) -> float:
        """The first picture of a window has none before it and counts as unchanged."""
        return self.changed / max(1, self.pictures - 1)


async def changed_share(tools: Tools, path: Path, source: Source) -> float:
    """Share of pictures that changed, 0-1; raises Undecodable where no picture comes out."""
    assert source.video is not None
    shares, seen = [], 0
    for start, length in windows(source.video.ends_at):
        changes = Changes()
        of_window = command(tools, path, source.video.index, start, length)
        await run(of_window, Limits(timeout=120), on_line=changes.take)
        seen += changes.pictures
        shares.append(changes.share)
    if not seen:
        raise Undecodable
    return sum(shares) / len(shares)
