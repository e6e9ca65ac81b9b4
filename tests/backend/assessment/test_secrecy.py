"""Every byte that a client is sent in an attempt's life, searched for what it may not know."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import httpx
import msgspec
import pytest
from hypothesis import given
from hypothesis import settings as trying
from hypothesis import strategies as st
from litestar import Litestar
from msgspec.structs import replace

from backend.accounts.domain import Role
from courses.format import Edition, Lesson
from courses.items.interactions import (
    AcceptedNumber,
    AcceptedText,
    Case,
    Choice,
    Cloze,
    Interaction,
    Matching,
    Multiple,
    Numeric,
    Ordering,
    ShortText,
    Single,
    TrueFalse,
)
from courses.items.item import Item
from courses.items.kinds import Citation, Level, Status
from courses.items.lettering import from_paper, lettered, to_paper
from courses.items.marking import mark
from courses.items.marking_rules import MarkingRules
from courses.items.shuffling import shuffled
from courses.items.solutions import solution
from courses.papers.chance import Chance
from infra.clock import ManualClock
from infra.settings import Settings
from tests.applications import application
from tests.backend.assessment.everywhere import ask_everywhere
from tests.backend.assessment.sitting import Examinee, choice
from tests.backend.assessment.test_kinds import with_every_kind
from tests.backend.progress.learning import Learner
from tests.backend.progress.moving import publish
from tests.courses.items.samples import MACHINE_MARKED, an_item
from tests.people import AsPerson, SignedIn

SECRET, PRACTISED = "密🔒", "练🔓"
KEYS_KNOWN = {Role.AUTHOR, Role.REVIEWER, Role.ADMINISTRATOR}
"""Whoever writes items, checks them or puts faulty ones right."""
NUMBER = "271.828459"


def options(ids: str) -> tuple[Choice, ...]:
    return tuple(Choice(id=i, text=f"说法{i}", feedback=f"{SECRET}反馈{i}") for i in ids)


def marked_secret(asked: Interaction) -> Interaction:
    """With a mark in everything that a learner must not read."""
    match asked:
        case Single() | Multiple() | TrueFalse() | Ordering():
            return replace(asked, options=tuple(map(_whispering, asked.options)))
        case Matching():
            return replace(asked, left=tuple(map(_whispering, asked.left)))
        case Numeric():
            return replace(asked, accepted=(AcceptedNumber(value=Decimal(NUMBER)),))
        case ShortText():
            return replace(asked, accepted=(AcceptedText(text=f"{SECRET}答"),))
        case Cloze(gaps=gaps):
            return replace(asked, gaps=tuple(_inside(gap) for gap in gaps))
        case Case(parts=parts):
            told = [replace(one, explanation=f"{SECRET}解析") for one in parts]
            return replace(asked, parts=tuple(_inside(one) for one in told))
    return asked


def _inside(holder: Any) -> Any:
    return replace(holder, interaction=marked_secret(holder.interaction))


def _whispering(option: Choice) -> Choice:
    return replace(option, feedback=f"{SECRET}反馈{option.id}")


def secret_item(asked: Interaction, code: str, status: Status = Status.IN_USE) -> Item:
    return replace(
        an_item(marked_secret(asked), code),
        level=Level.UNDERSTAND,
        status=status,
        explanation=f"{SECRET}解析",
        citation=Citation(standard=f"{SECRET}标准", edition="2023", clause=f"{SECRET}条款"),
    )


@pytest.fixture
def app(unit: None, settings: Settings, clock: ManualClock) -> Litestar:
    return application(settings, clock)


@pytest.fixture
async def examinee(learner: Learner, lesson: Lesson, edition: Edition) -> Examinee:
    """Of an exam with an item of every kind; one more is set aside for practice."""
    learner.clock.advance(60)
    items = [secret_item(asked, f"M02-9{n:02}") for n, asked in enumerate(MACHINE_MARKED.values())]
    told = secret_item(MACHINE_MARKED["multiple"], "M02-800", Status.PRACTICE)
    written = msgspec.json.encode(told).decode().replace(SECRET, PRACTISED)
    practice = msgspec.json.decode(written, type=Item)
    whole = replace(with_every_kind(edition), items=(*items, practice))
    await publish(whole, learner.clock)
    await learner.complete(lesson)
    return Examinee(learner, edition)


class Listening(httpx.AsyncBaseTransport):
    """Keeps every byte that comes back."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self.inner, self.heard = inner, list[bytes]()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self.inner.handle_async_request(request)
        body = await response.aread()
        self.heard += [body, repr(response.headers.raw).encode()]
        return response


async def test_no_byte_and_no_log_line_tells_a_key_a_point_or_a_word_of_feedback(
    examinee: Examinee, app: Litestar, as_person: AsPerson, capsys: pytest.CaptureFixture[str]
) -> None:
    """In an attempt's life, in practice, and at every address there is, for whoever may not know:
    errors, pages and the service worker among them."""
    client = examinee.learner.api
    quiet = client._transport
    client._transport = listening = Listening(quiet)
    try:
        await overheard(examinee, listening)
        await looked_for_everywhere(examinee, app, await as_person(*(set(Role) - KEYS_KNOWN)))
    finally:
        client._transport = quiet
    logged = capsys.readouterr().err
    assert "/v1/attempts/{attempt_id}/answers" in logged
    for heard in (*listening.heard, logged.encode()):
        assert not told(heard), heard[:300]


def told(heard: bytes) -> list[str]:
    text = heard.decode(errors="replace")
    return [secret for secret in (SECRET, NUMBER, "\\ud83d") if secret in text]


