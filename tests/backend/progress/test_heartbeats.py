"""Heartbeats over HTTP: honest ones count, and every lie we know of gains nothing."""

import re
from typing import Any

import httpx
import msgspec
import pytest

from backend.progress.domain import Reason
from backend.progress.heartbeats.service import Batch, commit
from backend.progress.schemas import MAX_EVENTS, HeartbeatEvent
from backend.progress.tables import LessonWatch
from courses.format import Lesson
from infra.objects import ObjectStore
from tests.backend.progress.learning import DURATION, Learner, event, show_lecture
from tests.one_connection import connection
from tests.statements import counted


def verdicts(answer: dict[str, Any]) -> list[tuple[str, int]]:
    return [(v["verdict"], v["creditedSeconds"]) for v in answer["verdicts"]]


def reasons(answer: dict[str, Any]) -> list[str | None]:
    return [v.get("reason") for v in answer["verdicts"]]


@pytest.fixture
async def session(learner: Learner) -> dict[str, Any]:
    await learner.enrol()
    return await learner.open()


async def watched_seconds() -> int:
    """Granted, and waiting for a check."""
    return int((await LessonWatch.select(LessonWatch.pending_seconds).first())["pending_seconds"])  # type: ignore[index]


async def test_honest_heartbeats_watch_the_lecture(
    learner: Learner, session: dict[str, Any]
) -> None:
    answer = await learner.watch(session)
    lesson = {"watchedSeconds": DURATION, "durationSeconds": DURATION, "complete": False}
    lesson["pendingSeconds"] = DURATION
    assert answer["lessons"] == [{"code": "M02-L01", **lesson}]
    assert verdicts(answer) == [("credited", 5)]


async def test_twice_the_wall_clock_credits_the_wall_clock(
    learner: Learner, session: dict[str, Any]
) -> None:
    for end in (20, 40):
        learner.clock.advance(10)
        await learner.beat(session, (0, end))
    assert await watched_seconds() == 20


async def test_the_whole_lecture_claimed_at_once_credits_what_has_passed(
    learner: Learner, session: dict[str, Any]
) -> None:
    learner.clock.advance(3)
    answer = await learner.beat(session, (0, 2700))
    assert (verdicts(answer), reasons(answer)) == ([("capped", 3)], ["faster-than-time"])


async def test_a_replay_credits_nothing(learner: Learner, session: dict[str, Any]) -> None:
    learner.clock.advance(20)
    body = {"events": [event(session["id"], 0, 20)]}
    await learner.post("/v1/heartbeats", body)
    learner.clock.advance(3600)
    again = await learner.post("/v1/heartbeats", body)
    assert verdicts(again.json()) == [("duplicate", 0)]


async def test_events_of_a_batch_count_in_any_order_and_are_answered_in_theirs(
    learner: Learner, session: dict[str, Any]
) -> None:
    learner.clock.advance(45)
    answer = await learner.beat(session, (30, 45), (0, 15), (15, 30), (0, 15))
    assert verdicts(answer) == [("credited", 15)] * 3 + [("duplicate", 0)]


async def test_seeking_to_the_end_is_refused(learner: Learner, session: dict[str, Any]) -> None:
    learner.clock.advance(60)
    answer = await learner.beat(session, (40, 45))
    assert (verdicts(answer), reasons(answer)) == ([("refused", 0)], ["seek-ahead"])


async def test_a_second_device_takes_over_and_the_first_is_told(
    learner: Learner, session: dict[str, Any]
) -> None:
    learner.clock.advance(10)
    await learner.beat(session, (0, 10))
    second = await learner.open()
    assert (second["watched"], second["furthestSecond"], second["resumeSecond"]) == (
        [[0, 10]],
        10,
        10,
    )
    learner.clock.advance(10)
    assert reasons(await learner.beat(session, (10, 20))) == ["session-taken-over"]
    assert verdicts(await learner.beat(second, (10, 20))) == [("credited", 10)]


async def test_a_hundred_sessions_earn_what_one_earns(
    learner: Learner, session: dict[str, Any]
) -> None:
    sessions = [session, *[await learner.open() for _ in range(9)]]
    learner.clock.advance(4)
    for number, one in enumerate(sessions):
        await learner.beat(one, (number * 4, number * 4 + 4))
    assert await watched_seconds() == 0, "only the last is active, and it began ahead"
    await learner.beat(sessions[-1], (0, 45))
    assert await watched_seconds() == 4


async def test_another_learners_session_is_not_found(
    learner: Learner, stranger: Learner, session: dict[str, Any]
) -> None:
    await stranger.enrol()
    learner.clock.advance(20)
    assert reasons(await stranger.beat(session, (0, 20))) == ["not-found"]
    assert verdicts(await learner.beat(session, (0, 20))) == [("credited", 20)]


async def test_a_poisoned_event_fails_alone(learner: Learner, session: dict[str, Any]) -> None:
    learner.clock.advance(20)
    good = event(session["id"], 0, 20)
    huge = {**event(session["id"], 0, 20), "toSecond": 10**30}
    events = ["nonsense", good, huge, {**good, "fromSecond": -1}]
    response = await learner.post("/v1/heartbeats", {"events": events})
    answer = response.json()
    assert verdicts(answer) == [("refused", 0), ("credited", 20), ("refused", 0), ("refused", 0)]
    assert [v["id"] for v in answer["verdicts"]] == [None, good["id"], huge["id"], good["id"]]


