"""What authors see of their lectures, and which lecture a lesson shows."""

import json
from uuid import UUID, uuid4

import httpx
import pytest

from backend.accounts.domain import Role
from backend.lectures import service
from infra.clock import system_clock
from media_pipeline import repository
from media_pipeline.domain import Attempt, Failure, State
from media_pipeline.tables import Lecture
from tests.backend.lectures.conftest import ApiProcess
from tests.backend.lectures.published import a_row
from tests.conftest import START
from tests.people import AsPerson, SignedIn


@pytest.fixture
async def author(as_person: AsPerson) -> SignedIn:
    return await as_person(Role.AUTHOR)


async def choose(
    api: httpx.AsyncClient,
    person: SignedIn,
    lecture_id: UUID,
    *,
    lesson: str = "M02-L01",
    demonstration: bool = False,
) -> httpx.Response:
    choice = {"lectureId": str(lecture_id), "demonstration": demonstration}
    return await api.put(f"/v1/lessons/{lesson}/lecture", json=choice, headers=person.headers)


async def test_an_author_sees_his_lectures_newest_first_page_by_page(
    api: httpx.AsyncClient, author: SignedIn, as_person: AsPerson
) -> None:
    mine = [await a_row(author.id, now=START) for _ in range(3)]
    await a_row((await as_person(Role.AUTHOR)).id, now=START)
    first = (await api.get("/v1/lectures?limit=2", headers=author.headers)).json()
    rest = (
        await api.get(f"/v1/lectures?cursor={first['nextCursor']}", headers=author.headers)
    ).json()
    seen = [item["id"] for item in first["items"] + rest["items"]]
    assert seen == [str(lecture_id) for lecture_id in reversed(mine)]
    assert rest["nextCursor"] is None


async def test_a_lecture_shows_its_state_its_length_and_its_poster(
    api: httpx.AsyncClient, author: SignedIn
) -> None:
    lecture_id = await a_row(author.id, now=START)
    seen = (await api.get(f"/v1/lectures/{lecture_id}", headers=author.headers)).json()
    poster = seen.pop("posterUrl")
    assert seen == {
        "id": str(lecture_id),
        "title": "第一课",
        "state": "playable",
        "step": None,
        "percent": 0,
        "remainingSeconds": None,
        "behind": None,
        "waiting": None,
        "failure": None,
        "retryable": False,
        "degraded": [],
        "advice": [],
        "wishes": {"av1": False, "encrypt": False},
        "sharedContent": False,
        "durationSeconds": 40,
        "createdAt": "2026-03-02T01:00:00Z",
        "renditions": [],
    }
    assert "poster.jpg?X-Amz-Algorithm" in poster


@pytest.mark.parametrize("path", ["", "/events"])
async def test_another_authors_lecture_is_not_found(
    api: httpx.AsyncClient, author: SignedIn, as_person: AsPerson, path: str
) -> None:
    lecture_id = await a_row((await as_person(Role.AUTHOR)).id, now=START)
    answer = await api.get(f"/v1/lectures/{lecture_id}{path}", headers=author.headers)
    assert answer.status_code == 404


async def test_learners_see_no_lectures_and_choose_none(
    api: httpx.AsyncClient, as_person: AsPerson
) -> None:
    learner = await as_person()
    assert (await api.get("/v1/lectures", headers=learner.headers)).status_code == 403
    assert (await choose(api, learner, uuid4())).status_code == 403


async def test_a_page_that_waits_is_told_each_change_until_the_end(
    server: ApiProcess, machine_author: SignedIn
) -> None:
    author = machine_author
    lecture_id = await a_row(author.id, now=system_clock(), state=State.QUEUED)
    events: list[dict[str, object]] = []
    url = f"{server.url}/v1/lectures/{lecture_id}/events"
    async with (
        httpx.AsyncClient(timeout=20) as page,
        page.stream("GET", url, headers=author.headers) as answer,
    ):
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        async for line in answer.aiter_lines():
            if line.startswith("data: "):
                events.append(json.loads(line.removeprefix("data: ")))
                await _go_on(lecture_id, len(events))
    seen = [(event["state"], event["step"], event["percent"]) for event in events]
    assert seen == [("queued", None, 0), ("processing", "encode", 40), ("failed", "encode", 40)]


