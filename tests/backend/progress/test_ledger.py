"""A learner's list of hours over HTTP, its corrections, and classes in the same ledger."""

from datetime import timedelta
from uuid import uuid4

import httpx
import pytest
from msgspec.structs import replace

from backend.accounts.domain import Role, typed_login
from backend.accounts.people import add_login
from backend.progress import privacy_facts, service
from backend.progress.domain import DAILY_CAP_SECONDS, shanghai_day
from backend.progress.hours.class_hours import evidence
from backend.progress.hours.domain import ClassEntry
from backend.progress.piccolo_migrations import (
    progress_2026_11_23t03_48_00_000000 as backfill,
)
from backend.progress.tables import Enrolment, LedgerEntry
from courses.effort import credit_seconds
from courses.format import Lesson
from infra.database import UnitOfWork
from infra.engine import DB
from infra.ids import uuid7
from infra.tables import AuditEntry
from infra.vault import Vault
from tests.backend.progress.learning import DURATION, LESSON, Learner
from tests.one_connection import connection
from tests.people import AsPerson, SignedIn

REASON = "经核查，该小节由他人代学"


async def put_right(
    learner: Learner, by: SignedIn, entry: str, seconds: int, reason: str = REASON
) -> httpx.Response:
    path = f"/v1/learners/{learner.person.id}/hours/{entry}/corrections"
    return await learner.api.post(
        path, json={"seconds": seconds, "reason": reason}, headers=by.headers
    )


def sat(learner: Learner, seconds: int, module: str | None = "M02") -> ClassEntry:
    return ClassEntry(
        attendance_id=uuid7(),
        person_id=learner.person.id,
        class_session_id=uuid7(),
        module=module,
        counts_on=shanghai_day(learner.clock()),
        seconds=seconds,
        reason=None,
        entered_by=uuid7(),
    )


async def enter(learner: Learner, *entries: ClassEntry) -> None:
    async with UnitOfWork(DB):
        await service.enter_class_hours(entries, now=learner.clock())


async def test_hours_taken_back_are_told_close_the_exam_and_can_be_given_back(
    learner: Learner, lesson: Lesson, as_person: AsPerson
) -> None:
    admin, worth = await as_person(Role.ADMINISTRATOR), credit_seconds(lesson, DURATION)
    await learner.complete(lesson)
    (entry,) = (await learner.get("/v1/hours")).json()["items"]
    assert entry["explanation"] == {
        "zh": f"在线完成小节 {LESSON}", "en": f"Lesson {LESSON} completed online",
    }  # fmt: skip
    taken = await put_right(learner, admin, entry["id"], -worth)
    assert (taken.status_code, taken.json()["leftSeconds"]) == (201, 0), taken.text
    screen = await learner.screen()
    assert screen["exam"]["whyNot"]["en"] == "1 lesson to go before the exam opens."
    assert screen["exam"]["missing"] == [{"part": "lessons", "amount": 1, "module": "M02"}]
    page = (await learner.get("/v1/hours")).json()
    assert page["totals"]["countedSeconds"] == 0
    assert page["items"][0]["explanation"]["zh"] == f"更正：在线完成小节 {LESSON}。原因：{REASON}"
    assert page["items"][0]["corrects"] == entry["id"]
    assert [one["leftSeconds"] for one in page["items"]] == [None, 0]
    (notice,) = (await learner.get("/v1/notices")).json()["items"]
    assert notice["text"]["zh"].startswith(f"小节 {LESSON} 的学时扣减了 {worth // 60} 分")
    assert (notice["link"], REASON in str(notice)) == ("/hours", False)
    more = await put_right(learner, admin, entry["id"], -1)
    assert (more.status_code, more.json()["code"]) == (409, "hours-not-there")
    again = await put_right(learner, admin, entry["id"], worth + 1)
    assert again.json()["code"] == "more-than-awarded"
    assert (await put_right(learner, admin, entry["id"], worth)).status_code == 201
    assert (await learner.screen())["exam"]["open"] is True
    acts = await AuditEntry.select(AuditEntry.act).where(AuditEntry.actor == admin.id)
    assert [act["act"] for act in acts] == ["hours-corrected"] * 2
    assert (await learner.get("/v1/notices")).json()["unread"] == 2, "told each time, no more"


