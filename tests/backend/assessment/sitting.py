"""A learner at the exam, who may know as many answers as a test wants."""

from typing import Any

import httpx

from courses.format import Edition
from tests.backend.progress.learning import Learner
from tests.courses.items.samples import key_of, options_of

Answers = dict[str, list[str]]
"""Options picked, by item: the exams sat here ask choices."""


def choice(picked: list[str]) -> dict[str, Any]:
    return {"kind": "choice", "picked": picked}


class Examinee:
    def __init__(self, learner: Learner, edition: Edition) -> None:
        self.learner, self.clock = learner, learner.clock
        self.count = 0
        """Sequences used so far."""
        self.right = {
            item.id: {one.text for one in options_of(item) if one.id in key_of(item)}
            for item in edition.items
        }

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
        return {item["id"]: self._right(item) for item in attempt["items"][:right]}

    def _right(self, item: dict[str, Any]) -> list[str]:
        """Under the letters of this paper."""
        return [o["id"] for o in item["options"] if o["text"] in self.right[item["id"]]]

    async def save(
        self, attempt: dict[str, Any], item: str, picked: list[str], sequence: int | None = None
    ) -> httpx.Response:
        return await self.save_all(attempt, [self.answer(attempt, item, choice(picked), sequence)])

    async def save_all(
        self, attempt: dict[str, Any], answers: list[dict[str, Any]]
    ) -> httpx.Response:
        body = {"sitting": attempt["sitting"], "answers": answers}
        return await self.learner.put(f"/v1/attempts/{attempt['id']}/answers", body)

    def answer(
        self, attempt: dict[str, Any], item: str, answer: Any, sequence: int | None = None
    ) -> dict[str, Any]:
        self.count += 1
        places = [one["id"] for one in attempt["items"]]
        return {
            "position": 1 + (places.index(item) if item in places else len(places)),
            "sequence": attempt["nextSequence"] + self.count if sequence is None else sequence,
            "answer": answer,
        }

    async def submit(self, attempt: dict[str, Any], answers: Answers) -> httpx.Response:
        given = {item: choice(picked) for item, picked in answers.items()}
        return await self.hand_in(attempt, given)

    async def hand_in(self, attempt: dict[str, Any], answers: dict[str, Any]) -> httpx.Response:
        given = [self.answer(attempt, item, answer) for item, answer in answers.items()]
        body = {"sitting": attempt["sitting"], "answers": given}
        return await self.learner.post(f"/v1/attempts/{attempt['id']}/submission", body)

    async def see(self, attempt: dict[str, Any]) -> dict[str, Any]:
        response = await self.learner.get(f"/v1/attempts/{attempt['id']}")
        assert response.status_code == 200, response.text
        seen: dict[str, Any] = response.json()
        return seen

    async def history(self) -> list[dict[str, Any]]:
        path = f"/v1/attempts?enrolmentId={self.learner.enrolment_id}"
        answer = await self.learner.get(path)
        assert answer.status_code == 200, answer.text
        listed: list[dict[str, Any]] = answer.json()["items"]
        return listed
