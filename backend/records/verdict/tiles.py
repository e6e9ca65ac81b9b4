"""The tlog-tiles layout (c2sp.org/tlog-tiles): a pure function of the leaves.

Tiles are 256 wide. A tile of level L holds roots of full subtrees of 256**L leaves. `TreeHashes`
keeps them all; whatever a proof needs is computed from there.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache

import msgspec

from backend.records.verdict.merkle import (
    EMPTY_ROOT,
    HASH_BYTES,
    node_hash,
    root_of,
    split,
)
from backend.records.verdict.refusal import Refused

WIDTH = 256
_HEIGHT = 8
ENTRIES = "entries"
_LEAF_TILES, _UPPER_TILES = 4, 1_024
"""Remembered, some 16 kB each: leaves are proved in their order, upper tiles are needed by many."""
_PATH = re.compile(
    r"tile/(?P<level>entries|[0-9]|[1-5][0-9]|6[0-3])"
    r"/(?P<index>(?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/(?P<width>[1-9][0-9]{0,2}))?"
)


class Tile(msgspec.Struct, frozen=True):
    level: int | None
    """None: the bundle of entries under the tile of level 0."""
    index: int
    width: int

    @property
    def path(self) -> str:
        level = ENTRIES if self.level is None else str(self.level)
        partial = "" if self.width == WIDTH else f".p/{self.width}"
        return f"tile/{level}/{_index_path(self.index)}{partial}"

    @property
    def span(self) -> tuple[int, int]:
        """Which hashes of its level, half-open; for entries, which leaves."""
        return self.index * WIDTH, self.index * WIDTH + self.width


def _index_path(index: int) -> str:
    parts = [f"{index % 1000:03d}"]
    while index := index // 1000:
        parts.append(f"x{index % 1000:03d}")
    return "/".join(reversed(parts))


def parse_path(path: str) -> Tile:
    """Refused unless this is the one spelling of a tile's path."""
    match = _PATH.fullmatch(path)
    if not match:
        raise Refused("not the path of a tile")
    level = None if match["level"] == ENTRIES else int(match["level"])
    index = int(match["index"].replace("x", "").replace("/", ""))
    tile = Tile(level, index, int(match["width"] or WIDTH))
    if tile.path != path or tile.width > WIDTH:
        raise Refused("not the path of a tile")
    return tile


def tiles_of(size: int, *, since: int = 0) -> Iterator[Tile]:
    """Tiles of a tree of `size` leaves that a tree of `since` leaves did not have."""
    yield from _row(None, since, size)
    level = 0
    while size > 0:
        yield from _row(level, since, size)
        level, since, size = level + 1, since // WIDTH, size // WIDTH


