"""Reading by the server's clock, where a rule asks for it."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from backend.progress.reading import read_for
from backend.progress.tables import LessonWatch
from courses.format import Lesson
from tests.backend.progress.learning import LESSON, Learner

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("later", "seconds"),
    [
        pytest.param(20.9, 20, id="whole seconds"),
        pytest.param(40, 40, id="one answer was lost"),
        pytest.param(41, 0, id="a silence"),
        pytest.param(-1, 0, id="a clock set back"),
    ],
)
def test_what_a_silence_is_and_what_counts(later: float, seconds: int) -> None:
    assert read_for(NOON, NOON + timedelta(seconds=later)) == seconds
    assert read_for(None, NOON) == 0


async def test_a_lesson_that_asks_for_reading_is_complete_when_the_text_was_open_long_enough(
    learner: Learner, lesson: Lesson
) -> None:
    async def read(*, leaving: bool = False) -> dict[str, int]:
        body = {"enrolmentId": learner.enrolment_id, "leaving": leaving}
        return dict((await learner.post(f"/v1/lessons/{LESSON}/reading", body)).json())

    await learner.enrol()
    assert (await read())["code"] == "open-lesson-first"  # type: ignore[comparison-overlap]
    session = await learner.open()
    # As if an edition had asked for it when the lesson was opened.
    await LessonWatch.update({LessonWatch.needs_reading_seconds: 50}).where(
        LessonWatch.learner_id == learner.person.id,
        LessonWatch.enrolment_id == UUID(learner.enrolment_id),
    )
    await learner.watch(session)
    checked = (await learner.check(lesson))["lesson"]
    assert (checked["state"], checked["whyNot"]["zh"]) == ("watched", "还差 1 分钟阅读")
    assert (await learner.open(play=False))["readingSeconds"] == 50
    assert [(await read())["readSeconds"], (await read())["readSeconds"]] == [0, 0]
    learner.clock.advance(20)
    assert (await read())["againInSeconds"] == 20
    learner.clock.advance(15)
    left = await read(leaving=True)
    assert (left["readSeconds"], left["againInSeconds"]) == (35, 15), "no later than it is enough"
    learner.clock.advance(10)
    assert (await read())["readSeconds"] == 35, "the text was not there, short as it was"
    assert await learner.entries() == []
    learner.clock.advance(25)
    await read()
    (entry,) = await learner.entries()
    assert b'"readSeconds":60' in entry["evidence"]
    assert (await learner.screen())["lessons"][0]["missing"] == []
