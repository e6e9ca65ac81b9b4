"""What this area keeps of a person: told to the person, and taken away."""

from datetime import datetime
from typing import Any
from uuid import UUID

from backend.progress.editions.tables import EditionMove
from backend.progress.offline.tables import DownloadLease, OfflineCheck, OfflineTime
from backend.progress.tables import (
    Enrolment,
    LearnerSeat,
    LedgerEntry,
    LessonCheck,
    LessonWatch,
    PlaySession,
    PresenceCheck,
)
from infra.database import UnitOfWork
from infra.engine import DB
from infra.vault import Vault


async def personal_data(vault: Vault, person_id: UUID) -> dict[str, Any]:
    """`vault`: every area is asked alike; nothing here is sealed."""
    del vault
    return {
        "enrolments": await _enrolments(person_id),
        "editionChanges": await _moves(person_id),
        "classHours": await _hours(person_id),
        "watched": await _watched(person_id),
        "lessonChecks": await _checks(person_id),
        "playSessions": await _sessions(person_id),
        "presenceChecks": await _presence(person_id),
        "takenAlong": await _taken_along(person_id),
        "offlineChecks": await _offline_checks(person_id),
        "offlineTimes": await _offline_times(person_id),
    }


async def erase_person(person_id: UUID, *, now: datetime) -> None:
    """Minute traces of watching go. Hours awarded and lesson checks stay, under the random id
    alone: they are evidence that nobody may change (docs/decisions/0013). Safe to repeat."""
    del now
    async with UnitOfWork(DB):
        for table in (OfflineTime, OfflineCheck, DownloadLease):
            await table.delete().where(table.learner_id == person_id)
        await PresenceCheck.delete().where(PresenceCheck.learner_id == person_id)
        await PlaySession.delete().where(PlaySession.learner_id == person_id)
        await LessonWatch.delete().where(LessonWatch.learner_id == person_id)
        await LearnerSeat.delete().where(LearnerSeat.learner_id == person_id)
        evidence = LedgerEntry.select(LedgerEntry.enrolment_id).where(
            LedgerEntry.learner_id == person_id,
            LedgerEntry.enrolment_id.is_not_null(),  # a class's: one NULL and NOT IN finds nothing
        )
        moved = EditionMove.select(EditionMove.to_enrolment_id).where(
            EditionMove.learner_id == person_id
        )
        await Enrolment.delete().where(
            Enrolment.learner_id == person_id,
            Enrolment.id.not_in(evidence),
            Enrolment.id.not_in(moved),
        )


async def _enrolments(person_id: UUID) -> list[dict[str, Any]]:
    row = Enrolment
    return (
        await row.select(
            row.programme_code.as_alias("programme"),
            row.edition,
            row.enrolled_at.as_alias("enrolledAt"),
        )
        .where(row.learner_id == person_id)
        .order_by(row.enrolled_at)
    )


async def _moves(person_id: UUID) -> list[dict[str, Any]]:
    row = EditionMove
    return (
        await row.select(
            row.from_edition.as_alias("from"),
            row.to_edition.as_alias("to"),
            row.again,
            row.lost,
            row.moved_at.as_alias("movedAt"),
        )
        .where(row.learner_id == person_id)
        .order_by(row.moved_at)
        .output(load_json=True)
    )


async def _hours(person_id: UUID) -> list[dict[str, Any]]:
    row = LedgerEntry
    return (
        await row.select(
            row.programme_code.as_alias("programme"),
            row.edition,
            row.lesson_code.as_alias("lesson"),
            row.source,
            row.kind,
            row.module_code.as_alias("module"),
            row.reason,
            row.seconds,
            row.watched_seconds.as_alias("watchedSeconds"),
            row.completed_at.as_alias("completedAt"),
            row.counts_on.as_alias("countsOn"),
        )
        .where(row.learner_id == person_id)
        .order_by(row.completed_at)
    )


async def _watched(person_id: UUID) -> list[dict[str, Any]]:
    row = LessonWatch
    return (
        await row.select(
            row.lesson_code.as_alias("lesson"),
            row.watched_seconds.as_alias("watchedSeconds"),
            row.duration_seconds.as_alias("lectureSeconds"),
            row.completed_at.as_alias("completedAt"),
        )
        .where(row.learner_id == person_id)
        .order_by(row.lesson_code)
    )


async def _checks(person_id: UUID) -> list[dict[str, Any]]:
    row = LessonCheck
    return (
        await row.select(
            row.lesson_code.as_alias("lesson"),
            row.answers,
            row.passed,
            row.answered_at.as_alias("answeredAt"),
        )
        .where(row.learner_id == person_id)
        .order_by(row.answered_at)
        .output(load_json=True)
    )


async def _sessions(person_id: UUID) -> list[dict[str, Any]]:
    row = PlaySession
    return (
        await row.select(
            row.started_at.as_alias("startedAt"),
            row.closed_at.as_alias("closedAt"),
            row.credited_seconds.as_alias("creditedSeconds"),
        )
        .where(row.learner_id == person_id)
        .order_by(row.started_at)
    )


async def _presence(person_id: UUID) -> list[dict[str, Any]]:
    row = PresenceCheck
    return (
        await row.select(
            row.lesson_code.as_alias("lesson"),
            row.issued_at.as_alias("issuedAt"),
            row.outcome,
            row.reaction_ms.as_alias("reactionMilliseconds"),
        )
        .where(row.learner_id == person_id)
        .order_by(row.issued_at)
    )


async def _taken_along(person_id: UUID) -> list[dict[str, Any]]:
    row = DownloadLease
    return (
        await row.select(
            row.lesson_code.as_alias("lesson"),
            row.device_id.as_alias("device"),
            row.issued_at.as_alias("issuedAt"),
            row.expires_at.as_alias("expiresAt"),
            row.revoked_at.as_alias("revokedAt"),
        )
        .where(row.learner_id == person_id)
        .order_by(row.issued_at)
    )


async def _offline_checks(person_id: UUID) -> list[dict[str, Any]]:
    row = OfflineCheck
    return (
        await row.select(
            row.number,
            row.outcome,
            row.judged_at.as_alias("judgedAt"),
            row.reaction_ms.as_alias("reactionMilliseconds"),
        )
        .where(row.learner_id == person_id)
        .order_by(row.lease_id, row.number)
    )


async def _offline_times(person_id: UUID) -> list[dict[str, Any]]:
    row = OfflineTime
    return (
        await row.select(
            row.started_at.as_alias("startedAt"),
            row.ended_at.as_alias("endedAt"),
            row.seconds,
            row.counted,
            row.synced_at.as_alias("syncedAt"),
        )
        .where(row.learner_id == person_id)
        .order_by(row.started_at)
    )
