"""Files made to harm: boxes rewritten, lengths that lie, lists that name other files."""

import os
import random
import struct
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

CONTAINER_BOXES = {b"moov", b"trak", b"mdia", b"minf", b"dinf", b"stbl"}
Rewrite = Callable[[bytes], bytes]


def rewritten(content: bytes, kind: bytes, change: Rewrite) -> bytes:
    """Every box of `kind` with another payload; the sizes of those around it follow. Only for
    files whose index comes last: media does not move."""
    out, at = b"", 0
    while at + 8 <= len(content):
        size, name = struct.unpack(">I4s", content[at : at + 8])
        body = content[at + 8 : at + size]
        if name == kind:
            body = change(body)
        elif name in CONTAINER_BOXES:
            body = rewritten(body, kind, change)
        out += struct.pack(">I4s", len(body) + 8, name) + body
        at += size
    return out


def lasting(seconds_each: int) -> Rewrite:
    """stts: every picture takes that many units of time."""

    def change(body: bytes) -> bytes:
        count = int.from_bytes(body[4:8], "big")
        runs = (struct.unpack(">II", body[8 + 8 * n : 16 + 8 * n]) for n in range(count))
        return body[:8] + b"".join(struct.pack(">II", run, seconds_each) for run, _ in runs)

    return change


def living_in(path: Path) -> Rewrite:
    """dref: the media lies in another file, as QuickTime writes it (an alias with its path)."""
    name = str(path).encode()
    name += b"\0" * (len(name) % 2)
    alias = bytes(10) + bytes([3]) + b"vol".ljust(27, b"\0") + bytes(12)
    alias += bytes([6]) + b"canary".ljust(63, b"\0") + bytes(16) + struct.pack(">hh", 1, 1)
    alias += bytes(16) + struct.pack(">hH", 2, len(name)) + name + struct.pack(">hH", -1, 0)
    entry = struct.pack(">I4sI", len(alias) + 12, b"alis", 0) + alias
    return lambda _: struct.pack(">II", 0, 1) + entry


def scribbled(content: bytes, seed: int, count: int = 12) -> bytes:
    """A copy with some bytes replaced."""
    chance = random.Random(seed)
    changed = bytearray(content)
    for _ in range(count):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def _element(identity: int, body: bytes | int | float | str) -> bytes:
    """One EBML element; 8-byte lengths."""
    if isinstance(body, float):
        body = struct.pack(">d", body)
    elif isinstance(body, int):
        body = body.to_bytes(4, "big")
    elif isinstance(body, str):
        body = body.encode()
    name = identity.to_bytes((identity.bit_length() + 7) // 8, "big")
    return name + (len(body) | 1 << 56).to_bytes(8, "big") + body


def zlib_bomb(size: int) -> bytes:
    """Matroska with one compressed sound packet that swells to `size` zeros."""
    compression = _element(0x6D80, _element(0x6240, _element(0x5034, _element(0x4254, 0))))
    shape = _element(0xB5, 48_000.0) + _element(0x9F, 1) + _element(0x6264, 16)
    track = _element(0xD7, 1) + _element(0x73C5, 1) + _element(0x83, 2)
    track += _element(0x86, "A_PCM/INT/LIT") + _element(0xE1, shape) + compression
    packet = b"\x81\0\0\x80" + zlib.compress(bytes(size), 9)
    cluster = _element(0x1F43B675, _element(0xE7, 0) + _element(0xA3, packet))
    header = _element(0x1A45DFA3, _element(0x4282, "matroska"))
    return header + _element(0x18538067, _element(0x1654AE6B, _element(0xAE, track)) + cluster)


@contextmanager
def pipe(path: Path) -> Iterator[threading.Event]:
    """A named pipe at `path`; the event is set once anybody opens it for reading."""
    os.mkfifo(path)
    opened = threading.Event()

    def offer() -> None:
        with path.open("wb"):
            opened.set()

    waiting = threading.Thread(target=offer, daemon=True)
    waiting.start()
    try:
        yield opened
    finally:
        os.close(os.open(path, os.O_RDONLY | os.O_NONBLOCK))
        waiting.join()


def of_streams(count: int) -> tuple[str, ...]:
    """Arguments that map the first input's sound `count` times."""
    return tuple(part for _ in range(count) for part in ("-map", "0:a"))
