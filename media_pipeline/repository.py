"""Rows of lectures. A change names the state it expects: a late one finds nothing."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from media_pipeline.domain import (
    MAX_STARTS,
    Attempt,
    Failure,
    LectureFacts,
    Published,
    State,
)
from media_pipeline.tables import Lecture

_FACTS = [
    *(Lecture.id, Lecture.author_id, Lecture.title, Lecture.created_at, Lecture.state),
    *(Lecture.step, Lecture.percent, Lecture.failure, Lecture.package_prefix),
    *(Lecture.manifest, Lecture.duration_seconds),
]


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


async def count_start(lecture_id: UUID, attempt_id: UUID) -> Attempt | None:
    rows = (
        await Lecture.update(
            {
                Lecture.state: State.PROCESSING,
                Lecture.starts: Lecture.starts + 1,
                Lecture.attempt_id: attempt_id,
                Lecture.step: None,
                Lecture.percent: 0,
            }
        )
        .where(
            Lecture.id == lecture_id,
            Lecture.state.is_in([State.QUEUED, State.PROCESSING]),
            Lecture.starts < MAX_STARTS,
        )
        .returning(Lecture.starts)
    )
    return Attempt(attempt_id, lecture_id, rows[0]["starts"]) if rows else None


async def give_up(lecture_id: UUID, failure: Failure) -> None:
    await Lecture.update(
        {Lecture.state: State.FAILED, Lecture.failure: msgspec.json.encode(failure).decode()}
    ).where(
        Lecture.id == lecture_id,
        Lecture.state.is_in([State.QUEUED, State.PROCESSING]),
        Lecture.starts >= MAX_STARTS,
    )


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


async def progress(attempt: Attempt, step: str, percent: int) -> bool:
    return await change(attempt, {Lecture.step: step, Lecture.percent: percent})


async def set_source_sha256(attempt: Attempt, sha256: str) -> bool:
    return await change(attempt, {Lecture.source_sha256: sha256})


async def publish(
    attempt: Attempt, published: Published, *, duration_seconds: int, now: datetime
) -> bool:
    return await change(
        attempt,
        {
            Lecture.state: State.PLAYABLE,
            Lecture.step: None,
            Lecture.percent: 100,
            Lecture.package_prefix: attempt.prefix,
            Lecture.manifest: msgspec.json.encode(published).decode(),
            Lecture.duration_seconds: duration_seconds,
            Lecture.playable_at: now,
        },
    )


async def fail(attempt: Attempt, failure: Failure) -> bool:
    return await change(
        attempt,
        {Lecture.state: State.FAILED, Lecture.failure: msgspec.json.encode(failure).decode()},
    )


async def put_back(attempt: Attempt, *, counted: bool) -> bool:
    """Into the queue again; `counted=False` takes the start back."""
    starts = Lecture.starts + 0 if counted else Lecture.starts - 1
    return await change(attempt, {Lecture.state: State.QUEUED, Lecture.starts: starts})
