"""What an author does to a lecture of his own: another try, an end, a new title, its removal."""

import asyncio
import json
from datetime import timedelta
from uuid import UUID

import httpx
import msgspec
import pytest
from piccolo.columns import Column

from backend.accounts.domain import Role
from backend.lectures import events
from backend.lectures.events import SharedLook
from infra.clock import system_clock
from infra.objects import ObjectStore
from media_pipeline.care.standing import Standing, standings
from media_pipeline.domain import (
    Failure,
    Lack,
    Published,
    Shortcoming,
    State,
    incoming_name,
)
from media_pipeline.packaging.manifest import Degraded
from media_pipeline.plan import Wishes
from media_pipeline.tables import CaptionTrack, Lecture, LectureTask
from tests.backend.lectures.conftest import ApiProcess
from tests.backend.lectures.published import a_row
from tests.conftest import START
from tests.people import AsPerson, SignedIn

FAULT = Failure("disk-full", "磁盘已满", "Disk full", retryable=True)
FULL = Lack("disk-full", "编码服务器磁盘空间不足", "The disk is full")


@pytest.fixture
async def author(as_person: AsPerson) -> SignedIn:
    return await as_person(Role.AUTHOR)


def encoded(value: object) -> str:
    return msgspec.json.encode(value).decode()


async def a_lecture(author: SignedIn, state: State, values: dict[Column | str, object]) -> UUID:
    """`a_row`, changed at once: the table refuses a failed lecture without a failure."""
    begun = State.QUEUED if state is State.FAILED else state
    lecture_id = await a_row(author.id, now=START, state=begun)
    await Lecture.update({Lecture.state: state, **values}).where(Lecture.id == lecture_id)
    return lecture_id


async def kept_source(objects: ObjectStore, lecture_id: UUID) -> None:
    await objects.put_bytes(incoming_name(lecture_id), b"12345", "video/mp4")


async def test_the_view_tells_an_author_what_happens_to_his_lecture(
    api: httpx.AsyncClient, author: SignedIn
) -> None:
    attempt = UUID(int=7)
    lecture_id = await a_lecture(
        author,
        State.PROCESSING,
        {
            Lecture.attempt_id: attempt,
            Lecture.begun_at: START - timedelta(minutes=5),
            Lecture.step: "encode",
            Lecture.wishes: encoded(Wishes(av1=True)),
            Lecture.degraded: encoded([Degraded("storyboard", "x", "缺预览图", "No thumbnails")]),
        },
    )
    task = LectureTask(
        id=UUID(int=8),
        lecture_id=lecture_id,
        attempt_id=attempt,
        kind="chunk",
        number=0,
        state="running",
        weight=10,
        percent=50,
        begun_at=START - timedelta(minutes=2),
    )
    await LectureTask.insert(task)
    seen = (await api.get(f"/v1/lectures/{lecture_id}", headers=author.headers)).json()
    assert (seen["percent"], seen["remainingSeconds"]) == (55, 120)
    assert seen["wishes"] == {"av1": True, "encrypt": False}
    assert seen["degraded"] == [
        {"part": "storyboard", "message": {"zh": "缺预览图", "en": "No thumbnails"}}
    ]


async def test_what_players_would_rather_have_is_told_in_the_author_s_words(
    api: httpx.AsyncClient, author: SignedIn
) -> None:
    lesser = Shortcoming("Apple 9.21", 1, "master.m3u8", "has no variant of 192 kb/s or less")
    shown = Published(40.0, "master.m3u8", "poster.jpg", (), shortcomings=(lesser,))
    lecture_id = await a_lecture(author, State.PLAYABLE, {Lecture.manifest: encoded(shown)})
    seen = (await api.get(f"/v1/lectures/{lecture_id}", headers=author.headers)).json()
    (told,) = seen["advice"]
    assert told["rule"] == "Apple 9.21"
    assert "没有声音" in told["message"]["zh"]
    assert "master.m3u8" not in told["message"]["en"]


async def test_a_lecture_that_waits_for_a_machine_says_for_what(
    api: httpx.AsyncClient, author: SignedIn
) -> None:
    lecture_id = await a_lecture(author, State.QUEUED, {Lecture.waiting_for: encoded(FULL)})
    seen = (await api.get(f"/v1/lectures/{lecture_id}", headers=author.headers)).json()
    assert seen["waiting"] == {
        "code": "disk-full",
        "message": {"zh": "编码服务器磁盘空间不足", "en": "The disk is full"},
    }


async def test_a_failed_lecture_is_tried_again_while_its_file_is_kept(
    api: httpx.AsyncClient, author: SignedIn, object_store: ObjectStore
) -> None:
    lecture_id = await a_lecture(author, State.FAILED, {Lecture.failure: encoded(FAULT)})
    url = f"/v1/lectures/{lecture_id}"
    assert (await api.get(url, headers=author.headers)).json()["retryable"]
    gone = await api.post(f"{url}/retry", headers=author.headers)
    assert (gone.status_code, gone.json()["code"]) == (409, "source-gone")
    await kept_source(object_store, lecture_id)
    again = await api.post(f"{url}/retry", headers=author.headers)
    assert (again.status_code, again.json()["state"]) == (200, "queued")
    assert again.json()["behind"] >= 0
    twice = await api.post(f"{url}/retry", headers=author.headers)
    assert (twice.status_code, twice.json()["code"]) == (409, "not-failed")
    await object_store.remove(incoming_name(lecture_id))


