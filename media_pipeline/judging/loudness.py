"""How loud a sound is by EBU R 128: the voice as it came, and what was encoded of it.

Only measuring first lets the encoding turn the volume once for the whole lecture instead of
pumping with every pause.
"""

import re
from pathlib import Path

from media_pipeline.errors import Undecodable
from media_pipeline.judging.source import Loudness
from media_pipeline.plan import Sound
from media_pipeline.running import reading
from media_pipeline.running.launch import Command, Limits
from media_pipeline.running.runner import run
from media_pipeline.running.tools import Tools

TARGET_LUFS = -16.0
METER = "ebur128=peak=true:framelog=quiet"
"""A sixth of the time that `loudnorm` takes, which hears at four times the rate."""
# JSON knows no infinity: what is said of a sound in which nothing is found, or that is broken.
NOTHING_HEARD, BEYOND_SOUND = -70.0, 99.0
_INTEGRATED = re.compile(r"\bI:\s+(\S+) LUFS")
_PEAK = re.compile(r"\bPeak:\s+(\S+) dBFS")


def layout(sound: Sound) -> str:
    return "mono" if sound.channels == 1 else "stereo"


def mixdown(sound: Sound, only_channel: int | None) -> tuple[str, str, str]:
    """ffmpeg's filter, its option and the value: to the channels of `sound`, from the one channel
    that is heard where there is only one."""
    if only_channel is None:
        return "aformat", "channel_layouts", layout(sound)
    taken = (f"c{n}=c{only_channel}" for n in range(sound.channels))
    return "pan", "args", "|".join([layout(sound), *taken])


def command(
    tools: Tools, path: Path, index: int, sound: Sound, only_channel: int | None = None
) -> Command:
    """Mixed down first: what is measured must be what is encoded."""
    mixer, option, value = mixdown(sound, only_channel)
    measure = f"{mixer}={option}='{value}',{METER}"
    args = (str(tools.ffmpeg), "-hide_banner", "-nostdin", "-nostats", *reading.guard_arguments())
    take = ("-i", reading.address(path), "-map", f"0:{index}", "-af", measure)
    return Command(args=(*args, *take, "-f", "null", "-"), reads=(path.resolve(),))


def parse(complaints: tuple[str, ...]) -> Loudness | None:
    """The meter's summary, which comes last."""
    said = "\n".join(complaints)
    figures = [pattern.findall(said)[-1:] for pattern in (_INTEGRATED, _PEAK)]
    if not all(figures):
        return None
    return Loudness(*(_finite(float(found[0])) for found in figures))


def _finite(decibels: float) -> float:
    return max(NOTHING_HEARD, min(BEYOND_SOUND, decibels))


async def measure(
    tools: Tools,
    path: Path,
    index: int,
    sound: Sound,
    limits: Limits,
    only_channel: int | None = None,
) -> Loudness:
    """Raises Undecodable where no sound comes out."""
    finished = await run(command(tools, path, index, sound, only_channel), limits)
    loudness = parse(finished.complaints)
    if not finished.ok or loudness is None:
        raise Undecodable
    return loudness
