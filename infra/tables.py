from piccolo.columns import UUID, BigInt, Boolean, Bytea, Date, Text, Timestamptz, Varchar
from piccolo.constraints import Check, Unique
from piccolo.table import Table


class InstanceFact(Table):
    """What is fixed for the life of an installation, one row a fact."""

    name = Varchar(length=64, primary_key=True, default=None, null=False)
    value = Varchar(length=2048, default=None, null=False)
    set_at = Timestamptz(default=None, null=False)


class AuditEntry(Table, tags=["append-only"]):
    """One privileged act. `hash` = SHA-256 of the previous entry's hash followed by `body`."""

    number = BigInt(primary_key=True, default=None, null=False)
    at = Timestamptz(default=None, null=False, index=True)
    act = Varchar(length=64, default=None, null=False)
    actor = UUID(default=None, null=True, index=True)
    subject = Varchar(length=200, default=None, null=False, index=True)
    body = Text(default=None, null=False)
    hash = Bytea(default=None, null=False)


class ConsentEvent(Table, tags=["append-only"]):
    """A person's word on one purpose, in one version of its notice: the latest row counts."""

    id = UUID(primary_key=True, default=None, null=False)
    person_id = UUID(default=None, null=False, index=True)
    purpose = Varchar(length=32, default=None, null=False)
    version = Varchar(length=16, default=None, null=False)
    notice_sha256 = Varchar(length=64, default=None, null=False)
    given = Boolean(default=None, null=False)
    at = Timestamptz(default=None, null=False)

    consent_event_purpose_known = Check(
        "purpose IN ('account', 'learning-records', 'identity-verification',"
        " 'organisation-disclosure', 'authority-disclosure')"
    )


class PersonAccess(Table, tags=["kept-180-days"]):
    """Somebody looked at a person's data. The same look on the same day is one row.

    `actor_id` stays inside; the person is told role and organisation.
    """

    id = UUID(primary_key=True, default=None, null=False)
    person_id = UUID(default=None, null=False)
    actor_id = UUID(default=None, null=False)
    actor_role = Varchar(length=32, default=None, null=False)
    organisation_id = UUID(default=None, null=True)
    what = Varchar(length=32, default=None, null=False)
    purpose = Varchar(length=200, default=None, null=False)
    at = Timestamptz(default=None, null=False, index=True)
    on_day = Date(default=None, null=False)

    person_access_once_a_day = Unique(
        [person_id, actor_id, what, purpose, on_day], name="person_access_once_a_day"
    )


class ListAccess(Table, tags=["kept-180-days"]):
    """Somebody looked at an organisation's list of people: one row a day, however many it names.
    Whoever was on the list that day is told of it with their own `PersonAccess` rows."""

    id = UUID(primary_key=True, default=None, null=False)
    organisation_id = UUID(default=None, null=False)
    actor_id = UUID(default=None, null=False)
    actor_role = Varchar(length=32, default=None, null=False)
    what = Varchar(length=32, default=None, null=False)
    purpose = Varchar(length=200, default=None, null=False)
    at = Timestamptz(default=None, null=False, index=True)
    on_day = Date(default=None, null=False)

    list_access_once_a_day = Unique(
        [organisation_id, actor_id, what, on_day], name="list_access_once_a_day"
    )
