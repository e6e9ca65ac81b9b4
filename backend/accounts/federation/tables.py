from piccolo.columns import UUID, Bytea, ForeignKey, OnDelete, Timestamptz, Varchar
from piccolo.constraints import Check
from piccolo.table import Table

from backend.accounts.tables import Person


class FederatedIdentity(Table):
    """Who somebody is to a provider, and whose account that opens.

    The subject may be a staff number: only its keyed index is kept, with the issuer's.
    """

    id = UUID(primary_key=True, default=None, null=False)
    person = ForeignKey(Person, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    provider = Varchar(length=32, default=None, null=False)
    subject_index = Bytea(default=None, null=False, unique=True)
    linked_at = Timestamptz(default=None, null=False)
    last_used_at = Timestamptz(default=None, null=True)


class FederatedAttempt(Table):
    """A way to a provider and back that has begun. Taken, it is gone; nobody comes back twice."""

    state_sha256 = Bytea(primary_key=True, default=None, null=False)
    browser_sha256 = Bytea(default=None, null=False)
    provider = Varchar(length=32, default=None, null=False)
    person = ForeignKey(Person, default=None, null=True, on_delete=OnDelete.restrict)
    """Whoever wants to link; nobody for a sign-in."""
    session_id = UUID(default=None, null=True)
    return_to = Varchar(length=200, default=None, null=False)
    expires_at = Timestamptz(default=None, null=False, index=True)

    federated_attempt_links_whole = Check("(person IS NULL) = (session_id IS NULL)")
