"""Presence checks over HTTP: asked once, a minute to answer, and what hangs on the answer."""

from typing import Any

import pytest

from backend.progress.domain import CHECK_AFTER_SECONDS
from backend.progress.presence import questions
from backend.progress.presence import service as presence
from backend.progress.tables import LearnerSeat, LessonWatch, PresenceCheck
from courses.format import Lesson
from infra.objects import ObjectStore
from tests.backend.progress.learning import Learner, right_option, show_lecture

LECTURE = 300


@pytest.fixture
async def session(learner: Learner, object_store: ObjectStore) -> dict[str, Any]:
    await show_lecture(learner.clock, object_store, seconds=LECTURE)
    await learner.enrol()
    await learner.count(check_in_seconds=100)
    return await learner.open()


async def checked(learner: Learner, session: dict[str, Any], start: int = 0) -> str:
    """Watches until a check is due, 100 seconds from `start` on."""
    learner.clock.advance(120)
    answer = await learner.beat(session, (start, start + 120))
    assert [(v["verdict"], v["creditedSeconds"]) for v in answer["verdicts"]] == [
        ("challenge-due", 100)
    ]
    return str(answer["presenceCheck"])


async def bitmaps(learner: Learner) -> tuple[int, int]:
    row = await LessonWatch.select().where(LessonWatch.learner_id == learner.person.id).first()
    assert row is not None
    return row["watched_seconds"], row["pending_seconds"]


async def wrong_option(check: str) -> str:
    return "B" if await right_option(check) == "A" else "A"


async def test_a_right_answer_makes_what_waited_count(
    learner: Learner, session: dict[str, Any]
) -> None:
    check = await checked(learner, session)
    assert await bitmaps(learner) == (0, 100)
    view = await learner.question(check)
    assert (view["state"], view["secondsLeft"], view["triesLeft"]) == ("open", 60, 2)
    assert len({one["text"] for one in view["question"]["options"]}) == 4
    learner.clock.advance(7)
    passed = await learner.answer(check, await right_option(check))
    assert (passed["state"], passed["question"], passed["lost"]) == ("passed", None, [])
    assert await bitmaps(learner) == (100, 0)
    row = await PresenceCheck.select().where(PresenceCheck.id == check).first()
    assert row is not None
    assert row["reaction_ms"] == 7000
    after = await learner.beat(session, (100, 120))
    assert after["presenceCheck"] is None
    assert after["verdicts"][0]["verdict"] == "credited", "what was watched before it came counts"


async def test_the_question_stays_the_same_and_so_does_its_minute(
    learner: Learner, session: dict[str, Any]
) -> None:
    check = await checked(learner, session)
    learner.clock.advance(3600)  # withheld, not missed, as long as nobody fetched it
    first = await learner.question(check)
    learner.clock.advance(20)
    again = await learner.question(check)
    assert (first["question"], first["secondsLeft"]) == (again["question"], 60)
    assert (again["state"], again["secondsLeft"]) == ("open", 40)


async def test_the_way_to_an_answer_never_tells_it(
    learner: Learner, session: dict[str, Any], lesson: Lesson
) -> None:
    check = await checked(learner, session)
    response = await learner.get(f"/v1/presence-checks/{check}")
    assert response.headers["cache-control"] == "no-store"
    assert set(response.json()["question"]) == {"stem", "options"}
    shown = {option["text"] for option in response.json()["question"]["options"]}
    own = shown & set(questions.sentences(lesson.text))
    assert len(own) == 1, "who knows the text can tell"


async def test_two_wrong_answers_drop_what_waited_and_say_from_where(
    learner: Learner, session: dict[str, Any]
) -> None:
    check = await checked(learner, session)
    await learner.attend(check)
    await learner.count(check_in_seconds=100)
    second = await checked(learner, session, start=100)
    await learner.question(second)
    first_try = await learner.answer(second, await wrong_option(second))
    assert (first_try["state"], first_try["triesLeft"]) == ("open", 1)
    missed = await learner.answer(second, await wrong_option(second))
    assert missed["state"] == "missed"
    assert missed["lost"] == [{"lesson": "M02-L01", "fromSecond": 100, "seconds": 100}]
    assert await learner.question(second) == missed, "told again to who asks again"
    assert await bitmaps(learner) == (100, 0)
    learner.clock.advance(60)
    answer = await learner.beat(session, (200, 220), (100, 120))
    assert [v["verdict"] for v in answer["verdicts"]] == ["refused", "credited"]


async def test_an_answer_after_the_minute_is_none(
    learner: Learner, session: dict[str, Any]
) -> None:
    check = await checked(learner, session)
    await learner.question(check)
    learner.clock.advance(66)
    missed = await learner.answer(check, await right_option(check))
    assert missed["state"] == "missed"
    row = await LearnerSeat.select().where(LearnerSeat.learner_id == learner.person.id).first()
    assert row is not None
    assert (row["day_seconds"], row["day_pending"]) == (0, 0), "the day is not used up by it"
    assert CHECK_AFTER_SECONDS[0] <= row["check_in_seconds"] <= CHECK_AFTER_SECONDS[1]


async def test_an_answer_before_the_question_is_refused(
    learner: Learner, session: dict[str, Any]
) -> None:
    check = await checked(learner, session)
    response = await learner.post(f"/v1/presence-checks/{check}/answer", {"option": "A"})
    assert (response.status_code, response.json()["code"]) == (409, "ask-first")


async def test_waiting_with_the_answer_builds_no_budget(
    learner: Learner, session: dict[str, Any]
) -> None:
    check = await checked(learner, session)
    learner.clock.advance(7200)
    await learner.attend(check)
    answer = await learner.beat(session, (100, 300))
    assert [(v["verdict"], v["creditedSeconds"]) for v in answer["verdicts"]] == [("capped", 20)]


async def test_a_lecture_shorter_than_the_interval_counts_by_its_check_questions(
    learner: Learner, session: dict[str, Any], lesson: Lesson
) -> None:
    await learner.count(check_in_seconds=720)
    await learner.watch(session)
    assert await bitmaps(learner) == (0, LECTURE)
    await learner.check(lesson)
    assert await bitmaps(learner) == (LECTURE, 0)
    assert len(await learner.entries()) == 1


async def test_check_questions_do_not_answer_for_a_presence_check(
    learner: Learner, session: dict[str, Any], lesson: Lesson
) -> None:
    """Due at the very second that covers the lecture: the questions' answers are known by heart."""
    await learner.count(check_in_seconds=LECTURE)
    learner.clock.advance(LECTURE)
    check = (await learner.beat(session, (0, LECTURE)))["presenceCheck"]
    assert (await learner.check(lesson))["lesson"]["state"] == "watched"
    assert (await bitmaps(learner), await learner.entries()) == ((0, LECTURE), [])
    await learner.attend(check)
    assert (await bitmaps(learner), len(await learner.entries())) == ((LECTURE, 0), 1)


async def test_intervals_are_drawn_from_eight_to_twelve_minutes() -> None:
    drawn = {presence.draw_interval() for _ in range(3000)}
    assert (min(drawn) >= 480, max(drawn) <= 720, len(drawn) > 200) == (True, True, True)
