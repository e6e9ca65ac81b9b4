"""Room on the disk and in memory, asked for before it is used up."""

import shutil
from pathlib import Path

import psutil

from infra.settings import Settings
from media_pipeline.errors import DiskFull
from media_pipeline.plan import Plan

SPARE_BYTES = 64 << 20
LIKELY_SHARE = 0.5
"""Of the ceilings of all rungs that a lecture is likely to take."""
ENCODED_AND_PACKAGED = 2
MEMORY_FOR_THE_REST = 0.75
"""What encoders may take of the machine's memory together."""


def check_room(folder: Path, needed: int) -> None:
    """Raises DiskFull. `folder` need not exist yet. Later writers may still find the disk full:
    this only spares the work that cannot end."""
    while not folder.exists():
        folder = folder.parent
    if shutil.disk_usage(folder).free < needed + SPARE_BYTES:
        raise DiskFull


def made_bytes(plan: Plan, seconds: float) -> int:
    """What encoding and packaging so much of a lecture is likely to write."""
    rate = sum(rung.quality.max_rate for rung in plan.rungs)
    return int(seconds * rate / 8 * LIKELY_SHARE * ENCODED_AND_PACKAGED)


def encoders_with_room(settings: Settings, memory: int | None = None) -> int:
    """On this machine; at least one. `memory` in bytes."""
    memory = memory or psutil.virtual_memory().total
    return max(1, int(memory * MEMORY_FOR_THE_REST) // (settings.encode_memory_mb << 20))


def at_once(settings: Settings, memory: int | None = None) -> int:
    """How many encoders a worker runs at most."""
    return min(settings.work_concurrency, encoders_with_room(settings, memory))
