"""A lesson taken along: a list that anyone can check, and files that resume."""

import hashlib
from typing import Any
from uuid import UUID, uuid4

import httpx
import jwt
import pytest

from backend.curriculum import service as curriculum
from backend.lectures import repository
from backend.lectures.domain import DOWNLOAD_LIFETIME
from courses.format import Lesson
from infra.clock import ManualClock
from infra.objects import ObjectStore
from infra.vault import Vault
from media_pipeline.captions import service as captions
from media_pipeline.tables import Lecture
from tests.backend.lectures import packages
from tests.backend.progress.learning import LESSON, Learner
from tests.people import AsPerson
from tests.published import publish_current

FILES = packages.plain()
VIDEO = FILES["offline/lecture.mp4"]


async def show(lecture_id: UUID, clock: ManualClock) -> None:
    await repository.assign(
        LESSON, lecture_id, demonstration=True, assigned_by=uuid4(), now=clock()
    )


@pytest.fixture
async def lesson(unit: None, object_store: ObjectStore, clock: ManualClock) -> Lesson:
    await publish_current(clock())
    await show(await packages.publish(object_store, FILES, now=clock()), clock)
    return await curriculum.lesson(LESSON)


@pytest.fixture
async def learner(
    api: httpx.AsyncClient, lesson: Lesson, as_person: AsPerson, clock: ManualClock
) -> Learner:
    found = Learner(api, await as_person(), clock)
    await found.enrol()
    return found


async def asked(learner: Learner, enrolment_id: str = "") -> httpx.Response:
    enrolment = enrolment_id or learner.enrolment_id
    return await learner.get(f"/v1/lessons/{LESSON}/download?enrolmentId={enrolment}")


@pytest.fixture
async def signed(learner: Learner) -> dict[str, Any]:
    answer = await asked(learner)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.fixture
