"""Many requests at the same moment, each in a transaction of its own that really commits."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextvars import Context
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest
from msgspec.structs import replace

from backend.accounts.domain import Role
from backend.accounts.tokens import AccessTokens
from backend.assessment import repository, service
from backend.assessment.criteria import frozen
from backend.assessment.domain import Criterion, PaperItem
from backend.assessment.marking.domain import essays_of
from backend.assessment.marking.remedies.repository import hold_decisions
from backend.assessment.marking.repository import open_essays
from backend.assessment.recording import bring_record
from backend.assessment.saving import service as saving
from backend.assessment.schemas import AnswersSaved, AnswerToSave
from backend.assessment.tables import ExamAttempt
from backend.curriculum import service as curriculum
from backend.notices.tables import Notice
from backend.progress.tables import LedgerEntry, LessonWatch, PlaySession
from backend.records.tables import DueRecord
from courses.format import Edition, Lesson
from courses.items.answers import Picked, Written
from courses.items.marking_rules import MarkingRules
from infra.clock import ManualClock
from infra.database import UnitOfWork, connection
from infra.engine import DB
from infra.ids import uuid7
from infra.local.postgres import LocalPostgres
from infra.objects import ObjectStore
from infra.settings import Settings
from infra.vault import Vault
from tests.applications import application
from tests.backend.assessment.sitting import Answers, Examinee
from tests.backend.progress.learning import DURATION, LESSON, Learner, event, show_lecture
from tests.backend.progress.own_database import own_database
from tests.conftest import PUBLIC_URL, START
from tests.courses.items.samples import ESSAY, an_item
from tests.killed import killed
from tests.people import SignedIn, sign_in_someone
from tests.published import publish_current

_WAITING = """
SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))
"""


DATABASE = "at_once"


@pytest.fixture(scope="module")
async def shown(
    database: None, local_postgres: LocalPostgres, object_store: ObjectStore
) -> AsyncIterator[Edition]:
    async with own_database(local_postgres, DATABASE):
        await publish_current(START)
        await show_lecture(ManualClock(START), object_store)
        yield await curriculum.current_edition()


@pytest.fixture
def edition(shown: Edition) -> Edition:
    return shown


@pytest.fixture
def lesson(shown: Edition) -> Lesson:
    return shown.lesson(LESSON)


@pytest.fixture
async def crowd(
    shown: Edition, settings: Settings, object_store: ObjectStore, clock: ManualClock
) -> AsyncIterator[httpx.AsyncClient]:
    app = application(settings, clock)
    transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL) as client:
        yield client


async def someone(
    crowd: httpx.AsyncClient, vault: Vault, tokens: AccessTokens, clock: ManualClock
) -> Learner:
    person = await sign_in_someone((Role.LEARNER,), vault=vault, tokens=tokens, clock=clock)
    return Learner(crowd, person, clock)


@pytest.fixture
async def learner(
    crowd: httpx.AsyncClient, vault: Vault, tokens: AccessTokens, clock: ManualClock
) -> Learner:
    return await someone(crowd, vault, tokens, clock)


async def test_five_submissions_at_once_make_one_record(
    learner: Learner, edition: Edition, lesson: Lesson
) -> None:
    await learner.complete(lesson)
    examinee = Examinee(learner, edition)
    starts = await asyncio.gather(*(examinee.try_start() for _ in range(5)))
    assert Counter(one.status_code for one in starts) == {201: 1, 200: 4}
    attempt = max((one.json() for one in starts), key=lambda one: int(one["sitting"]))
    assert attempt["sitting"] == len(starts)  # each is a device: the last one holds it
    answers = examinee.answers(attempt, right=9)
    results = await asyncio.gather(*(examinee.submit(attempt, answers) for _ in range(5)))
    assert {one.status_code for one in results} == {200}
    assert len({one.text for one in results}) == 1
    mine = learner.person.id
    assert await DueRecord.count().where(DueRecord.learner_id == mine) == 1
    assert await ExamAttempt.count().where(ExamAttempt.learner_id == mine) == 1


async def test_a_correction_and_the_next_attempt_that_pass_at_once_do_not_wait_for_each_other(
    learner: Learner, edition: Edition, lesson: Lesson
) -> None:
    await learner.complete(lesson)
    examinee = Examinee(learner, edition)
    failed = await examinee.start()
    await examinee.submit(failed, {})
    learner.clock.advance(24 * 3600)
    attempt = await examinee.start()
    async with UnitOfWork(DB):  # as a decision goes, which makes a pass of the first
        await hold_decisions()
        submission = asyncio.create_task(
            examinee.submit(attempt, examinee.answers(attempt, right=9)), context=Context()
        )
        while not await connection().fetchval(_WAITING):
            pass
        first = await repository.attempt(UUID(failed["id"]), learner_id=learner.person.id)
        passed = replace(first, score=Decimal(60), passed=True, ended_at=learner.clock())
        await bring_record(passed, learner.clock())
    assert (await submission).json()["passed"] is True
    assert await DueRecord.count().where(DueRecord.learner_id == learner.person.id) == 1


def batch(
    learner: Learner, attempt: dict[str, Any], answers: Answers, sequence: int = 1
) -> saving.Batch:
    places = {item["id"]: place for place, item in enumerate(attempt["items"], 1)}
    return saving.Batch(
        learner_id=learner.person.id,
        attempt_id=UUID(attempt["id"]),
        sitting=attempt["sitting"],
        received_at=learner.clock(),
        answers=[
            AnswerToSave(
                position=places[item],
                sequence=attempt["nextSequence"] + sequence,
                answer=Picked(picked=tuple(picked)),
            )
            for item, picked in answers.items()
        ],
    )


async def test_kill_9_leaves_all_of_a_save_or_a_submission_or_nothing_and_again_it_counts_once(
    learner: Learner, edition: Edition, lesson: Lesson, local_postgres: LocalPostgres
) -> None:
    dsn, mine = local_postgres.dsn(database=DATABASE), learner.person.id
    await learner.complete(lesson)
    examinee = Examinee(learner, edition)
    attempt = await examinee.start()
    answers = examinee.answers(attempt, right=9)
    saves = batch(learner, attempt, dict(list(answers.items())[:4]))
    assert killed(dsn, saving.commit, [saves], after="INSERT INTO attempt_answer")
    assert (await examinee.see(attempt))["answers"] == []
    assert killed(dsn, saving.commit, [saves], after="COMMIT")  # its answer never arrived
    assert len((await examinee.see(attempt))["answers"]) == 4
    (again,) = await saving.commit([saves])
    assert isinstance(again, AnswersSaved)
    assert {one.verdict for one in again.answers} == {"saved"}
    hands_in = batch(learner, attempt, answers, sequence=2)
    for step in ("INSERT INTO attempt_answer", "UPDATE exam_attempt", "INSERT INTO due_record"):
        assert killed(dsn, service.submit, hands_in, after=step)
        seen = await examinee.see(attempt)
        assert (seen["state"], len(seen["answers"])) == ("open", 4)
        assert not await DueRecord.exists().where(DueRecord.learner_id == mine)
    assert killed(dsn, service.submit, hands_in, after="COMMIT")
    result = await service.submit(hands_in)
    assert (result.score, result.passed) == (90, True)
    assert await DueRecord.count().where(DueRecord.learner_id == mine) == 1


async def test_the_check_and_the_last_heartbeat_at_once_enter_the_hours_once(
    learner: Learner, lesson: Lesson
) -> None:
    await learner.enrol()
    session = await learner.open()
    learner.clock.advance(60)
    beats = [learner.beat(session, (n, n + 5)) for n in range(0, DURATION, 5)]
    checks = [learner.check(lesson) for _ in range(3)]
    await asyncio.gather(*beats, *checks)
    answer = await learner.beat(session, *[(n, n + 5) for n in range(0, DURATION, 5)])
    if check := answer["presenceCheck"]:  # the questions were first
        await asyncio.gather(learner.attend(check), learner.attend(check))
    entries = await LedgerEntry.count().where(LedgerEntry.learner_id == learner.person.id)
    assert entries == 1


async def test_a_session_under_parallel_fire_earns_the_wall_clock(learner: Learner) -> None:
    await learner.enrol()
    session = await learner.open()
    learner.clock.advance(7)
    answers = await asyncio.gather(*(learner.beat(session, (0, DURATION)) for _ in range(40)))
    credited = sum(v["creditedSeconds"] for a in answers for v in a["verdicts"])
    row = await PlaySession.select().where(PlaySession.learner_id == learner.person.id).first()
    watch = await LessonWatch.select().where(LessonWatch.learner_id == learner.person.id).first()
    assert row is not None
    assert watch is not None
    assert (credited, row["credited_seconds"], watch["pending_seconds"]) == (7, 7, 7)


async def test_sessions_opened_in_parallel_leave_one_active(learner: Learner) -> None:
    await learner.enrol()
    sessions = await asyncio.gather(*(learner.open() for _ in range(10)))
    learner.clock.advance(20)
    events = [event(session["id"], 0, 10) for session in sessions]
    response = await learner.post("/v1/heartbeats", {"events": events})
    verdicts = Counter(v["verdict"] for v in response.json()["verdicts"])
    assert verdicts == {"credited": 1, "refused": 9}


async def test_learners_share_transactions_and_keep_their_own_seconds(
    crowd: httpx.AsyncClient, vault: Vault, tokens: AccessTokens, clock: ManualClock
) -> None:
    learners = [await someone(crowd, vault, tokens, clock) for _ in range(12)]
    for one in learners:
        await one.enrol()
    sessions = [await one.open() for one in learners]
    clock.advance(20)
    pairs = zip(learners, sessions, strict=True)
    beats = [one.beat(session, (0, n)) for n, (one, session) in enumerate(pairs, 1)]
    await asyncio.gather(*beats)
    for n, one in enumerate(learners, 1):
        row = await LessonWatch.select().where(LessonWatch.learner_id == one.person.id).first()
        assert row is not None
        assert row["pending_seconds"] == n
    ids = [session["id"] for session in sessions]
    transactions = await PlaySession.raw(
        "SELECT DISTINCT xmin::text FROM play_session WHERE id = ANY({}::uuid[])", ids
    )
    assert len(transactions) < len(learners)


async def waiting_essay(clock: ManualClock) -> tuple[UUID, UUID]:
    """Attempt and learner: two essays handed in, with nothing else on the paper. None pass."""
    learner, attempt, essay = uuid7(), uuid7(), an_item(ESSAY)
    items = tuple(
        PaperItem(id=id_, stem="?", interaction=essay.interaction, points=Decimal(50))
        for id_ in ("M02-901", "M02-902")
    )
    criterion = Criterion(
        pass_mark=Decimal(100), total_points=Decimal(100), rules=MarkingRules(), items=items
    )
    row = ExamAttempt(
        id=attempt,
        learner_id=learner,
        enrolment_id=uuid7(),
        number=1,
        exam_code="E4",
        programme_code="DEMO",
        edition="2026.1",
        edition_sha256="a" * 64,
        seed=bytes(32),
        criterion=frozen(criterion),
        criterion_sha256="a" * 64,
        extra_minutes=0,
        started_at=clock(),
        due_at=clock(),
        sitting=1,
        state="submitted",
        ended_at=clock(),
    )
    await ExamAttempt.insert(row)
    handed_in = [*essays_of(criterion, {item.id: Written(text="答") for item in items})]
    async with UnitOfWork(DB):
        await open_essays(learner, attempt, handed_in, apart_percent=20, now=clock())
    return attempt, learner


async def test_markers_at_once_take_two_places_each_and_the_last_marks_decide_once(
    crowd: httpx.AsyncClient, vault: Vault, tokens: AccessTokens, clock: ManualClock
) -> None:
    attempt, learner = await waiting_essay(clock)
    people = [
        await sign_in_someone((Role.MARKER,), vault=vault, tokens=tokens, clock=clock)
        for _ in range(4)
    ]

    async def take(person: SignedIn) -> str | None:
        answered = await crowd.post("/v1/marking/essays", headers=person.headers)
        taken = answered.json()["essay"]
        return taken["id"] if taken else None

    async def give(person: SignedIn, held: str, percent: int) -> int:
        body = {"percents": {"1": percent}, "comment": ""}
        path = f"/v1/marking/essays/{held}/marks"
        return (await crowd.put(path, json=body, headers=person.headers)).status_code

    # Each presses the button twice; nobody waits for another's lock, so some may look again.
    await asyncio.gather(*(take(person) for person in people for _ in range(2)))
    held = [await take(person) for person in people]
    assert len({one for one in held if one}) == 4
    pairs = [(person, one) for person, one in zip(people, held, strict=True) if one]
    given = await asyncio.gather(*(give(*pair, 80) for pair in pairs for _ in range(2)))
    assert set(given) == {200}
    row = await ExamAttempt.select().where(ExamAttempt.id == attempt).first()
    assert row is not None
    assert (row["score"], row["passed"]) == (80, False)
    essays = msgspec.json.decode(bytes(row["evidence"]))["essays"]
    assert [len(one["marks"]) for one in essays] == [2, 2]
    news = await Notice.count().where(Notice.person_id == learner)
    assert news == 1
