"""Where each stream really ends, by its packets: headers promise and interrupted copies lie."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

from media_pipeline.errors import Truncated
from media_pipeline.judging.streams import Report, seconds
from media_pipeline.running import reading
from media_pipeline.running.launch import Command, Limits
from media_pipeline.running.runner import run
from media_pipeline.running.tools import Tools

TAIL_SECONDS = 12.0
ENTRIES = "packet=stream_index,pts_time,dts_time,duration_time"
GUESS_SLACK = 0.1  # seconds
CUT_SHORT = ("partial file", "File ended prematurely")


class PacketEnds:
    """From ffprobe's compact packet lines `index,pts_time,dts_time,duration_time`, any N/A."""

    def __init__(self) -> None:
        self.ends: dict[int, float] = {}
        self._last: dict[int, float] = {}
        self._unsure: dict[int, float] = {}

    def take(self, line: str) -> None:
        index_text, *times = line.split(",")
        if not index_text.isdigit() or len(times) < 3:
            return
        index = int(index_text)
        at = seconds(times[0])
        at = seconds(times[1]) if at is None else at
        if at is None:
            return
        length = seconds(times[2])
        if length is None:  # ASF: as long as the packet before it took
            length = max(0.0, at - self._last.get(index, at))
            self._unsure[index] = length
        self._last[index] = at
        self.ends[index] = max(self.ends.get(index, 0.0), at + length)

    def from_start(self, start: float, report: Report) -> Mapping[int, float]:
        """Seconds from the file's first packet. A stream's own word counts where the length of its
        last packet was only guessed."""
        declared = {stream.index: stream.declared_seconds for stream in report.streams}
        ends = {}
        for index, end in self.ends.items():
            said, guessed = declared.get(index), self._unsure.get(index)
            within = (
                said and guessed is not None and abs(end - start - said) <= guessed + GUESS_SLACK
            )
            ends[index] = said if said and within else end - start
        return ends


def command(tools: Tools, path: Path, since: float | None) -> Command:
    """Packets from `since` on, on the file's own clock; None: all."""
    options = ["-v", "error", *reading.guard_arguments(), "-show_entries", ENTRIES]
    options += ["-of", "csv=p=0"]
    if since is not None:
        options += ["-read_intervals", f"{since:.3f}%"]
    args = (str(tools.ffprobe), *options, reading.address(path))
    return Command(args=args, reads=(path.resolve(),))


async def _read(
    tools: Tools, path: Path, report: Report, start: float, since: float | None
) -> tuple[Mapping[int, float], bool]:
    """Ends of the packets from `since` on, and whether the bytes ran out early."""
    ends = PacketEnds()
    size = (await asyncio.to_thread(path.stat)).st_size
    of_packets = command(tools, path, start + since if since is not None else None)
    finished = await run(of_packets, Limits(timeout=60 + size / 20e6), on_line=ends.take)
    return ends.from_start(start, report), finished.said(*CUT_SHORT)


async def real_ends(tools: Tools, path: Path, report: Report) -> Mapping[int, float]:
    """End of every stream that has packets near the file's end, else of every stream at all."""
    start = seconds(report.format.start_time) or 0.0
    declared = seconds(report.format.duration)
    since = max(0.0, declared - TAIL_SECONDS) if declared else None
    wanted = [stream.index for stream in (report.videos[:1] + report.audios[:1])]
    ends, cut = await _read(tools, path, report, start, since)
    if not cut and since and not ends.keys() >= set(wanted):
        ends, cut = await _read(tools, path, report, start, None)
    if cut:
        raise Truncated
    return ends
