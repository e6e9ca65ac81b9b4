"""Rows of the ways to check. Of a link only its token's hash is here: who has the rows cannot
open it."""

from piccolo.columns import UUID, Bytea, ForeignKey, OnDelete, Timestamptz, Varchar
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
