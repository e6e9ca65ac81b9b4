"""A phone for tests: takes a lesson along, is away, and hands in what was done."""

import hashlib
from typing import Any
from uuid import UUID, uuid4

import msgspec

from backend.progress.offline.tables import OfflineCheck
from backend.progress.tables import LessonWatch
from infra.ids import uuid7
from infra.objects import ObjectStore
from media_pipeline.tables import Lecture
from tests.backend.progress.learning import LESSON, Learner

VIDEO = b"a lecture to take along"


async def pack_files(objects: ObjectStore) -> None:
    """The package of the lecture shown last gets what can be taken along."""
    row = await Lecture.select().order_by(Lecture.id, ascending=False).first()
    assert row is not None
    file = {
        "path": "offline/lecture.mp4",
        "size": len(VIDEO),
        "sha256": hashlib.sha256(VIDEO).hexdigest(),
        "contentType": "video/mp4",
        "role": "offline",
    }
    listed = msgspec.json.encode({"files": [file]})
    await objects.put_bytes(f"{row['package_prefix']}manifest.json", listed, "application/json")


class Phone:
    """Its monotonic clock is its own and begins with each boot."""

    def __init__(self, learner: Learner) -> None:
        self.learner, self.device, self.boot = learner, str(uuid7()), str(uuid7())
        self.ms = 5_000
        self.lease: dict[str, Any] = {}
        self.checks: list[dict[str, Any]] = []

    async def take_along(self, lesson: str = LESSON) -> dict[str, Any]:
        body = {
            "enrolmentId": self.learner.enrolment_id,
            "lesson": lesson,
            "deviceId": self.device,
        }
        response = await self.learner.post("/v1/download-leases", body)
        assert response.status_code == 200, response.text
        given: dict[str, Any] = response.json()
        self.lease, lease = given["lease"], given["download"]["manifest"]["lease"]
        self.checks = lease["checks"]
        return given

    def reboot(self) -> None:
        self.boot, self.ms = str(uuid7()), 0

    def watch(self, start: int, end: int, *, check: int = 1, pace: float = 1.0) -> dict[str, Any]:
        """Played now, in so many seconds of the device's own clock."""
        began, self.ms = self.ms, self.ms + int((end - start) * 1000 / pace)
        return {
            "id": str(uuid4()),
            "leaseId": self.lease["id"],
            "check": check,
            "fromSecond": start,
            "toSecond": end,
            "bootId": self.boot,
            "fromMs": began,
            "toMs": self.ms,
        }

    async def answer(
        self, check: int = 1, *, right: bool = True, after_ms: int = 9_000
    ) -> dict[str, Any]:
        shown, self.ms = self.ms, self.ms + after_ms
        row = (
            await OfflineCheck.select(OfflineCheck.answer)
            .where(OfflineCheck.lease_id == UUID(self.lease["id"]), OfflineCheck.number == check)
            .first()
        )
        assert row is not None
        options = ["A", "B", "C", "D"]
        wrong = next(one for one in options if one != row["answer"])
        return {
            "id": str(uuid4()),
            "leaseId": self.lease["id"],
            "check": check,
            "option": row["answer"] if right else wrong,
            "bootId": self.boot,
            "shownMs": shown,
            "answeredMs": self.ms,
        }

    async def hand_in(
        self,
        *watched: Any,
        answered: tuple[dict[str, Any], ...] = (),
        settled: bool = False,
    ) -> dict[str, Any]:
        body = {
            "deviceId": self.device,
            "watched": list(watched),
            "answered": list(answered),
            "settled": settled,
        }
        response = await self.learner.post("/v1/sync", body)
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        return answer


async def counting(learner: Learner) -> int:
    rows = await LessonWatch.select().where(LessonWatch.learner_id == learner.person.id)
    return sum(row["watched_seconds"] for row in rows)


def told(answer: dict[str, Any]) -> list[tuple[str, int, str | None]]:
    return [(v["verdict"], v["creditedSeconds"], v.get("reason")) for v in answer["watched"]]
