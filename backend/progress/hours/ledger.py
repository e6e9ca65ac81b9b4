"""A learner's own list of hours, and corrections by an administrator."""

import hashlib
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

import rfc8785

from backend.progress.domain import shanghai_day
from backend.progress.hours import class_hours
from backend.progress.hours.domain import Line, check_correction, check_entry
from backend.progress.hours.schemas import (
    Corrected,
    HoursCorrection,
    HoursEntry,
    HoursOfModule,
    HoursPage,
    HoursTotals,
)
from backend.progress.hours.told import CorrectedHours, tell
from backend.progress.schemas import Words
from infra.audit import record_act
from infra.database import UnitOfWork, connection
from infra.engine import DB
from infra.errors import Conflict, Forbidden, NotFound
from infra.ids import uuid7

_PAGE = """
SELECT id, kind, source, programme_code, edition, module_code, lesson_code, class_session_id,
       seconds, counts_on, completed_at, corrects, reason, evidence_sha256,
       CASE WHEN kind = 'awarded' AND lesson_code IS NOT NULL THEN seconds + (
           SELECT coalesce(sum(c.seconds), 0)::int FROM ledger_entry c
           WHERE c.learner_id = $1 AND c.corrects = e.id) END AS left_seconds
FROM ledger_entry e
WHERE learner_id = $1 AND ($2::uuid IS NULL OR (counts_on, id) <
    (SELECT c.counts_on, c.id FROM ledger_entry c WHERE c.learner_id = $1 AND c.id = $2))
ORDER BY counts_on DESC, id DESC LIMIT $3
"""
_TOTALS = """
SELECT module_code, sum(seconds) FILTER (WHERE counts_on <= $2)::int AS counts,
       sum(seconds) FILTER (WHERE counts_on > $2)::int AS waits
FROM ledger_entry WHERE learner_id = $1 GROUP BY module_code ORDER BY module_code NULLS LAST
"""
_AWARD = """
SELECT a.id, a.kind, a.source, a.programme_code, a.counts_on, a.seconds, a.evidence_sha256,
       a.lesson_code, a.module_code,
       (SELECT coalesce(sum(c.seconds), 0)::int FROM ledger_entry c
        WHERE c.learner_id = $1 AND c.corrects = $2) AS corrected
FROM ledger_entry a WHERE a.learner_id = $1 AND a.id = $2
"""
# All but the seconds is the award's own: the counter-entry counts where that one did.
_CORRECT = """
INSERT INTO ledger_entry (id, learner_id, kind, source, enrolment_id, programme_code, edition,
    module_code, lesson_code, lecture_id, seconds, watched_seconds, evidence, evidence_sha256,
    completed_at, counts_on, corrects, reason, entered_by)
SELECT $3, learner_id, 'correction', source, enrolment_id, programme_code, edition, module_code,
    lesson_code, lecture_id, $4, watched_seconds, $5, $6, $7, counts_on, id, $8, $9
FROM ledger_entry WHERE learner_id = $1 AND id = $2
"""


class EntryNotFound(NotFound):
    """This learner has no such entry of hours; GET /v1/hours lists a learner's own."""

    zh = "该学员没有这条学时记录。"


class CorrectTheClass(Conflict):
    """Hours of a class are corrected in the class's own list, by its instructor."""

    zh = "面授学时请由讲师在该班的名单中更正。"


class CorrectTheAward(Conflict):
    """This entry is a correction itself; correct the award that it names."""

    zh = "这条记录本身是更正，请更正其所指的原授予记录。"


class OwnHours(Forbidden):
    """Nobody corrects their own hours; ask another administrator."""

    zh = "不能更正本人的学时，请由另一位管理员办理。"


async def hours(learner_id: UUID, *, cursor: UUID | None, limit: int, now: datetime) -> HoursPage:
    """Newest day first. A cursor that is not the learner's own finds nothing."""
    async with UnitOfWork(DB):
        rows = await connection().fetch(_PAGE, learner_id, cursor, limit + 1)
        totals = await connection().fetch(_TOTALS, learner_id, shanghai_day(now))
    return HoursPage(
        items=[_entry(row, shanghai_day(now)) for row in rows[:limit]],
        totals=HoursTotals(
            counted_seconds=sum(row["counts"] or 0 for row in totals),
            waiting_seconds=sum(row["waits"] or 0 for row in totals),
            modules=[
                HoursOfModule(row["module_code"], row["counts"] or 0, row["waits"] or 0)
                for row in totals
            ],
        ),
        next_cursor=rows[limit - 1]["id"] if len(rows) > limit else None,
    )


