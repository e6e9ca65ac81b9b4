"""What this area keeps of a person: an author's works. A learner has nothing here."""

from datetime import datetime
from typing import Any
from uuid import UUID

from backend.lectures import keeping
from backend.lectures.tables import LectureAssignment
from infra.vault import Vault

_PAGE = 500


async def personal_data(vault: Vault, person_id: UUID) -> dict[str, Any]:
    del vault
    row = LectureAssignment
    chosen = (
        await row.select(
            row.lesson_code.as_alias("lesson"),
            row.lecture_id.as_alias("lecture"),
            row.assigned_at.as_alias("assignedAt"),
        )
        .where(row.assigned_by == person_id)
        .order_by(row.id)
    )
    return {"lectures": await _lectures(person_id), "lessonsGivenALecture": chosen}


async def _lectures(person_id: UUID) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    before: UUID | None = None
    while page := await keeping.lectures_of(person_id, before=before, limit=_PAGE):
        found += [
            {
                "id": lecture.id,
                "title": lecture.title,
                "state": lecture.state,
                "createdAt": lecture.created_at,
            }
            for lecture in page
        ]
        before = page[-1].id
    return found


async def erase_person(person_id: UUID, *, now: datetime) -> None:
    """Nothing: lectures are the institution's teaching material and name a random id only; an
    author gives up the role before, and uploads that nobody continues go after a week."""
    del person_id, now
