"""Organisations, who belongs to them, who is invited or expected, and imports of staff.

Names and contact data are sealed by `infra.vault`; `*_index` finds equal ones. A person is named
by id alone: the account is another area's.
"""

from typing import Any

from piccolo.columns import (
    UUID,
    Boolean,
    Bytea,
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


class Organisation(Table):
    """A declaration of one, until an administrator confirmed it. Several people may declare the
    same code; at most one of their declarations is confirmed (a partial unique index)."""

    id = UUID(primary_key=True, default=None, null=False)
    code = Varchar(length=18, default=None, null=False, index=True)
    name = Varchar(length=200, default=None, null=False)
    kind = Varchar(length=24, default=None, null=False)
    reporting_unit = Varchar(length=8, default=None, null=False, index=True)
    state = Varchar(length=12, default=None, null=False)
    demonstration = Boolean(default=None, null=False)
    declared_by = UUID(default=None, null=False, index=True)
    declared_at = Timestamptz(default=None, null=False)
    decided_by = UUID(default=None, null=True)
    decided_at = Timestamptz(default=None, null=True)
    decided_because = Varchar(length=500, default=None, null=True)
    join_code = Varchar(length=12, default=None, null=True, unique=True)
    join_needs_approval = Boolean(default=True, null=False)

    organisation_code_shape = Check("code ~ '^[0-9A-HJ-NPQRTUWXY]{18}$'")
    organisation_kind_known = Check(
        "kind IN ('enterprise', 'university', 'research-organisation', 'certification-body',"
        " 'consultancy', 'authority')"
    )
    organisation_state_known = Check("state IN ('declared', 'confirmed', 'refused')")
    organisation_decision_is_whole = Check(
        "(state = 'declared') = (decided_at IS NULL)"
        " AND (decided_by IS NULL) = (decided_at IS NULL)"
    )


class CertificationFact(Table, tags=["append-only"]):
    """One dated fact of the three-year cycle; a wrong one is followed by its withdrawal."""

    id = UUID(primary_key=True, default=None, null=False)
    organisation = ForeignKey(
        Organisation, default=None, null=False, on_delete=OnDelete.restrict, index=True
    )
    kind = Varchar(length=16, default=None, null=False)
    happened_on = Date(default=None, null=False)
    standard = Varchar(length=32, default=None, null=True)
    certificate_number = Varchar(length=64, default=None, null=True)
    withdraws = UUID(default=None, null=True, unique=True)
    """The fact that this one takes back."""
    recorded_by = UUID(default=None, null=False)
    recorded_at = Timestamptz(default=None, null=False)

    certification_fact_kind_known = Check(
        "kind IN ('certified', 'surveillance', 'recertified', 'ended', 'withdrawal')"
    )
    certification_fact_withdrawal_is_whole = Check(
        "(kind = 'withdrawal') = (withdraws IS NOT NULL)"
    )


class Department(Table):
    """`depth` is 1 for those directly below the organisation."""

    id = UUID(primary_key=True, default=None, null=False)
    organisation = ForeignKey(Organisation, default=None, null=False, on_delete=OnDelete.restrict)
    parent: ForeignKey[Any] = ForeignKey(
        "self", default=None, null=True, on_delete=OnDelete.restrict, index=True
    )
    depth = SmallInt(default=None, null=False)
    name = Varchar(length=64, default=None, null=False)
    created_at = Timestamptz(default=None, null=False)
    closed_at = Timestamptz(default=None, null=True)

    department_depth_bounded = Check("depth BETWEEN 1 AND 6 AND (depth = 1) = (parent IS NULL)")


class Membership(Table):
    """A person's time in an organisation. Who comes back gets a new one."""

    id = UUID(primary_key=True, default=None, null=False)
    organisation = ForeignKey(Organisation, default=None, null=False, on_delete=OnDelete.restrict)
    person = UUID(default=None, null=False, index=True)
    department = ForeignKey(
        Department, default=None, null=True, on_delete=OnDelete.restrict, index=True
    )
    position = Varchar(length=8, default=None, null=False)
    duty = Varchar(length=24, default=None, null=True)
    staff_number_sealed = Bytea(default=None, null=True)
    name_sealed = Bytea(default=None, null=True)
    """As the organisation knows it; gone once the person was erased."""
    name_index = Bytea(default=None, null=True)
    contact_sealed = Bytea(default=None, null=True)
    """The login under which the organisation invited or listed the person."""
    contact_index = Bytea(default=None, null=True)
    joined_at = Timestamptz(default=None, null=False)
    joined_by = Varchar(length=12, default=None, null=False)
    left_at = Timestamptz(default=None, null=True)
    left_because = Varchar(length=8, default=None, null=True)

    membership_position_known = Check("position IN ('member', 'manager')")
    membership_duty_known = Check(
        "duty IN ('top-management', 'ip-manager', 'internal-auditor', 'technical-expert',"
        " 'consultant', 'other')"
    )
    membership_joined_by_known = Check(
        "joined_by IN ('declaration', 'invitation', 'code', 'import')"
    )
    membership_end_is_whole = Check("(left_at IS NULL) = (left_because IS NULL)")
    membership_left_because_known = Check("left_because IN ('left', 'removed', 'erased')")


class ExpectedMember(Table, tags=["sealed-as:import_row"]):
    """Somebody an import named. Whether there is an account is not looked up: the person becomes a
    member when they sign in with that login (`members.expected.claim`)."""

    id = UUID(primary_key=True, default=None, null=False)
    organisation = ForeignKey(Organisation, default=None, null=False, on_delete=OnDelete.restrict)
    department = ForeignKey(
        Department, default=None, null=True, on_delete=OnDelete.restrict, index=True
    )
    duty = Varchar(length=24, default=None, null=True)
    staff_number_sealed = Bytea(default=None, null=True)
    name_sealed = Bytea(default=None, null=False)
    name_index = Bytea(default=None, null=False)
    contact_sealed = Bytea(default=None, null=False)
    contact_index = Bytea(default=None, null=False, index=True)
    listed_at = Timestamptz(default=None, null=False)

    expected_member_duty_known = Check(
        "duty IN ('top-management', 'ip-manager', 'internal-auditor', 'technical-expert',"
        " 'consultant', 'other')"
    )


class Invitation(Table):
    """Single use. With a login named, only who owns that login may accept."""

    id = UUID(primary_key=True, default=None, null=False)
    organisation = ForeignKey(
        Organisation, default=None, null=False, on_delete=OnDelete.restrict, index=True
    )
    department = ForeignKey(Department, default=None, null=True, on_delete=OnDelete.restrict)
    position = Varchar(length=8, default=None, null=False)
    contact_sealed = Bytea(default=None, null=True)
    contact_index = Bytea(default=None, null=True, index=True)
    token_sha256 = Bytea(default=None, null=False, unique=True)
    invited_by = UUID(default=None, null=False)
    invited_at = Timestamptz(default=None, null=False)
    expires_at = Timestamptz(default=None, null=False)
    used_at = Timestamptz(default=None, null=True)
    used_by = UUID(default=None, null=True)
    withdrawn_at = Timestamptz(default=None, null=True)
    declined_at = Timestamptz(default=None, null=True)

    invitation_position_known = Check("position IN ('member', 'manager')")
    invitation_contact_is_whole = Check("(contact_sealed IS NULL) = (contact_index IS NULL)")
    invitation_use_is_whole = Check("(used_at IS NULL) = (used_by IS NULL)")
    invitation_has_one_end = Check("num_nonnulls(used_at, withdrawn_at, declined_at) <= 1")


class JoinRequest(Table):
    """Somebody who has the join code of an organisation that looks before it lets in."""

    id = UUID(primary_key=True, default=None, null=False)
    organisation = ForeignKey(
        Organisation, default=None, null=False, on_delete=OnDelete.restrict, index=True
    )
    person = UUID(default=None, null=False, index=True)
    name_sealed = Bytea(default=None, null=True)
    state = Varchar(length=8, default=None, null=False)
    asked_at = Timestamptz(default=None, null=False)
    decided_by = UUID(default=None, null=True)
    decided_at = Timestamptz(default=None, null=True)

    join_request_state_known = Check("state IN ('asked', 'approved', 'refused', 'taken-back')")


class ImportJob(Table):
    """A file of staff on its way in. `attempt` fences off a worker that was taken for dead."""

    id = UUID(primary_key=True, default=None, null=False)
    organisation = ForeignKey(
        Organisation, default=None, null=False, on_delete=OnDelete.restrict, index=True
    )
    asked_by = UUID(default=None, null=False)
    format = Varchar(length=4, default=None, null=False)
    size = Integer(default=None, null=False)
    state = Varchar(length=12, default=None, null=False)
    refused_because = Varchar(length=32, default=None, null=True)
    attempt = SmallInt(default=0, null=False)
    percent = SmallInt(default=0, null=False)
    rows = Integer(default=0, null=False)
    good = Integer(default=0, null=False)
    bad = Integer(default=0, null=False)
    known = Integer(default=0, null=False)
    """Rows of people who are listed already: left alone, and no fault of the file."""
    new_departments = Integer(default=0, null=False)
    created_at = Timestamptz(default=None, null=False)
    finished_at = Timestamptz(default=None, null=True)

    import_job_format_known = Check("format IN ('xlsx', 'csv')")
    import_job_state_known = Check(
        "state IN ('uploaded', 'checking', 'checked', 'applying', 'applied', 'refused',"
        " 'cancelled')"
    )
    import_job_refusal_is_whole = Check("(state = 'refused') = (refused_because IS NOT NULL)")


class ImportRow(Table):
    """A good row that waits for the manager's word; `id` becomes the expected member's."""

    id = UUID(primary_key=True, default=None, null=False)
    job = ForeignKey(ImportJob, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    number = Integer(default=None, null=False)
    """As the file counts: the headings are row 1."""
    department_path = Varchar(length=512, default=None, null=True)
    duty = Varchar(length=24, default=None, null=True)
    staff_number_sealed = Bytea(default=None, null=True)
    name_sealed = Bytea(default=None, null=False)
    name_index = Bytea(default=None, null=False)
    contact_sealed = Bytea(default=None, null=False)
    contact_index = Bytea(default=None, null=False)


class ImportFault(Table):
    """What is wrong with a row. `shown` is the cell's text, never of a name or a number."""

    id = UUID(primary_key=True, default=None, null=False)
    job = ForeignKey(ImportJob, default=None, null=False, on_delete=OnDelete.restrict)
    number = Integer(default=None, null=False)
    field = Varchar(length=16, default=None, null=False)
    code = Varchar(length=32, default=None, null=False)
    shown = Varchar(length=64, default=None, null=True)
