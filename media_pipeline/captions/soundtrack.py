"""The sound of a published lecture as the WAV that recognisers hear.

Taken from the package's own segments: the upload is gone by then, and files to take along are
missing from encrypted packages.
"""

from collections.abc import AsyncIterator
from pathlib import Path
from posixpath import dirname, join

from infra.objects import ObjectStore
from media_pipeline.captions.errors import NothingToHear
from media_pipeline.captions.recognise import SAMPLE_RATE
from media_pipeline.domain import LectureFacts
from media_pipeline.packaging.cipher import decrypt, initial_vector
from media_pipeline.packaging.playlists import parse_master, parse_media
from media_pipeline.running.launch import Command, Limits
from media_pipeline.running.reading import address
from media_pipeline.running.runner import run
from media_pipeline.running.tools import Tools


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
    playlist, at = parse_media(text), prefix + dirname(sounds[0].uri)
    if playlist.init:
        yield await objects.get_bytes(join(at, playlist.init))
    for segment in playlist.segments:
        content = await objects.get_bytes(join(at, segment.uri))
        if segment.key is not None and key is not None:
            content = decrypt(content, key, initial_vector(segment.key, segment.number))
        yield content
