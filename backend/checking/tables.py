"""Rows of the ways to check. Of a link only its token's hash is here: who has the rows cannot
open it."""

from piccolo.columns import (
    UUID,
    Boolean,
    Bytea,
    ForeignKey,
    Integer,
    OnDelete,
    Timestamptz,
    Varchar,
)
from piccolo.constraints import Check, Unique
from piccolo.table import Table


class ShareLink(Table):
    """What a holder shows of himself beside a record, to whoever has the link, until it ends."""

    id = UUID(primary_key=True, default=None, null=False)
    holder = UUID(default=None, null=False, index=True)
    record_id = UUID(default=None, null=False)
    number = Varchar(length=32, default=None, null=False)
    """Of the record, by which its verdict is found."""
    token_sha256 = Bytea(default=None, null=False, unique=True)
    shown_sealed = Bytea(default=None, null=False)
    """JSON of the chosen fields, as they were when the link was made."""
    created_at = Timestamptz(default=None, null=False)
    expires_at = Timestamptz(default=None, null=False)
    revoked_at = Timestamptz(default=None, null=True)

    share_link_ends_after_it_begins = Check("expires_at > created_at")


class ShareView(Table):
    """That a link was opened in this minute; not by whom."""

    id = UUID(primary_key=True, default=None, null=False)
    link = ForeignKey(ShareLink, on_delete=OnDelete.restrict, default=None, null=False)
    at = Timestamptz(default=None, null=False)

    share_view_once_a_minute = Unique([link, at])


class CertifierKey(Table):
    """A certification body's key to what its systems may ask. Shown once; its hash is here."""

    id = UUID(primary_key=True, default=None, null=False)
    body_code = Varchar(length=18, default=None, null=False, index=True)
    label = Varchar(length=64, default=None, null=False)
    key_sha256 = Bytea(default=None, null=False, unique=True)
    may_verify = Boolean(default=None, null=False)
    may_read_roster = Boolean(default=None, null=False)
    may_send_bulk = Boolean(default=None, null=False)
    created_at = Timestamptz(default=None, null=False)
    created_by = UUID(default=None, null=False)
    expires_at = Timestamptz(default=None, null=False)
    last_used_at = Timestamptz(default=None, null=True)
    """To within a minute."""
    revoked_at = Timestamptz(default=None, null=True)
    revoked_by = UUID(default=None, null=True)

    certifier_key_ends_after_it_begins = Check("expires_at > created_at")
    certifier_key_revocation_is_whole = Check("(revoked_at IS NULL) = (revoked_by IS NULL)")


class BulkCheck(Table):
    """A file of records to check. The file and its result lie sealed in the object store, and are
    gone after a week."""

    id = UUID(primary_key=True, default=None, null=False)
    body_code = Varchar(length=18, default=None, null=False, index=True)
    key = ForeignKey(CertifierKey, on_delete=OnDelete.restrict, default=None, null=True)
    """None: sent at the body's desk; who sent it stands in the audit trail."""
    state = Varchar(length=12, default=None, null=False)
    attempt = Integer(default=None, null=False)
    rows = Integer(default=None, null=False)
    percent = Integer(default=None, null=False)
    created_at = Timestamptz(default=None, null=False)
    finished_at = Timestamptz(default=None, null=True)
    verdicts = Varchar(length=400, default=None, null=True)
    """JSON: how many rows have which."""
    refused = Varchar(length=24, default=None, null=True)
    """Why the file was not taken."""
    refused_line = Integer(default=None, null=True)
    """Where in the file, counted from 1, where that is known."""

    bulk_check_state_known = Check("state IN ('uploaded', 'checking', 'done', 'refused')")
    bulk_check_reason_is_of_a_refusal = Check("refused IS NULL OR state = 'refused'")
    bulk_check_end_is_whole = Check("(state IN ('done', 'refused')) = (finished_at IS NOT NULL)")