def _entry(row: Mapping[str, Any], today: date) -> HoursEntry:
    return HoursEntry(
        id=row["id"],
        kind=row["kind"],
        source=row["source"],
        counts_on=row["counts_on"],
        counts=row["counts_on"] <= today,
        seconds=row["seconds"],
        left_seconds=row["left_seconds"],
        module=row["module_code"],
        lesson=row["lesson_code"],
        programme=row["programme_code"],
        edition=row["edition"],
        class_session=row["class_session_id"],
        corrects=row["corrects"],
        entered_at=row["completed_at"],
        evidence_sha256=row["evidence_sha256"],
        explanation=explained(row, waits=row["counts_on"] > today),
    )


_WHAT = {
    "online": ("在线完成小节 {lesson}", "Lesson {lesson} completed online"),
    "offline": ("离线完成小节 {lesson}", "Lesson {lesson} completed offline"),
    "class-session": ("面授出勤（{module}）", "Attended a class ({module})"),
}


def explained(row: Mapping[str, Any], *, waits: bool) -> Words:
    """Why the hours are there, or why they went, in words a learner reads."""
    names = {"lesson": row["lesson_code"], "module": row["module_code"] or "—"}
    zh, en = (words.format(**names) for words in _WHAT[row["source"]])
    if row["kind"] == "correction":
        zh, en = f"更正：{zh}。原因：{row['reason']}", f"Correction: {en}. Reason: {row['reason']}"
    if waits:
        day = row["counts_on"]
        zh += f"（每日至多 8 学时，自 {day} 起计入）"
        en += f" (at most 8 class hours a day; counts from {day})"
    return Words(zh, en)


async def correct(
    learner_id: UUID, entry_id: UUID, wanted: HoursCorrection, *, caller: UUID, now: datetime
) -> Corrected:
    """A counter-entry. What was awarded stays as it is, and so does what was corrected before."""
    if learner_id == caller:
        raise OwnHours
    async with UnitOfWork(DB):
        await class_hours.lock([learner_id], now=now)
        award = await connection().fetchrow(_AWARD, learner_id, entry_id)
        if award is None:
            raise EntryNotFound
        _check_award(award)
        check_correction(wanted.seconds, awarded=award["seconds"], corrected=award["corrected"])
        so_far = (await class_hours.sums_of([learner_id]))[learner_id]
        new = Line(
            counts_on=award["counts_on"],
            seconds=wanted.seconds,
            programme=award["programme_code"],
        )
        check_entry(new, so_far)
        correction_id, proof = uuid7(), _evidence(learner_id, award, wanted, caller, now)
        await connection().execute(
            _CORRECT,
            learner_id,
            entry_id,
            correction_id,
            wanted.seconds,
            proof,
            hashlib.sha256(proof).hexdigest(),
            now,
            wanted.reason,
            caller,
        )
        corrected = CorrectedHours(
            id=correction_id,
            learner_id=learner_id,
            seconds=wanted.seconds,
            lesson=award["lesson_code"],
            module=award["module_code"],
        )
        await tell([corrected], now=now)
        await record_act(
            "hours-corrected",
            actor=caller,
            subject=f"ledger-entry:{entry_id}",
            now=now,
            details={"seconds": wanted.seconds},
        )
    left = award["seconds"] + award["corrected"] + wanted.seconds
    return Corrected(id=correction_id, corrects=entry_id, seconds=wanted.seconds, left_seconds=left)


def _check_award(award: Mapping[str, Any]) -> None:
    if award["source"] == "class-session":
        raise CorrectTheClass
    if award["kind"] != "awarded":
        raise CorrectTheAward


def _evidence(
    learner_id: UUID,
    award: Mapping[str, Any],
    wanted: HoursCorrection,
    caller: UUID,
    now: datetime,
) -> bytes:
    """The reason is hashed, as it may name somebody; the row itself keeps it."""
    return rfc8785.dumps(
        {
            "kind": "hours-correction",
            "learner": str(learner_id),
            "corrects": str(award["id"]),
            "correctsSha256": award["evidence_sha256"],
            "seconds": wanted.seconds,
            "reasonSha256": hashlib.sha256(wanted.reason.encode()).hexdigest(),
            "enteredBy": str(caller),
            "enteredAt": now.isoformat(),
        }
    )
