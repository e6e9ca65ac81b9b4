"""Zip files from outside (workbooks, packages): bounded before anything of them is believed."""

import io
import re
import zipfile
import zlib
from pathlib import PurePosixPath

from courses.exchange.report import Refused

LARGEST_FILE = 32 << 20
MOST_ENTRIES = 2000
LARGEST_UNPACKED = 128 << 20
MOST_TIMES_LARGER = 100
_SMALL = 1 << 20
"""Below it, much repetition is no bomb: a sheet of one word packs a thousandfold."""
_DECLARED = re.compile(rb"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)


def opened(content: bytes, most: int = MOST_ENTRIES) -> zipfile.ZipFile:
    """Raises Refused. Python's zipfile never unpacks more than an entry declares."""
    if len(content) > LARGEST_FILE:
        raise Refused("文件过大", f"larger than {LARGEST_FILE >> 20} MB")
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise Refused("不是可读的压缩文件", "no zip file that can be read") from error
    entries = archive.infolist()
    if len(entries) > most:
        raise Refused("压缩包条目过多", f"more than {most} entries")
    if sum(entry.file_size for entry in entries) > LARGEST_UNPACKED:
        raise Refused("解压后过大", f"unpacks to more than {LARGEST_UNPACKED >> 20} MB")
    names = [entry.filename for entry in entries]
    if len(set(names)) != len(names):
        raise Refused("压缩包中有同名文件", "two entries with one name")
    for entry in entries:
        _refuse_unsafe(entry)
    return archive


def _refuse_unsafe(entry: zipfile.ZipInfo) -> None:
    path = PurePosixPath(entry.filename)
    if path.is_absolute() or ".." in path.parts or "\\" in entry.filename or ":" in entry.filename:
        raise Refused("压缩包中的路径越界", "an entry points out of the package")
    if entry.flag_bits & 1:
        raise Refused("文件已加密，请先解除密码", "encrypted: take the password off first")
    packed = max(entry.compress_size, 1)
    if entry.file_size > _SMALL and entry.file_size > MOST_TIMES_LARGER * packed:
        raise Refused("压缩比异常", "an entry unpacks to far more than it should")


def read_entry(archive: zipfile.ZipFile, name: str) -> bytes:
    try:
        return archive.read(name)
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, NotImplementedError) as error:
        raise Refused(f"压缩包中的 {name} 已损坏", f"{name} in the package is broken") from error


def refuse_declarations(archive: zipfile.ZipFile) -> None:
    """Workbooks never declare entities; whoever does means harm. Read in any encoding."""
    for entry in archive.infolist():
        if entry.filename.lower().endswith((".xml", ".rels", ".vml")):
            content = read_entry(archive, entry.filename).replace(b"\0", b"")
            if _DECLARED.search(content):
                raise Refused("文件含有不允许的声明", "an XML declaration that is not allowed")