def _row(level: int | None, since: int, size: int) -> Iterator[Tile]:
    if since == size:
        return
    for index in range(since // WIDTH, -(-size // WIDTH)):
        yield Tile(level, index, min(WIDTH, size - index * WIDTH))


def pack_entries(entries: Iterable[bytes]) -> bytes:
    return b"".join(len(entry).to_bytes(2) + entry for entry in entries)


def unpack_entries(bundle: bytes) -> list[bytes]:
    entries, at = [], 0
    while at < len(bundle):
        end = at + 2 + int.from_bytes(bundle[at : at + 2])
        if at + 2 > len(bundle) or end > len(bundle):
            raise Refused("entry bundle cut short")
        entries.append(bundle[at + 2 : end])
        at = end
    return entries


class Tree(ABC):
    """Proofs of a tree whose hashes are had by level, wherever they are kept."""

    @property
    @abstractmethod
    def size(self) -> int:
        """How many leaves."""

    @abstractmethod
    def _hashes(self, level: int, start: int, end: int) -> Sequence[bytes]:
        """Of one tile."""

    def root(self, size: int) -> bytes:
        return self._range(0, size) if size else EMPTY_ROOT

    def inclusion(self, index: int, size: int) -> list[bytes]:
        """From the leaf's sibling up to the root's child (RFC 6962 §2.1.1)."""
        if not 0 <= index < size <= self.size:
            raise IndexError(index)
        return self._path(index, index + 1, size)

    def _path(self, first: int, after: int, size: int) -> list[bytes]:
        """Of the subtree over leaves [first, after), up to the root's child."""
        start, end, path = 0, size, []
        while end - start > after - first:
            middle = start + split(end - start)
            if first < middle:
                path.append(self._range(middle, end))
                end = middle
            else:
                path.append(self._range(start, middle))
                start = middle
        return path[::-1]

    def consistency(self, size1: int, size2: int) -> list[bytes]:
        """RFC 6962 §2.1.2, for 0 < size1 <= size2."""
        if not 0 < size1 <= size2 <= self.size:
            raise IndexError(size1)
        start, end, path, whole = 0, size2, [], True
        while end != size1:
            middle = start + split(end - start)
            if size1 <= middle:
                path.append(self._range(middle, end))
                end = middle
            else:
                path.append(self._range(start, middle))
                start, whole = middle, False
        if not whole:
            path.append(self._range(start, end))
        return path[::-1]

    def _range(self, start: int, end: int) -> bytes:
        """Root of leaves [start, end), a subtree RFC 6962 can divide at `start`."""
        size = end - start
        if size & (size - 1) == 0:  # a full subtree: take it from the highest level that has it
            level, unit = 0, 1
            while unit * WIDTH <= size:
                level, unit = level + 1, unit * WIDTH
            return self._full(level, start // unit, end // unit)
        middle = start + split(size)
        return node_hash(self._range(start, middle), self._range(middle, end))

    def _full(self, level: int, start: int, end: int) -> bytes:
        """Root over a power of two of a tile's hashes."""
        return root_of(self._hashes(level, start, end))


class TreeHashes(Tree):
    """Hashes of every tile level of one growing tree, 32 bytes each.

    What lies between two levels is worked out once a tile and remembered: 256 proofs of neighbours
    cost little more than one, and a proof in a large tree little more than in a small one.
    """

    def __init__(self) -> None:
        self._levels: list[bytearray] = [bytearray()]
        self._leaf_rows = lru_cache(_LEAF_TILES)(self._inner_rows)
        self._upper_rows = lru_cache(_UPPER_TILES)(self._inner_rows)
        self._above = lru_cache(_LEAF_TILES)(self._path_of_tile)

    @property
    def size(self) -> int:
        return len(self._levels[0]) // HASH_BYTES

    def append(self, leaf: bytes) -> None:
        level, node = 0, leaf
        while True:
            self._levels[level] += node
            count = len(self._levels[level]) // HASH_BYTES
            if count % WIDTH:
                return
            node = self._full(level, count - WIDTH, count)
            level += 1
            if level == len(self._levels):
                self._levels.append(bytearray())

    def tile(self, tile: Tile) -> bytes:
        start, end = tile.span
        content = self._levels[tile.level or 0][start * HASH_BYTES : end * HASH_BYTES]
        if len(content) != tile.width * HASH_BYTES:
            raise IndexError(tile.path)
        return bytes(content)

    def _hashes(self, level: int, start: int, end: int) -> Sequence[bytes]:
        row = self._levels[level]
        return [bytes(row[i * HASH_BYTES : (i + 1) * HASH_BYTES]) for i in range(start, end)]

    def _full(self, level: int, start: int, end: int) -> bytes:
        if end - start == 1:
            return self._hashes(level, start, end)[0]
        index, offset = divmod(start, WIDTH)
        width = min(WIDTH, len(self._levels[level]) // HASH_BYTES - index * WIDTH)
        height = (end - start).bit_length() - 1
        at = (offset >> height) * HASH_BYTES
        rows = (self._upper_rows if level else self._leaf_rows)(level, index, width)
        return rows[height][at : at + HASH_BYTES]

    def inclusion(self, index: int, size: int) -> list[bytes]:
        """The same path; of a full tile's leaves all but the first eight hashes are one."""
        tile, offset = divmod(index, WIDTH)
        if not 0 <= index < size <= self.size or (tile + 1) * WIDTH > size:
            return super().inclusion(index, size)
        rows = self._leaf_rows(0, tile, WIDTH)
        beside = [((offset >> height) ^ 1) * HASH_BYTES for height in range(_HEIGHT)]
        within = [row[at : at + HASH_BYTES] for row, at in zip(rows, beside, strict=False)]
        return within + self._above(tile, size)

    def _path_of_tile(self, tile: int, size: int) -> list[bytes]:
        return self._path(tile * WIDTH, (tile + 1) * WIDTH, size)

    def _inner_rows(self, level: int, index: int, width: int) -> list[bytes]:
        """Of the first `width` hashes of a tile: roots over each 1, 2, 4 … 128 of them."""
        row = self._hashes(level, index * WIDTH, index * WIDTH + width)
        rows = []
        while row:
            rows.append(b"".join(row))
            row = [node_hash(row[i], row[i + 1]) for i in range(0, len(row) - 1, 2)]
        return rows


class ServedTree(Tree):
    """As somebody serves it who need not be believed: what it says is proved against signed roots.

    `get`: a file by its path under the log's address; None where it is absent.
    """

    def __init__(self, get: Callable[[str], bytes | None], size: int) -> None:
        self._get, self._size = get, size

    @property
    def size(self) -> int:
        return self._size

    def _hashes(self, level: int, start: int, end: int) -> Sequence[bytes]:
        index = start // WIDTH
        width = min(WIDTH, (self._size >> (8 * level)) - index * WIDTH)
        path = Tile(level, index, width).path
        content = self._get(path)
        if content is None or len(content) != width * HASH_BYTES:
            raise Refused(f"missing, or cut short: {path}")
        row = [content[at : at + HASH_BYTES] for at in range(0, len(content), HASH_BYTES)]
        return row[start - index * WIDTH : end - index * WIDTH]
