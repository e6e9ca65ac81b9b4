from piccolo.columns import (
    UUID,
    Bytea,
    Date,
    ForeignKey,
    Integer,
    OnDelete,
    SmallInt,
    Timestamptz,
    Varchar,
)
from piccolo.constraints import Check, Unique
from piccolo.table import Table


class IntegritySignal(Table, tags=["append-only"]):
    """Something that does not look like honest learning. `explanation` names no person."""

    id = UUID(primary_key=True, default=None, null=False)
    source = Varchar(length=24, default=None, null=False)
    subject_kind = Varchar(length=24, default=None, null=False)
    subject = Varchar(length=64, default=None, null=False, index=True)
    reporting_unit = Varchar(length=8, default=None, null=True)
    strength = SmallInt(default=None, null=False)
    explanation = Varchar(length=1000, default=None, null=False)
    noted_by = UUID(default=None, null=True)
    noted_at = Timestamptz(default=None, null=False)

    integrity_signal_strength = Check("strength BETWEEN 1 AND 100")


class SignalReview(Table, tags=["append-only"]):
    id = UUID(primary_key=True, default=None, null=False)
    signal = ForeignKey(IntegritySignal, default=None, null=False, on_delete=OnDelete.restrict)
    verdict = Varchar(length=16, default=None, null=False)
    reason = Varchar(length=500, default=None, null=False)
    reviewer = UUID(default=None, null=False)
    at = Timestamptz(default=None, null=False)

    signal_review_once_each = Unique([signal, reviewer])
    signal_review_verdict = Check("verdict IN ('confirmed', 'dismissed')")


class Complaint(Table):
    """What it says and whom to answer is sealed; the tracking code is kept as its keyed index."""

    id = UUID(primary_key=True, default=None, null=False)
    tracking_index = Bytea(unique=True, default=None, null=False)
    about_kind = Varchar(length=24, default=None, null=False)
    about = Varchar(length=64, default=None, null=False, index=True)
    reporting_unit = Varchar(length=8, default=None, null=True)
    text_sealed = Bytea(default=None, null=False)
    contact_sealed = Bytea(default=None, null=True)
    state = Varchar(length=16, default=None, null=False)
    outcome = Varchar(length=16, default=None, null=True)
    proposed_by = UUID(default=None, null=True)
    received_at = Timestamptz(default=None, null=False)
    decided_at = Timestamptz(default=None, null=True)

    complaint_state = Check("state IN ('received', 'investigating', 'proposed', 'decided')")
    complaint_outcome = Check("outcome IN ('upheld', 'unfounded', 'not-ours')")
    complaint_proposal_is_whole = Check(
        "(state IN ('proposed', 'decided')) = (outcome IS NOT NULL AND proposed_by IS NOT NULL)"
    )
    complaint_decision_is_whole = Check("(state = 'decided') = (decided_at IS NOT NULL)")


class ComplaintEvent(Table, tags=["append-only"]):
    """A step, what the complainant may read of it, and the office's own note."""

    id = UUID(primary_key=True, default=None, null=False)
    complaint = ForeignKey(
        Complaint, default=None, null=False, on_delete=OnDelete.restrict, index=True
    )
    step = Varchar(length=16, default=None, null=False)
    said = Varchar(length=1000, default=None, null=True)
    note_sealed = Bytea(default=None, null=True)
    actor = UUID(default=None, null=True)
    at = Timestamptz(default=None, null=False)


class ComplaintAttachment(Table, tags=["append-only"]):
    """A file in the object store, sealed; `sha256` is of what was sent."""

    id = UUID(primary_key=True, default=None, null=False)
    complaint = ForeignKey(
        Complaint, default=None, null=False, on_delete=OnDelete.restrict, index=True
    )
    media_type = Varchar(length=40, default=None, null=False)
    size = Integer(default=None, null=False)
    sha256 = Varchar(length=64, default=None, null=False)
    added_at = Timestamptz(default=None, null=False)

    complaint_attachment_once = Unique([complaint, sha256])


class InspectorAppointment(Table):
    """One reporting unit of one inspector, from day to day (`until`: the last one)."""

    id = UUID(primary_key=True, default=None, null=False)
    inspector = UUID(default=None, null=False, index=True)
    reporting_unit = Varchar(length=8, default=None, null=False)
    since = Date(default=None, null=False)
    until = Date(default=None, null=True)
    appointed_by = UUID(default=None, null=False)
    appointed_at = Timestamptz(default=None, null=False)

    inspector_appointment_days = Check("until IS NULL OR until >= since")


class SpotCheck(Table, tags=["append-only"]):
    """A sample that anyone can draw again: `population` is what `population_text` made, gzipped."""

    id = UUID(primary_key=True, default=None, null=False)
    reporting_unit = Varchar(length=8, default=None, null=True)
    issued_from = Date(default=None, null=False)
    issued_until = Date(default=None, null=False)
    purpose = Varchar(length=500, default=None, null=False)
    seed = Bytea(default=None, null=False)
    population = Bytea(default=None, null=False)
    population_sha256 = Varchar(length=64, default=None, null=False)
    population_size = Integer(default=None, null=False)
    sample_size = Integer(default=None, null=False)
    drawn_by = UUID(default=None, null=False)
    drawn_at = Timestamptz(default=None, null=False)

    spot_check_days = Check("issued_until >= issued_from")


class SpotCheckItem(Table, tags=["append-only"]):
    id = UUID(primary_key=True, default=None, null=False)
    spot_check = ForeignKey(SpotCheck, default=None, null=False, on_delete=OnDelete.restrict)
    position = Integer(default=None, null=False)
    record_number = Varchar(length=32, default=None, null=False)

    spot_check_item_place = Unique([spot_check, position])


class SpotCheckFinding(Table, tags=["append-only"]):
    id = UUID(primary_key=True, default=None, null=False)
    item = ForeignKey(
        SpotCheckItem, unique=True, default=None, null=False, on_delete=OnDelete.restrict
    )
    finding = Varchar(length=16, default=None, null=False)
    note_sealed = Bytea(default=None, null=True)
    inspector = UUID(default=None, null=False)
    at = Timestamptz(default=None, null=False)

    spot_check_finding_known = Check("finding IN ('in-order', 'doubtful', 'violation')")
