"""Rules of a certification body's keys: what one may do, and when it does not. Pure."""

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

import msgspec

from infra.errors import Conflict, Forbidden, NotFound, Unauthenticated

PREFIX = "gbk_"
"""So that a key that leaks into a repository is found by those who look for such."""
MOST_DAYS = 366
MOST_KEYS = 20
"""Of one body that are in force."""
NOTED_EVERY = timedelta(minutes=1)


class Scope(StrEnum):
    VERIFY = "verify"
    ROSTER = "roster"
    BULK = "bulk"


class KeyNotValid(Unauthenticated):
    """Send `Authorization: Bearer gbk_…` with a key that has neither expired nor been revoked; the
    certification body's managers make them at its desk."""

    zh = "请在 Authorization: Bearer 中提供有效的机构密钥（gbk_…）；密钥由本机构管理员生成。"


class ScopeMissing(Forbidden):
    """This key may not do that; the certification body's managers make one with the scope."""

    zh = "该密钥没有此项权限，请由本机构管理员另行生成。"


class BodyNotInForce(Forbidden):
    """The register does not list this certification body today, so this rests until it does."""

    zh = "该认证机构目前未列入名录，恢复列入之前不能使用。"


class NoSuchCertifierKey(NotFound):
    """This body has no such key."""

    zh = "该机构没有这个密钥。"


class TooManyKeys(Conflict):
    """This body has 20 keys in force; revoke one first."""

    zh = "该机构已有 20 个有效密钥，请先吊销一个。"


class Key(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    body_code: str
    scopes: frozenset[Scope]
    expires_at: datetime
    revoked_at: datetime | None
    last_used_at: datetime | None

    def in_force(self, now: datetime) -> bool:
        return self.revoked_at is None and now < self.expires_at

    def to_be_noted(self, now: datetime) -> bool:
        return self.last_used_at is None or now - self.last_used_at >= NOTED_EVERY


def admitted(key: Key | None, scope: Scope, *, now: datetime) -> Key:
    """KeyNotValid, ScopeMissing."""
    if key is None or not key.in_force(now):
        raise KeyNotValid
    if scope not in key.scopes:
        raise ScopeMissing
    return key
