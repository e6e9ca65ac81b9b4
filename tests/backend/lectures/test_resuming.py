"""Uploads over a real line by the official Python client: cut, killed, taken over."""

import asyncio
import io
import socket
from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest
from tusclient.client import TusClient
from tusclient.exceptions import TusCommunicationError, TusUploadFailed

from infra.objects import ObjectStore
from infra.settings import Settings
from media_pipeline import repository
from media_pipeline.domain import State
from media_pipeline.tables import Lecture, Upload
from media_pipeline.uploading.domain import PART_BYTES
from tests.backend.lectures.conftest import ApiProcess
from tests.backend.lectures.tus_client import BYTES, TUS, checksum
from tests.people import SignedIn
from tests.waiting import condition

STEP = 4 << 20


# tuspy 1.1 leaves the sockets of its streamed answers to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


def uploader(
    server: ApiProcess,
    author: SignedIn,
    content: bytes,
    *,
    url: str | None = None,
    checked: bool = False,
) -> Any:
    client = TusClient(f"{server.url}/v1/uploads", headers=author.headers)
    return client.uploader(
        file_stream=io.BytesIO(content),
        url=url,
        chunk_size=STEP,
        metadata={"filename": "第一课.mp4", "title": "第一课"},
        upload_checksum=checked,
    )


def lecture_id(url: str) -> UUID:
    return UUID(url.rpartition("/")[2])


def offset_at(server: ApiProcess, author: SignedIn, url: str) -> int:
    path = url[url.index("/v1/") :]
    answer = server.http.head(path, headers={**author.headers, **TUS})
    return int(answer.headers["Upload-Offset"])


async def offset_reaches(server: ApiProcess, author: SignedIn, url: str, offset: int) -> None:
    await condition(lambda: offset_at(server, author, url) == offset)


def send_piece(server: ApiProcess, author: SignedIn, url: str, content: bytes) -> None:
    headers = {**author.headers, **TUS, **BYTES, "Upload-Offset": "0"}
    path = url[url.index("/v1/") :]
    server.http.patch(path, headers=headers, content=content).raise_for_status()


def open_patch(
    server: ApiProcess,
    author: SignedIn,
    url: str,
    offset: int,
    length: int,
    *,
    headers: dict[str, str] | None = None,
) -> socket.socket:
    """The head of a PATCH whose body the test sends as it likes."""
    counted = {"Upload-Offset": str(offset), "Content-Length": str(length)}
    path = url[url.index("/v1/") :]
    return open_request(server, author, f"PATCH {path}", {**counted, **(headers or {})})


def open_request(
    server: ApiProcess, author: SignedIn, request: str, headers: dict[str, str]
) -> socket.socket:
    line = socket.create_connection(("127.0.0.1", server.port), timeout=10)
    all_headers = {"Host": "api", **author.headers, **TUS, **BYTES, **headers}
    head = [f"{request} HTTP/1.1", *(f"{name}: {value}" for name, value in all_headers.items())]
    line.sendall("\r\n".join([*head, "", ""]).encode())
    return line


async def assert_stored(objects: ObjectStore, url: str, content: bytes) -> None:
    name = f"incoming/{lecture_id(url)}"
    stored = await objects.get_bytes(name)
    assert sha256(stored).digest() == sha256(content).digest()
    assert await objects.list_names(name) == [name]
    lecture = await repository.lecture(lecture_id(url))
    assert lecture is not None
    assert lecture.state is State.QUEUED


@pytest.mark.parametrize("checked", [False, True], ids=["plain", "with checksums"])
async def test_the_official_client_uploads_a_file_of_several_parts(
    server: ApiProcess,
    machine_author: SignedIn,
    large: bytes,
    object_store: ObjectStore,
    checked: bool,
) -> None:
    sending = uploader(server, machine_author, large, checked=checked)
    await asyncio.to_thread(sending.upload)
    assert sending.offset == len(large)
    await assert_stored(object_store, sending.url, large)


async def test_what_came_before_a_cut_line_counts(
    server: ApiProcess, machine_author: SignedIn, large: bytes, object_store: ObjectStore
) -> None:
    content = large
    sending = uploader(server, machine_author, large)
    url = sending.create_url()
    arrived = PART_BYTES + 1_234_567
    with open_patch(server, machine_author, url, 0, len(content)) as line:
        line.sendall(content[:arrived])
    await offset_reaches(server, machine_author, url, arrived)
    resuming = uploader(server, machine_author, large, url=url)
    assert resuming.offset == arrived
    await asyncio.to_thread(resuming.upload)
    await assert_stored(object_store, url, large)


