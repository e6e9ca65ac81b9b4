"""Watching offline over HTTP: what a phone takes along, hands in, and gains by cheating."""

from typing import Any
from uuid import UUID

import jwt
import pytest

from backend.progress.offline.tables import OfflineCheck, OfflineTime
from backend.progress.tables import LearnerSeat
from courses.format import Lesson
from infra.objects import ObjectStore
from tests.backend.progress.learning import Learner, show_lecture
from tests.backend.progress.offline import Phone, counting, pack_files, told

LECTURE = 300
WEEK = 7 * 86_400


@pytest.fixture
async def shown(learner: Learner, object_store: ObjectStore) -> None:
    await show_lecture(learner.clock, object_store, seconds=LECTURE)
    await pack_files(object_store)
    await learner.enrol()


@pytest.fixture
async def phone(learner: Learner, shown: None) -> Phone:
    phone = Phone(learner)
    await phone.take_along()
    return phone


async def test_a_lecture_watched_offline_counts_with_its_check_and_its_questions(
    learner: Learner, phone: Phone, lesson: Lesson
) -> None:
    learner.clock.advance(3600)
    first, second = phone.watch(0, 150), phone.watch(150, LECTURE)
    right = await phone.answer()
    answer = await phone.hand_in(second, first, answered=(right,), settled=True)
    assert told(answer) == [("credited", 150, None)] * 2
    assert [one["outcome"] for one in answer["answered"]] == ["passed"]
    assert answer["lessons"][0]["watchedSeconds"] == LECTURE
    await learner.check(lesson)
    assert [row["seconds"] > 0 for row in await learner.entries()] == [True]
    again = await phone.hand_in(first, second, answered=(right,), settled=True)
    assert told(again) == [("duplicate", 0, None)] * 2
    assert again["answered"] == answer["answered"]
    assert await counting(learner) == LECTURE
    rows = await OfflineTime.select().where(OfflineTime.learner_id == learner.person.id)
    assert sum(row["seconds"] for row in rows) == LECTURE


async def test_questions_come_first_the_lesson_is_complete_at_the_sync(
    learner: Learner, phone: Phone, lesson: Lesson
) -> None:
    await learner.check(lesson)
    learner.clock.advance(400)
    answer = await phone.hand_in(phone.watch(0, LECTURE), answered=(await phone.answer(),))
    assert answer["lessons"][0]["complete"] is True
    assert len(await learner.entries()) == 1


async def test_the_lease_is_signed_and_tells_no_answer(learner: Learner, phone: Phone) -> None:
    given = await phone.take_along()
    signed = given["download"]["signed"]
    keys = (await learner.get(given["download"]["keysUrl"])).json()["keys"]
    key = jwt.PyJWK(keys[0]).key
    claims = jwt.decode(signed, key, algorithms=["EdDSA"], options={"verify_exp": False})
    assert claims == given["download"]["manifest"]
    assert claims["lease"]["device"] == phone.device
    assert len(phone.checks) == 4
    for check in phone.checks:
        assert set(check) == {"number", "afterSeconds", "zh", "en", "options"}
        assert 480 <= check["afterSeconds"] <= 720
        assert len(check["options"]) == 4
    plain = await learner.get(f"/v1/lessons/M02-L01/download?enrolmentId={learner.enrolment_id}")
    assert plain.json()["manifest"]["lease"] is None


async def test_taking_along_again_renews_and_another_device_has_its_own(
    learner: Learner, phone: Phone
) -> None:
    before, questions = phone.lease, phone.checks
    learner.clock.advance(WEEK)
    again = await phone.take_along()
    assert again["lease"]["id"] == before["id"]
    assert again["lease"]["expiresAt"] > before["expiresAt"]
    assert phone.checks == questions
    other = Phone(learner)
    assert (await other.take_along())["lease"]["id"] != before["id"]
    learner.clock.advance(600)
    other.lease = phone.lease
    assert told(await other.hand_in(other.watch(0, 20))) == [("refused", 0, "not-found")]


async def test_somebody_else_s_lease_is_not_there(
    learner: Learner, phone: Phone, stranger: Learner
) -> None:
    await stranger.enrol()
    learner.clock.advance(600)
    right = await phone.answer()
    thief = Phone(stranger)
    thief.lease, thief.device = phone.lease, phone.device
    answer = await thief.hand_in(thief.watch(0, 60), answered=(right,))
    assert (told(answer), answer["answered"][0]["outcome"]) == (
        [("refused", 0, "not-found")],
        None,
    )
    path = f"/v1/download-leases/{phone.lease['id']}"
    response = await stranger.api.delete(path, headers=stranger.person.headers)
    assert response.status_code == 404


