"""Packages put together by hand, for what does not look at pictures: real rows, real objects."""

import hashlib
import os
from datetime import datetime
from uuid import UUID

import msgspec

from infra.ids import uuid7
from infra.objects import ObjectStore
from infra.vault import Vault, place
from media_pipeline.domain import Published, State
from media_pipeline.packaging.manifest import MANIFEST, role_of
from media_pipeline.tables import Lecture

SECONDS = 45
MASTER = """#EXTM3U
#EXT-X-VERSION:7
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-STREAM-INF:BANDWIDTH=200000,CODECS="avc1.64001f",RESOLUTION=1280x720
720p/index.m3u8
"""
MEDIA = """#EXTM3U
#EXT-X-TARGETDURATION:6
#EXT-X-MAP:URI="init.mp4"
{key}#EXTINF:6.0,
00001.m4s
#EXT-X-ENDLIST
"""
KEY_LINE = '#EXT-X-KEY:METHOD=AES-128,URI="key",IV=0x00000000000000000000000000000001\n'
TYPES = {"mp4": "video/mp4", "m4a": "audio/mp4", "jpg": "image/jpeg"}
TYPES |= {"m4s": "video/iso.segment", "m3u8": "application/vnd.apple.mpegurl"}


def plain() -> dict[str, bytes]:
    return {
        "master.m3u8": MASTER.encode(),
        "720p/index.m3u8": MEDIA.format(key="").encode(),
        "720p/init.mp4": b"init",
        "720p/00001.m4s": b"segment",
        "poster.jpg": b"\xff\xd8 a picture",
        "offline/lecture.mp4": os.urandom(600 << 10),
        "offline/sound.m4a": os.urandom(1000),
    }


def encrypted() -> dict[str, bytes]:
    kept = {name: body for name, body in plain().items() if not name.startswith("offline/")}
    return {**kept, "720p/index.m3u8": MEDIA.format(key=KEY_LINE).encode()}


async def publish(
    objects: ObjectStore,
    files: dict[str, bytes],
    *,
    now: datetime,
    key: bytes | None = None,
    vault: Vault | None = None,
) -> UUID:
    """The id of a playable lecture whose package holds `files`."""
    lecture_id = uuid7()
    prefix = f"lectures/{lecture_id}/{uuid7()}/"
    for name, body in files.items():
        await objects.put_bytes(prefix + name, body, TYPES[name.rpartition(".")[2]])
    await objects.put_bytes(prefix + MANIFEST, _manifest(files), "application/json")
    at = place(Lecture.content_key, prefix)
    sealed = vault.seal(key.hex(), at) if vault and key else None
    await row(lecture_id, prefix, now=now, content_key=sealed)
    return lecture_id


async def row(
    lecture_id: UUID, prefix: str, *, now: datetime, content_key: bytes | None = None
) -> None:
    published = Published(float(SECONDS), "master.m3u8", "poster.jpg", ())
    await Lecture.insert(
        Lecture(
            id=lecture_id,
            author_id=uuid7(),
            title="第一课",
            created_at=now,
            state=State.PLAYABLE,
            package_prefix=prefix,
            manifest=msgspec.json.encode(published).decode(),
            duration_seconds=SECONDS,
            playable_at=now,
            content_key=content_key,
        )
    )


async def prefix_of(lecture_id: UUID) -> str:
    found = await Lecture.select(Lecture.package_prefix).where(Lecture.id == lecture_id).first()
    assert found is not None
    return str(found["package_prefix"])


def _manifest(files: dict[str, bytes]) -> bytes:
    listed = [
        {
            "path": name,
            "size": len(body),
            "sha256": hashlib.sha256(body).hexdigest(),
            "contentType": TYPES[name.rpartition(".")[2]],
            "role": role_of(name),
        }
        for name, body in files.items()
    ]
    return msgspec.json.encode({"files": listed})