async def looked_for_everywhere(examinee: Examinee, app: Litestar, official: SignedIn) -> None:
    """By the learner in the next attempt, by a stranger, and by all who work here but do not write
    items. Only the learner has an exam to see."""
    learner = examinee.learner
    learner.clock.advance(86_400)
    attempt = await examinee.start()
    known = {"{attempt_id}": attempt["id"], "{enrolment_id}": learner.enrolment_id}
    for headers, least in ((learner.person.headers, 40), ({}, 20), (official.headers, 40)):
        assert await ask_everywhere(learner.api, app, headers, known) > least


async def overheard(examinee: Examinee, listening: Listening) -> None:
    attempt = await examinee.start()
    statuses = [code async for code in whole_life(examinee, attempt)]
    assert set(statuses) == {200, 409, 422}
    for heard in listening.heard:
        text = heard.decode()
        for secret in ('"key"', "accepted", "tolerance", "weight"):
            assert secret not in text, text[:300]
        said = names(msgspec.json.decode(heard)) if heard[:1] == b"{" else set()
        assert not said & {"solution", "explanation", "citation", "feedback", "seed", "criterion"}
    before = len(listening.heard)
    assert before > 20
    await practises(examinee)
    assert PRACTISED in b"".join(listening.heard[before:]).decode()  # practice tells it all


async def whole_life(examinee: Examinee, attempt: dict[str, Any]) -> Any:
    """Status codes of all that a client may ask for, in time, wrong, twice and late."""
    learner, path = examinee.learner, f"/v1/attempts/{attempt['id']}"
    wrong = [examinee.answer(attempt, item["id"], choice(["Z"])) for item in attempt["items"]]
    blank = examinee.answer(attempt, attempt["items"][0]["id"], choice([]))
    again = (await examinee.try_start()).json()
    for response in (
        await examinee.save_all(attempt, wrong),
        await examinee.save_all(again, [*wrong, blank]),
        await examinee.save_all(again, [{**blank, "position": 200}]),
        await learner.get(path),
        await learner.post(f"{path}/sittings", {}),
        await examinee.hand_in(again, {}),
        await examinee.hand_in((await examinee.try_start()).json(), {"nothing": choice(["A"])}),
        await examinee.hand_in((await examinee.try_start()).json(), {}),
        await examinee.hand_in(again, {}),
        await examinee.save_all(again, [blank]),
        await learner.get(path),
        await examinee.try_start(),
        await learner.get(f"/v1/enrolments/{learner.enrolment_id}"),
        await learner.get("/v1/home"),
        await learner.get("/v1/sync"),
    ):
        yield response.status_code


def names(node: Any) -> set[str]:
    if isinstance(node, dict):
        return set(node) | {name for value in node.values() for name in names(value)}
    return {name for value in node for name in names(value)} if isinstance(node, list) else set()


async def practises(examinee: Examinee) -> None:
    """Answered once, told about at once; what was not answered says nothing."""
    learner = examinee.learner
    began = await learner.post("/v1/practice-papers", {"enrolmentId": learner.enrolment_id})
    assert PRACTISED not in began.text
    (item,) = began.json()["items"]
    path = f"/v1/practice-papers/{began.json()['id']}"
    first = {"position": 1, "answer": choice([item["options"][0]["id"]])}
    said = (await learner.post(f"{path}/answers", first)).json()
    right = said["feedback"]["solution"]["picked"]
    assert said["feedback"]["right"] is False
    assert said["feedback"]["citation"]["clause"] == f"{PRACTISED}条款"
    assert len(said["feedback"]["options"]) == 5
    second = {"position": 1, "answer": choice(right)}
    assert (await learner.post(f"{path}/answers", second)).json() == said
    seen = (await learner.get(path)).json()
    assert seen["answered"] == [said]
    nowhere = await learner.post(f"{path}/answers", {**first, "position": 2})
    assert nowhere.json()["code"] == "no-such-practice-item"


def seeds() -> Iterator[bytes]:
    return (number.to_bytes(32) for number in range(400))


@pytest.mark.parametrize("name", ["single", "multiple"])
def test_the_letter_of_an_option_says_nothing_of_whether_it_is_right(name: str) -> None:
    """An author who always writes the right options first."""
    asked = MACHINE_MARKED[name]
    assert isinstance(asked, Single | Multiple)
    asked = replace(asked, key=("A", "B") if name == "multiple" else ("A",))
    papers = [lettered(shuffled(asked, Chance(seed, "options"))) for seed in seeds()]
    letters, right = [o.id for o in asked.options], list[str]()
    for paper in papers:
        assert isinstance(paper, Single | Multiple)
        assert [o.id for o in paper.options] == letters
        right += paper.key
    share = len(right) / len(letters)
    assert all(0.7 * share < right.count(letter) < 1.3 * share for letter in letters)


@trying(max_examples=30)
@given(st.sampled_from(sorted(MACHINE_MARKED)), st.binary(min_size=32, max_size=32))
def test_an_answer_in_a_papers_letters_is_kept_in_the_banks_and_earns_the_same(
    name: str, seed: bytes
) -> None:
    asked = shuffled(MACHINE_MARKED[name], Chance(seed, "options"))
    answer = solution(lettered(asked))
    assert answer is not None
    banked = from_paper(asked, answer)
    assert to_paper(asked, banked) == answer
    worth = Decimal("9.99")
    assert mark(asked, banked, worth, MarkingRules()).points == worth
    assert mark(lettered(asked), answer, worth, MarkingRules()).points == worth
