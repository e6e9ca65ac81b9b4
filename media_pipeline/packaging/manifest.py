"""manifest.json: what a package holds, so that it can be moved, checked and taken along."""

import hashlib
from enum import StrEnum
from pathlib import Path

import msgspec

from media_pipeline.domain import Shortcoming
from media_pipeline.judging.source import Source
from media_pipeline.packaging.playlists import parse_master, parse_media
from media_pipeline.packaging.reading import MASTER
from media_pipeline.plan import SEGMENT_SECONDS, Plan
from media_pipeline.running.tools import ToolVersions

MANIFEST = "manifest.json"
POSTER = "poster.jpg"
STORYBOARD = "storyboard/index.vtt"
FORMAT = 2
CONTENT_TYPES = {
    ".m3u8": "application/vnd.apple.mpegurl",
    ".mp4": "video/mp4",
    ".m4a": "audio/mp4",
    ".m4s": "video/iso.segment",
    ".vtt": "text/vtt; charset=utf-8",
    ".jpg": "image/jpeg",
    ".json": "application/json",
    ".key": "application/octet-stream",
}


class Role(StrEnum):
    """What a file is for: played, shown before playing, shown while scrubbing, taken along."""

    STREAM = "stream"
    POSTER = "poster"
    STORYBOARD = "storyboard"
    OFFLINE = "offline"


def role_of(path: str) -> Role:
    """`path` is relative to the package, with `/`."""
    top = path.partition("/")[0]
    if path == POSTER:
        return Role.POSTER
    return Role(top) if top in (Role.STORYBOARD, Role.OFFLINE) else Role.STREAM


class PackagedFile(msgspec.Struct, frozen=True, rename="camel"):
    """`path` is relative to the package, with `/`."""

    path: str
    size: int
    sha256: str
    content_type: str
    role: Role = Role.STREAM


class Degraded(msgspec.Struct, frozen=True):
    """A part the lecture has to do without (a rung's name, `storyboard`, `offline`), a stable
    code, and what the author should know of it in both languages."""

    part: str
    code: str
    zh: str
    en: str


class SoundReport(msgspec.Struct, frozen=True, rename="camel"):
    """Measured on the encoded sound: integrated loudness in LUFS, true peak in dBTP."""

    integrated: float
    true_peak: float


class Rendition(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Bandwidths in bits a second, as measured and with the sound; no size: sound alone."""

    name: str
    playlist: str
    width: int | None
    height: int | None
    frame_rate: str | None
    codecs: str
    bandwidth: int
    average_bandwidth: int


class Manifest(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """`duration` of the stream in seconds: that of its shortest rendition, which is what a
    learner can be sure to watch. Format 1 had no roles and nothing after `files`."""

    format: int = FORMAT
    duration: float
    ladder: str
    master: str = MASTER
    poster: str = POSTER
    renditions: tuple[Rendition, ...]
    source: Source
    tools: ToolVersions
    files: tuple[PackagedFile, ...]
    segment_seconds: float = float(SEGMENT_SECONDS)
    encrypted: bool = False
    storyboard: str | None = None
    degraded: tuple[Degraded, ...] = ()
    sound: SoundReport | None = None
    shortcomings: tuple[Shortcoming, ...] = ()

    @property
    def total_bytes(self) -> int:
        return sum(file.size for file in self.files)


class Package(msgspec.Struct, frozen=True):
    """A verified package and the folder it lies in."""

    folder: Path
    manifest: Manifest


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _packaged(folder: Path, path: Path) -> PackagedFile:
    name = path.relative_to(folder).as_posix()
    return PackagedFile(
        path=name,
        size=path.stat().st_size,
        sha256=_sha256(path),
        content_type=CONTENT_TYPES[path.suffix],
        role=role_of(name),
    )


def _renditions(folder: Path) -> tuple[Rendition, ...]:
    master = parse_master((folder / MASTER).read_text())
    found = []
    for entry in master.variants:
        width, _, height = entry.attributes.get("RESOLUTION", "").partition("x")
        rendition = Rendition(
            name=entry.uri.partition("/")[0],
            playlist=entry.uri,
            width=int(width) if width else None,
            height=int(height) if height else None,
            frame_rate=entry.attributes.get("FRAME-RATE"),
            codecs=entry.attributes["CODECS"],
            bandwidth=entry.bandwidth,
            average_bandwidth=int(entry.attributes["AVERAGE-BANDWIDTH"]),
        )
        found.append(rendition)
    return tuple(sorted(found, key=_from_best_to_lightest))


def _from_best_to_lightest(rendition: Rendition) -> tuple[bool, int, int]:
    """Pictures before sound alone; the master playlist begins with a middling one."""
    pixels = (rendition.width or 0) * (rendition.height or 0)
    return rendition.width is None, -pixels, -rendition.bandwidth


def _duration(folder: Path, renditions: tuple[Rendition, ...]) -> float:
    lengths = [parse_media((folder / found.playlist).read_text()).seconds for found in renditions]
    return round(min(lengths), 3)


def describe(
    folder: Path,
    source: Source,
    plan: Plan,
    tools: ToolVersions,
    *,
    degraded: tuple[Degraded, ...] = (),
    sound: SoundReport | None = None,
    shortcomings: tuple[Shortcoming, ...] = (),
) -> Manifest:
    """Reads the finished folder; the manifest does not list itself."""
    renditions = _renditions(folder)
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != MANIFEST)
    return Manifest(
        duration=_duration(folder, renditions),
        ladder=plan.ladder,
        renditions=renditions,
        source=source,
        tools=tools,
        files=tuple(_packaged(folder, path) for path in paths),
        segment_seconds=plan.segment_seconds,
        encrypted=plan.encrypt,
        storyboard=STORYBOARD if (folder / STORYBOARD).is_file() else None,
        degraded=degraded,
        sound=sound,
        shortcomings=shortcomings,
    )


def encode(manifest: Manifest) -> bytes:
    return msgspec.json.format(msgspec.json.encode(manifest), indent=1) + b"\n"


def decode(text: bytes | str) -> Manifest:
    """Of any format so far. Raises msgspec.ValidationError for anything else."""
    manifest = msgspec.json.decode(text, type=Manifest)
    if manifest.format >= FORMAT:
        return manifest
    files = (msgspec.structs.replace(file, role=role_of(file.path)) for file in manifest.files)
    return msgspec.structs.replace(manifest, files=tuple(files))


def write(folder: Path, manifest: Manifest) -> None:
    (folder / MANIFEST).write_bytes(encode(manifest))


def read(folder: Path) -> Manifest:
    return decode((folder / MANIFEST).read_bytes())
