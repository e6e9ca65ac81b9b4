"""The sound of a published lecture as the WAV that recognisers hear.

Taken from the package's own segments: the upload is gone by then, and files to take along are
missing from encrypted packages.
"""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from posixpath import dirname, join

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

from infra.objects import ObjectStore
from media_pipeline.captions.errors import NothingToHear
from media_pipeline.captions.recognise import SAMPLE_RATE
from media_pipeline.domain import LectureFacts
from media_pipeline.packaging.playlists import parse_master, parse_media
from media_pipeline.running.launch import Command, Limits
from media_pipeline.running.reading import address
from media_pipeline.running.runner import run
from media_pipeline.running.tools import Tools

_BLOCK_BITS = 128
_KEY_LINE = re.compile(r"^#EXT-X-KEY:METHOD=AES-128.*?(?:IV=0x([0-9A-Fa-f]{32}))?\s*$", re.M)


async def wav(
    objects: ObjectStore, tools: Tools, lecture: LectureFacts, folder: Path, *, key: bytes | None
) -> Path:
    """`key`: the content's AES-128 key, of an encrypted package. NothingToHear, MachineFault."""
    assert lecture.package_prefix is not None
    assert lecture.manifest is not None
    source, target = folder / "sound.mp4", folder / "sound.wav"
    with source.open("wb") as file:
        async for piece in _pieces(objects, lecture.package_prefix, lecture.manifest.master, key):
            file.write(piece)
    finished = await run(
        _command(tools, source, target, folder),
        Limits(timeout=60 + lecture.manifest.duration / 10),
    )
    if not finished.ok:
        raise finished.fault("Taking the sound out")
    return target


def _command(tools: Tools, source: Path, target: Path, folder: Path) -> Command:
    args = (str(tools.ffmpeg), "-v", "error", "-nostdin", "-y", "-i", address(source))
    sound = ("-map", "0:a:0", "-ac", "1", "-ar", str(SAMPLE_RATE), "-c:a", "pcm_s16le")
    return Command(args=(*args, *sound, str(target)), reads=(source,), writes=(folder,))


async def _pieces(
    objects: ObjectStore, prefix: str, master: str, key: bytes | None
) -> AsyncIterator[bytes]:
    """The initialisation section, then each segment, as they would be without encryption."""
    sounds = [
        entry
        for entry in parse_master((await objects.get_bytes(prefix + master)).decode()).sounds
        if entry.attributes.get("TYPE") == "AUDIO" and entry.uri
    ]
    if not sounds:
        raise NothingToHear
    text = (await objects.get_bytes(prefix + sounds[0].uri)).decode()
    playlist, ivs = parse_media(text), _ivs(text)
    at = prefix + dirname(sounds[0].uri)
    if playlist.init:
        yield await objects.get_bytes(join(at, playlist.init))
    for segment, iv in zip(playlist.segments, ivs, strict=True):
        content = await objects.get_bytes(join(at, segment.uri))
        yield decrypted(content, key, iv) if key and iv else content


def _ivs(text: str) -> list[bytes | None]:
    """Of each segment; None where it is plain. Without an IV it is the segment's number."""
    found: list[bytes | None] = []
    encrypted, iv = False, ""
    for line in text.splitlines():
        if line.startswith("#EXT-X-KEY:"):
            key_line = _KEY_LINE.match(line)
            encrypted, iv = key_line is not None, (key_line[1] or "") if key_line else ""
        elif line.strip() and not line.startswith("#"):
            number = len(found).to_bytes(16, "big")
            found.append((bytes.fromhex(iv) if iv else number) if encrypted else None)
    return found


def decrypted(content: bytes, key: bytes, iv: bytes) -> bytes:
    """A segment that was AES-128-CBC as a whole, with PKCS#7 padding (RFC 8216 §5.2)."""
    plain = Cipher(algorithms.AES128(key), modes.CBC(iv)).decryptor()
    unpad = PKCS7(_BLOCK_BITS).unpadder()
    return unpad.update(plain.update(content) + plain.finalize()) + unpad.finalize()
