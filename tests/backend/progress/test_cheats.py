"""How people cheat elsewhere, tried here over HTTP: each gains nothing."""

from typing import Any

import pytest

from backend.curriculum import repository as editions
from backend.progress.tables import LearnerSeat, LessonWatch, PlaySession
from courses.format import Lesson
from courses.loader import canonical, from_canonical, sha256_of
from infra.ids import uuid7
from infra.objects import ObjectStore
from tests.backend.progress.learning import DURATION, LESSON, Learner, event, show_lecture

LONG = 2700


@pytest.fixture
async def session(learner: Learner, object_store: ObjectStore) -> dict[str, Any]:
    await show_lecture(learner.clock, object_store, seconds=LONG)
    await learner.enrol()
    return await learner.open()


async def granted(learner: Learner) -> int:
    """Of the learner's lessons, be it pending."""
    rows = await LessonWatch.select().where(LessonWatch.learner_id == learner.person.id)
    return sum(row["watched_seconds"] + row["pending_seconds"] for row in rows)


async def counting(learner: Learner) -> int:
    rows = await LessonWatch.select().where(LessonWatch.learner_id == learner.person.id)
    return sum(row["watched_seconds"] for row in rows)


def told(answer: dict[str, Any]) -> list[tuple[str, str | None]]:
    return [(one["verdict"], one.get("reason")) for one in answer["verdicts"]]


async def test_blocking_the_request_for_the_check_withholds_everything(
    learner: Learner, session: dict[str, Any]
) -> None:
    """The pop-up never comes: over new sessions, too, nothing is granted and nothing counts."""
    await learner.count(check_in_seconds=100)
    for second in range(0, 2000, 20):
        if second % 400 == 0:
            session = await learner.open()
        learner.clock.advance(20)
        await learner.beat(session, (second, second + 20))
    assert (await granted(learner), await counting(learner)) == (100, 0)
    assert await learner.entries() == []


async def test_yesterday_s_heartbeats_are_stale(learner: Learner, session: dict[str, Any]) -> None:
    learner.clock.advance(100)
    body = {"events": [event(session["id"], 0, 20), event(session["id"], 20, 40)]}
    first = (await learner.post("/v1/heartbeats", body)).json()
    assert told(first) == [("credited", None)] * 2
    learner.clock.advance(86_401)
    again = (await learner.post("/v1/heartbeats", body)).json()
    assert told(again) == [("stale", "session-expired")] * 2
    assert await granted(learner) == 40


async def test_two_devices_earn_what_one_earns_and_the_first_is_told(
    learner: Learner, session: dict[str, Any]
) -> None:
    other = await learner.open(device=str(uuid7()))
    learner.clock.advance(60)
    assert told(await learner.beat(session, (0, 60))) == [("refused", "session-taken-over")]
    assert told(await learner.beat(other, (0, 60))) == [("credited", None)]
    assert await granted(learner) == 60


async def test_a_hundred_sessions_in_one_request_earn_what_one_earns(
    learner: Learner, session: dict[str, Any]
) -> None:
    """What they share is one seat; each but the last was told that another took it."""
    sessions = [session, *[await learner.open(play=n > 95) for n in range(99)]]
    learner.clock.advance(30)
    body = {"events": [event(one["id"], n, n + 30) for n, one in enumerate(sessions)]}
    answer = (await learner.post("/v1/heartbeats", body)).json()
    assert told(answer)[:-1] == [("refused", "session-taken-over")] * 99
    assert await granted(learner) == 0, "the last began past what was ever seen"
    await learner.beat(sessions[-1], (0, 30), (30, 60), (60, 90))
    assert await granted(learner) == 30


async def test_forty_five_minutes_in_one_request_earn_what_has_passed(
    learner: Learner, session: dict[str, Any]
) -> None:
    learner.clock.advance(1)
    assert told(await learner.beat(session, (0, LONG))) == [("capped", "faster-than-time")]
    learner.clock.advance(LONG)  # and with the time, what lies before the next check
    answer = await learner.beat(session, (0, LONG))
    assert told(answer) == [("challenge-due", None)]
    assert answer["presenceCheck"]
    assert 480 <= await granted(learner) <= 720
    assert await counting(learner) == 0


async def test_a_clock_that_speeds_earns_the_server_s_seconds(
    learner: Learner, session: dict[str, Any]
) -> None:
    for minute in range(1, 6):
        learner.clock.advance(20)
        await learner.beat(session, *[(n, n + 20) for n in range(0, minute * 60, 20)])
    assert await granted(learner) == 100


