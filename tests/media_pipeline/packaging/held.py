"""Packages held in memory, so that a fault is planted in no time and nothing is copied."""

from collections.abc import Mapping
from pathlib import Path


class HeldFiles:
    """Contents by path; `sizes` and `read` are what a check asks of a folder."""

    def __init__(self, contents: Mapping[str, bytes]) -> None:
        self.contents = dict(contents)

    @property
    def sizes(self) -> dict[str, int]:
        return {path: len(content) for path, content in sorted(self.contents.items())}

    def read(self, path: str, length: int, offset: int = 0) -> bytes:
        if path not in self.contents:
            raise FileNotFoundError(path)
        return self.contents[path][offset : offset + length]


def held(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