async def test_what_came_before_a_cut_line_does_not_count_where_it_was_to_be_checked(
    server: ApiProcess, machine_author: SignedIn, large: bytes, object_store: ObjectStore
) -> None:
    """Nobody can tell whether half of the bytes are right; whole parts of it lie in the store."""
    sending = uploader(server, machine_author, large)
    url = sending.create_url()
    await asyncio.to_thread(send_piece, server, machine_author, url, large[:1000])
    headers = checksum(large[1000:])
    with open_patch(server, machine_author, url, 1000, len(large) - 1000, headers=headers) as line:
        line.sendall(large[1000 : 2 * PART_BYTES + 1000])
    resuming = uploader(server, machine_author, large, url=url, checked=True)
    assert resuming.offset == 1000
    await asyncio.to_thread(resuming.upload)
    await assert_stored(object_store, url, large)


async def test_a_creation_whose_client_went_away_is_not_kept(
    server: ApiProcess, machine_author: SignedIn, large: bytes
) -> None:
    """Nobody learnt its address, and it would count as unfinished for a week."""
    with open_request(
        server,
        machine_author,
        "POST /v1/uploads",
        {"Upload-Length": str(len(large)), "Content-Length": str(len(large))},
    ) as line:
        line.sendall(large[: PART_BYTES + 1000])
        await condition(lambda: one_upload(machine_author, PART_BYTES))
    await condition(lambda: no_upload(machine_author))


async def one_upload(author: SignedIn, received: int) -> bool:
    rows = await Lecture.select(Lecture.id).where(Lecture.author_id == author.id)
    ids = [row["id"] for row in rows]
    return bool(ids) and await Upload.exists().where(
        Upload.id.is_in(ids), Upload.received == received
    )


async def no_upload(author: SignedIn) -> bool:
    return not await Lecture.exists().where(Lecture.author_id == author.id)


async def test_an_upload_outlives_the_server_that_took_it(
    settings: Settings,
    server: ApiProcess,
    machine_author: SignedIn,
    large: bytes,
    object_store: ObjectStore,
) -> None:
    """kill -9 in the middle of a request; another process goes on at the last stored part."""
    content, doomed = large, ApiProcess(settings)
    sending = uploader(doomed, machine_author, large)
    await asyncio.to_thread(sending.upload, stop_at=STEP)
    with open_patch(doomed, machine_author, sending.url, STEP, len(content) - STEP) as line:
        line.sendall(content[STEP : PART_BYTES + 300_000])
        await offset_reaches(server, machine_author, sending.url, PART_BYTES)
        doomed.kill()
    resuming = uploader(
        server, machine_author, large, url=sending.url.replace(doomed.url, server.url)
    )
    assert resuming.offset == PART_BYTES
    await asyncio.to_thread(resuming.upload)
    await assert_stored(object_store, resuming.url, large)


async def test_of_two_requests_for_one_upload_the_later_wins(
    server: ApiProcess, machine_author: SignedIn, large: bytes, object_store: ObjectStore
) -> None:
    """The first may be a line that died without a word; its client must not have to wait."""
    content = large
    sending = uploader(server, machine_author, large)
    url = sending.create_url()
    with open_patch(server, machine_author, url, 0, len(content)) as line:
        line.sendall(content[: PART_BYTES + 1000])
        await offset_reaches(server, machine_author, url, PART_BYTES)
        resuming = uploader(server, machine_author, large, url=url)
        await asyncio.to_thread(resuming.upload)
        line.sendall(content[PART_BYTES + 1000 :])
        assert line.recv(4096).startswith(b"HTTP/1.1 409")
    await assert_stored(object_store, url, large)


async def test_garbage_is_refused_while_the_client_still_sends(
    server: ApiProcess, machine_author: SignedIn
) -> None:
    text = b"Not a lecture at all.\n" * 400_000
    sending = uploader(server, machine_author, text)
    with pytest.raises(TusUploadFailed) as refused:
        await asyncio.to_thread(sending.upload)
    assert refused.value.status_code == 422
    assert b"not-a-video" in refused.value.response_content
    with pytest.raises(TusCommunicationError):
        uploader(server, machine_author, text, url=sending.url)