async def test_work_is_cancelled_and_may_begin_again(
    api: httpx.AsyncClient, author: SignedIn
) -> None:
    lecture_id = await a_lecture(author, State.PROCESSING, {})
    url = f"/v1/lectures/{lecture_id}/cancellation"
    ended = (await api.post(url, headers=author.headers)).json()
    assert (ended["state"], ended["failure"]["code"], ended["retryable"]) == (
        *("failed", "cancelled"),
        True,
    )
    assert (await api.post(url, headers=author.headers)).status_code == 409


async def test_a_lecture_is_removed_with_its_captions_and_files(
    api: httpx.AsyncClient, author: SignedIn, object_store: ObjectStore
) -> None:
    lecture_id = await a_row(author.id, now=START)
    lecture = await Lecture.objects().get(Lecture.id == lecture_id)
    assert lecture is not None
    name = f"{lecture.package_prefix}master.m3u8"
    await object_store.put_bytes(name, b"#EXTM3U", "text/plain")
    track = {"language": "zh", "label": "中文", "origin": "upload", "vtt": "", "sha256": ""}
    await CaptionTrack.insert(
        CaptionTrack(id=lecture_id, lecture_id=lecture_id, updated_at=START, **track)  # type: ignore[arg-type]
    )
    url = f"/v1/lectures/{lecture_id}"
    assert (await api.delete(url, headers=author.headers)).status_code == 204
    assert (await api.get(url, headers=author.headers)).status_code == 404
    assert (await api.delete(url, headers=author.headers)).status_code == 404
    assert await object_store.list_names(f"lectures/{lecture_id}/") == []
    assert not await CaptionTrack.exists().where(CaptionTrack.lecture_id == lecture_id)


async def test_a_lecture_that_a_lesson_ever_showed_stays(
    api: httpx.AsyncClient, author: SignedIn
) -> None:
    first, second = [await a_row(author.id, now=START) for _ in range(2)]
    for lecture_id in (first, second):
        choice = {"lectureId": str(lecture_id)}
        await api.put("/v1/lessons/M02-L01/lecture", json=choice, headers=author.headers)
    for lecture_id in (first, second):
        answer = await api.delete(f"/v1/lectures/{lecture_id}", headers=author.headers)
        assert (answer.status_code, answer.json()["code"]) == (409, "lecture-in-use")
        assert "M02-L01" in answer.json()["detail"]
        url = f"/v1/lectures/{lecture_id}"
        assert (await api.get(url, headers=author.headers)).status_code == 200


async def test_a_title_can_be_mended(api: httpx.AsyncClient, author: SignedIn) -> None:
    url = f"/v1/lectures/{await a_row(author.id, now=START)}"
    answer = await api.patch(url, json={"title": " 第二课 "}, headers=author.headers)
    assert (answer.status_code, answer.json()["title"]) == (200, "第二课")
    for title in ("", "   ", "长" * 201):
        answer = await api.patch(url, json={"title": title}, headers=author.headers)
        assert answer.status_code in {400, 422}


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/retry"), ("POST", "/cancellation"), ("DELETE", ""), ("PATCH", "")],
)
async def test_another_author_s_lecture_is_not_found(
    api: httpx.AsyncClient, author: SignedIn, as_person: AsPerson, method: str, path: str
) -> None:
    others = await a_row((await as_person(Role.AUTHOR)).id, now=START)
    body = {"title": "x"} if method == "PATCH" else None
    url = f"/v1/lectures/{others}{path}"
    answer = await api.request(method, url, headers=author.headers, json=body)
    assert answer.status_code == 404


async def test_all_who_watch_share_one_look(
    database: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    async def counted(ids: list[UUID]) -> dict[UUID, Standing]:
        asked.append(len(ids))
        return await standings(ids)

    monkeypatch.setattr(events, "standings", counted)
    shared = SharedLook()
    ids = [await a_row(UUID(int=1), now=START) for _ in range(20)]
    for lecture_id in ids:
        shared.join(lecture_id)
    found = await asyncio.gather(*(shared.at(lecture_id) for lecture_id in ids))
    assert [standing.id for standing in found if standing] == ids
    assert asked == [20]
    for lecture_id in ids:
        shared.leave(lecture_id)
    await Lecture.delete().where(Lecture.id.is_in(ids))


async def test_a_page_whose_lecture_is_removed_hears_the_end(
    server: ApiProcess, machine_author: SignedIn, object_store: ObjectStore
) -> None:
    lecture_id = await a_row(machine_author.id, now=system_clock(), state=State.QUEUED)
    url = f"{server.url}/v1/lectures/{lecture_id}"
    async with (
        httpx.AsyncClient(timeout=20, headers=machine_author.headers) as page,
        page.stream("GET", f"{url}/events") as answer,
    ):
        lines = (line async for line in answer.aiter_lines() if line.startswith("data: "))
        assert json.loads((await anext(lines)).removeprefix("data: "))["state"] == "queued"
        assert (await page.delete(url)).status_code == 204
        assert [line async for line in lines] == []
