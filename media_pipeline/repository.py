"""Rows of lectures. A change names the state it expects: a late one finds nothing."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from piccolo.columns.combination import WhereRaw

from media_pipeline.domain import (
    MAX_STARTS,
    Attempt,
    Failure,
    Lack,
    LectureFacts,
    Published,
    State,
    whole_seconds,
)
from media_pipeline.plan import NO_WISHES, Wishes
from media_pipeline.tables import Lecture, Upload

_FACTS = [
    *(Lecture.id, Lecture.author_id, Lecture.title, Lecture.created_at, Lecture.state),
    *(Lecture.step, Lecture.percent, Lecture.failure, Lecture.package_prefix),
    *(Lecture.manifest, Lecture.duration_seconds),
]
_TO_BEGIN = (
    Lecture.state.is_in([State.QUEUED, State.PROCESSING]),
    WhereRaw(
        "NOT EXISTS (SELECT FROM lecture_task AS task"
        " WHERE task.attempt_id = lecture.attempt_id AND task.state <> 'failed')"
    ),
)


def _facts(row: dict[str, Any]) -> LectureFacts:
    return msgspec.convert(row, LectureFacts)


async def lecture(lecture_id: UUID, *, author_id: UUID | None = None) -> LectureFacts | None:
    query = Lecture.select(*_FACTS).where(Lecture.id == lecture_id)
    if author_id is not None:
        query = query.where(Lecture.author_id == author_id)
    row = await query.first().output(load_json=True)
    return _facts(row) if row else None


async def lectures_of(author_id: UUID, *, before: UUID | None, limit: int) -> list[LectureFacts]:
    """Newest first."""
    query = Lecture.select(*_FACTS).where(Lecture.author_id == author_id)
    if before is not None:
        query = query.where(Lecture.id < before)
    rows = await query.order_by(Lecture.id, ascending=False).limit(limit).output(load_json=True)
    return [_facts(row) for row in rows]


async def playable_seconds(lecture_ids: Collection[UUID]) -> dict[UUID, int]:
    rows = await Lecture.select(Lecture.id, Lecture.duration_seconds).where(
        Lecture.id.is_in(list(lecture_ids)),
        Lecture.state == State.PLAYABLE,
        Lecture.duration_seconds.is_not_null(),
    )
    return {row["id"]: row["duration_seconds"] for row in rows}


async def count_start(lecture_id: UUID, attempt_id: UUID, *, now: datetime) -> Attempt | None:
    """None where there is nothing to begin; also once the lecture was shared out as tasks, whose
    job may come again because its worker died before saying that it had ended."""
    rows = (
        await Lecture.update(
            {
                Lecture.state: State.PROCESSING,
                Lecture.starts: Lecture.starts + 1,
                Lecture.attempt_id: attempt_id,
                Lecture.step: None,
                Lecture.percent: 0,
                Lecture.plan: None,
                Lecture.waiting_for: None,
                Lecture.begun_at: now,
            }
        )
        .where(*_TO_BEGIN, Lecture.id == lecture_id, Lecture.starts < MAX_STARTS)
        .returning(Lecture.starts)
    )
    return Attempt(attempt_id, lecture_id, rows[0]["starts"]) if rows else None


async def give_up(lecture_id: UUID, failure: Failure) -> None:
    await Lecture.update(_failed(failure)).where(
        *_TO_BEGIN, Lecture.id == lecture_id, Lecture.starts >= MAX_STARTS
    )


async def wishes(lecture_id: UUID) -> Wishes:
    row = (
        await Lecture.select(Lecture.wishes)
        .where(Lecture.id == lecture_id)
        .first()
        .output(load_json=True)
    )
    return msgspec.convert(row["wishes"], Wishes) if row and row["wishes"] else NO_WISHES


async def upload_length(lecture_id: UUID) -> int:
    """Bytes of the uploaded file; 0 where nobody uploaded it."""
    row = await Upload.select(Upload.length).where(Upload.id == lecture_id).first()
    return int(row["length"]) if row else 0


async def change(attempt: Attempt, values: dict[Any, Any]) -> bool:
    """False when the lecture is no longer this attempt's."""
    rows = (
        await Lecture.update(values)
        .where(
            Lecture.id == attempt.lecture_id,
            Lecture.attempt_id == attempt.id,
            Lecture.state == State.PROCESSING,
        )
        .returning(Lecture.id)
    )
    return bool(rows)


async def progress(attempt: Attempt, step: str, percent: int, *, lack: Lack | None = None) -> bool:
    said = msgspec.json.encode(lack).decode() if lack else None
    return await change(
        attempt, {Lecture.step: step, Lecture.percent: percent, Lecture.waiting_for: said}
    )


async def keep_plan(attempt: Attempt, plan: bytes) -> bool:
    """`plan`: the Prepared of a lecture that several workers make, as JSON."""
    return await change(attempt, {Lecture.plan: plan.decode(), Lecture.step: "encode"})


async def kept_plan(attempt: Attempt) -> str | None:
    """None when the attempt is not the present one."""
    row = (
        await Lecture.select(Lecture.plan)
        .where(Lecture.id == attempt.lecture_id, Lecture.attempt_id == attempt.id)
        .first()
    )
    return row["plan"] if row else None


async def publish(
    attempt: Attempt,
    published: Published,
    *,
    prefix: str,
    degraded: bytes,
    content_key: bytes | None,
    now: datetime,
) -> bool:
    """`degraded`: JSON; `content_key`: sealed."""
    return await change(
        attempt,
        {
            Lecture.state: State.PLAYABLE,
            Lecture.step: None,
            Lecture.percent: 100,
            Lecture.package_prefix: prefix,
            Lecture.manifest: msgspec.json.encode(published).decode(),
            Lecture.duration_seconds: whole_seconds(published.duration),
            Lecture.degraded: degraded.decode(),
            Lecture.content_key: content_key,
            Lecture.waiting_for: None,
            Lecture.playable_at: now,
        },
    )


async def fail(attempt: Attempt, failure: Failure) -> bool:
    return await change(attempt, _failed(failure))


async def put_back(attempt: Attempt, *, counted: bool, lack: Lack | None = None) -> bool:
    """Into the queue again; `counted=False` takes the start back."""
    return await change(
        attempt,
        {
            Lecture.state: State.QUEUED,
            Lecture.starts: Lecture.starts + 0 if counted else Lecture.starts - 1,
            Lecture.waiting_for: msgspec.json.encode(lack).decode() if lack else None,
        },
    )


async def shown_prefixes(folder: str) -> set[str]:
    """Packages under `folder` that a lecture shows, perhaps another one with the same content."""
    rows = await Lecture.select(Lecture.package_prefix).where(
        Lecture.package_prefix.like(f"{folder}%")
    )
    return {row["package_prefix"] for row in rows}


def _failed(failure: Failure) -> dict[Any, Any]:
    """Without an attempt: what still runs of it belongs to nothing."""
    return {
        Lecture.state: State.FAILED,
        Lecture.failure: msgspec.json.encode(failure).decode(),
        Lecture.attempt_id: None,
        Lecture.waiting_for: None,
    }
