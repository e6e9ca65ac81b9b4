"""Rules of a holder's share links: what may be shown, how long, in which state one is. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from infra.errors import Conflict, Invalid, NotFound

MOST_DAYS = 90
MOST_OPEN = 20
"""Links of one holder that lead somewhere at the same time."""


class Field(StrEnum):
    """What a holder may add to the public verdict. Never the identity document: links are passed
    on, and its number cannot be taken back."""

    NAME = "name"
    EMPLOYER = "employer"
    REGISTRATION_NUMBER = "registrationNumber"
    SCORE = "score"


class State(StrEnum):
    OPEN = "open"
    EXPIRED = "expired"
    REVOKED = "revoked"


class FieldNotKnown(Invalid):
    """One of the chosen fields is not known of you here; leave it out."""

    zh = "所选项目中有平台未登记的内容，请取消勾选。"


class NothingChosen(Invalid):
    """Choose what the link is to show; the verdict alone is public already."""

    zh = "请选择要展示的内容；核验结论本身已公开，无需分享链接。"


class TooManyLinks(Conflict):
    """You have 20 links that are open; end one first."""

    zh = "您已有 20 个有效的分享链接，请先停用一个。"


class NoSuchLink(NotFound):
    """This link has ended, or never was; ask the holder for a new one."""

    zh = "该分享链接已失效或不存在，请向持有人索取新的链接。"


def chosen(fields: Sequence[Field], known: dict[Field, str | None]) -> dict[str, str]:
    """Those fields and no other, in the order of `Field`. NothingChosen, FieldNotKnown."""
    if not fields:
        raise NothingChosen(fields={"fields": NothingChosen.zh})
    missing = [field for field in fields if not known.get(field)]
    if missing:
        raise FieldNotKnown(fields=dict.fromkeys(missing, FieldNotKnown.zh))
    return {field: str(known[field]) for field in Field if field in fields}


def ends_at(now: datetime, days: int) -> datetime:
    return now + timedelta(days=min(max(days, 1), MOST_DAYS))


def state_of(*, expires_at: datetime, revoked_at: datetime | None, now: datetime) -> State:
    if revoked_at is not None:
        return State.REVOKED
    return State.EXPIRED if expires_at <= now else State.OPEN


def minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)
