from piccolo.columns import UUID, BigInt, Bytea, Text, Timestamptz, Varchar
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