async def test_an_administrator_finds_a_learner_s_hours_and_the_learner_reads_who_looked(
    learner: Learner, lesson: Lesson, as_person: AsPerson, vault: Vault
) -> None:
    admin, login = await as_person(Role.ADMINISTRATOR), f"{uuid4().hex}@example.org"
    await add_login(vault, learner.person.id, typed_login(login), proved_at=learner.clock())
    await learner.complete(lesson)

    async def find(login: str) -> httpx.Response:
        body = {"login": login}
        return await learner.api.post("/v1/learner-queries", json=body, headers=admin.headers)

    found = await find(login)
    assert found.json() == {"id": str(learner.person.id), "name": "王*明"}, found.text
    nobody = await find("nobody-at-all@example.org")
    assert (nobody.status_code, nobody.json()["code"]) == (404, "nobody-by-that-login")
    path = f"/v1/learners/{learner.person.id}/hours"
    listed = (await learner.api.get(path, headers=admin.headers)).json()
    own = (await learner.get("/v1/hours")).json()
    assert (listed, len(own["items"])) == (own, 1)
    assert (await learner.get(path)).status_code == 403
    looks = (await learner.get("/v1/me/accesses")).json()["items"]
    assert {(one["who"], one["what"]) for one in looks} == {
        ("administrator", "name"), ("administrator", "learning-records"),
    }  # fmt: skip


async def test_nobody_corrects_their_own_hours_a_class_s_or_a_correction(
    learner: Learner, lesson: Lesson, as_person: AsPerson
) -> None:
    admin = await as_person(Role.ADMINISTRATOR)
    await learner.complete(lesson)
    await enter(learner, sat(learner, 2700))
    items = (await learner.get("/v1/hours")).json()["items"]
    by_source = {item["source"]: item["id"] for item in items}
    found = (await put_right(learner, admin, by_source["online"], -10)).json()["id"]
    codes = [
        (await put_right(learner, admin, entry, -1)).json()["code"]
        for entry in (by_source["class-session"], found, str(uuid4()))
    ]
    assert codes == ["correct-the-class", "correct-the-award", "entry-not-found"]
    path = f"/v1/learners/{admin.id}/hours/{uuid4()}/corrections"
    own = await learner.api.post(
        path, json={"seconds": -1, "reason": REASON}, headers=admin.headers
    )
    assert (own.status_code, own.json()["code"]) == (403, "own-hours")
    assert (await put_right(learner, admin, by_source["online"], 0)).status_code == 422


async def test_a_day_in_a_class_and_a_lesson_share_one_day_s_limit(
    learner: Learner, lesson: Lesson
) -> None:
    """The lesson counts on the next day; the class counts now, in the list and in the totals."""
    await enter(learner, sat(learner, DAILY_CAP_SECONDS - 60))
    await learner.complete(lesson)
    page = (await learner.get("/v1/hours?limit=1")).json()
    (waiting,) = page["items"]
    day = shanghai_day(learner.clock())
    assert (waiting["counts"], waiting["countsOn"]) == (False, str(day + timedelta(days=1)))
    assert "at most 8 class hours a day" in waiting["explanation"]["en"]
    assert page["totals"]["countedSeconds"] == DAILY_CAP_SECONDS - 60
    rest = (await learner.get(f"/v1/hours?cursor={page['nextCursor']}")).json()
    assert [one["source"] for one in rest["items"]] == ["class-session"]
    assert rest["nextCursor"] is None
    stranger = (await learner.get(f"/v1/hours?cursor={uuid4()}")).json()
    assert stranger["items"] == []