async def video(signed: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = next(
        file for file in signed["manifest"]["files"] if file["name"] == "lecture.mp4"
    )
    return found


async def test_the_list_names_sizes_and_hashes_of_what_is_then_fetched(
    api: httpx.AsyncClient, signed: dict[str, Any]
) -> None:
    files = signed["manifest"]["files"]
    assert {file["name"] for file in files} == {"lecture.mp4", "sound.m4a", "poster.jpg"}
    for file in files:
        answer = await api.get(file["url"])
        assert answer.headers["Content-Type"] == file["contentType"]
        assert answer.headers["Content-Length"] == str(file["size"])
        assert hashlib.sha256(answer.content).hexdigest() == file["sha256"]


async def test_captions_are_taken_along_as_they_are_now(
    api: httpx.AsyncClient, learner: Learner, clock: ManualClock
) -> None:
    lecture_id = await repository.assigned(LESSON, demonstration=True)
    assert lecture_id is not None
    (row,) = await Lecture.select(Lecture.author_id).where(Lecture.id == lecture_id)
    for said in ("第一版", "第二版"):
        text = f"WEBVTT\n\n00:01.000 --> 00:02.000\n{said}\n".encode()
        await captions.put_track(
            lecture_id, "zh-Hans", text, author_id=row["author_id"], now=clock()
        )
    files = (await asked(learner)).json()["manifest"]["files"]
    listed = next(file for file in files if file["role"] == "captions")
    answer = await api.get(listed["url"])
    assert (listed["name"], listed["contentType"]) == ("zh-Hans.vtt", "text/vtt")
    assert "第二版" in answer.text
    assert hashlib.sha256(answer.content).hexdigest() == listed["sha256"]
    part = await api.get(listed["url"], headers={"Range": "bytes=0-5"})
    assert (part.status_code, part.content) == (206, b"WEBVTT")


async def test_the_list_is_signed_under_a_published_key(
    api: httpx.AsyncClient, learner: Learner, signed: dict[str, Any]
) -> None:
    keys = jwt.PyJWKSet.from_dict((await api.get(signed["keysUrl"])).json())
    head = jwt.get_unverified_header(signed["signed"])
    assert head["typ"] == "guanbiao-download+jws"
    payload = jwt.decode(signed["signed"], keys[head["kid"]].key, algorithms=["EdDSA"])
    assert payload == signed["manifest"]
    assert (payload["lesson"], payload["learner"]) == (LESSON, str(learner.person.id))
    assert payload["enrolment"] == learner.enrolment_id


async def test_only_an_enrolled_learner_gets_the_list(
    api: httpx.AsyncClient, learner: Learner, as_person: AsPerson, clock: ManualClock
) -> None:
    stranger = Learner(api, await as_person(), clock)
    assert (await asked(stranger, learner.enrolment_id)).status_code == 404


async def test_a_lecture_without_files_for_it_stays_online(
    learner: Learner, object_store: ObjectStore, clock: ManualClock
) -> None:
    await show(await packages.publish(object_store, packages.encrypted(), now=clock()), clock)
    answer = await asked(learner)
    assert (answer.status_code, answer.json()["code"]) == (409, "not-to-take-along")


async def test_a_download_resumes_where_it_broke_off(
    api: httpx.AsyncClient, video: dict[str, Any]
) -> None:
    first = await api.get(video["url"], headers={"Range": "bytes=0-299999"})
    assert first.headers["Content-Range"] == f"bytes 0-299999/{len(VIDEO)}"
    resumed = {"Range": "bytes=300000-", "If-Range": first.headers["ETag"]}
    rest = await api.get(video["url"], headers=resumed)
    assert (first.status_code, rest.status_code) == (206, 206)
    assert first.content + rest.content == VIDEO


async def test_a_resumption_of_another_file_begins_anew(
    api: httpx.AsyncClient, video: dict[str, Any]
) -> None:
    headers = {"Range": "bytes=300000-", "If-Range": '"another"'}
    answer = await api.get(video["url"], headers=headers)
    assert (answer.status_code, answer.content) == (200, VIDEO)


async def test_what_is_asked_for_beyond_the_end_is_refused_with_the_length(
    api: httpx.AsyncClient, video: dict[str, Any]
) -> None:
    answer = await api.get(video["url"], headers={"Range": f"bytes={len(VIDEO)}-"})
    assert answer.status_code == 416
    assert answer.headers["Content-Range"] == f"bytes */{len(VIDEO)}"


async def test_head_tells_what_a_get_would_and_sends_nothing(
    api: httpx.AsyncClient, video: dict[str, Any]
) -> None:
    answer = await api.head(video["url"], headers={"Range": "bytes=0-1"})
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["Content-Length"] == str(len(VIDEO))
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert answer.headers["ETag"] == f'"{video["sha256"]}"'


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_a_file_that_the_client_has_is_not_sent_again(
    api: httpx.AsyncClient, video: dict[str, Any], method: str
) -> None:
    headers = {"If-None-Match": f'"{video["sha256"]}"'}
    answer = await api.request(method, video["url"], headers=headers)
    assert (answer.status_code, answer.content) == (304, b"")


async def test_bytes_are_never_compressed_on_their_way(
    api: httpx.AsyncClient, video: dict[str, Any]
) -> None:
    """A range counts bytes of the file, not of its gzip."""
    answer = await api.get(video["url"], headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in answer.headers


@pytest.mark.parametrize("name", ["master.m3u8", "720p/00001.m4s", "manifest.json", "../x.mp4"])
async def test_only_what_was_listed_can_be_fetched(
    api: httpx.AsyncClient, video: dict[str, Any], name: str
) -> None:
    folder = video["url"].partition("/offline/")[0]
    answer = await api.get(f"{folder}/{name.replace('/', '%2F')}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not-in-package")


async def test_addresses_end_when_the_list_says_so(
    api: httpx.AsyncClient, video: dict[str, Any], clock: ManualClock
) -> None:
    clock.advance(DOWNLOAD_LIFETIME.total_seconds() - 1)
    assert (await api.head(video["url"])).status_code == 200
    clock.advance(1)
    answer = await api.get(video["url"])
    assert (answer.status_code, answer.json()["code"]) == (403, "playback-link-expired")


async def test_an_address_for_playing_is_none_for_downloading(
    api: httpx.AsyncClient, learner: Learner, vault: Vault
) -> None:
    token = (await learner.open())["playlistUrl"].split("/")[3]
    answer = await api.get(f"/v1/downloads/{token}/offline/lecture.mp4")
    assert (answer.status_code, answer.json()["code"]) == (403, "playback-link-not-valid")
