"""How loud the voice is: the first of loudnorm's two passes (EBU R 128).

Only measuring first lets the second pass turn the volume once for the whole lecture instead of
pumping with every pause.
"""

from pathlib import Path

import msgspec

from media_pipeline.errors import Undecodable
from media_pipeline.judging.source import Loudness
from media_pipeline.plan import Sound
from media_pipeline.running import reading
from media_pipeline.running.launch import Command, Limits
from media_pipeline.running.runner import run
from media_pipeline.running.tools import Tools

TARGET_LUFS = -16.0
# AAC at speech rates overshoots by up to 3 dB: this leaves -1 dBTP after encoding.
TRUE_PEAK = -4.0
LONGEST_REPORT_LINES = 14
WITHOUT_SOUND = 99.0  # dB and LU, either way: beyond anything that sounds


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
    measure = (
        f"{mixer}={option}='{value}',loudnorm=I={TARGET_LUFS}:TP={TRUE_PEAK}:print_format=json"
    )
    args = (str(tools.ffmpeg), "-hide_banner", "-nostdin", "-nostats", *reading.guard_arguments())
    take = ("-i", reading.address(path), "-map", f"0:{index}", "-af", measure)
    return Command(args=(*args, *take, "-f", "null", "-"), reads=(path.resolve(),))


def parse(complaints: tuple[str, ...]) -> Loudness | None:
    """The JSON object loudnorm prints last; its numbers are text, `-inf` and `inf` for silence,
    which become numbers that JSON knows: what was judged travels to other workers."""
    opening = max((n for n, line in enumerate(complaints) if line.strip() == "{"), default=None)
    if opening is None:
        return None
    text = "".join(complaints[opening : opening + LONGEST_REPORT_LINES])
    values = msgspec.json.decode(text[: text.index("}") + 1], type=dict[str, str])
    return Loudness(*(_finite(float(values[name])) for name in Loudness.__struct_fields__))


def _finite(decibels: float) -> float:
    return max(-WITHOUT_SOUND, min(WITHOUT_SOUND, decibels))


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
