from piccolo.columns import (
    UUID,
    Boolean,
    ForeignKey,
    OnDelete,
    SmallInt,
    Timestamptz,
    Varchar,
)
from piccolo.constraints import Check, Unique
from piccolo.table import Table


class Notice(Table):
    """Something a person is told once, in the words of that day. `once` names the occasion."""

    id = UUID(primary_key=True, default=None, null=False)
    person_id = UUID(default=None, null=False)
    kind = Varchar(length=32, default=None, null=False)
    once = Varchar(length=120, default=None, null=False)
    subject_zh = Varchar(length=80, default=None, null=False)
    subject_en = Varchar(length=160, default=None, null=False)
    text_zh = Varchar(length=400, default=None, null=False)
    text_en = Varchar(length=800, default=None, null=False)
    link = Varchar(length=200, default=None, null=True)
    """A path of our own pages."""
    at = Timestamptz(default=None, null=False)
    read_at = Timestamptz(default=None, null=True)

    notice_once = Unique([person_id, once])
    notice_link_is_ours = Check("link ~ '^/[^/]' OR link = '/'")


class NoticeDelivery(Table):
    """A notice on its way out of the inbox. `due_at` is also the lease of whoever sends it now."""

    id = UUID(primary_key=True, default=None, null=False)
    notice = ForeignKey(Notice, default=None, null=False, on_delete=OnDelete.restrict)
    person_id = UUID(default=None, null=False, index=True)
    channel = Varchar(length=8, default=None, null=False)
    state = Varchar(length=8, default=None, null=False)
    due_at = Timestamptz(default=None, null=False)
    tries = SmallInt(default=None, null=False)
    ended_at = Timestamptz(default=None, null=True)

    notice_delivery_once = Unique([notice, channel])
    notice_delivery_known_channel = Check("channel IN ('email', 'sms')")
    notice_delivery_known_state = Check("state IN ('waiting', 'sent', 'nowhere', 'failed')")
    notice_delivery_end_is_whole = Check("(state = 'waiting') = (ended_at IS NULL)")
    notice_delivery_tries = Check("tries BETWEEN 0 AND 100")


class NoticeChoice(Table):
    """Where a person wants notices besides the inbox. No row: by mail."""

    person_id = UUID(primary_key=True, default=None, null=False)
    email = Boolean(default=None, null=False)
    sms = Boolean(default=None, null=False)
    chosen_at = Timestamptz(default=None, null=False)
