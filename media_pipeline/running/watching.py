"""Looks after a running tool: its memory, and whether it still gets on.

A hung decoder would sit out its whole time limit, which for a long lecture is a day; and a limit of
address space says nothing of memory, for threads reserve far more than they touch.
"""

import asyncio
import time
from pathlib import Path

from media_pipeline.errors import MachineFault, TimedOut
from media_pipeline.running.launch import Limits

LOOK_SECONDS = 0.5
ADVANCES = ("frame", "out_time_us", "total_size")
"""What `-progress` says every half second, changed or not."""


class OutOfMemory(MachineFault):
    """Encoding needs more memory than the settings allow (GUANBIAO_ENCODE_MEMORY_MB); it will be
    tried again with less at a time."""

    zh = "编码所需内存超出设置的上限（GUANBIAO_ENCODE_MEMORY_MB）；系统会降低占用后重试。"


class Stalled(TimedOut):
    """A media tool stopped getting on and was ended; it will be tried again."""

    zh = "媒体处理工具停滞不前，已被终止；系统会自动重试。"


def resident_mb(pid: int) -> float:
    """Of a process and all it started; 0 where the system does not tell."""
    return sum(_own_mb(one) for one in _family(pid))


def _family(pid: int) -> list[int]:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return [pid]
    return [pid, *(one for child in children for one in _family(int(child)))]


def _own_mb(pid: int) -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    sizes = (line.split()[1] for line in status.splitlines() if line.startswith("VmRSS:"))
    return sum(map(int, sizes)) / 1024


class Pulse:
    """When a tool last told of something new."""

    def __init__(self) -> None:
        self._last = time.monotonic()
        self._told: dict[str, str] = {}

    def take(self, line: str) -> None:
        key, _, value = line.partition("=")
        if key in ADVANCES and self._told.get(key) != value:
            self._told[key] = value
            self._last = time.monotonic()

    @property
    def silence(self) -> float:
        return time.monotonic() - self._last


async def look_after(pid: int, limits: Limits, pulse: Pulse) -> None:
    """Never returns; raises OutOfMemory or Stalled."""
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        if limits.memory_mb is not None and resident_mb(pid) > limits.memory_mb:
            raise OutOfMemory
        if limits.stall_seconds is not None and pulse.silence > limits.stall_seconds:
            raise Stalled
