"""A yearly programme is earned anew each year, and any programme after its record was revoked."""

from collections import Counter
from datetime import date, timedelta
from random import Random
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest

from backend.progress.domain import shanghai_day
from backend.records import service as records
from backend.records.domain import RecordFacts
from backend.records.events import history
from backend.records.evidence.domain import Earning
from backend.records.issuing import issue
from backend.records.keyring import Keyring
from backend.records.tables import CompletionRecord, DueRecord
from courses.format import Edition, Lesson
from infra.clock import ManualClock
from infra.objects import ObjectStore
from infra.queue import WorkerContext
from infra.vault import Vault
from tests.backend.assessment.sitting import Examinee
from tests.backend.progress.learning import LESSON, Learner, show_lecture
from tests.backend.progress.moving import publish
from tests.backend.progress.test_ledger import enter, sat
from tests.backend.records.conftest import Someone, context, someone, verify_person
from tests.courses import current_edition
from tests.courses.two_editions import taught_in_a_room, yearly
from tests.people import AsPerson

__all__ = ["context", "someone"]
A_DAY = 86_400
pytestmark = pytest.mark.usefixtures("unit")


class Auditor(Examinee):
    """Learns, sits the exam, and has her record made and taken away."""

    def __init__(
        self, learner: Learner, edition: Edition, context: WorkerContext, deciders: list[UUID]
    ) -> None:
        super().__init__(learner, edition)
        self.context, self.deciders = context, deciders

    async def passes(self) -> None:
        attempt = await self.start()
        marked = (await self.submit(attempt, self.answers(attempt))).json()
        assert marked["passed"], marked

    async def dues(self) -> list[DueRecord]:
        mine = DueRecord.learner_id == self.learner.person.id
        return await DueRecord.objects().where(mine).order_by(DueRecord.requested_at)

    async def record(self) -> CompletionRecord:
        """Of what was earned last, made if it was not."""
        due = (await self.dues())[-1]
        await issue(self.context, due.id)
        made = await CompletionRecord.objects().get(CompletionRecord.due == due.id)
        assert made is not None
        return made

    async def revoke(self, record: CompletionRecord) -> None:
        (one, other), now = self.deciders, self.clock()
        why, keyring = "替考，经查实", Keyring.of(self.context.settings)
        vault = Vault.of(self.context.settings.keys)
        made = await records.propose_revocation(vault, record.id, why, proposer_id=one, now=now)
        await records.approve_revocation(keyring, made.id, approver_id=other, now=now)

    async def home(self) -> dict[str, Any]:
        return dict((await self.learner.get("/v1/home")).json())

    def at(self, day: date) -> None:
        self.clock.advance((day - shanghai_day(self.clock())).days * A_DAY)


@pytest.fixture
async def auditor(
    api: httpx.AsyncClient,
    as_person: AsPerson,
    clock: ManualClock,
    object_store: ObjectStore,
    context: WorkerContext,
    someone: Someone,
    vault: Vault,
) -> Auditor:
    """In a yearly programme of one lesson."""
    edition = yearly(current_edition())
    await publish(edition, clock)
    await show_lecture(clock, object_store)
    person = await as_person()
    await verify_person(vault, person.id)
    deciders = [await someone() for _ in range(2)]
    return Auditor(Learner(api, person, clock), edition, context, deciders)


@pytest.fixture
def lesson(auditor: Auditor) -> Lesson:
    return current_edition().lesson(LESSON)


async def finish(auditor: Auditor, lesson: Lesson) -> None:
    await auditor.learner.enrol()
    await auditor.learner.watch(await auditor.learner.open())
    await auditor.learner.check(lesson)


