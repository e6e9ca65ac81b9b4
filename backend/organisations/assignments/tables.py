"""Assignments of programmes, and what was last worked out about them (docs/decisions/0018).

Only `Assignment` and `AssignmentTarget` are facts. The other tables can be emptied at any time: the
next look at a dashboard fills them again.
"""

from piccolo.columns import (
    UUID,
    BigInt,
    BigSerial,
    Boolean,
    Date,
    ForeignKey,
    Integer,
    OnDelete,
    SmallInt,
    Timestamptz,
    Varchar,
)
from piccolo.constraints import Check
from piccolo.table import Table

from backend.organisations.tables import Department, Membership, Organisation


class Assignment(Table):
    """Withdrawn, never deleted. Days are China's."""

    id = UUID(primary_key=True, default=None, null=False)
    organisation = ForeignKey(Organisation, default=None, null=False, on_delete=OnDelete.restrict)
    programme = Varchar(length=16, default=None, null=False)
    compulsory = Boolean(default=None, null=False)
    audience = Varchar(length=12, default=None, null=False)
    due_on = Date(default=None, null=True)
    due_days = SmallInt(default=None, null=True)
    grace_days = SmallInt(default=None, null=False)
    assigned_by = UUID(default=None, null=False)
    assigned_at = Timestamptz(default=None, null=False)
    withdrawn_by = UUID(default=None, null=True)
    withdrawn_at = Timestamptz(default=None, null=True)

    assignment_audience_known = Check("audience IN ('everyone', 'departments', 'members')")
    assignment_due_one_way = Check("due_on IS NULL OR due_days IS NULL")
    assignment_days_bounded = Check("due_days BETWEEN 1 AND 3650 AND grace_days BETWEEN 0 AND 3650")
    assignment_withdrawal_is_whole = Check("(withdrawn_at IS NULL) = (withdrawn_by IS NULL)")


class AssignmentTarget(Table):
    """A department (with those below it) or a member that an assignment names."""

    id = UUID(primary_key=True, default=None, null=False)
    assignment = ForeignKey(
        Assignment, default=None, null=False, on_delete=OnDelete.restrict, index=True
    )
    department = ForeignKey(Department, default=None, null=True, on_delete=OnDelete.restrict)
    membership = ForeignKey(
        Membership, default=None, null=True, on_delete=OnDelete.restrict, index=True
    )

    assignment_target_is_one_thing = Check("(department IS NULL) <> (membership IS NULL)")


class DashboardSnapshot(Table):
    """As at when an organisation's dashboard was worked out."""

    organisation = UUID(primary_key=True, default=None, null=False)
    as_at = Timestamptz(default=None, null=True)
    asked_at = Timestamptz(default=None, null=True)
    """When a job was last asked to work it out anew."""
    people = Integer(default=None, null=False)
    expected = Integer(default=None, null=False)
    """Listed by an import, without an account yet."""


class AssignmentStanding(Table):
    """Where a member stood in an assignment. No key to the membership: rows like this are made and
    dropped by the hundred thousand, and mean nothing without the snapshot's moment."""

    id = BigSerial(primary_key=True)
    organisation = UUID(default=None, null=False)
    assignment = UUID(default=None, null=False)
    membership = UUID(default=None, null=False)
    department = UUID(default=None, null=True)
    state = Varchar(length=12, default=None, null=False)
    due_on = Date(default=None, null=True)
    begun_on = Date(default=None, null=True)
    done_on = Date(default=None, null=True)

    assignment_standing_state_known = Check("state IN ('done', 'late', 'under-way', 'not-started')")


class DashboardCount(Table):
    """Members of one department (none: of no department) in one assignment (none: over all)."""

    id = BigSerial(primary_key=True)
    organisation = UUID(default=None, null=False)
    assignment = UUID(default=None, null=True)
    department = UUID(default=None, null=True)
    done = Integer(default=None, null=False)
    under_way = Integer(default=None, null=False)
    late = Integer(default=None, null=False)
    late_not_started = Integer(default=None, null=False)
    not_started = Integer(default=None, null=False)

    dashboard_count_not_negative = Check(
        "done >= 0 AND under_way >= 0 AND not_started >= 0 AND late_not_started BETWEEN 0 AND late"
    )


class DashboardHours(Table):
    """Seconds of class hours that count in a month, of one department's members."""

    id = BigSerial(primary_key=True)
    organisation = UUID(default=None, null=False)
    department = UUID(default=None, null=True)
    month = Date(default=None, null=False)
    seconds = BigInt(default=None, null=False)

    dashboard_hours_first_of_month = Check("extract(day FROM month) = 1 AND seconds > 0")
