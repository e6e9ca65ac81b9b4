"""A learner for tests: what an honest app does, over HTTP, at the test's own time."""

from typing import Any
from uuid import uuid4

import httpx

from backend.lectures.repository import assign
from backend.progress.tables import LearnerSeat, LedgerEntry, PresenceCheck
from courses.format import Lesson
from infra.clock import ManualClock
from infra.ids import uuid7
from infra.objects import ObjectStore
from media_pipeline.domain import lecture_folder
from media_pipeline.tables import Lecture
from tests.people import SignedIn

LESSON = "M02-L01"
DURATION = 45
MANIFEST = {"duration": 45.0, "master": "master.m3u8", "poster": "poster.jpg", "renditions": []}


class Learner:
    def __init__(self, api: httpx.AsyncClient, person: SignedIn, clock: ManualClock) -> None:
        self.api, self.person, self.clock = api, person, clock
        self.enrolment_id = ""

    async def entries(self) -> list[dict[str, Any]]:
        """What the ledger holds of this learner."""
        return await LedgerEntry.select().where(LedgerEntry.learner_id == self.person.id)

    async def get(self, path: str) -> httpx.Response:
        return await self.api.get(path, headers=self.person.headers)

    async def post(self, path: str, body: Any) -> httpx.Response:
        return await self.api.post(path, json=body, headers=self.person.headers)

    async def put(self, path: str, body: Any) -> httpx.Response:
        return await self.api.put(path, json=body, headers=self.person.headers)

    async def enrol(self, programme: str = "DEMO", **more: Any) -> dict[str, Any]:
        body = _ok(await self.post("/v1/enrolments", {"programme": programme, **more}))
        self.enrolment_id = body["id"]
        return body

    async def screen(self) -> dict[str, Any]:
        return _ok(await self.get(f"/v1/enrolments/{self.enrolment_id}"))

    async def open(
        self, lesson: str = LESSON, *, play: bool = True, device: str | None = None
    ) -> dict[str, Any]:
        """`play`: with the playlist, as every player begins."""
        body = {"enrolmentId": self.enrolment_id, "lesson": lesson, "deviceId": device}
        session = _ok(await self.post("/v1/play-sessions", body))
        if play:
            assert (await self.api.get(session["playlistUrl"])).status_code == 200
        return session

    async def beat(self, session: dict[str, Any], *spans: tuple[int, int]) -> dict[str, Any]:
        events = [event(session["id"], *span) for span in spans]
        return _ok(await self.post("/v1/heartbeats", {"events": events}))

    async def watch(self, session: dict[str, Any], step: int = 20) -> dict[str, Any]:
        """The whole lecture at the pace of the clock; the last answer."""
        answer: dict[str, Any] = {}
        for start in range(0, session["durationSeconds"], step):
            self.clock.advance(step)
            answer = await self.beat(session, (start, start + step))
            if check := answer["presenceCheck"]:
                assert (await self.attend(check))["state"] == "passed"
                answer = await self.beat(session, (start, start + step))
        return answer

    async def question(self, check: str) -> dict[str, Any]:
        return _ok(await self.get(f"/v1/presence-checks/{check}"))

    async def answer(self, check: str, option: str) -> dict[str, Any]:
        return _ok(await self.post(f"/v1/presence-checks/{check}/answer", {"option": option}))

    async def attend(self, check: str) -> dict[str, Any]:
        """Asks for the question and answers right."""
        await self.question(check)
        return await self.answer(check, await right_option(check))

    async def check(self, lesson: Lesson, **wrong: list[str]) -> dict[str, Any]:
        """All right but for the `wrong` ones."""
        answers = {question.id: list(question.key) for question in lesson.check_questions}
        body = {"enrolmentId": self.enrolment_id, "answers": {**answers, **wrong}}
        return _ok(await self.post(f"/v1/lessons/{lesson.code}/check", body))

    async def count(self, **seconds: int) -> None:
        """Sets what the seat counts, `day_seconds` or `check_in_seconds`: nobody has all day."""
        values: dict[Any, Any] = {**seconds}
        await LearnerSeat.update(values).where(LearnerSeat.learner_id == self.person.id)

    async def complete(self, lesson: Lesson) -> None:
        await self.enrol()
        await self.watch(await self.open())
        await self.check(lesson)


async def right_option(check: str) -> str:
    """No answer tells it: read where the server keeps it."""
    row = await PresenceCheck.select(PresenceCheck.answer).where(PresenceCheck.id == check).first()
    assert row is not None
    return str(row["answer"])


def event(session_id: str, start: int, end: int) -> dict[str, Any]:
    return {
        "id": str(uuid4()),
        "playSessionId": session_id,
        "fromSecond": start,
        "toSecond": end,
    }


async def show_lecture(
    clock: ManualClock,
    objects: ObjectStore,
    *,
    seconds: int = DURATION,
    lesson: str = LESSON,
    demonstration: bool = True,
) -> None:
    """A lesson's lecture, made by somebody and playable."""
    lecture_id, attempt_id = uuid7(), uuid7()
    lecture = Lecture(
        id=lecture_id,
        author_id=uuid7(),
        title="认证是什么",
        created_at=clock(),
        state="playable",
        percent=100,
        attempt_id=attempt_id,
        package_prefix=f"{lecture_folder(lecture_id)}{attempt_id}/",
        manifest=MANIFEST,
        duration_seconds=seconds,
        playable_at=clock(),
    )
    await Lecture.insert(lecture)
    playlist = f"{lecture.package_prefix}master.m3u8"
    await objects.put_bytes(playlist, b"#EXTM3U\n", "application/vnd.apple.mpegurl")
    made_by = lecture.author_id
    await assign(lesson, lecture.id, demonstration=demonstration, assigned_by=made_by, now=clock())


def _ok(response: httpx.Response) -> dict[str, Any]:
    assert response.status_code in {200, 201}, response.text
    body: dict[str, Any] = response.json()
    return body
