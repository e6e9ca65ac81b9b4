"""Requests of tus as a client would send them, one header at a time."""

import hashlib
from base64 import b64encode
from uuid import UUID

import httpx

from tests.people import SignedIn

TUS = {"Tus-Resumable": "1.0.0"}
BYTES = {"Content-Type": "application/offset+octet-stream"}


def metadata(**values: str) -> dict[str, str]:
    pairs = (f"{key} {b64encode(value.encode()).decode()}" for key, value in values.items())
    return {"Upload-Metadata": ",".join(pairs)}


def checksum(content: bytes, algorithm: str = "sha256") -> dict[str, str]:
    digest = b64encode(hashlib.new(algorithm, content).digest()).decode()
    return {"Upload-Checksum": f"{algorithm} {digest}"}


async def create(
    api: httpx.AsyncClient,
    person: SignedIn,
    length: int,
    *,
    content: bytes | None = None,
    headers: dict[str, str] | None = None,
) -> httpx.Response:
    """`content`: bytes that come with the creation."""
    named = metadata(filename="lesson.mp4", title="诚信 Integrity")
    announced = {"Upload-Length": str(length), **({} if content is None else BYTES)}
    return await api.post(
        "/v1/uploads",
        headers={**person.headers, **TUS, **named, **announced, **(headers or {})},
        content=content,
    )


async def send(
    api: httpx.AsyncClient,
    person: SignedIn,
    location: str,
    content: bytes,
    *,
    offset: int = 0,
    headers: dict[str, str] | None = None,
) -> httpx.Response:
    usual = {**person.headers, **TUS, **BYTES, "Upload-Offset": str(offset)}
    return await api.patch(location, headers={**usual, **(headers or {})}, content=content)


async def offset_of(api: httpx.AsyncClient, person: SignedIn, location: str) -> int:
    answer = await api.head(location, headers={**person.headers, **TUS})
    assert answer.status_code == 200
    return int(answer.headers["Upload-Offset"])


def id_in(location: str) -> UUID:
    return UUID(location.rpartition("/")[2])
