"""Lectures as the rest of the house knows them: their state, what can be played."""

from collections.abc import Collection
from uuid import UUID

from infra.errors import NotFound
from infra.objects import ObjectStore
from media_pipeline import repository
from media_pipeline.domain import LectureFacts, State, incoming_name


async def remove_incoming(objects: ObjectStore, lecture_id: UUID) -> None:
    for name in await objects.list_names(incoming_name(lecture_id)):
        await objects.remove(name)


async def lecture_of(lecture_id: UUID, *, author_id: UUID) -> LectureFacts:
    found = await repository.lecture(lecture_id, author_id=author_id)
    if found is None:
        raise NotFound
    return found


async def lectures_of(author_id: UUID, *, before: UUID | None, limit: int) -> list[LectureFacts]:
    return await repository.lectures_of(author_id, before=before, limit=limit)


async def playable(lecture_id: UUID) -> LectureFacts | None:
    """The lecture, whoever made it, if it can be played."""
    found = await repository.lecture(lecture_id)
    return found if found is not None and found.state is State.PLAYABLE else None


async def playable_seconds(lecture_ids: Collection[UUID]) -> dict[UUID, int]:
    """Lengths of those lectures that can be played, in one query."""
    return await repository.playable_seconds(lecture_ids)