async def test_seeking_to_the_end_is_refused(learner: Learner, session: dict[str, Any]) -> None:
    learner.clock.advance(600)
    spans = [(LONG - 20, LONG), (1000, 1020), (5, 25)]
    answer = await learner.beat(session, *spans)
    assert told(answer) == [("refused", "seek-ahead")] * 3
    assert await granted(learner) == 0


async def test_heartbeats_without_the_playlist_count_once_it_was_fetched(
    learner: Learner, session: dict[str, Any]
) -> None:
    scripted = await learner.open(play=False)
    learner.clock.advance(20)
    assert told(await learner.beat(scripted, (0, 20))) == [("refused", "not-playing")]
    assert (await learner.api.get(scripted["playlistUrl"])).status_code == 200
    assert told(await learner.beat(scripted, (0, 20))) == [("credited", None)], "nothing was lost"


async def test_another_learner_s_session_and_check_are_not_there(
    learner: Learner, stranger: Learner, session: dict[str, Any]
) -> None:
    await stranger.enrol()
    await learner.count(check_in_seconds=10)
    learner.clock.advance(20)
    assert told(await stranger.beat(session, (0, 20))) == [("refused", "not-found")]
    check = (await learner.beat(session, (0, 20)))["presenceCheck"]
    assert (await stranger.get(f"/v1/presence-checks/{check}")).status_code == 404
    answer = {"option": "A"}
    assert (await stranger.post(f"/v1/presence-checks/{check}/answer", answer)).status_code == 404


async def test_another_lecture_s_length_does_not_stretch_this_one(
    learner: Learner, lesson: Lesson
) -> None:
    await learner.enrol()
    short = await learner.open()
    learner.clock.advance(LONG)
    answer = await learner.beat(short, (0, LONG), (DURATION, LONG))
    assert [v["creditedSeconds"] for v in answer["verdicts"]] == [DURATION, 0]
    assert told(answer)[1] == ("refused", "beyond-the-end")


async def test_a_lesson_of_an_edition_that_was_left_earns_nothing(
    learner: Learner, session: dict[str, Any]
) -> None:
    old = learner.enrolment_id
    learner.clock.advance(20)
    await learner.beat(session, (0, 20))
    await publish_the_same_anew(learner, "2026.2")
    assert (await learner.enrol())["edition"] == "2026.2"
    learner.clock.advance(20)
    assert told(await learner.beat(session, (20, 40))) == [("stale", "edition-left")]
    body = {"enrolmentId": old, "lesson": LESSON}
    refused = await learner.post("/v1/play-sessions", body)
    assert (refused.status_code, refused.json()["code"]) == (409, "edition-left")


async def publish_the_same_anew(learner: Learner, code: str) -> None:
    sha256 = (await editions.newest() or ("", ""))[0]
    edition = from_canonical(await editions.content_of(sha256))
    newer = type(edition)(
        **{n: getattr(edition, n) for n in edition.__struct_fields__} | {"code": code}
    )
    learner.clock.advance(1)
    await editions.publish(code, sha256_of(newer), canonical(newer), now=learner.clock())


async def test_what_cannot_be_told_from_honest_is_kept_to_be_looked_at(
    learner: Learner, session: dict[str, Any]
) -> None:
    device = str(uuid7())
    scripted = await learner.open(device=device)
    for n in range(5):
        learner.clock.advance(20)
        await learner.beat(scripted, (n * 20, n * 20 + 20))
    row = await PlaySession.select().where(PlaySession.id == scripted["id"]).first()
    assert row is not None
    assert (row["beats"], row["beat_gap_ms"], str(row["device_id"])) == (5, 80_000, device)
    assert row["beat_gap_square"] * 4 == row["beat_gap_ms"] ** 2, "a machine's regularity"
    assert row["playlist_at"] is not None
    assert row["segments_at"] is None


async def test_checks_left_open_are_the_same_in_every_session(
    learner: Learner, session: dict[str, Any]
) -> None:
    await learner.count(check_in_seconds=10)
    learner.clock.advance(20)
    check = (await learner.beat(session, (0, 20)))["presenceCheck"]
    other = await learner.open()
    learner.clock.advance(20)
    assert (await learner.beat(other, (10, 30)))["presenceCheck"] == check
    seat = await LearnerSeat.select().where(LearnerSeat.learner_id == learner.person.id).first()
    assert seat is not None
    assert str(seat["open_check_id"]) == check
