"""How ffmpeg and ffprobe are let near an upload."""

from pathlib import Path

# Demuxers by the names ffmpeg gives them. Lists (hls, concat, dash) are left out: they make
# ffmpeg read other files even with a protocol whitelist.
CONTAINERS = (
    *("mov", "matroska", "avi", "mpegts", "mpeg", "asf", "flv", "ogg", "webm"),
    *("wav", "mp3", "aac", "flac", "w64"),
)
MAX_PIXELS = 33_177_600  # 7680 × 4320
MIN_SIDE = 16
MAX_SECONDS = 6 * 3600.0
MIN_SECONDS = 1.0

GUARDS: dict[str, str] = {
    "format_whitelist": ",".join(CONTAINERS),
    "protocol_whitelist": "file",
    "max_pixels": str(MAX_PIXELS),
}


def guard_arguments() -> tuple[str, ...]:
    return tuple(part for name, value in GUARDS.items() for part in (f"-{name}", value))


def address(path: Path) -> str:
    """Absolute and with a protocol: a name like `concat:x` or `-y` stays a file name."""
    return f"file:{path.resolve()}"
