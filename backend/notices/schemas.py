"""The area's JSON."""

from datetime import datetime
from uuid import UUID

import msgspec


class Words(msgspec.Struct, frozen=True):
    zh: str
    en: str


class NoticeView(msgspec.Struct, rename="camel", kw_only=True):
    id: UUID
    kind: str
    subject: Words
    text: Words
    link: str | None
    """A path of this site."""
    at: datetime
    read: bool


class NoticeList(msgspec.Struct, rename="camel"):
    """Newest first. `unread` stops at 100."""

    items: list[NoticeView]
    next_cursor: UUID | None
    unread: int


class ReadUpTo(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """The newest notice that was shown: what came since stays unread."""

    up_to: UUID


class Unread(msgspec.Struct):
    unread: int


class ChoiceView(msgspec.Struct, rename="camel", kw_only=True):
    """The inbox always has every notice; nothing is sent between `quietFrom` and `quietUntil`,
    China's time."""

    email: bool
    sms: bool
    quiet_from: str = "22:00"
    quiet_until: str = "08:00"


class NewChoice(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    email: bool
    sms: bool
