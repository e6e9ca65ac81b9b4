"""A learner at the exam, who may know as many answers as a test wants."""

from typing import Any

import httpx

from courses.format import Edition
from tests.backend.progress.learning import Learner
from tests.courses.items.samples import key_of

Answers = dict[str, list[str]]
"""Options picked, by item: the exams sat here ask choices."""


def choice(picked: list[str]) -> dict[str, Any]:
    return {"kind": "choice", "picked": picked}


class Examinee:
    def __init__(self, learner: Learner, edition: Edition) -> None:
        self.learner, self.clock = learner, learner.clock
        self.key = {item.id: list(key_of(item)) for item in edition.items}

    async def start(self) -> dict[str, Any]:
        response = await self.try_start()
        assert response.status_code in {200, 201}, response.text
        attempt: dict[str, Any] = response.json()
        return attempt

    async def try_start(self) -> httpx.Response:
        body = {"enrolmentId": self.learner.enrolment_id}
        return await self.learner.post("/v1/attempts", body)

    def answers(self, attempt: dict[str, Any], right: int = 10) -> Answers:
        """The first `right` items answered right, the others left out."""
        return {item["id"]: self.key[item["id"]] for item in attempt["items"][:right]}

    async def save(self, attempt: dict[str, Any], item: str, picked: list[str]) -> httpx.Response:
        path = f"/v1/attempts/{attempt['id']}/answers/{item}"
        return await self.learner.put(path, {"answer": choice(picked)})

    async def submit(self, attempt: dict[str, Any], answers: Answers) -> httpx.Response:
        path = f"/v1/attempts/{attempt['id']}/submission"
        given = {item: choice(picked) for item, picked in answers.items()}
        return await self.learner.post(path, {"answers": given})

    async def see(self, attempt: dict[str, Any]) -> dict[str, Any]:
        response = await self.learner.get(f"/v1/attempts/{attempt['id']}")
        assert response.status_code == 200, response.text
        seen: dict[str, Any] = response.json()
        return seen
