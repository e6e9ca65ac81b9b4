"""Which sound track is the voice, and on which of its channels: some windows are listened to.

Recorders add a track for a microphone that nobody plugged in, and a microphone on one side of a
stereo plug leaves the other side silent.
"""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from media_pipeline.judging.sampling import windows
from media_pipeline.judging.source import AudioFacts
from media_pipeline.running import reading
from media_pipeline.running.launch import Command, Limits
from media_pipeline.running.runner import run
from media_pipeline.running.tools import Tools

SILENT_DB = -60.0
# A dead side still catches some of the live one.
DEAD_SIDE_DB = 35.0
MOST_TRACKS = 6  # are listened to: nobody records more
NOTHING = float("-inf")


def command(tools: Tools, path: Path, index: int, start: float, length: float) -> Command:
    measure = "astats=measure_overall=none:measure_perchannel=RMS_level"
    args = (str(tools.ffmpeg), "-hide_banner", "-nostdin", "-nostats", *reading.guard_arguments())
    cut = ("-ss", f"{start:.3f}", "-t", f"{length:.3f}", "-i", reading.address(path))
    return Command(
        args=(*args, *cut, "-map", f"0:{index}", "-af", measure, "-f", "null", "-"),
        reads=(path.resolve(),),
    )


def parse(complaints: Sequence[str]) -> dict[int, float]:
    """Channel, from 0 -> RMS level in dB, as astats says it at the end."""
    levels: dict[int, float] = {}
    channel = 0
    for line in complaints:
        name, _, value = line.partition("] ")[2].partition(": ")
        if name == "Channel" and value.strip().isdigit():
            channel = int(value) - 1
        elif name == "RMS level dB":
            level = float(value)
            levels[channel] = level if level == level else NOTHING
    return levels


class Heard(msgspec.Struct, frozen=True):
    """The loudest each channel was, in dB."""

    levels: tuple[float, ...]

    @property
    def silent(self) -> bool:
        return max(self.levels, default=NOTHING) < SILENT_DB

    @property
    def only_channel(self) -> int | None:
        """For two channels only: more have their places, and a mix that knows them."""
        if len(self.levels) != 2 or self.silent:
            return None
        loud = self.levels.index(max(self.levels))
        other = self.levels[1 - loud]
        dead = other < SILENT_DB or other < self.levels[loud] - DEAD_SIDE_DB
        return loud if dead else None


async def hear(tools: Tools, path: Path, audio: AudioFacts) -> Heard:
    loudest = [NOTHING] * audio.channels
    for start, length in windows(audio.ends_at):
        of_window = command(tools, path, audio.index, start, length)
        finished = await run(of_window, Limits(timeout=120))
        for channel, level in parse(finished.complaints).items():
            if channel < len(loudest):
                loudest[channel] = max(loudest[channel], level)
    return Heard(tuple(loudest))


def _with(audio: AudioFacts, heard: Heard) -> AudioFacts:
    return msgspec.structs.replace(audio, silent=heard.silent, only_channel=heard.only_channel)


async def choose(tools: Tools, path: Path, tracks: Sequence[AudioFacts]) -> AudioFacts | None:
    """The first that is not silent, else the first; `tracks` stand by preference."""
    if len(tracks) == 1 and tracks[0].channels != 2:
        return tracks[0]
    first: AudioFacts | None = None
    for track in tracks[:MOST_TRACKS]:
        listened = _with(track, await hear(tools, path, track))
        if not listened.silent:
            return listened
        first = first or listened
    return first
