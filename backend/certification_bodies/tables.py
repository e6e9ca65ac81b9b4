"""Rows of the register. What it said is append-only; of an employment only its end is added."""

from piccolo.columns import (
    UUID,
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


class CertificationBody(Table):
    """An organisation that is or was in the register; `organisation` is its id there."""

    organisation = UUID(primary_key=True, default=None, null=False)
    code = Varchar(length=18, unique=True, default=None, null=False)
    entered_at = Timestamptz(default=None, null=False)


class RegisterEntry(Table, tags=["append-only"]):
    """One fact (`domain.Fact`). "withdrawn": the entry it corrects was wrong altogether."""

    id = UUID(primary_key=True, default=None, null=False)
    body = ForeignKey(
        CertificationBody, default=None, null=False, on_delete=OnDelete.restrict, index=True
    )
    state = Varchar(length=12, default=None, null=False)
    name = Varchar(length=200, default=None, null=False)
    effective_from = Date(default=None, null=False)
    reason = Varchar(length=500, default=None, null=False)
    document = Varchar(length=200, default=None, null=False)
    corrects = UUID(default=None, null=True, unique=True)
    recorded_at = Timestamptz(default=None, null=False)
    recorded_by = UUID(default=None, null=False)

    register_entry_state = Check("state IN ('listed', 'suspended', 'removed', 'withdrawn')")
    register_entry_withdrawal_corrects = Check("state <> 'withdrawn' OR corrects IS NOT NULL")


class BodyDocument(Table, tags=["append-only"]):
    """A filed rule or a public commitment; the file lies in the store under its hash."""

    id = UUID(primary_key=True, default=None, null=False)
    body = ForeignKey(CertificationBody, default=None, null=False, on_delete=OnDelete.restrict)
    kind = Varchar(length=12, default=None, null=False)
    title = Varchar(length=200, default=None, null=False)
    version = Varchar(length=32, default=None, null=False)
    effective_from = Date(default=None, null=False)
    sha256 = Varchar(length=64, default=None, null=False)
    media_type = Varchar(length=32, default=None, null=False)
    size_bytes = Integer(default=None, null=False)
    filed_by = UUID(default=None, null=False)
    filed_at = Timestamptz(default=None, null=False)

    body_document_version_once = Unique([body, kind, version])
    body_document_kind = Check("kind IN ('rule', 'commitment')")
    body_document_size = Check("size_bytes > 0")


class Auditor(Table):
    """A registered auditor. Number and name are sealed; erased, both are gone and the rest is
    nobody's. `person` is the auditor's account, where there is one."""

    id = UUID(primary_key=True, default=None, null=False)
    registration_index = Bytea(default=None, null=True, unique=True)
    registration_sealed = Bytea(default=None, null=True)
    name_sealed = Bytea(default=None, null=True)
    person = UUID(default=None, null=True, unique=True)
    entered_at = Timestamptz(default=None, null=False)
    erased_at = Timestamptz(default=None, null=True)

    auditor_is_whole_or_erased = Check(
        "(erased_at IS NULL) = (registration_index IS NOT NULL)"
        " AND (registration_index IS NULL) = (registration_sealed IS NULL)"
        " AND (registration_index IS NULL) = (name_sealed IS NULL)"
        " AND (erased_at IS NULL OR person IS NULL)"
    )


class AuditorGrade(Table, tags=["append-only"]):
    id = UUID(primary_key=True, default=None, null=False)
    auditor = ForeignKey(Auditor, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    grade = Varchar(length=16, default=None, null=False)
    since = Date(default=None, null=False)
    entered_by = UUID(default=None, null=False)
    entered_at = Timestamptz(default=None, null=False)


class AuditorEmployment(Table):
    """Both days included. Overlaps are refused under the auditor's row lock; one open employment
    at most is the database's word too (a partial unique index)."""

    id = UUID(primary_key=True, default=None, null=False)
    auditor = ForeignKey(Auditor, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    body = ForeignKey(
        CertificationBody, default=None, null=False, on_delete=OnDelete.restrict, index=True
    )
    begins_on = Date(default=None, null=False)
    ends_on = Date(default=None, null=True)
    entered_by = UUID(default=None, null=False)
    entered_at = Timestamptz(default=None, null=False)
    ended_by = UUID(default=None, null=True)
    ended_at = Timestamptz(default=None, null=True)

    auditor_employment_in_order = Check("ends_on IS NULL OR ends_on >= begins_on")
    auditor_employment_end_is_whole = Check("(ends_on IS NULL) = (ended_at IS NULL)")
