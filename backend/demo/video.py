"""The demonstration lesson takes a minute at most; a longer video of a visitor is shortened."""

import asyncio
import subprocess
from pathlib import Path

from media_pipeline.errors import Refused
from media_pipeline.judging.probe import read_facts
from media_pipeline.running.tools import find, find_all

LIMIT_SECONDS = 60
_KEPT_SECONDS = 55  # a copy without encoding ends at a packet, not at a wish


def fit(video: Path, scratch: Path) -> tuple[Path, bool]:
    """`video` itself, or a copy of its first minute; whether it was shortened.

    A file that cannot be read is passed on as it is: refusing it, with the reason, is the
    server's part, and that is what a visitor with a broken file wants to see.
    """
    try:
        facts = asyncio.run(read_facts(find_all(), video))
    except Refused:
        return video, False
    if facts.duration <= LIMIT_SECONDS:
        return video, False
    return _shortened(video, scratch), True


def _shortened(video: Path, scratch: Path) -> Path:
    out = scratch / f"{video.stem}.mkv"
    subprocess.run(
        [
            *(str(find("ffmpeg")), "-hide_banner", "-loglevel", "error", "-nostdin", "-y"),
            *("-protocol_whitelist", "file", "-i", f"file:{video.resolve()}"),
            *("-t", str(_KEPT_SECONDS), "-map", "0:v:0?", "-map", "0:a:0?", "-c", "copy"),
            f"file:{out}",
        ],
        capture_output=True,
        timeout=300,
        check=True,
    )
    return out
