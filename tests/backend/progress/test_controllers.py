"""Enrolment, play sessions and check questions over HTTP."""

import hashlib
import json
from datetime import date
from uuid import uuid4

import httpx
import pytest
import rfc8785

from backend.accounts.domain import Role
from backend.curriculum import service as curriculum
from backend.progress.tables import Enrolment, LedgerEntry, PlaySession
from courses.effort import credit_seconds
from courses.format import Lesson
from courses.loader import canonical
from infra.database import UnitOfWork
from infra.engine import DB
from tests.backend.progress.learning import DURATION, LESSON, Learner
from tests.people import AsPerson
from tests.statements import counted


async def test_enrolling_gives_the_whole_screen(learner: Learner, lesson: Lesson) -> None:
    screen = await learner.enrol()
    worth = credit_seconds(lesson, DURATION)
    assert screen["hours"] == {"earnedSeconds": 0, "requiredSeconds": worth, "waitingSeconds": 0}
    assert (screen["demonstration"], screen["edition"]) == (True, "2026.1")
    assert [(one["code"], one["state"], one["durationSeconds"]) for one in screen["lessons"]] == [
        (LESSON, "open", DURATION)
    ]
    assert screen["exam"]["open"] is False
    assert screen["exam"]["whyNot"]["zh"].startswith("还差 1 个小节")


