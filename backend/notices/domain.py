"""Rules of telling people things. No I/O: time and rows are passed in."""

from collections.abc import Collection
from datetime import datetime, time, timedelta, timezone
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

import msgspec

from infra.errors import NotFound

SHANGHAI = timezone(timedelta(hours=8))
QUIET_FROM, QUIET_UNTIL = time(22), time(8)
"""China's time: nothing leaves the inbox between them."""
TRIES = 6
FIRST_WAIT = timedelta(minutes=10)
"""Doubled at each try. It is a lease, too: nobody else sends the same within it."""
LATEST = timedelta(days=3)
"""Older than this a notice is in the inbox alone: late reminders confuse."""
MOST_COUNTED = 100
"""Unread notices are counted up to here."""


class NoticeNotFound(NotFound):
    """You have no such notice; GET /v1/notices lists yours."""

    zh = "您没有这条通知，请刷新通知列表。"


class Channel(StrEnum):
    EMAIL = "email"
    SMS = "sms"


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """Where notices go besides the inbox, which always has them."""

    email: bool = True
    sms: bool = False

    DEFAULT: ClassVar["Choice"]

    def channels(self) -> list[Channel]:
        return [c for c, on in ((Channel.EMAIL, self.email), (Channel.SMS, self.sms)) if on]


Choice.DEFAULT = Choice()


class Said(msgspec.Struct, frozen=True):
    zh: str
    en: str


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """To one person, once for each `once`, however often it is posted.

    Nothing secret in it, and no name of anybody: it travels by mail and stands on lock screens.
    """

    person_id: UUID
    kind: str
    once: str
    subject: Said
    text: Said
    link: str | None = None


def is_quiet(now: datetime) -> bool:
    local = now.astimezone(SHANGHAI).time()
    return local >= QUIET_FROM or local < QUIET_UNTIL


def next_try(tries: int, *, now: datetime) -> datetime:
    """`tries`: those begun already, this one among them."""
    return now + FIRST_WAIT * int(2 ** max(0, tries - 1))


def is_over(tries: int, posted_at: datetime, *, now: datetime) -> bool:
    """Whether a notice that could not be sent stays in the inbox alone."""
    return tries >= TRIES or now - posted_at > LATEST


def each_once(notices: Collection[Notice]) -> list[Notice]:
    """Without repetitions, which one statement cannot write."""
    return list({(one.person_id, one.once): one for one in notices}.values())