async def test_without_an_answer_nothing_counts_until_it_comes(
    learner: Learner, phone: Phone
) -> None:
    learner.clock.advance(600)
    event = phone.watch(0, 120)
    assert told(await phone.hand_in(event)) == [("challenge-due", 0, None)]
    assert await counting(learner) == 0
    right = await phone.answer()
    await phone.hand_in(answered=(right,))
    assert told(await phone.hand_in(event)) == [("credited", 120, None)]


@pytest.mark.parametrize(
    ("right", "after_ms"),
    [
        pytest.param(False, 9_000, id="wrong"),
        pytest.param(True, 66_000, id="right but after the minute"),
    ],
)
async def test_a_missed_check_drops_its_stretch_and_the_next_one_goes_on(
    learner: Learner, phone: Phone, right: bool, after_ms: int
) -> None:
    learner.clock.advance(600)
    lost = phone.watch(0, 100)
    missed = await phone.answer(1, right=right, after_ms=after_ms)
    kept = phone.watch(100, 200, check=2)
    passed = await phone.answer(2)
    corrected = {**missed, "option": "ABCD"[("ABCD".index(missed["option"]) + 1) % 4]}
    answer = await phone.hand_in(kept, lost, answered=(missed, passed, corrected))
    assert told(answer) == [("credited", 100, None), ("refused", 0, "check-missed")]
    assert [a["outcome"] for a in answer["answered"]] == ["missed", "passed", "missed"]
    learner.clock.advance(600)
    seen_again = phone.watch(0, 100, check=3)
    again = await phone.hand_in(lost, seen_again, answered=(await phone.answer(3),))
    assert told(again) == [("refused", 0, "check-missed"), ("credited", 100, None)]
    row = await LearnerSeat.select().where(LearnerSeat.learner_id == learner.person.id).first()
    assert row is not None
    assert row["day_seconds"] == 200, "what was lost does not use up the day"


async def test_a_settled_sync_loses_what_nobody_answered_for(
    learner: Learner, phone: Phone
) -> None:
    learner.clock.advance(600)
    event = phone.watch(0, 120)
    late = await phone.answer()
    assert told(await phone.hand_in(event, settled=True)) == [("refused", 0, "check-missed")]
    assert (await phone.hand_in(answered=(late,)))["answered"][0]["outcome"] == "missed"
    assert await counting(learner) == 0


async def test_time_before_a_settled_sync_is_closed(learner: Learner, phone: Phone) -> None:
    learner.clock.advance(600)
    await phone.hand_in(phone.watch(0, 20), answered=(await phone.answer(),), settled=True)
    learner.clock.advance(30)
    answer = await phone.hand_in(phone.watch(20, 80, check=2), answered=(await phone.answer(2),))
    assert told(answer) == [("capped", 30, "faster-than-time")]


async def test_more_than_the_time_since_the_lease_is_capped_and_may_come_again(
    learner: Learner, phone: Phone
) -> None:
    learner.clock.advance(100)
    event, right = phone.watch(0, 200), await phone.answer()
    assert told(await phone.hand_in(event, answered=(right,))) == [
        ("capped", 100, "faster-than-time")
    ]
    learner.clock.advance(200)
    assert told(await phone.hand_in(event)) == [("credited", 100, None)]


async def test_two_devices_cannot_fill_the_same_time(learner: Learner, phone: Phone) -> None:
    other = Phone(learner)
    await other.take_along()
    learner.clock.advance(150)
    one = await phone.hand_in(phone.watch(0, 100), answered=(await phone.answer(),))
    two = await other.hand_in(other.watch(100, 200), answered=(await other.answer(),))
    assert told(one) == [("credited", 100, None)]
    assert told(two) == [("capped", 50, "faster-than-time")]


async def test_offline_and_online_cannot_fill_the_same_time(learner: Learner, phone: Phone) -> None:
    session = await learner.open()
    learner.clock.advance(100)
    assert (await learner.beat(session, (0, 60)))["verdicts"][0]["creditedSeconds"] == 60
    answer = await phone.hand_in(phone.watch(60, 160), answered=(await phone.answer(),))
    assert told(answer) == [("capped", 40, "faster-than-time")]
    beaten = await learner.beat(session, (100, 200))
    assert beaten["verdicts"][0]["creditedSeconds"] == 0, "its 40 s are gone"
    learner.clock.advance(20)
    assert (await learner.beat(session, (100, 200)))["verdicts"][0]["creditedSeconds"] == 20


async def test_a_faster_pace_than_the_programme_s_is_capped(learner: Learner, phone: Phone) -> None:
    learner.clock.advance(3600)
    answer = await phone.hand_in(phone.watch(0, 200, pace=2), answered=(await phone.answer(),))
    assert told(answer) == [("capped", 102, "faster-than-time")]