async def test_enrolling_again_gives_the_same_enrolment(learner: Learner) -> None:
    body = {"programme": "DEMO"}
    first = await learner.post("/v1/enrolments", body)
    learner.clock.advance(60)
    again = await learner.post("/v1/enrolments", body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    listed = (await learner.get("/v1/enrolments")).json()
    assert listed["items"] == [first.json()]


async def test_an_enrolment_freezes_the_hash_of_its_edition(learner: Learner) -> None:
    await learner.enrol()
    row = await Enrolment.select(Enrolment.edition_sha256).first()
    assert row is not None
    assert len(row["edition_sha256"]) == 64


@pytest.mark.parametrize(
    ("programme", "status", "code"),
    [
        pytest.param("MGR", 409, "programme-not-open", id="one still being written"),
        pytest.param("NOPE", 404, "unknown-programme", id="one that does not exist"),
        pytest.param("X" * 17, 422, "invalid", id="a code too long to be one"),
    ],
)
async def test_what_cannot_be_enrolled_in(
    learner: Learner, programme: str, status: int, code: str
) -> None:
    response = await learner.post("/v1/enrolments", {"programme": programme})
    assert (response.status_code, response.json()["code"]) == (status, code)


async def test_an_author_who_is_no_learner_does_not_enrol(
    api: httpx.AsyncClient, lesson: Lesson, as_person: AsPerson
) -> None:
    author = await as_person(Role.AUTHOR)
    response = await api.post("/v1/enrolments", json={"programme": "DEMO"}, headers=author.headers)
    assert response.status_code == 403


async def test_another_learners_enrolment_is_not_found(
    learner: Learner, stranger: Learner, lesson: Lesson
) -> None:
    await learner.enrol()
    await stranger.enrol()
    theirs = learner.enrolment_id
    answers = [
        await stranger.get(f"/v1/enrolments/{theirs}"),
        await stranger.post("/v1/play-sessions", {"enrolmentId": theirs, "lesson": LESSON}),
        await stranger.post(f"/v1/lessons/{LESSON}/check", {"enrolmentId": theirs, "answers": {}}),
        await stranger.get(f"/v1/enrolments/{uuid4()}"),
    ]
    assert [(a.status_code, a.json()["code"]) for a in answers] == [
        (404, "enrolment-not-found")
    ] * 4


async def test_a_play_session_says_all_a_player_needs(learner: Learner) -> None:
    await learner.enrol()
    session = await learner.open()
    assert session["playlistUrl"].startswith("/v1/playback/")
    assert {k: session[k] for k in ("heartbeatSeconds", "maxRate", "watched", "resumeSecond")} == {
        "heartbeatSeconds": 20,
        "maxRate": 1.0,
        "watched": [],
        "resumeSecond": 0,
    }


async def test_a_rate_that_is_not_said_is_not_in_an_edition_s_hash(lesson: Lesson) -> None:
    """Editions published before programmes had one keep theirs."""
    edition = await curriculum.current_edition()
    assert b'"credit_rate"' not in canonical(edition)
    assert edition.programme("DEMO").credit_rate_or_one == 1


async def test_after_the_lecture_was_watched_a_player_may_go_faster(learner: Learner) -> None:
    await learner.enrol()
    await learner.watch(await learner.open())
    again = await learner.open()
    assert (again["maxRate"], again["watched"], again["resumeSecond"]) == (2.0, [[0, 45]], 0)


async def test_opening_a_session_closes_the_one_before(learner: Learner) -> None:
    await learner.enrol()
    first = await learner.open()
    learner.clock.advance(5)
    await learner.open()
    row = (
        await PlaySession.select(PlaySession.closed_at).where(PlaySession.id == first["id"]).first()
    )
    assert row is not None
    assert row["closed_at"] == learner.clock()


async def test_a_lesson_outside_the_programme_does_not_open(learner: Learner) -> None:
    await learner.enrol()
    body = {"enrolmentId": learner.enrolment_id, "lesson": "M02-L02"}
    response = await learner.post("/v1/play-sessions", body)
    assert (response.status_code, response.json()["code"]) == (404, "lesson-not-in-programme")


async def test_a_wrong_answer_is_told_and_may_be_mended(learner: Learner, lesson: Lesson) -> None:
    await learner.enrol()
    first = lesson.check_questions[0].id
    failed = await learner.check(lesson, **{first: []})
    assert not failed["passed"]
    assert [q for q, result in failed["results"].items() if not result["correct"]] == [first]
    assert (await learner.check(lesson))["passed"]


async def test_watched_and_checked_is_complete_and_enters_the_ledger_once(
    learner: Learner, lesson: Lesson
) -> None:
    await learner.enrol()
    await learner.watch(await learner.open())
    assert (await learner.screen())["lessons"][0]["state"] == "watched"
    assert (await learner.check(lesson))["lesson"]["state"] == "complete"
    assert (await learner.check(lesson))["lesson"]["state"] == "complete"
    screen, entries = await learner.screen(), await learner.entries()
    worth = credit_seconds(lesson, DURATION)
    assert screen["hours"] == {
        "earnedSeconds": worth,
        "requiredSeconds": worth,
        "waitingSeconds": 0,
    }
    assert screen["exam"] == {"open": True, "whyNot": None, "missing": []}
    assert [(entry["seconds"], entry["counts_on"]) for entry in entries] == [
        (worth, date(2026, 3, 2))
    ]


async def test_the_evidence_of_an_entry_is_canonical_and_its_hash_can_be_repeated(
    learner: Learner, lesson: Lesson
) -> None:
    await learner.complete(lesson)
    (entry,) = await learner.entries()
    evidence = bytes(entry["evidence"])
    assert hashlib.sha256(evidence).hexdigest() == entry["evidence_sha256"]
    said = json.loads(evidence)
    assert rfc8785.dumps(said) == evidence
    assert (said["learner"], said["watchedSeconds"]) == (str(learner.person.id), DURATION)


async def test_the_ledger_refuses_to_be_changed(learner: Learner, lesson: Lesson) -> None:
    await learner.complete(lesson)
    with pytest.raises(Exception, match=r"append-only|permission denied"):
        async with UnitOfWork(DB):
            await LedgerEntry.update({LedgerEntry.seconds: 900}, force=True)


async def test_without_the_lecture_the_right_answers_are_not_enough(
    learner: Learner, lesson: Lesson
) -> None:
    await learner.enrol()
    session = await learner.open()
    learner.clock.advance(42)
    await learner.beat(session, (0, 42))  # 93 %
    assert (await learner.check(lesson))["lesson"]["state"] == "open"
    assert await learner.entries() == []


async def test_one_screen_costs_a_fixed_number_of_queries(learner: Learner, lesson: Lesson) -> None:
    await learner.complete(lesson)
    await learner.screen()  # signs nothing in, reads no revocations, finds the edition read
    async with counted() as one:
        await learner.screen()
    async with counted() as listed:
        await learner.get("/v1/enrolments")
    assert (len(one), len(listed)) == (9, 10), "whether any may be begun anew is one more"
