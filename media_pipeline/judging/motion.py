"""Slides, mixed or camera: measured, because it decides most of the bits and of the CPU.

Between two pictures a fifth of a second apart, what share of the picture moved? On slides hardly
anything, but for a pointer and a new slide now and then; with a speaker's window a small part all
the time; before a camera most of it, for hands shake and leaves move.
"""

from collections.abc import Sequence
from pathlib import Path
from statistics import median

import msgspec

from media_pipeline.errors import Undecodable
from media_pipeline.judging.sampling import WINDOW_SECONDS, windows
from media_pipeline.judging.source import Motion, Source
from media_pipeline.running import reading
from media_pipeline.running.launch import Command, Limits
from media_pipeline.running.runner import run
from media_pipeline.running.tools import Tools

SAMPLE_RATE = 5  # pictures a second: the rate of the slide ladder
MOVED_LUMA = 9  # of 255: noise and coding errors stay below
# Share of the picture: a pointer and a caret stay below, a speaker's lips and hands do not.
MOVED_AREA = 0.002
DAMAGE = ("corrupt", "oncealing", "rror while decoding", "Invalid data", "invalid data")
SLIDES_SHARE = 0.25  # of the pictures may move: new slides, an animation
CAMERA_AREA = 0.12
AREA_KEY = "lavfi.signalstats.YAVG"
# signalstats takes 35 ns a pixel; the mean of a sixteenth of them is the same to 0.0005.
MEAN = "scale=iw/4:max(1\\,ih/4):flags=area,signalstats"
FIELD_KEYS = ("lavfi.idet.multiple.tff", "lavfi.idet.multiple.bff")
WHOLE_KEY = "lavfi.idet.multiple.progressive"


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """`areas`: of each window, the moved share of each picture. `fields_share`: of the pictures
    that tell, those made of two fields."""

    areas: tuple[tuple[float, ...], ...]
    damaged_at: tuple[float, ...] = ()
    fields_share: float = 0.0

    @property
    def changed(self) -> list[float]:
        return [area for window in self.areas for area in window if area > MOVED_AREA]

    @property
    def changed_share(self) -> float:
        return len(self.changed) / max(1, sum(len(window) for window in self.areas))

    @property
    def moving_area(self) -> float:
        return median(self.changed) if self.changed else 0.0


def _judge_window(areas: Sequence[float]) -> Motion:
    moving = [area for area in areas if area > MOVED_AREA]
    if len(moving) <= SLIDES_SHARE * len(areas):
        return Motion.SLIDES
    return Motion.CAMERA if median(moving) >= CAMERA_AREA else Motion.MIXED


def classify(areas: Sequence[Sequence[float]]) -> Motion:
    """The half of the windows decides; a clip in a slide lecture or a speaker's window is mixed."""
    kinds = [_judge_window(window) for window in areas if window]
    if kinds.count(Motion.SLIDES) == len(kinds):
        return Motion.SLIDES
    return Motion.CAMERA if 2 * kinds.count(Motion.CAMERA) >= len(kinds) else Motion.MIXED


def pieces(areas: Sequence[float]) -> list[Sequence[float]]:
    """One long window as windows of the usual length: a clip among slides fills one of them. A
    rest of less than half a window goes with the last."""
    size = int(SAMPLE_RATE * WINDOW_SECONDS)
    count = max(1, round(len(areas) / size))
    ends = [*(size * n for n in range(1, count)), len(areas)]
    return [areas[start:end] for start, end in zip([0, *ends], ends, strict=False)]


def command(
    tools: Tools, path: Path, index: int, start: float, length: float, *, fields: bool = False
) -> Command:
    """`fields` also looks for lines of two moments in one picture, which costs a little."""
    filters = (
        f"{'idet,' if fields else ''}fps={SAMPLE_RATE}:eof_action=pass,scale=320:-2,format=gray,"
        "tpad=start=1:start_mode=clone,tblend=all_mode=difference,"
        f"lut=c0='255*gt(val,{MOVED_LUMA})',{MEAN},metadata=mode=print:file=-"
    )
    args = (str(tools.ffmpeg), "-v", "error", "-nostdin", *reading.guard_arguments())
    cut = ("-ss", f"{start:.3f}", "-t", f"{length:.3f}", "-i", reading.address(path))
    return Command(
        args=(*args, *cut, "-map", f"0:{index}", "-vf", filters, "-f", "null", "-"),
        reads=(path.resolve(),),
    )


class Changes:
    """Takes the lines that `command` prints: one area a picture, the first's always 0."""

    def __init__(self) -> None:
        self.areas: list[float] = []
        self.fields: dict[str, float] = {}

    def take(self, line: str) -> None:
        key, _, value = line.partition("=")
        if key == AREA_KEY:
            self.areas.append(float(value) / 255)
        elif key in FIELD_KEYS or key == WHOLE_KEY:
            self.fields[key] = float(value)  # counted from the window's start

    @property
    def split(self) -> float:
        return sum(self.fields.get(key, 0.0) for key in FIELD_KEYS)

    @property
    def told(self) -> float:
        return self.split + self.fields.get(WHOLE_KEY, 0.0)


async def look(tools: Tools, path: Path, source: Source, *, fields: bool = False) -> Seen:
    """Raises Undecodable where no picture comes out."""
    assert source.video is not None
    areas: list[tuple[float, ...]] = []
    damaged, split, told = [], 0.0, 0.0
    for start, length in windows(source.video.ends_at):
        changes = Changes()
        of_window = command(tools, path, source.video.index, start, length, fields=fields)
        finished = await run(of_window, Limits(timeout=120), on_line=changes.take)
        if finished.said(*DAMAGE):
            damaged.append(start)
        areas.append(tuple(changes.areas))
        split, told = split + changes.split, told + changes.told
    if not any(areas):
        raise Undecodable
    return Seen(
        areas=tuple(areas),
        damaged_at=tuple(damaged),
        fields_share=split / told if told else 0.0,
    )
