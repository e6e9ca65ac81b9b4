"""Scripts, styles, fonts: from memory, cached for a year under an address with their hash."""

import hashlib
import mimetypes
from functools import lru_cache
from pathlib import Path

import msgspec

from infra.errors import NotFound

ROOT = Path(__file__).with_name("static")
TYPES = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".webmanifest": "application/manifest+json",
}
FOREVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "public, no-cache"
_HASHED = ("built/chunk-", "built/font-")  # the bundler puts these files' hashes in their names


class NoSuchFile(NotFound):
    """No such file; if it should be a script or a style, run the front end's build."""

    zh = "没有这个文件；如果是脚本或样式，请先构建前端。"


class StaticFile(msgspec.Struct, frozen=True):
    content: bytes
    media_type: str
    sha256: str


def read(name: str) -> StaticFile:
    """The file by its path below `static/`; read again when it changes, as a rebuild does."""
    path = (ROOT / name).resolve()
    if not path.is_relative_to(ROOT) or not path.is_file():
        raise NoSuchFile
    return _read(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=256)
def _read(path: Path, _changed: int) -> StaticFile:
    content = path.read_bytes()
    guess = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    media_type = TYPES.get(path.suffix, guess)
    return StaticFile(content, media_type, hashlib.sha256(content).hexdigest())


def address(name: str) -> str:
    """Where a page finds the file. Before the first build the address is there, the file is not."""
    try:
        return f"/static/{name}?v={read(name).sha256[:12]}"
    except NoSuchFile:
        return f"/static/{name}"


def caching(name: str, version: str | None, file: StaticFile) -> str:
    fixed = name.startswith(_HASHED) or (version and file.sha256.startswith(version))
    return FOREVER if fixed else ASK_AGAIN
