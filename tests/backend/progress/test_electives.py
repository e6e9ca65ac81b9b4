"""Electives of one's choice over HTTP, and a programme that nobody could finish."""

import httpx
import pytest
from msgspec.structs import replace

from backend.accounts.domain import Role
from backend.curriculum import repository as curriculum
from courses.effort import NOMINAL_SECONDS, credit_seconds
from courses.format import Edition, ModuleRequirement
from courses.loader import canonical, sha256_of
from infra.clock import ManualClock
from infra.objects import ObjectStore
from tests.backend.progress.learning import DURATION, Learner, show_lecture
from tests.backend.progress.test_plans import enrol_in
from tests.courses import current_edition
from tests.courses.full import in_full
from tests.people import AsPerson


@pytest.fixture(scope="module")
def edition() -> Edition:
    """CE-AUD asks for M02 and for one hour of M05 or M06; TECH for M02 alone."""
    full = replace(in_full(current_edition()), code="2026.7")
    asked = {
        "CE-AUD": (
            ModuleRequirement(modules=("M02",), class_hours=2),
            ModuleRequirement(modules=("M05", "M06"), class_hours=1),
        ),
        "TECH": (ModuleRequirement(modules=("M02",), class_hours=2),),
    }
    programmes = tuple(
        replace(
            one,
            requirements=asked[one.code],
            class_hours=sum(part.class_hours for part in asked[one.code]),
        )
        if one.code in asked
        else one
        for one in full.programmes
    )
    return replace(full, programmes=programmes)


@pytest.fixture
async def taught(unit: None, edition: Edition, clock: ManualClock) -> Edition:
    content = canonical(edition)
    await curriculum.publish(edition.code, sha256_of(edition), content, now=clock())
    return edition


async def test_hours_of_any_elective_count_and_the_sentence_says_how_much_is_left(
    stranger: Learner, taught: Edition, clock: ManualClock, object_store: ObjectStore
) -> None:
    learner, lesson = stranger, taught.lesson("M06-L01")
    await show_lecture(clock, object_store, lesson=lesson.code, demonstration=False)
    await enrol_in(learner, taught, "CE-AUD")
    screen = await learner.screen()
    (choice,) = screen["electives"]
    assert (choice["modules"], choice["missingSeconds"]) == (["M05", "M06"], 2700)
    assert [one["code"] for one in choice["lessons"]] == ["M06-L01"], "the others have no lecture"
    assert "M06-L01" not in [one["code"] for one in screen["lessons"]]
    assert screen["exam"]["whyNot"]["zh"].startswith("还差 6 个小节、45 分钟选修和 ")
    page = await learner.get("/v1/lessons/M06-L01?programme=CE-AUD")
    assert page.json()["lecture"]["durationSeconds"] == DURATION
    await learner.watch(await learner.open(lesson.code))
    assert (await learner.check(lesson))["lesson"]["state"] == "complete"
    worth = credit_seconds(lesson, DURATION)
    screen = await learner.screen()
    (choice,) = screen["electives"]
    assert (choice["earnedSeconds"], choice["missingSeconds"]) == (worth, 2700 - worth)
    assert screen["hours"]["earnedSeconds"] == worth
    parts = {one["part"]: one["amount"] for one in screen["exam"]["missing"]}
    assert parts["electives"] == 2700 - worth


async def test_a_programme_that_nobody_could_finish_takes_nobody_and_its_author_reads_why(
    stranger: Learner,
    taught: Edition,
    clock: ManualClock,
    object_store: ObjectStore,
    as_person: AsPerson,
    api: httpx.AsyncClient,
) -> None:
    enough = NOMINAL_SECONDS - credit_seconds(taught.lesson("M02-L01"), 0)
    for lesson in taught.module("M02").lessons:
        short = 60 if lesson.code == "M02-L03" else 0
        await show_lecture(
            clock, object_store, lesson=lesson.code, seconds=enough - short, demonstration=False
        )
    refused = await stranger.post("/v1/enrolments", {"programme": "TECH"})
    assert (refused.status_code, refused.json()["code"]) == (409, "programme-not-open")
    told = (await api.get("/v1/programmes/TECH")).json()["whyNotOpen"]
    assert told["zh"].startswith("学时不足：M02 的小节合计 89 分钟，要求 90 分钟，还差 1 分钟")
    assert told["zh"] in refused.json()["detail"]
    author = await as_person(Role.AUTHOR)
    answer = await api.get("/v1/edition-hours", headers=author.headers)
    of = {one["programme"]: one for one in answer.json()["programmes"]}
    (requirement,) = of["TECH"]["requirements"]
    assert (requirement["askedSeconds"], requirement["missingSeconds"]) == (5400, 60)
    (short_one,) = requirement["short"]
    assert (short_one["code"], short_one["lectureNeededSeconds"]) == ("M02-L03", enough)
    assert of["DEMO"]["missingSeconds"] == 0
    await show_lecture(clock, object_store, lesson="M02-L03", seconds=enough, demonstration=False)
    assert (await stranger.post("/v1/enrolments", {"programme": "TECH"})).status_code == 201
