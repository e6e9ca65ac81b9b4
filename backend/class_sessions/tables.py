"""Rows of class sessions. Attendance is append-only: a wrong entry is met by a counter-entry."""

from piccolo.columns import (
    JSONB,
    UUID,
    BigInt,
    Boolean,
    Bytea,
    Date,
    ForeignKey,
    Integer,
    OnDelete,
    Timestamptz,
    Varchar,
)
from piccolo.constraints import Check, Unique
from piccolo.table import Table


class ClassSession(Table):
    """A class in a room. `organiser` is an organisation's id, `breaks` a list of {beginsAt,
    endsAt}."""

    id = UUID(primary_key=True, default=None, null=False)
    organiser = UUID(default=None, null=False, index=True)
    title = Varchar(length=200, default=None, null=False)
    module = Varchar(length=8, default=None, null=True)
    place = Varchar(length=200, default=None, null=False)
    capacity = Integer(default=None, null=False)
    members_only = Boolean(default=None, null=False)
    begins_at = Timestamptz(default=None, null=False)
    ends_at = Timestamptz(default=None, null=False)
    breaks = JSONB(default=None, null=False)
    planned_seconds = Integer(default=None, null=False)
    state = Varchar(length=12, default=None, null=False)
    created_by = UUID(default=None, null=False)
    created_at = Timestamptz(default=None, null=False)
    decided_by = UUID(default=None, null=True)
    decided_at = Timestamptz(default=None, null=True)
    decided_because = Varchar(length=500, default=None, null=True)

    class_session_in_order = Check("ends_at > begins_at")
    class_session_capacity = Check("capacity BETWEEN 1 AND 1000")
    class_session_planned = Check("planned_seconds > 0")
    class_session_state = Check("state IN ('planned', 'cancelled', 'confirmed')")
    class_session_decision_is_whole = Check("(state = 'planned') = (decided_at IS NULL)")


class ClassInstructor(Table):
    id = UUID(primary_key=True, default=None, null=False)
    session = ForeignKey(ClassSession, default=None, null=False, on_delete=OnDelete.restrict)
    person = UUID(default=None, null=False, index=True)

    class_instructor_once = Unique([session, person])


class ClassSeat(Table):
    """A person in a class. `device_index` is the keyed index of the phone that checked in."""

    id = UUID(primary_key=True, default=None, null=False)
    session = ForeignKey(ClassSession, default=None, null=False, on_delete=OnDelete.restrict)
    person = UUID(default=None, null=False, index=True)
    state = Varchar(length=12, default=None, null=False)
    queued_at = Timestamptz(default=None, null=False)
    device_index = Bytea(default=None, null=True)
    outcome = Varchar(length=12, default=None, null=True)

    class_seat_once = Unique([session, person])
    class_seat_device_once = Unique([session, device_index])
    class_seat_state = Check("state IN ('enrolled', 'waiting', 'withdrawn')")
    class_seat_outcome = Check("outcome IN ('attended', 'absent')")


class ClassScan(Table, tags=["append-only"]):
    """A check-in or check-out. `step` is the code's; an instructor's entry by hand has a reason
    instead."""

    id = UUID(primary_key=True, default=None, null=False)
    seat = ForeignKey(ClassSeat, default=None, null=False, on_delete=OnDelete.restrict)
    purpose = Varchar(length=4, default=None, null=False)
    at = Timestamptz(default=None, null=False)
    step = BigInt(default=None, null=True)
    reason = Varchar(length=500, default=None, null=True)
    recorded_by = UUID(default=None, null=False)
    recorded_at = Timestamptz(default=None, null=False)

    class_scan_code_once = Unique([seat, purpose, step])
    class_scan_purpose = Check("purpose IN ('in', 'out')")
    class_scan_by_code_or_hand = Check("(step IS NULL) = (reason IS NOT NULL)")


class AttendanceEntry(Table, tags=["append-only"]):
    """Seconds of class hours for a day: plus, or minus as a correction. The sum counts."""

    id = UUID(primary_key=True, default=None, null=False)
    person = UUID(default=None, null=False)
    seat = ForeignKey(ClassSeat, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    session = ForeignKey(ClassSession, default=None, null=False, on_delete=OnDelete.restrict)
    kind = Varchar(length=12, default=None, null=False)
    counts_on = Date(default=None, null=False)
    seconds = Integer(default=None, null=False)
    reason = Varchar(length=500, default=None, null=True)
    entered_by = UUID(default=None, null=False)
    entered_at = Timestamptz(default=None, null=False)

    attendance_entry_kind = Check("kind IN ('attended', 'correction')")
    attendance_entry_seconds = Check("seconds <> 0 AND (seconds > 0 OR kind = 'correction')")
    attendance_entry_correction_says_why = Check("(kind = 'correction') = (reason IS NOT NULL)")
