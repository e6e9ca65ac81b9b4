"""Rows that say where a lecture is shown, or was: what learners' records rest on."""

from uuid import UUID

from backend.lectures.tables import LectureAssignment


async def lessons_showing(lecture_id: UUID) -> list[str]:
    """Codes of the lessons that show this lecture or ever did."""
    rows = (
        await LectureAssignment.select(LectureAssignment.lesson_code)
        .where(LectureAssignment.lecture_id == lecture_id)
        .distinct()
    )
    return sorted(row["lesson_code"] for row in rows)


async def ever_shown() -> set[UUID]:
    rows = await LectureAssignment.select(LectureAssignment.lecture_id).distinct()
    return {row["lecture_id"] for row in rows}
