"""The home screen over HTTP: one call, a bounded number of statements, a small answer."""

from datetime import UTC, datetime, timedelta
from typing import Any

from backend.notices.domain import Notice, Said
from backend.notices.service import post
from courses.format import Lesson
from infra.objects import ObjectStore
from tests.backend.organisations.assignments.company import Company, begin
from tests.backend.progress.learning import DURATION, LESSON, Learner, show_lecture
from tests.statements import counted

STATEMENTS = 24
SMALL = 4_000  # bytes


async def home(learner: Learner) -> dict[str, Any]:
    answer = await learner.get("/v1/home")
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


async def test_home_leads_from_the_assignment_through_the_lesson_to_the_exam(
    learner: Learner, lesson: Lesson, company: Company
) -> None:
    await company.member(person=learner.person.id)
    asked = await company.assign(programme="DEMO", dueOn="2026-03-20")
    shown = await home(learner)
    title = asked["title"]
    assert shown["next"] == {"step": "enrol", "programme": "DEMO", "title": title}
    assert [(one["id"], one["dueOn"]) for one in shown["assignments"]] == [
        (asked["id"], "2026-03-20")
    ]
    await learner.enrol()
    shown = await home(learner)
    assert (shown["next"]["step"], shown["next"]["lesson"]) == ("lesson", LESSON)
    assert shown["assignments"] == []
    session = await learner.open()
    learner.clock.advance(20)
    await learner.beat(session, (0, 20))
    shown = await home(learner)
    assert shown["next"] == {
        "step": "resume",
        "programme": "DEMO",
        "enrolmentId": learner.enrolment_id,
        "lesson": LESSON,
        "title": {"zh": lesson.title.zh, "en": lesson.title.en},
        "resumeSecond": 20,
        "durationSeconds": DURATION,
    }
    assert shown["watching"]["playSessionId"] == session["id"], "for whoever opens another device"
    (mine,) = shown["enrolments"]
    assert (mine["percent"], mine["dueOn"], mine["overdue"]) == (0, "2026-03-20", False)
    assert mine["missing"]["zh"].startswith("还差 1 个小节")
    await learner.watch(await learner.open())
    await learner.check(lesson)
    learner.clock.advance(timedelta(hours=1).total_seconds())
    shown = await home(learner)
    assert (shown["next"]["step"], shown["watching"]) == ("exam", None)
    assert (shown["enrolments"][0]["percent"], shown["enrolments"][0]["missing"]) == (100, None)
    (entry,) = await learner.entries()
    assert shown["hours"] == {"year": 2026, "seconds": entry["seconds"]}


async def test_home_asks_and_answers_as_much_for_many_as_for_one(
    learner: Learner, company: Company, object_store: ObjectStore
) -> None:
    await show_lecture(learner.clock, object_store, lesson="M10-L01", demonstration=False)
    await company.member(person=learner.person.id)
    await learner.enrol()
    await begin(learner.person.id, learner.clock(), "TECH")
    await company.assign(programme="MGR", dueOn="2026-04-20")
    async with counted() as few:
        await home(learner)
    for programme in ("LEAD", "MGR", "IA-E"):
        await begin(learner.person.id, learner.clock(), programme)
        await company.assign(programme=programme, dueOn="2026-05-20")
    await company.assign(programme="AUD", audience="everyone")
    await post([_notice(learner, number) for number in range(3)], now=learner.clock())
    async with counted() as many:
        answer = await learner.get("/v1/home")
    assert len(many) == len(few) <= STATEMENTS, "\n".join(few)
    assert len(answer.content) < SMALL
    assert answer.json()["unread"] == 3
    due = [(one["programme"], one["dueOn"]) for one in answer.json()["enrolments"]]
    assert due[0] == ("MGR", "2026-04-20"), "what is due first stands first"


def _notice(learner: Learner, number: int) -> Notice:
    said = Said("好", "Good")
    return Notice(
        person_id=learner.person.id, kind="due", once=str(number), subject=said, text=said
    )


async def test_a_phone_that_has_the_screen_gets_no_body(learner: Learner) -> None:
    first = await learner.get("/v1/home")
    headers = {**learner.person.headers, "If-None-Match": first.headers["etag"]}
    again = await learner.api.get("/v1/home", headers=headers)
    assert (again.status_code, again.content) == (304, b"")
    assert first.headers["cache-control"] == "private, no-cache"
    await learner.enrol()
    assert (await learner.api.get("/v1/home", headers=headers)).status_code == 200


async def test_a_learner_sets_a_day_of_their_own_and_takes_it_back(
    learner: Learner, stranger: Learner
) -> None:
    await learner.enrol()
    address = f"/v1/enrolments/{learner.enrolment_id}/plan"
    set_ = await learner.put(address, {"finishBy": "2026-03-30"})
    assert set_.json() == {"enrolmentId": learner.enrolment_id, "finishBy": "2026-03-30"}
    (mine,) = (await home(learner))["enrolments"]
    assert (mine["dueOn"], mine["finishBy"]) == ("2026-03-30", "2026-03-30")
    learner.clock.advance(timedelta(days=29).total_seconds())
    assert (await home(learner))["enrolments"][0]["overdue"] is True
    assert (await learner.put(address, {"finishBy": None})).json()["finishBy"] is None
    assert (await home(learner))["enrolments"][0]["dueOn"] is None
    late = await learner.put(address, {"finishBy": "2026-03-01"})
    assert (late.status_code, late.json()["code"]) == (422, "day-not-valid")
    others = await stranger.put(address, {"finishBy": "2026-09-30"})
    assert (others.status_code, others.json()["code"]) == (404, "enrolment-not-found")


async def test_hours_of_last_year_are_not_this_year_s(learner: Learner, lesson: Lesson) -> None:
    await learner.complete(lesson)
    learner.clock.advance((datetime(2027, 1, 1, tzinfo=UTC) - learner.clock()).total_seconds())
    assert (await home(learner))["hours"] == {"year": 2027, "seconds": 0}