async def test_erasure_takes_an_enrolment_without_hours_though_a_class_gave_some(
    learner: Learner,
) -> None:
    await learner.enrol()
    await enter(learner, sat(learner, 2700))
    assert await Enrolment.exists().where(Enrolment.learner_id == learner.person.id)
    await privacy_facts.erase_person(learner.person.id, now=learner.clock())
    assert not await Enrolment.exists().where(Enrolment.learner_id == learner.person.id)
    assert await LedgerEntry.exists().where(LedgerEntry.learner_id == learner.person.id)


async def test_a_class_s_correction_is_told_and_its_award_is_not(learner: Learner) -> None:
    entry = sat(learner, 2700)
    await enter(learner, entry)
    assert (await learner.get("/v1/notices")).json()["items"] == []
    await enter(learner, replace(entry, seconds=-900, reason=REASON))
    (notice,) = (await learner.get("/v1/notices")).json()["items"]
    assert notice["text"]["zh"] == "面授（M02）的学时扣减了 15 分钟，原因见“我的学时”。"
    assert notice["text"]["en"].startswith("15 min taken back from a class (M02)")


async def test_the_years_count_classes_and_say_until_when(learner: Learner, lesson: Lesson) -> None:
    await enter(learner, sat(learner, 2 * 2700, module="M17"), sat(learner, 2700, module=None))
    (year,) = (await learner.get("/v1/hours/years")).json()["items"]
    assert (year["earnedSeconds"], year["missingSeconds"]) == (2 * 2700, 14 * 2700)
    assert year["explanation"]["zh"] == "还差 14 学时，2026-12-31 截止。"
    assert (year["met"], year["confirmed"], year["obliged"]) == (False, False, False)


async def test_attendance_from_before_the_ledger_comes_with_the_same_evidence(
    learner: Learner, lesson: Lesson
) -> None:
    entry = sat(learner, 2700)
    async with UnitOfWork(DB):
        await connection().execute(
            "INSERT INTO class_session (id, organiser, title, module, place, capacity,"
            " members_only, begins_at, ends_at, breaks, planned_seconds, state, created_by,"
            " created_at) VALUES ($1, $1, '', $2, '', 1, false, $3, $4, '[]', 1, 'planned', $1,"
            " $3)",
            entry.class_session_id, entry.module, learner.clock(),
            learner.clock() + timedelta(hours=1),
        )  # fmt: skip
        await connection().execute(
            "INSERT INTO class_seat (id, session, person, state, queued_at)"
            " VALUES ($1, $2, $3, 'enrolled', $4)",
            entry.attendance_id, entry.class_session_id, entry.person_id, learner.clock(),
        )  # fmt: skip
        await connection().execute(
            "INSERT INTO attendance_entry (id, person, seat, session, kind, counts_on, seconds,"
            " entered_by, entered_at) VALUES ($1, $2, $1, $3, 'attended', $4, $5, $1, $6)",
            entry.attendance_id, entry.person_id, entry.class_session_id, entry.counts_on,
            entry.seconds, learner.clock(),
        )  # fmt: skip
        await connection().execute(backfill.ATTENDANCE)
        (row,) = await LedgerEntry.select().where(LedgerEntry.learner_id == learner.person.id)
    assert (row["evidence"], row["kind"]) == (evidence(entry), "awarded")


async def test_the_database_itself_refuses_hours_below_zero_that_correct_nothing(
    learner: Learner, lesson: Lesson
) -> None:
    await learner.complete(lesson)
    with pytest.raises(Exception, match="ledger_entry_negative_only_as_correction"):
        async with UnitOfWork(DB):
            await connection().execute(
                "INSERT INTO ledger_entry SELECT (jsonb_populate_record(e, jsonb_build_object("
                "'id', gen_random_uuid(), 'seconds', -1, 'lesson_code', 'M02-L02'))).*"
                " FROM ledger_entry e WHERE learner_id = $1",
                learner.person.id,
            )