async def _go_on(lecture_id: UUID, seen: int) -> None:
    """What a worker would do next."""
    attempt = Attempt(UUID(int=7), lecture_id, 1)
    if seen == 1:
        await Lecture.update(
            {Lecture.state: State.PROCESSING, Lecture.attempt_id: attempt.id}
        ).where(Lecture.id == lecture_id)
        await repository.progress(attempt, "encode", 40)
    elif seen == 2:
        await repository.fail(attempt, Failure("truncated", "不完整", "Truncated"))


async def test_a_page_that_comes_back_is_not_told_what_it_knows(
    api: httpx.AsyncClient, author: SignedIn
) -> None:
    url = f"/v1/lectures/{await a_row(author.id, now=START)}/events"
    first = await api.get(url, headers=author.headers)
    known = next(line for line in first.text.splitlines() if line.startswith("id: "))
    assert "retry: 3000" in first.text
    again = await api.get(url, headers={**author.headers, "Last-Event-ID": known[4:]})
    assert "data:" not in again.text


async def test_the_lecture_chosen_last_is_the_one_a_lesson_shows(
    api: httpx.AsyncClient, author: SignedIn
) -> None:
    assert await service.lecture_of_lesson("M02-L01", False) is None
    for seconds in (40, 50):
        lecture_id = await a_row(author.id, now=START, seconds=seconds)
        answer = await choose(api, author, lecture_id)
        expected = {
            "lesson": "M02-L01",
            "lectureId": str(lecture_id),
            "durationSeconds": seconds,
        }
        assert (answer.status_code, answer.json()) == (200, expected)
    shown = await service.lecture_of_lesson("M02-L01", False)
    assert shown is not None
    assert (shown.lecture_id, shown.duration_seconds) == (lecture_id, 50)
    assert await service.lecture_of_lesson("M02-L01", True) is None


async def test_the_lectures_of_many_lessons_are_those_of_each(
    api: httpx.AsyncClient, author: SignedIn
) -> None:
    for lesson in ("M02-L01", "M02-L02", "M02-L02"):
        await choose(api, author, await a_row(author.id, now=START), lesson=lesson)
    codes = ["M02-L01", "M02-L02", "M02-L03"]
    one_by_one = {code: await service.lecture_of_lesson(code, False) for code in codes}
    together = await service.lectures_of_lessons(codes, False)
    assert together == {code: found for code, found in one_by_one.items() if found}


async def test_a_demonstration_of_more_than_a_minute_is_refused(
    api: httpx.AsyncClient, author: SignedIn
) -> None:
    lecture_id = await a_row(author.id, now=START, seconds=61)
    answer = await choose(api, author, lecture_id, demonstration=True)
    assert (answer.status_code, answer.json()["code"]) == (422, "lecture-too-long")


async def test_only_a_playable_lecture_of_ones_own_can_be_chosen(
    api: httpx.AsyncClient, author: SignedIn, as_person: AsPerson
) -> None:
    waiting = await a_row(author.id, now=START, state=State.QUEUED)
    answer = await choose(api, author, waiting)
    assert (answer.status_code, answer.json()["code"]) == (409, "lecture-not-playable")
    others = await a_row((await as_person(Role.AUTHOR)).id, now=START)
    assert (await choose(api, author, others)).status_code == 404


@pytest.mark.parametrize("lesson", ["M2-L1", "M02-L01x", "lesson"])
async def test_a_lesson_code_has_the_form_of_one(
    api: httpx.AsyncClient, author: SignedIn, lesson: str
) -> None:
    assert (await choose(api, author, uuid4(), lesson=lesson)).status_code in {400, 422}
