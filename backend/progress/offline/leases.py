"""Lectures taken along: a lease makes what is watched of them offline count."""

import secrets
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from backend.curriculum import service as curriculum
from backend.lectures.domain import (
    DownloadManifest,
    LessonLecture,
    TakenCheck,
    TakenLease,
    TakenOption,
)
from backend.progress import repository, rounds, service
from backend.progress.bitmap import Bitmap
from backend.progress.domain import ANSWER_SECONDS, CHECK_AFTER_SECONDS
from backend.progress.offline import lease_rows
from backend.progress.offline.domain import SPARE_CHECKS
from backend.progress.offline.lease_rows import LeaseRow, TakenQuestion
from backend.progress.offline.schemas import LeaseView
from backend.progress.presence import questions
from backend.progress.presence.service import draw_interval
from backend.progress.repository import Enrolment, Watch
from courses.effort import credit_seconds
from courses.programmes import lesson_rule
from infra.database import UnitOfWork
from infra.engine import DB
from infra.errors import Conflict

MOST_LEASES = 200


class TooManyLeases(Conflict):
    """You have taken along as many lectures as can count offline; end one that you have watched."""

    zh = "您离线下载的课件已达上限；请先结束已看完课件的离线授权。"


async def give(
    manifest: DownloadManifest,
    device_id: UUID,
    lecture: LessonLecture,
    *,
    days: int,
    now: datetime,
) -> tuple[LeaseView, DownloadManifest]:
    """A lease on what the manifest lists, for this learner and device; a living one is renewed.

    YearOver, EditionLeft, LessonNotInProgramme, TooManyLeases.
    """
    learner_id, until = manifest.learner, now + timedelta(days=days)
    async with UnitOfWork(DB):
        mine = await repository.enrolment(manifest.enrolment, learner_id=learner_id)
        await repository.lock_seat(learner_id)
        rate, watch = await _watch(mine, manifest.lesson, lecture, now)
        living = await lease_rows.live_lease(
            learner_id, watch, device_id, manifest.rendition, now=now
        )
        if living is not None:
            lease = await lease_rows.extend(living, until)
        elif await lease_rows.live_leases(learner_id, now=now) >= MOST_LEASES:
            raise TooManyLeases
        else:
            lease = await lease_rows.give(
                mine,
                watch,
                device_id=device_id,
                rendition=manifest.rendition,
                rate_percent=rate,
                expires_at=until,
                now=now,
            )
        checks = await _checks(lease, mine, watch)
    terms = _terms(lease, manifest.rendition, checks)
    return lease_view(lease), msgspec.structs.replace(manifest, lease=terms)


async def revoke(learner_id: UUID, lease_id: UUID, *, now: datetime) -> LeaseView:
    """What was watched before still counts, nothing after. Again changes nothing. LeaseNotFound."""
    async with UnitOfWork(DB):
        await repository.lock_seat(learner_id)
        await lease_rows.revoke(await lease_rows.lease(learner_id, lease_id), now=now)
        revoked = await lease_rows.lease(learner_id, lease_id)
    return lease_view(revoked)


async def _watch(
    mine: Enrolment, lesson_code: str, lecture: LessonLecture, now: datetime
) -> tuple[int, Watch]:
    """The programme's rate in per cent, and the learner's watch of the lecture."""
    await rounds.check_learned_now(mine, now=now)
    programme, lesson = await service.lesson_of(mine, lesson_code)
    watch = await repository.watch_of(
        mine,
        lesson_code=lesson.code,
        module_code=lesson.module,
        lecture_id=lecture.lecture_id,
        duration_seconds=lecture.duration_seconds,
        credit_seconds=credit_seconds(lesson, lecture.duration_seconds),
        rule=lesson_rule(await curriculum.edition(mine.edition), programme, lesson),
    )
    return round(programme.credit_rate_or_one * 100), watch


async def _checks(lease: LeaseRow, mine: Enrolment, watch: Watch) -> list[TakenQuestion]:
    """As many unanswered ones as the rest of the lecture may need, and some to spare."""
    kept = await lease_rows.taken(lease)
    unseen = watch.duration_seconds - Bitmap.of(watch.watched).seconds
    needed = -(-unseen // CHECK_AFTER_SECONDS[0]) + SPARE_CHECKS
    lacking = needed - sum(one.outcome is None for one in kept)
    if lacking <= 0:
        return kept
    edition = await curriculum.edition(mine.edition)
    every = [lesson for module in edition.modules for lesson in module.lessons]
    lesson = edition.lesson(lease.lesson_code)
    drawn = [
        TakenQuestion(
            number=number,
            length_seconds=draw_interval(),
            question=questions.question(lesson, every, secrets.randbelow),
        )
        for number in range(len(kept) + 1, len(kept) + lacking + 1)
    ]
    await lease_rows.keep(lease, drawn)
    return [*kept, *drawn]


def _terms(lease: LeaseRow, rendition: str, checks: list[TakenQuestion]) -> TakenLease:
    return TakenLease(
        id=lease.id,
        device=lease.device_id,
        rendition=rendition,
        issued_at=lease.issued_at,
        expires_at=lease.expires_at,
        rate_percent=lease.rate_percent,
        answer_seconds=ANSWER_SECONDS,
        checks=tuple(
            TakenCheck(
                number=one.number,
                after_seconds=one.length_seconds,
                zh=one.question.zh,
                en=one.question.en,
                options=tuple(TakenOption(o.id, o.text) for o in one.question.options),
            )
            for one in checks
            if one.outcome is None
        ),
    )


def lease_view(lease: LeaseRow) -> LeaseView:
    return LeaseView(
        id=lease.id,
        enrolment_id=lease.enrolment_id,
        lesson=lease.lesson_code,
        lecture_id=lease.lecture_id,
        device_id=lease.device_id,
        issued_at=lease.issued_at,
        expires_at=lease.expires_at,
        revoked_at=lease.revoked_at,
    )
