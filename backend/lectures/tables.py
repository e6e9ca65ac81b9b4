from piccolo.columns import UUID, Boolean, Timestamptz, Varchar
from piccolo.table import Table


class LectureAssignment(Table, tags=["append-only"]):
    """Which lecture a lesson shows: the latest row counts, the others are its history."""

    id = UUID(primary_key=True, default=None, null=False)
    lesson_code = Varchar(length=16, default=None, null=False, index=True)
    demonstration = Boolean(default=None, null=False)
    lecture_id = UUID(default=None, null=False)
    assigned_by = UUID(default=None, null=False)
    assigned_at = Timestamptz(default=None, null=False)