async def test_seeking_ahead_offline_is_refused(learner: Learner, phone: Phone) -> None:
    learner.clock.advance(3600)
    answer = await phone.hand_in(phone.watch(200, LECTURE), answered=(await phone.answer(),))
    assert told(answer) == [("refused", 0, "seek-ahead")]


async def test_answering_first_and_playing_afterwards_earns_nothing(
    learner: Learner, phone: Phone
) -> None:
    learner.clock.advance(3600)
    right = await phone.answer()
    answer = await phone.hand_in(phone.watch(0, 100), answered=(right,))
    assert told(answer) == [("refused", 0, "after-its-check")]
    phone.reboot()
    assert told(await phone.hand_in(phone.watch(0, 100))) == [("credited", 100, None)]


async def test_a_stretch_is_no_longer_than_until_its_check(learner: Learner, phone: Phone) -> None:
    await OfflineCheck.update({OfflineCheck.length_seconds: 70}).where(
        OfflineCheck.lease_id == UUID(phone.lease["id"])
    )
    learner.clock.advance(3600)
    event = phone.watch(0, 100)
    answer = await phone.hand_in(event, answered=(await phone.answer(),))
    assert told(answer) == [("challenge-due", 70, "longer-than-its-check")]


async def test_nothing_counts_that_was_watched_after_the_lease(
    learner: Learner, phone: Phone
) -> None:
    learner.clock.advance(50)
    path = f"/v1/download-leases/{phone.lease['id']}"
    revoked = await learner.api.delete(path, headers=learner.person.headers)
    assert revoked.json()["revokedAt"] is not None
    learner.clock.advance(3600)
    again = await learner.api.delete(path, headers=learner.person.headers)
    assert again.json() == revoked.json()
    event = phone.watch(0, 200)
    answer = await phone.hand_in(event, answered=(await phone.answer(),))
    assert told(answer) == [("capped", 50, "faster-than-time")]
    learner.clock.advance(31 * 86_400)
    assert told(await phone.hand_in(event)) == [("stale", 0, "lease-ended")]


async def test_a_day_holds_eight_class_hours_and_the_next_day_more(
    learner: Learner, phone: Phone
) -> None:
    await learner.count(day_seconds=8 * 45 * 60 - 30)
    learner.clock.advance(3600)
    event, right = phone.watch(0, 100), await phone.answer()
    assert told(await phone.hand_in(event, answered=(right,))) == [("capped", 30, "daily-cap")]
    learner.clock.advance(86_400)
    assert told(await phone.hand_in(event)) == [("credited", 70, None)]


async def test_one_poisoned_event_is_refused_and_the_others_count(
    learner: Learner, phone: Phone
) -> None:
    learner.clock.advance(600)
    good, whole = phone.watch(0, 100), phone.watch(100, 150)
    right, bent = await phone.answer(), {**whole, "fromSecond": "a hundred"}
    nameless: Any = {**phone.watch(0, 1), "id": 7}
    answer = await phone.hand_in(
        bent, good, nameless, [], answered=({**right, "option": "AB"}, right), settled=True
    )
    assert told(answer) == [
        ("refused", 0, "malformed"),
        ("credited", 100, None),
        ("refused", 0, "malformed"),
        ("refused", 0, "malformed"),
    ]
    assert [one["id"] for one in answer["watched"]] == [bent["id"], good["id"], None, None]
    assert "$.fromSecond" in answer["watched"][0]["problem"]
    assert [(a["outcome"], a["reason"]) for a in answer["answered"]] == [
        (None, "malformed"),
        ("passed", None),
    ]
    assert told(await phone.hand_in(whole)) == [("credited", 50, None)], "time is open still"


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"watched": [{}] * 201}, id="too many spans"),
        pytest.param({"answered": [{}] * 51}, id="too many answers"),
        pytest.param({"deviceId": "mine"}, id="no device"),
        pytest.param({"more": 1}, id="an unknown field"),
        pytest.param({"settled": 1}, id="settled is no number"),
    ],
)
async def test_a_request_is_bounded(learner: Learner, phone: Phone, body: dict[str, Any]) -> None:
    response = await learner.post("/v1/sync", {"deviceId": phone.device, **body})
    assert response.status_code == 422
    assert "body" in response.json()["fields"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param(b"", 422, id="nothing"),
        pytest.param(b'{"deviceId"', 422, id="half of it"),
        pytest.param(b'{"deviceId":"\xff"}', 422, id="no text"),
        pytest.param(b'{"\xff":1}', 422, id="a name that is no text"),
        pytest.param(b'{"watched":' + b"[" * 5_000, 422, id="deeper than a stack"),
        pytest.param(b" " * (300 << 10), 413, id="larger than any"),
    ],
)
async def test_what_is_no_request_is_refused_in_words(
    learner: Learner, body: bytes, status: int
) -> None:
    response = await learner.api.post("/v1/sync", content=body, headers=learner.person.headers)
    assert response.status_code == status
