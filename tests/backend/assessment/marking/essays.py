"""An exam of one essay and one case that ends in an essay, and people who mark them."""

from dataclasses import dataclass
from typing import Any

import httpx
from msgspec.structs import replace

from backend.accounts.domain import Role
from courses.format import Edition, Kind, Section
from courses.items.interactions import Case, Essay, Interaction, RubricLine, SubQuestion
from courses.items.kinds import Level
from infra.clock import ManualClock
from tests.backend.assessment.sitting import Examinee
from tests.backend.progress.learning import Learner
from tests.backend.progress.moving import publish
from tests.courses.items.samples import SINGLE, an_item
from tests.people import AsPerson, SignedIn

RUBRIC = (
    RubricLine(id="clause", text="指出不符合的条款", weight=3),
    RubricLine(id="evidence", text="列出审核证据", weight=1),
)
ESSAY = Essay(rubric=RUBRIC, model_answer="秘密的参考答案", at_most=400)
CASE = Case(
    parts=(
        SubQuestion(id="1", stem="哪一项不符合？", interaction=SINGLE),
        SubQuestion(id="2", stem="说明理由。", interaction=ESSAY),
    )
)
CODE = "2026.6"


def with_essays(edition: Edition) -> Edition:
    """Essay of 60 points, case of 40: 20 by machine, 20 by people. 60 pass."""
    asked: tuple[Interaction, ...] = (ESSAY, CASE)
    items = tuple(
        replace(an_item(one, f"M02-8{n}{level_number}"), level=level)
        for n, one in enumerate(asked)
        for level_number, level in enumerate(Level)
    )
    sections = (
        Section(kinds=(Kind.ESSAY,), count=1, points=60),
        Section(kinds=(Kind.CASE,), count=1, points=40),
    )
    return replace(
        edition,
        code=CODE,
        items=items,
        exams=(replace(edition.exams[0], sections=sections), *edition.exams[1:]),
        blueprints=(replace(edition.blueprints[0], bank_multiple=1), *edition.blueprints[1:]),
    )


async def publish_essays(edition: Edition, clock: ManualClock) -> None:
    clock.advance(60)
    await publish(with_essays(edition), clock)


def item_of(attempt: dict[str, Any], kind: str) -> str:
    return next(str(item["id"]) for item in attempt["items"] if item["kind"] == kind)


async def hand_in(examinee: Examinee, essay: str, part: str | None = None) -> dict[str, Any]:
    """The attempt, and what handing it in answered; the case's single question is right."""
    attempt = await examinee.start()
    case = next(item for item in attempt["items"] if item["kind"] == "case")
    right = next(one["id"] for one in case["parts"][0]["options"] if one["text"] == "说法B")
    parts: dict[str, Any] = {"1": {"kind": "choice", "picked": [right]}}
    if part is not None:
        parts["2"] = {"kind": "text", "text": part}
    answers = {
        item_of(attempt, "essay"): {"kind": "text", "text": essay},
        item_of(attempt, "case"): {"kind": "parts", "parts": parts},
    }
    answered = await examinee.hand_in(attempt, answers)
    assert answered.status_code == 200, answered.text
    return {"attempt": attempt, "result": answered.json()}


@dataclass
class Marker:
    person: SignedIn
    api: httpx.AsyncClient

    async def ask(self, method: str, path: str, body: Any = None) -> httpx.Response:
        at, headers = f"/v1/marking/{path}", self.person.headers
        return await self.api.request(method, at, json=body, headers=headers)

    async def take(self) -> dict[str, Any] | None:
        answer = await self.ask("POST", "essays")
        assert answer.status_code == 200, answer.text
        taken: dict[str, Any] | None = answer.json()["essay"]
        return taken

    async def give(
        self, taken: dict[str, Any] | None, clause: int, evidence: int, comment: str = "可以"
    ) -> httpx.Response:
        assert taken is not None
        percents = {"clause": clause, "evidence": evidence}
        body = {"percents": percents, "comment": comment}
        return await self.ask("PUT", f"essays/{taken['id']}/marks", body)

    async def mark(self, clause: int, evidence: int) -> dict[str, Any]:
        """The next one, whatever it is."""
        taken = await self.take()
        assert taken is not None
        assert (await self.give(taken, clause, evidence)).status_code == 200
        return taken

    async def waiting(self) -> int:
        return int((await self.ask("GET", "desk")).json()["waiting"])


async def markers(api: httpx.AsyncClient, as_person: AsPerson, count: int) -> list[Marker]:
    return [Marker(await as_person(Role.MARKER), api) for _ in range(count)]


async def seen(learner: Learner, attempt: dict[str, Any]) -> dict[str, Any]:
    answer = await learner.get(f"/v1/attempts/{attempt['id']}")
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body