async def test_an_auditor_in_her_second_year_begins_anew_under_the_same_edition(
    auditor: Auditor, lesson: Lesson
) -> None:
    await finish(auditor, lesson)
    await auditor.passes()
    (first,) = (await auditor.home())["enrolments"]
    assert (first["period"], first["finished"], first["anew"]) == ("2026", True, None)
    auditor.at(date(2027, 1, 1))
    (first,) = (await auditor.home())["enrolments"]
    assert (first["period"], first["anew"]) == ("2026", "year")
    late = {"enrolmentId": first["id"], "lesson": LESSON}
    refused = await auditor.learner.post("/v1/play-sessions", late)
    assert (refused.status_code, refused.json()["code"]) == (409, "year-over")
    assert "未学满" not in refused.json()["detail"], "her hours were met"
    second = await auditor.learner.enrol()
    assert (second["period"], second["edition"]) == ("2027", first["edition"])
    assert second["id"] != first["id"]
    assert (second["hours"]["earnedSeconds"], second["exam"]["open"]) == (0, False)
    assert second["lessons"][0]["watchedSeconds"] == 0
    (shown,) = (await auditor.home())["enrolments"]
    assert (shown["period"], shown["percent"], shown["missing"]["zh"][:3]) == ("2027", 0, "还差 ")
    await finish(auditor, lesson)
    await auditor.passes()
    assert [(due.period, due.edition) for due in await auditor.dues()] == [
        ("2026", "2026.1"), ("2027", "2026.1"),
    ]  # fmt: skip
    listed = (await auditor.learner.get("/v1/records")).json()["items"]
    assert [one["period"] for one in listed] == ["2027", "2026"]


async def test_an_exam_passed_in_january_is_of_the_year_whose_hours_it_closes(
    auditor: Auditor, lesson: Lesson
) -> None:
    await finish(auditor, lesson)
    old = auditor.learner.enrolment_id
    auditor.at(date(2027, 1, 3))
    await auditor.learner.enrol()
    both = (await auditor.home())["enrolments"]
    open_ = [(one["period"], one["missing"] is None) for one in both]
    assert open_ == [("2027", False), ("2026", True)]
    auditor.learner.enrolment_id = old
    await auditor.passes()
    (due,) = await auditor.dues()
    facts = msgspec.json.decode(due.facts, type=RecordFacts)
    assert (due.period, shanghai_day(facts.exam_passed_at)) == ("2026", date(2027, 1, 3))
    assert [one["period"] for one in (await auditor.home())["enrolments"]] == ["2027"]
    await finish(auditor, lesson)
    await auditor.passes()
    assert [due.period for due in await auditor.dues()] == ["2026", "2027"]


async def test_of_a_year_whose_record_was_revoked_after_it_no_exam_is_left(
    auditor: Auditor, lesson: Lesson
) -> None:
    await finish(auditor, lesson)
    await auditor.passes()
    record = await auditor.record()
    auditor.at(date(2027, 1, 3))
    await auditor.revoke(record)
    home = await auditor.home()
    (shown,) = home["enrolments"]
    assert (shown["anew"], shown["finished"], home["next"]) == ("year", False, None)
    await auditor.learner.enrol()
    home = await auditor.home()
    assert [one["period"] for one in home["enrolments"]] == ["2027"]
    assert home["next"]["step"] == "lesson"


async def test_hours_that_count_after_the_year_are_not_of_it(
    auditor: Auditor, lesson: Lesson
) -> None:
    auditor.at(date(2026, 12, 31))
    await auditor.learner.enrol()
    await auditor.learner.watch(await auditor.learner.open())
    auditor.clock.advance(A_DAY)
    await auditor.learner.check(lesson)
    screen = await auditor.learner.screen()
    assert (screen["hours"]["earnedSeconds"], screen["exam"]["open"]) == (0, False)
    assert screen["exam"]["whyNot"]["en"].startswith("The year 2026 is over")
    assert (await auditor.try_start()).json()["code"] == "exam-not-open"


