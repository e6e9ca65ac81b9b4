"""A playable lecture of sound alone, its segments made by ffmpeg; and a recogniser of our own."""

import shlex
import sys
from datetime import datetime
from pathlib import Path
from uuid import UUID, uuid4

import msgspec

from infra.ids import uuid7
from infra.objects import ObjectStore
from infra.vault import Vault, place
from media_pipeline.domain import Published, State
from media_pipeline.packaging.cipher import encrypt
from media_pipeline.tables import Lecture
from tests.media_pipeline import clips

SECONDS = 5.0
KEY = bytes(range(16))
_MASTER = """#EXTM3U
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="audio",DEFAULT=YES,URI="audio/index.m3u8"
#EXT-X-STREAM-INF:BANDWIDTH=64000,CODECS="mp4a.40.2",AUDIO="audio"
audio/index.m3u8
"""
SILENT = '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=64000,CODECS="avc1.640028"\n720p/index.m3u8\n'

RECOGNISER = """
import pathlib, sys, wave
sound, language, *output = sys.argv[1:]
with wave.open(sound) as heard:
    assert (heard.getnchannels(), heard.getframerate(), heard.getsampwidth()) == (1, 16000, 2)
    seconds = heard.getnframes() / heard.getframerate()
said = f"1\\n00:00:01,000 --> 00:00:0{int(seconds)},000\\n{language}: {seconds:.1f} s\\n"
if output:
    pathlib.Path(output[0]).write_text(said)
else:
    print(said)
"""


def segments(folder: Path) -> Path:
    """`index.m3u8`, `init.mp4` and segments of two seconds."""
    folder.mkdir()
    tone = ("-f", "lavfi", "-i", f"sine=frequency=300:duration={SECONDS}", "-c:a", "aac")
    pieces = ("-hls_time", "2", "-hls_segment_type", "fmp4", "-hls_playlist_type", "vod")
    names = ("-hls_segment_filename", str(folder / "%05d.m4s"))
    clips.ffmpeg(*tone, "-f", "hls", *pieces, *names, str(folder / "index.m3u8"))
    return folder


async def lecture(
    objects: ObjectStore,
    folder: Path,
    *,
    now: datetime,
    vault: Vault | None = None,
    master: str = _MASTER,
) -> UUID:
    """Whose sound is `folder`; encrypted where there is a vault for its key."""
    lecture_id = uuid7()
    prefix = f"lectures/{lecture_id}/{uuid4()}/"
    await objects.put_bytes(f"{prefix}master.m3u8", master.encode(), "text/plain")
    for path, content in _files(folder, encrypted=vault is not None):
        await objects.put_bytes(f"{prefix}audio/{path}", content, "video/mp4")
    published = Published(SECONDS, "master.m3u8", "poster.jpg", ())
    row = Lecture(
        id=lecture_id,
        author_id=uuid4(),
        title="第一课",
        created_at=now,
        state=State.PLAYABLE,
        package_prefix=prefix,
        manifest=msgspec.json.encode(published).decode(),
        duration_seconds=int(SECONDS),
        playable_at=now,
        content_key=vault.seal(KEY.hex(), place(Lecture.content_key, prefix)) if vault else None,
    )
    await Lecture.insert(row)
    return lecture_id


def _files(folder: Path, *, encrypted: bool) -> list[tuple[str, bytes]]:
    """As packages are encrypted: each segment whole, the initialisation section not."""
    files = [(path.name, path.read_bytes()) for path in sorted(folder.iterdir())]
    if not encrypted:
        return files
    iv = bytes(15) + b"\x07"
    line = f'#EXT-X-KEY:METHOD=AES-128,URI="key",IV=0x{iv.hex()}\n#EXTINF'.encode()
    changed = {
        name: content.replace(b"#EXTINF", line, 1)
        if name.endswith("m3u8")
        else encrypt(content, KEY, iv)
        if name.endswith("m4s")
        else content
        for name, content in files
    }
    return list(changed.items())


def recogniser(folder: Path, *arguments: str) -> str:
    """A command for GUANBIAO_TRANSCRIBER: a script that looks at the sound it is given."""
    script = folder / "recognise it.py"
    script.write_text(RECOGNISER)
    return " ".join([shlex.quote(sys.executable), shlex.quote(str(script)), *arguments])
