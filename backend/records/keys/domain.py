"""Which key signs, and what becomes of keys. No I/O."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec

from infra.errors import Conflict, Invalid, NotFound, Unavailable

OVERLAP = timedelta(minutes=10)
"""A new key is public for this long before it signs: longer than any cache of `/trust.json`,
`/.well-known/jwks.json` or `did.json` lives (five minutes)."""
PURPOSES = ("record", "status")


class NoSigningKey(Unavailable):
    """No key of this purpose may sign here, or its file is missing; see `guanbiao keys list`."""

    zh = "没有可用的签名密钥，或密钥文件缺失；请用 guanbiao keys list 查看。"


class NoSuchSigningKey(NotFound):
    """No signing key of records or status lists has that thumbprint; see `guanbiao keys list`."""

    zh = "没有该指纹的记录或名单签名密钥；请用 guanbiao keys list 查看。"


class LastKey(Conflict):
    """This is the only key that signs; rotate first, and retire it when the new one has begun."""

    zh = "这是唯一在用的签名密钥；请先轮换，待新密钥启用后再停用它。"


class KeyEnded(Conflict):
    """This key was retired or declared compromised before; nothing was changed."""

    zh = "该密钥此前已停用或已宣告泄露，本次未作改动。"


class NotAnIndex(Invalid):
    """The index lies beyond the log, or before the key was announced; see /log/checkpoint."""

    zh = "序号超出日志范围，或早于该密钥公布之时；请参照 /log/checkpoint。"


class KnownKey(msgspec.Struct, frozen=True, kw_only=True):
    """A public key as announced under one address, with what became of it."""

    kid: str
    purpose: str
    issuer: str
    address: str
    demonstration: bool
    thumbprint: str
    jwk: str
    added_at: datetime
    signs_from: datetime | None = None
    from_index: int | None = None
    """Its place in the log; None for the second in which it waits for it."""
    retired_at: datetime | None = None
    compromised_at: datetime | None = None
    compromised_at_index: int | None = None

    @property
    def ended(self) -> bool:
        return self.retired_at is not None or self.compromised_at is not None

    @property
    def begins(self) -> datetime:
        return self.signs_from or self.added_at


def _age(key: KnownKey) -> tuple[datetime, bool, str]:
    """Of two from one second the one that was rotated to; every process has to choose the same."""
    return key.begins, key.signs_from is not None, key.thumbprint


def in_order(keys: Iterable[KnownKey], *, now: datetime) -> list[KnownKey]:
    """Those that may sign, the best first: the newest that has begun; one that has not yet begun
    only where there is no other, since a stolen key is worse than an unknown one."""
    fit = sorted((key for key in keys if not key.ended), key=_age)
    begun = [key for key in fit if key.begins <= now]
    return [*reversed(begun), *(key for key in fit if key.begins > now)]