async def test_after_a_revocation_the_same_year_is_earned_again_from_nothing(
    auditor: Auditor, lesson: Lesson, vault: Vault
) -> None:
    await finish(auditor, lesson)
    await enter(auditor.learner, sat(auditor.learner, 2700))
    await auditor.passes()
    revoked = await auditor.record()
    assert (await auditor.learner.enrol())["round"] == 1, "a record in force is not earned twice"
    await auditor.revoke(revoked)
    (shown,) = (await auditor.home())["enrolments"]
    assert (shown["anew"], shown["finished"]) == ("revoked", False)
    assert (await auditor.home())["next"] is None, "not the exam that was passed"
    (listed,) = (await auditor.learner.get("/v1/enrolments")).json()["items"]
    assert listed["anew"] == "revoked"
    again = await auditor.learner.enrol()
    assert (again["period"], again["round"], again["anew"]) == ("2026", 2, None)
    assert (again["hours"]["earnedSeconds"], again["exam"]["open"]) == (0, False)
    assert (await auditor.learner.enrol())["id"] == again["id"]
    await finish(auditor, lesson)
    await auditor.passes()
    record = await auditor.record()
    assert [event.kind for event in await history(revoked.id)] == ["issued", "revoked"]
    assert [event.kind for event in await history(record.id)] == ["issued"]
    for said in (bytes(record.jws), bytes(record.evidence)):
        assert revoked.number.encode() not in said
        assert str(revoked.id).encode() not in said
    assert not entries_of(revoked) & entries_of(record)


def entries_of(record: CompletionRecord) -> set[UUID]:
    """Of the ledger, that a record rests on."""
    return _hours(msgspec.json.decode(record.evidence)["earned"])


def _hours(earning: Any) -> set[UUID]:
    return {one.entry for one in msgspec.convert(earning, Earning).hours}


@pytest.mark.parametrize("seed", range(3))
async def test_whatever_happens_nobody_has_two_records_in_force_of_one_year(
    auditor: Auditor, seed: int
) -> None:
    """A walk by chance, beside what a year and a round may count by the calendar alone."""
    chance, clock = Random(seed), auditor.clock
    await publish(
        msgspec.structs.replace(taught_in_a_room(yearly(current_edition())), code="2026.2"),
        clock,
    )
    begun: dict[str, date] = {}
    days: list[date] = []
    gone: Counter[str] = Counter()
    here: tuple[str, int] | None = None
    for _ in range(40):
        today = shanghai_day(clock())
        match chance.choice(["enrol", "sit", "sit", "exam", "revoke", "week", "month", "night"]):
            case "enrol":
                year = str(today.year)
                screen = await auditor.learner.enrol()
                here = year, gone[year] + 1
                assert (screen["period"], screen["round"]) == here
                begun.setdefault(f"{here}", today)
            case "sit":
                await enter(auditor.learner, sat(auditor.learner, 2700))
                days.append(today)
            case "exam" if here:
                since, (year, number) = begun[f"{here}"], here
                first = min(begun.values())
                since = since + timedelta(1) if number > 1 else max(first, date(int(year), 1, 1))
                last = min(today, date(int(year), 12, 31))
                met = sum(since <= day <= last for day in days) >= 2
                assert (await auditor.learner.screen())["exam"]["open"] == met, (here, days)
                earned = {(due.period, due.round) for due in await auditor.dues()}
                if met and here not in earned:
                    await auditor.passes()
                    await auditor.record()
            case "revoke" if here and (dues := await auditor.dues()):
                made = await auditor.record()
                if dues[-1].period and dues[-1].round == gone[dues[-1].period] + 1:
                    await auditor.revoke(made)
                    gone[dues[-1].period] += 1
            case "week":
                clock.advance(7 * A_DAY)
            case "month":
                clock.advance(80 * A_DAY)
            case "night":
                clock.advance(A_DAY)
        await check(auditor, gone)


async def check(auditor: Auditor, gone: Counter[str]) -> None:
    dues = await auditor.dues()
    standing = Counter(due.period for due in dues if due.period)
    assert all(count - gone[year] <= 1 for year, count in standing.items()), standing
    rested = [_hours(msgspec.json.decode(due.earning or b"")) for due in dues]
    assert sum(map(len, rested)) == len(set().union(*rested)), "no hour in two records"