async def test_an_event_that_cannot_be_stored_spoils_nobody_elses(
    learner: Learner, stranger: Learner, session: dict[str, Any]
) -> None:
    """A row damaged behind our back: a bit beyond the lecture's end."""
    await stranger.enrol()
    others = await stranger.open()
    await LessonWatch.update({LessonWatch.pending: b"\0\0\0\0\0\0\1"}).where(
        LessonWatch.learner_id == learner.person.id
    )
    learner.clock.advance(20)
    answers = await commit([batch(learner, session), batch(stranger, others)])
    assert [[v.reason for v in answer.verdicts] for answer in answers] == [
        [Reason.NOT_STORED] * 2,
        [None, None],
    ]
    assert [v.credited_seconds for v in answers[1].verdicts] == [10, 10]


def batch(learner: Learner, session: dict[str, Any]) -> Batch:
    events = [event(session["id"], 0, 10), event(session["id"], 10, 20)]
    return Batch(
        learner_id=learner.person.id,
        received_at=learner.clock(),
        events=msgspec.convert(events, list[HeartbeatEvent]),
    )


async def test_a_batch_costs_two_statements_whatever_its_size(
    learner: Learner, stranger: Learner, session: dict[str, Any]
) -> None:
    await stranger.enrol()
    others = await stranger.open()
    learner.clock.advance(20)
    batches = [batch(learner, session), batch(stranger, others)]
    await learner.count(check_in_seconds=20)  # a check that falls due costs no statement more
    async with counted() as statements:
        answers = await commit(batches)
    assert answers[0].presence_check is not None
    assert len(statements) == 2
    desk = await connection().fetchval(
        "SELECT prosrc FROM pg_proc WHERE proname = 'heartbeat_desk'"
    )
    tables = re.findall(r"\b(?:FROM|JOIN|(?<!KEY )UPDATE|INTO) ([a-z_]+)\s", desk + statements[1])
    assert set(tables) == {"learner_seat", "play_session", "lesson_watch", "presence_check"}


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        pytest.param(b"{", 422, "invalid", id="no JSON"),
        pytest.param(b'{"events":' + b"[" * 50_000, 422, "invalid", id="deeper than a stack"),
        pytest.param(b'{"events":[],"\xff":1}', 422, "invalid", id="no UTF-8"),
        pytest.param(b"[]", 422, "invalid", id="another shape"),
        pytest.param(b'{"events":[]} ' + b" " * 65_536, 413, "too-large", id="too large"),
        pytest.param(
            b'{"events":[' + b",".join([b"1"] * (MAX_EVENTS + 1)) + b"]}",
            422,
            "invalid",
            id="too many",
        ),
    ],
)
async def test_a_body_that_is_none_is_a_problem_document(
    learner: Learner, body: bytes, status: int, code: str
) -> None:
    headers = learner.person.headers
    response = await learner.api.post("/v1/heartbeats", content=body, headers=headers)
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert response.headers["content-type"] == "application/problem+json"


async def test_a_batch_of_nothing_is_answered(learner: Learner) -> None:
    assert await learner.beat({}) == {"verdicts": [], "lessons": [], "presenceCheck": None}


async def test_heartbeats_need_a_signed_in_learner(api: httpx.AsyncClient) -> None:
    assert (await api.post("/v1/heartbeats", json={"events": []})).status_code == 401
    assert (await api.get("/v1/heartbeats")).status_code in {401, 405}


async def test_only_post_is_taken(learner: Learner) -> None:
    response = await learner.get("/v1/heartbeats")
    assert (response.status_code, response.headers["allow"]) == (405, "POST")


async def test_the_operation_is_documented(api: httpx.AsyncClient) -> None:
    schema = (await api.get("/openapi.json")).json()
    operation = schema["paths"]["/v1/heartbeats"]["post"]
    assert operation["operationId"] == "SendHeartbeats"
    assert {"200", "401", "503"} <= set(operation["responses"])


async def test_the_lesson_completes_at_the_heartbeat_when_its_questions_came_first(
    learner: Learner, session: dict[str, Any], lesson: Lesson
) -> None:
    assert (await learner.check(lesson))["lesson"]["state"] == "open"
    answer = await learner.watch(session)
    assert answer["lessons"][0]["complete"]
    again = await learner.beat(session, (0, 20))
    assert again["lessons"][0]["complete"]
    assert len(await learner.entries()) == 1


async def test_a_day_takes_no_more_than_eight_class_hours(
    learner: Learner, object_store: ObjectStore
) -> None:
    await show_lecture(learner.clock, object_store, seconds=30_000)
    await learner.enrol()
    session = await learner.open()
    await learner.count(day_seconds=21_400)
    learner.clock.advance(13 * 3600)  # ten in the evening in Shanghai
    answer = await learner.beat(session, (0, 1_000))
    assert (verdicts(answer), reasons(answer)) == ([("capped", 200)], ["daily-cap"])
    learner.clock.advance(3 * 3600)  # past midnight there
    assert verdicts(await learner.beat(session, (200, 220))) == [("credited", 20)]
