"""A new edition comes: how tests publish it, and what somebody has who is half way."""

from collections.abc import Collection
from datetime import date, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import msgspec

from backend.curriculum import release_rows
from backend.curriculum import service as curriculum
from backend.curriculum.domain import Release, ReleaseState
from backend.progress.domain import LessonState
from backend.progress.offline.tables import DownloadLease
from backend.progress.schemas import EnrolmentScreen
from backend.progress.tables import LedgerEntry, LessonWatch
from courses.format import Edition
from courses.loader import canonical
from infra.clock import ManualClock
from infra.ids import uuid7
from tests.backend.progress.learning import Learner
from tests.one_connection import connection

UNTIL = date(2026, 3, 20)
AFTER = timedelta(days=20).total_seconds()


async def publish(edition: Edition, clock: ManualClock) -> str:
    content = canonical(edition)
    digest = sha256(content).hexdigest()
    await curriculum.publish(edition.code, digest, content, now=clock())
    return digest


async def release(edition: Edition, clock: ManualClock, *, until: date = UNTIL) -> None:
    """As two people would have."""
    clock.advance(60)
    digest = await publish(edition, clock)
    proposed = Release(
        id=uuid7(),
        code=edition.code,
        sha256=digest,
        instead_of="2026.1",
        finish_until=until,
        editorial=(),
        state=ReleaseState.PROPOSED,
        proposed_by=uuid7(),
        proposed_at=clock(),
    )
    await release_rows.propose(proposed)
    await release_rows.decide(
        proposed.id, ReleaseState.RELEASED, by=uuid7(), reason=None, now=clock()
    )


async def learn(learner: Learner, edition: Edition, *codes: str) -> None:
    for code in codes:
        await learner.watch(await learner.open(code))
        await learner.check(edition.lesson(code))


async def watch_of(learner: Learner, enrolment: str, lesson: str) -> dict[str, Any]:
    row = LessonWatch
    here = (row.learner_id == learner.person.id, row.enrolment_id == enrolment)
    found = await row.select().where(*here, row.lesson_code == lesson).first()
    assert found is not None
    return found


async def take_along(learner: Learner, lesson: str, clock: ManualClock) -> UUID:
    watch = await watch_of(learner, learner.enrolment_id, lesson)
    lease = DownloadLease(
        id=uuid7(),
        learner_id=learner.person.id,
        enrolment_id=watch["enrolment_id"],
        lesson_watch_id=watch["id"],
        lesson_code=lesson,
        lecture_id=watch["lecture_id"],
        rendition="a" * 64,
        device_id=uuid7(),
        rate_percent=100,
        issued_at=clock(),
        expires_at=clock() + timedelta(days=14),
        counted_from=clock(),
        revoked_at=None,
        lost=bytes(len(watch["watched"])),
    )
    await DownloadLease.insert(lease)
    return lease.id


async def plan_came_along(learner: Learner) -> None:
    """To be changed and taken back where it is now."""

    async def shown() -> str | None:
        (mine,) = (await learner.get("/v1/home")).json()["enrolments"]
        assert mine["id"] == learner.enrolment_id
        day: str | None = mine["dueOn"]
        return day

    assert await shown() == "2026-03-30"
    path = f"/v1/enrolments/{learner.enrolment_id}/plan"
    for wanted in ("2026-04-30", None):
        await learner.put(path, {"finishBy": wanted})
        assert await shown() == wanted


def complete(screen: EnrolmentScreen) -> set[str]:
    return {one.code for one in screen.lessons if one.state is LessonState.COMPLETE}


async def worth(person: UUID, codes: Collection[str]) -> int:
    row = LedgerEntry
    entries = await row.select(row.lesson_code, row.seconds).where(row.learner_id == person)
    return sum(entry["seconds"] for entry in entries if entry["lesson_code"] in codes)


_COPY = """
INSERT INTO {table} SELECT (jsonb_populate_record(t, $3::jsonb
    || CASE WHEN '{table}' = 'learner_seat' THEN '{{}}'
       ELSE jsonb_build_object('id', CASE WHEN '{table}' = 'enrolment' THEN $4::uuid
                                     ELSE gen_random_uuid() END) END)).*
FROM {table} t WHERE learner_id = $1 AND (to_jsonb(t)->>'lesson_code' IS NULL
    OR to_jsonb(t)->>'lesson_code' = ANY($2::text[]))
"""


async def like(learner: Learner, codes: Collection[str]) -> UUID:
    """Somebody with the learner's rows of these lessons."""
    person, enrolment = uuid7(), uuid7()
    for table in ("enrolment", "learner_seat", "lesson_watch", "lesson_check", "ledger_entry"):
        own = {"learner_id": str(person)}
        if table not in {"enrolment", "learner_seat"}:
            own["enrolment_id"] = str(enrolment)
        values = (learner.person.id, list(codes), msgspec.json.encode(own).decode(), enrolment)
        await connection().execute(_COPY.format(table=table), *values)
    return person
