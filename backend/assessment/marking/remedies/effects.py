"""What a remedy does to an attempt: its correction, the record it brings, who is told of it."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
import rfc8785

from backend.assessment import repository as attempts
from backend.assessment.marking.remedies import repository
from backend.assessment.marking.remedies.domain import Effect, Faulty, effect
from backend.assessment.marking.remedies.repository import RemedyRow
from backend.assessment.recording import bring_record
from backend.assessment.repository import Attempt
from backend.notices import service as notices
from backend.notices.service import Notice, Said
from backend.oversight import service as oversight
from backend.oversight.domain import SignalSource, SubjectKind
from backend.records.domain import EvidenceLink

_STRENGTH = 60


async def apply(effects: Sequence[Effect], remedy: RemedyRow, *, now: datetime) -> None:
    """In the caller's unit of work, which holds the remedy."""
    for one in effects:
        await _correct(one, remedy, now)
    await notices.post(
        [_notice(one, remedy) for one in effects if one.after != one.before], now=now
    )


async def _correct(one: Effect, remedy: RemedyRow, now: datetime) -> None:
    evidence = rfc8785.dumps(
        {
            "kind": "exam-correction",
            "attempt": str(one.attempt_id),
            "remedy": str(remedy.id),
            "item": remedy.item_id,
            "itemSha256": remedy.item_sha256,
            "does": remedy.kind.value,
            "corrected": remedy.corrected.decode() if remedy.corrected else None,
            "before": str(one.before),
            "mended": str(one.mended),
            "score": str(one.after),
            "passed": one.passed,
            "at": now.isoformat(),
        }
    )
    sha256 = hashlib.sha256(evidence).hexdigest()
    correction = await repository.correct(one, remedy.id, evidence, sha256, now=now)
    if one.passed and not one.passed_before:
        await _record(one, correction, sha256, now)
    if one.would_fail:
        await _look(one, remedy, now)


async def _record(one: Effect, correction: UUID, sha256: str, now: datetime) -> None:
    """With today's date: nobody can say that it was earned before it was. The attempt is marked and
    changes no more: locked, it could be held by somebody who waits for this decision."""
    attempt = await attempts.attempt(one.attempt_id, learner_id=one.learner_id)
    passed = msgspec.structs.replace(attempt, score=one.after, passed=True, ended_at=now)
    link = EvidenceLink(kind="exam-correction", ref=str(correction), sha256=sha256)
    await bring_record(passed, now, corrections=[link])


async def _look(one: Effect, remedy: RemedyRow, now: datetime) -> None:
    """The pass stands and so does its record: whether they should is for people to say."""
    await oversight.note_signal(
        SignalSource.OBSERVATION,
        SubjectKind.ATTEMPT,
        str(one.attempt_id),
        strength=_STRENGTH,
        explanation=(
            f"试题 {remedy.item_id} 处理后，本考次为 {one.mended} 分，低于及格线；"
            f"原成绩 {one.before} 分予以保留。"
            f"After the remedy of item {remedy.item_id} the attempt has {one.mended} points, "
            f"below the pass mark; its {one.before} points stand."
        ),
        now=now,
        by=remedy.proposed_by,
    )


def _notice(one: Effect, remedy: RemedyRow) -> Notice:
    return Notice(
        person_id=one.learner_id,
        kind="exam-corrected",
        once=f"exam-corrected:{remedy.id}:{one.attempt_id}",
        subject=Said("您的考试成绩有更正", "Your exam mark was corrected"),
        text=Said(
            "一道试题经复核有误，您的成绩已相应调高；原成绩与更正均可在考试记录中查看。",
            "An item was found faulty and your mark was raised; both marks stand in your attempt.",
        ),
        link=f"/learn/{one.programme}/exam?attempt={one.attempt_id}",
    )


async def correct_if_remedied(marked: Attempt, *, now: datetime) -> Attempt:
    """An attempt that was marked after an item of its paper had been remedied, with the mark that
    counts. The caller has waited for decisions under way."""
    counts = marked
    rows = await repository.applied({item.id for item in marked.criterion.items})
    papers = {(item.id, item.sha256) for item in marked.criterion.items}
    known: list[Faulty] = []
    for row in rows:
        if (row.item_id, row.item_sha256) in papers:
            known.append(row.faulty)
            found = effect(await repository.sat(marked.id), known)
            if found.changes:
                await apply([found], row, now=now)
                counts = attempts.corrected(marked, found.after, found.passed)
    return counts
