"""Who taught whom by a lecture: its author, and the learners who have watched any of it."""

from collections.abc import Collection
from uuid import UUID

from infra.database import UnitOfWork, connection
from infra.engine import DB

_PUPILS = """
SELECT DISTINCT w.learner_id FROM lesson_watch w JOIN lecture l ON l.id = w.lecture_id
WHERE w.learner_id = ANY($2) AND l.author_id = $1 AND w.watched_seconds > 0
"""
_LECTURERS = """
SELECT DISTINCT l.author_id FROM lesson_watch w JOIN lecture l ON l.id = w.lecture_id
WHERE w.learner_id = $1 AND w.watched_seconds > 0
"""


async def lectured_by(author: UUID, people: Collection[UUID]) -> set[UUID]:
    """Of these people."""
    async with UnitOfWork(DB):
        return {row[0] for row in await connection().fetch(_PUPILS, author, list(people))}


async def lecturers_of(learner_id: UUID) -> set[UUID]:
    async with UnitOfWork(DB):
        return {row[0] for row in await connection().fetch(_LECTURERS, learner_id)}
