"""tus by its headers, in this process: creation, bytes, refusals, termination."""

from datetime import timedelta
from itertools import pairwise
from uuid import uuid4

import httpx
import pytest

from backend.accounts.domain import Role
from infra.clock import ManualClock
from infra.objects import ObjectStore
from media_pipeline import repository
from media_pipeline.domain import State
from media_pipeline.uploading import repository as uploads
from media_pipeline.uploading.domain import MAX_UPLOAD_BYTES, PART_BYTES
from tests.backend.lectures.tus_client import BYTES, TUS, create, id_in, offset_of, send
from tests.media_pipeline import clips
from tests.people import AsPerson, SignedIn

CLIP = clips.sample("bikes.mp4")


async def test_options_say_what_is_spoken_here_without_signing_in(api: httpx.AsyncClient) -> None:
    answer = await api.options("/v1/uploads")
    assert answer.status_code == 204
    assert answer.headers["Tus-Version"] == "1.0.0"
    assert answer.headers["Tus-Max-Size"] == str(MAX_UPLOAD_BYTES)
    spoken = ["creation", "creation-with-upload", "checksum", "expiration", "termination"]
    assert answer.headers["Tus-Extension"].split(",") == spoken
    assert answer.headers["Tus-Checksum-Algorithm"] == "sha256,sha1,md5"


async def test_a_whole_upload_becomes_a_queued_lecture(
    api: httpx.AsyncClient, author: SignedIn, object_store: ObjectStore
) -> None:
    content = CLIP.read_bytes()
    location = (await create(api, author, len(content))).headers["Location"]
    sent = await send(api, author, location, content)
    assert (sent.status_code, sent.headers["Upload-Offset"]) == (204, str(len(content)))
    upload_id = location.rpartition("/")[2]
    lecture = (await api.get(f"/v1/lectures/{upload_id}", headers=author.headers)).json()
    assert (lecture["state"], lecture["title"]) == ("queued", "诚信 Integrity")
    assert await object_store.get_bytes(f"incoming/{upload_id}") == content


async def test_an_upload_in_uneven_pieces_is_stored_as_it_was(
    api: httpx.AsyncClient, author: SignedIn, object_store: ObjectStore, large: bytes
) -> None:
    content = large
    location = (await create(api, author, len(content))).headers["Location"]
    cuts = [0, 100, 3_000_000, PART_BYTES, PART_BYTES + 1, 2 * PART_BYTES + 77, len(content)]
    for start, end in pairwise(cuts):
        assert await offset_of(api, author, location) == start
        await send(api, author, location, content[start:end], offset=start)
    name = f"incoming/{location.rpartition('/')[2]}"
    assert await object_store.get_bytes(name) == content
    assert await object_store.list_names(name) == [name], "tails are removed"


async def test_bytes_may_come_with_the_creation(api: httpx.AsyncClient, author: SignedIn) -> None:
    content = CLIP.read_bytes()
    headers = {**author.headers, **TUS, **BYTES, "Upload-Length": str(len(content))}
    answer = await api.post("/v1/uploads", headers=headers, content=content[:9000])
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (201, "9000")
    sent = await send(api, author, answer.headers["Location"], content[9000:], offset=9000)
    assert sent.status_code == 204


async def test_the_last_part_may_have_been_stored_by_a_server_that_died(
    api: httpx.AsyncClient, author: SignedIn, object_store: ObjectStore
) -> None:
    content = CLIP.read_bytes()
    location = (await create(api, author, len(content))).headers["Location"]
    await send(api, author, location, content[:-1])
    upload = await uploads.upload(id_in(location), author_id=author.id)
    assert upload is not None
    name, multipart = upload.object_name, upload.multipart
    etag = await object_store.multipart_part(name, multipart, 1, content)
    await object_store.multipart_complete(name, multipart, [etag])
    sent = await send(api, author, location, content[-1:], offset=len(content) - 1)
    assert sent.status_code == 204
    found = await repository.lecture(id_in(location))
    assert found is not None
    assert found.state is State.QUEUED


@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param(b"Dear learners,\n" * 400, "not-a-video", id="a text named mp4"),
        pytest.param(b"#EXTM3U\n#EXT-X-VERSION:3\nhttp://x/y.ts\n" * 200, "playlist-in-disguise",
                     id="a list of other files named mp4"),
        pytest.param(b"%PDF-1.7\n" + bytes(5000), "not-a-video", id="a document"),
        pytest.param(b"tiny", "not-a-video", id="four letters"),
    ],
)  # fmt: skip
async def test_what_is_no_video_is_refused_at_its_first_bytes(
    api: httpx.AsyncClient, author: SignedIn, object_store: ObjectStore, content: bytes, code: str
) -> None:
    length = len(content) if len(content) < 4096 else 50_000_000
    location = (await create(api, author, length)).headers["Location"]
    refused = await send(api, author, location, content)
    assert (refused.status_code, refused.json()["code"]) == (422, code)
    lecture = (
        await api.get(location.replace("uploads", "lectures"), headers=author.headers)
    ).json()
    assert (lecture["state"], lecture["failure"]["code"]) == ("failed", code)
    assert lecture["failure"]["message"]["zh"]
    assert lecture["failure"]["message"]["en"]
    gone = await api.head(location, headers={**author.headers, **TUS})
    assert gone.status_code == 410
    assert await object_store.list_names(f"incoming/{lecture['id']}") == []


@pytest.mark.parametrize(
    ("language", "word"), [("zh-CN", "视频"), ("en", "video")], ids=["Chinese", "English"]
)
async def test_a_refusal_speaks_the_authors_language(
    api: httpx.AsyncClient, author: SignedIn, language: str, word: str
) -> None:
    location = (await create(api, author, 100)).headers["Location"]
    api.headers["Accept-Language"] = language
    refused = await send(api, author, location, b"x" * 100)
    assert refused.headers["Content-Type"].startswith("application/problem+json")
    assert word in refused.json()["detail"]


