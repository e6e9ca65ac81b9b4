"""Files that are no lecture, whatever they are called: refused with the first bytes."""

import bz2
import gzip
import io
import lzma
import sqlite3
import struct
import tarfile
import wave
import zipfile
from collections.abc import Callable

import httpx
import pytest

from media_pipeline.judging.sniff import HEAD_BYTES
from tests.backend.lectures.tus_client import TUS, create
from tests.media_pipeline import clips
from tests.people import SignedIn

LETTER = "各位学员：\n知识产权管理体系。\n" * 300
LIST = "#EXTM3U\n#EXT-X-VERSION:3\nfile:///etc/passwd\n" * 200


def a_zip() -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("lesson.mp4", LETTER)
    return held.getvalue()


def a_tar() -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("lesson.mp4"), io.BytesIO())
    return held.getvalue()


def a_database() -> bytes:
    database = sqlite3.connect(":memory:")
    database.execute("CREATE TABLE lesson (id int)")
    return database.serialize()


def boxed(brand: bytes) -> bytes:
    return struct.pack(">I", 24) + b"ftyp" + brand + bytes(12)


KINDS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "a letter": ("not-a-video", LETTER.encode),
    "a letter as Windows saves it": ("not-a-video", lambda: LETTER.encode("utf-16")),
    "a page": ("not-a-video", lambda: b"<!doctype html><title>x</title>" * 200),
    "subtitles": ("not-a-video", lambda: b"1\n00:00:01,000 --> 00:00:02,000\nHello\n\n" * 200),
    "a list of streams": ("playlist-in-disguise", LIST.encode),
    "a list of streams with a mark before": (
        "playlist-in-disguise",
        lambda: b"\xef\xbb\xbf" + LIST.encode(),
    ),
    "a list of streams in UTF-16": ("playlist-in-disguise", lambda: LIST.encode("utf-16")),
    "a list of ffmpeg's": ("playlist-in-disguise", lambda: b"ffconcat version 1.0\nfile 'a'\n"),
    "a DASH manifest": ("playlist-in-disguise", lambda: b'<?xml version="1.0"?>\n<MPD>' * 300),
    "a ZIP": ("not-a-video", a_zip),
    "a tar": ("not-a-video", a_tar),
    "a gzip": ("not-a-video", lambda: gzip.compress(LETTER.encode())),
    "a bzip2": ("not-a-video", lambda: bz2.compress(LETTER.encode())),
    "an xz": ("not-a-video", lambda: lzma.compress(LETTER.encode())),
    "a 7z": ("not-a-video", lambda: b"7z\xbc\xaf\x27\x1c" + bytes(100)),
    "a RAR": ("not-a-video", lambda: b"Rar!\x1a\x07\x01\x00" + bytes(100)),
    "a PDF": ("not-a-video", lambda: b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + bytes(100)),
    "an old Office file": ("not-a-video", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99)),
    "a program of Windows": ("not-a-video", lambda: b"MZ\x90\x00" + bytes(100)),
    "a program of Linux": ("not-a-video", lambda: b"\x7fELF\x02\x01" + bytes(100)),
    "a database": ("not-a-video", a_database),
    "a JPEG": ("still-picture", lambda: b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(100)),
    "a PNG": ("still-picture", lambda: b"\x89PNG\r\n\x1a\n" + bytes(100)),
    "a WebP": ("still-picture", lambda: b"RIFF\x80\x00\x00\x00WEBPVP8 " + bytes(100)),
    "a phone's picture": ("still-picture", lambda: boxed(b"heic")),
    "an AVIF": ("still-picture", lambda: boxed(b"avif")),
}


@pytest.mark.parametrize("kind", KINDS)
async def test_it_is_refused_with_a_reason(
    api: httpx.AsyncClient, author: SignedIn, kind: str
) -> None:
    code, made = KINDS[kind]
    content = made()[:HEAD_BYTES]
    length = len(content) if len(content) < HEAD_BYTES else 1 << 30
    refused = await create(api, author, length, content=content)
    assert (refused.status_code, refused.json()["code"]) == (422, code)
    assert refused.headers["Content-Type"].startswith("application/problem+json")
    assert refused.headers["Tus-Resumable"] == TUS["Tus-Resumable"]
    assert refused.json()["detail"]
    (lecture,) = (await api.get("/v1/lectures", headers=author.headers)).json()["items"]
    assert (lecture["state"], lecture["failure"]["code"]) == ("failed", code)


def a_wave() -> bytes:
    held = io.BytesIO()
    with wave.open(held, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(16_000)
        sound.writeframes(bytes(20_000))
    return held.getvalue()


@pytest.mark.parametrize(
    "made",
    [
        pytest.param(lambda: clips.sample("bikes.mp4").read_bytes(), id="MP4"),
        pytest.param(a_wave, id="WAVE"),
        pytest.param(lambda: b"\x1aE\xdf\xa3" + bytes(5000), id="Matroska"),
        pytest.param(lambda: b"OggS\x00\x02" + bytes(5000), id="Ogg"),
        pytest.param(lambda: b"\x30\x26\xb2\x75\x8e\x66\xcf\x11" + bytes(5000), id="WMV"),
        pytest.param(lambda: (b"\x47\x40\x11\x10" + bytes(184)) * 30, id="MPEG-TS"),
        pytest.param(lambda: b"\xff\xfb\x90\x64" + bytes(5000), id="MP3"),
        pytest.param(lambda: b"\xff\xf1\x50\x80" + bytes(5000), id="AAC"),
        pytest.param(lambda: b"ID3\x04\x00\x00" + bytes(5000), id="MP3 with a title"),
    ],
)
async def test_what_may_be_a_lecture_is_not(
    api: httpx.AsyncClient, author: SignedIn, made: Callable[[], bytes]
) -> None:
    content = made()[: HEAD_BYTES + 100]
    taken = await create(api, author, 1 << 30, content=content)
    assert (taken.status_code, taken.headers["Upload-Offset"]) == (201, str(len(content)))
