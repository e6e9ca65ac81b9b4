"""An exam with an item of every machine-marked kind, sat over HTTP."""

from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from backend.assessment.criteria import criterion_from
from backend.assessment.domain import Criterion
from backend.assessment.tables import ExamAttempt
from courses.format import Edition, Kind, Lesson, Section
from courses.items.answers import Answer
from courses.items.interactions import Case
from courses.items.item import Item, content_sha256
from courses.items.kinds import Level
from courses.items.lettering import lettered
from tests.backend.assessment.sitting import Examinee
from tests.backend.progress.learning import Learner
from tests.backend.progress.moving import publish
from tests.courses.items.samples import ESSAY, MACHINE_MARKED, an_item, full

WORTH = {kind: 19 if kind == "case" else 10 for kind in MACHINE_MARKED}


def bank() -> tuple[Item, ...]:
    return tuple(
        replace(an_item(asked, f"M02-9{n:02}"), level=Level.UNDERSTAND)
        for n, asked in enumerate(MACHINE_MARKED.values())
    )


def with_every_kind(edition: Edition) -> Edition:
    """The demonstration's exam draws one item of each kind; its bank holds no more."""
    sections = tuple(
        Section(kinds=(Kind(kind),), count=1, points=worth) for kind, worth in WORTH.items()
    )
    return replace(
        edition,
        code="2026.5",
        items=bank(),
        exams=(replace(edition.exams[0], sections=sections), *edition.exams[1:]),
        blueprints=(replace(edition.blueprints[0], bank_multiple=1), *edition.blueprints[1:]),
    )


@pytest.fixture
async def examinee(learner: Learner, lesson: Lesson, edition: Edition) -> Examinee:
    learner.clock.advance(60)
    await publish(with_every_kind(edition), learner.clock)
    await learner.complete(lesson)
    return Examinee(learner, edition)


async def frozen(attempt: dict[str, Any]) -> Criterion:
    mine = ExamAttempt.id == attempt["id"]
    (row,) = await ExamAttempt.select(ExamAttempt.criterion).where(mine)
    return criterion_from(msgspec.json.decode(bytes(row["criterion"])))


def as_json(answer: Answer) -> Any:
    return msgspec.json.decode(msgspec.json.encode(answer))


async def save(examinee: Examinee, attempt: dict[str, Any], item: str, answer: Any) -> Any:
    return await examinee.save_all(attempt, [examinee.answer(attempt, item, answer)])


async def test_every_kind_is_drawn_shown_without_its_key_answered_and_marked(
    examinee: Examinee,
) -> None:
    started = await examinee.try_start()
    attempt = started.json()
    assert {item["kind"]: item["points"] for item in attempt["items"]} == WORTH
    secrets = ("反馈", "秘密解析", "因为办法", "知识产权证", "0.3", "accepted", "weight", '"key"')
    assert [secret for secret in secrets if secret in started.text] == []
    criterion = await frozen(attempt)
    written = {item.id: content_sha256(item) for item in bank()}
    assert {item.id: item.sha256 for item in criterion.items} == written
    answers = {i.id: as_json(full(lettered(i.interaction))) for i in criterion.items}
    for item, answer in answers.items():
        saved = await save(examinee, attempt, item, answer)
        assert [one["verdict"] for one in saved.json()["answers"]] == ["saved"]
    seen = (await examinee.see(attempt))["answers"]
    assert {attempt["items"][o["position"] - 1]["id"]: o["answer"] for o in seen} == answers
    result = (await examinee.hand_in(attempt, {})).json()
    assert (result["score"], result["passed"], result["recordDue"]) == (99.0, True, True)


async def test_an_answer_right_in_part_earns_its_part_and_a_malformed_one_is_refused(
    examinee: Examinee,
) -> None:
    attempt = await examinee.start()
    items = {item["kind"]: item for item in attempt["items"]}
    for kind, answer, flaw in (
        ("ordering", {"kind": "order", "order": ["1", "1"]}, "twice"),
        ("numeric", {"kind": "number", "value": "三点五"}, "no-number"),
        ("numeric", {"kind": "choice", "picked": ["A"]}, "other-form"),
        ("short-text", {"kind": "text", "text": "证\x00"}, "no-text"),
        ("short-text", {"kind": "text", "text": "证" * 201}, "too-long"),
        ("cloze", {"kind": "gaps", "gaps": {"q": {"kind": "text", "text": ""}}}, "unknown-option"),
        ("matching", {"kind": "pairs", "pairs": {"A": "z"}}, "unknown-option"),
    ):
        refused = await save(examinee, attempt, items[kind]["id"], answer)
        (told,) = refused.json()["answers"]
        assert (told["verdict"], told["flaw"]) == ("refused", flaw), refused.text
    for bad in ({"kind": "poem", "text": ""}, {"picked": ["A"]}, ["A"], None):
        assert (await save(examinee, attempt, items["single"]["id"], bad)).status_code == 422
    case = next(i for i in (await frozen(attempt)).items if isinstance(i.interaction, Case))
    right = as_json(full(lettered(case.interaction)))
    given = {
        case.id: {**right, "parts": {"1": right["parts"]["1"]}},
        items["numeric"]["id"]: {"kind": "number", "value": "５００ g"},
        items["short-text"]["id"]: {"kind": "text", "text": "　知识產权证"},
    }
    result = (await examinee.hand_in(attempt, given)).json()
    assert (result["score"], result["passed"]) == (5.18 + 5, False)


async def test_an_exam_that_people_mark_cannot_be_begun_without_markers(
    learner: Learner, lesson: Lesson, edition: Edition
) -> None:
    whole = with_every_kind(edition)
    essays = tuple(
        replace(an_item(ESSAY, f"M02-8{n:02}"), level=level) for n, level in enumerate(Level)
    )
    section = Section(kinds=(Kind.ESSAY,), count=1, points=100)
    exams = (replace(whole.exams[0], sections=(section,)), *whole.exams[1:])
    learner.clock.advance(60)
    await publish(replace(whole, items=essays, exams=exams), learner.clock)
    await learner.complete(lesson)
    refused = await Examinee(learner, edition).try_start()
    assert (refused.status_code, refused.json()["code"]) == (409, "no-markers")