async def test_an_empty_file_is_refused_before_anything_is_sent(
    api: httpx.AsyncClient, author: SignedIn
) -> None:
    answer = await create(api, author, 0)
    assert (answer.status_code, answer.json()["code"]) == (422, "empty-file")


async def test_a_file_above_the_limit_is_refused_before_anything_is_sent(
    api: httpx.AsyncClient, author: SignedIn
) -> None:
    answer = await create(api, author, MAX_UPLOAD_BYTES + 1)
    assert (answer.status_code, answer.json()["code"]) == (413, "upload-too-large")


async def test_more_bytes_than_announced_are_refused(
    api: httpx.AsyncClient, author: SignedIn
) -> None:
    location = (await create(api, author, 5000)).headers["Location"]
    answer = await send(api, author, location, CLIP.read_bytes()[:5001])
    assert (answer.status_code, answer.json()["code"]) == (413, "more-than-announced")


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        pytest.param({"Tus-Resumable": "0.2.2"}, 412, "tus-version-needed", id="an old version"),
        pytest.param({"Upload-Length": "many"}, 400, "upload-length-needed", id="no length"),
        pytest.param({"Upload-Length": "-1"}, 400, "upload-length-needed", id="a negative length"),
        pytest.param({"Upload-Metadata": "title ***"}, 400, "metadata-not-readable",
                     id="metadata that is no base64"),
        pytest.param({"Upload-Metadata": "title gIA="}, 400, "metadata-not-readable",
                     id="metadata that is no UTF-8"),
    ],
)  # fmt: skip
async def test_a_creation_that_is_not_tus_is_told_what_is_missing(
    api: httpx.AsyncClient, author: SignedIn, headers: dict[str, str], status: int, code: str
) -> None:
    answer = await create(api, author, 5000, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["Tus-Resumable"] == "1.0.0"


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        pytest.param({"Upload-Offset": "7"}, 409, "wrong-offset", id="another offset"),
        pytest.param({"Upload-Offset": "x"}, 400, "upload-offset-needed", id="no offset"),
        pytest.param({"Content-Type": "video/mp4"}, 415, "bytes-type-needed", id="another type"),
        pytest.param({"Tus-Resumable": ""}, 412, "tus-version-needed", id="no version"),
    ],
)
async def test_a_continuation_that_does_not_fit_changes_nothing(
    api: httpx.AsyncClient, author: SignedIn, headers: dict[str, str], status: int, code: str
) -> None:
    location = (await create(api, author, 5000)).headers["Location"]
    usual = {**author.headers, **TUS, **BYTES, "Upload-Offset": "0"}
    answer = await api.patch(location, headers={**usual, **headers}, content=b"1234")
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert await offset_of(api, author, location) == 0


async def test_another_authors_upload_is_not_found(
    api: httpx.AsyncClient, author: SignedIn, as_person: AsPerson
) -> None:
    location = (await create(api, author, 5000)).headers["Location"]
    other = await as_person(Role.AUTHOR)
    asked = await api.head(location, headers={**other.headers, **TUS})
    sent = await send(api, other, location, b"1234")
    stopped = await api.delete(location, headers={**other.headers, **TUS})
    assert {asked.status_code, sent.status_code, stopped.status_code} == {404}


async def test_only_authors_upload(api: httpx.AsyncClient, as_person: AsPerson) -> None:
    learner = await as_person()
    assert (await create(api, learner, 5000)).status_code == 403
    announced = {**TUS, "Upload-Length": "1"}
    assert (await api.post("/v1/uploads", headers=announced)).status_code == 401


async def test_a_stopped_upload_leaves_nothing(
    api: httpx.AsyncClient, author: SignedIn, object_store: ObjectStore
) -> None:
    content = CLIP.read_bytes()
    location = (await create(api, author, len(content))).headers["Location"]
    await send(api, author, location, content[:9000])
    stopped = await api.delete(location, headers={**author.headers, **TUS})
    assert stopped.status_code == 204
    assert (await api.head(location, headers={**author.headers, **TUS})).status_code == 404
    assert await object_store.list_names(f"incoming/{location.rpartition('/')[2]}") == []


async def test_a_complete_upload_cannot_be_stopped(
    api: httpx.AsyncClient, author: SignedIn
) -> None:
    content = CLIP.read_bytes()
    location = (await create(api, author, len(content))).headers["Location"]
    await send(api, author, location, content)
    stopped = await api.delete(location, headers={**author.headers, **TUS})
    assert (stopped.status_code, stopped.json()["code"]) == (409, "nothing-left-to-stop")


async def test_an_upload_left_alone_for_a_week_is_gone(
    api: httpx.AsyncClient, author: SignedIn, clock: ManualClock
) -> None:
    location = (await create(api, author, 5000)).headers["Location"]
    clock.advance(timedelta(days=6).total_seconds())
    await send(api, author, location, CLIP.read_bytes()[:4500])
    clock.advance(timedelta(days=6).total_seconds())
    answer = await api.head(location, headers={**author.headers, **TUS})
    assert answer.headers["Upload-Expires"] == "Sun, 15 Mar 2026 01:00:00 GMT"
    clock.advance(timedelta(days=2).total_seconds())
    gone = await api.head(location, headers={**author.headers, **TUS})
    assert gone.status_code == 410


async def test_an_unknown_upload_is_not_found(api: httpx.AsyncClient, author: SignedIn) -> None:
    headers = {**author.headers, **TUS}
    assert (await api.head(f"/v1/uploads/{uuid4()}", headers=headers)).status_code == 404
