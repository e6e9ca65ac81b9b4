from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from backend.lectures.tables import LectureAssignment
from infra.ids import uuid7
from media_pipeline.tables import Lecture


async def assign(
    lesson_code: str,
    lecture_id: UUID,
    *,
    demonstration: bool,
    assigned_by: UUID,
    now: datetime,
) -> None:
    await LectureAssignment.insert(
        LectureAssignment(
            id=uuid7(),
            lesson_code=lesson_code,
            demonstration=demonstration,
            lecture_id=lecture_id,
            assigned_by=assigned_by,
            assigned_at=now,
        )
    )


async def assigned(lesson_code: str, *, demonstration: bool) -> UUID | None:
    row = (
        await LectureAssignment.select(LectureAssignment.lecture_id)
        .where(
            LectureAssignment.lesson_code == lesson_code,
            LectureAssignment.demonstration.eq(demonstration),
        )
        .order_by(LectureAssignment.id, ascending=False)
        .first()
    )
    return row["lecture_id"] if row else None


_ASSIGNED = """
SELECT DISTINCT ON (lesson_code) lesson_code, lecture_id FROM lecture_assignment
WHERE lesson_code = ANY({}) AND demonstration = {} ORDER BY lesson_code, id DESC
"""


async def assigned_to(lesson_codes: Collection[str], *, demonstration: bool) -> dict[str, UUID]:
    rows = await LectureAssignment.raw(_ASSIGNED, list(lesson_codes), demonstration)
    return {row["lesson_code"]: row["lecture_id"] for row in rows}


async def content_key(*lecture_ids: UUID, package_prefix: str) -> bytes | None:
    """The sealed key of a package, from whichever of the lectures that play it is still there."""
    row = (
        await Lecture.select(Lecture.content_key)
        .where(
            Lecture.id.is_in(list(lecture_ids)),
            Lecture.package_prefix == package_prefix,
            Lecture.content_key.is_not_null(),
        )
        .first()
    )
    return row["content_key"] if row else None
