"""Rules of one-time codes. No I/O: time, rows and chance are passed in."""

import re
import unicodedata
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from infra.errors import Conflict, Invalid, TooManyRequests, Unavailable

LIFETIME = timedelta(minutes=10)
TRIES = 5
RESEND_AFTER = timedelta(seconds=60)
"""For one purpose and login from one network: what others ask for makes nobody wait."""
DAY = timedelta(days=1)
A_DAY_HERE = 20
"""Codes to one login from one network."""
A_DAY_ANYWHERE = 30
"""Codes to one login from all networks on which no code of its owner came back right."""
A_DAY_FROM_HERE = 2000
"""Codes from one network: a training centre signs up a course in a morning."""
PROVED_FOR = timedelta(days=90)
UNUSED_FOR = timedelta(days=365)
DORMANT_AFTER = timedelta(days=90)
_DIGITS = 6
_CODE = re.compile(r"\d{6}", re.ASCII)


class Purpose(StrEnum):
    SIGN_UP = "sign-up"
    SIGN_IN = "sign-in"
    RECOVERY = "recovery"
    LINK = "link"


class Message(StrEnum):
    """What goes to the login: a code, or why there is none. The asker is told neither."""

    CODE = "code"
    HAS_ACCOUNT = "has-account"
    NO_ACCOUNT = "no-account"
    LONG_UNUSED = "long-unused"


class CodeNotRight(Invalid):
    """This code is not right, was used, or is older than ten minutes; ask for a new one."""

    zh = "验证码不正确、已使用或已过期（10 分钟内有效），请重新获取。"

    def __init__(self) -> None:
        super().__init__(fields={"code": "不正确或已失效 / not right, or not valid any more"})


class TooManyCodes(TooManyRequests):
    """Too many codes were asked for; wait the seconds named, and in Retry-After."""

    def __init__(self, seconds: int) -> None:
        super().__init__(
            f"A code was asked for just now, or too often; try again in {seconds} seconds.",
            zh=f"刚刚获取过验证码，或获取过于频繁，请 {seconds} 秒后再试。",
        )
        self.headers["Retry-After"] = str(seconds)


class NoMessages(Unavailable):
    """No SMS and mail gateway is connected, so no code can be sent; ask the operator."""

    zh = "本系统尚未接入短信和邮件网关，无法发送验证码，请联系运营方。"


class LoginBelongsToSomebody(Conflict):
    """Another account signs in with this address or number; sign in there, or remove it there."""

    zh = "该邮箱或手机号已属于另一个账号，请以那个账号登录，或先在那里移除。"


# --- what is sent -----------------------------------------------------------------------------


class Known(msgspec.Struct, frozen=True):
    """The account that signs in with a login."""

    by_phone: bool
    verified: bool
    """Its identity (实名认证)."""
    last_used_at: datetime
    usable: bool = True
    """No: erased, or of a demonstration that is over."""

    def long_unused(self, *, now: datetime) -> bool:
        """A carrier gives a number to somebody else after months of silence (DOMAIN.md §5). So a
        number alone does not open a verified person's account that nobody used for a year."""
        return self.by_phone and self.verified and now - self.last_used_at > UNUSED_FOR

    def dormant(self, *, now: datetime) -> bool:
        """Nobody came for as long as a carrier keeps a number empty before giving it out."""
        return now - self.last_used_at > DORMANT_AFTER


def message_for(purpose: Purpose, known: Known | None, *, now: datetime) -> Message:
    if purpose in {Purpose.SIGN_UP, Purpose.LINK}:
        return Message.HAS_ACCOUNT if known else Message.CODE
    if known is None or not known.usable:
        return Message.NO_ACCOUNT
    return Message.LONG_UNUSED if known.long_unused(now=now) else Message.CODE


# --- how often --------------------------------------------------------------------------------


class Count(msgspec.Struct, frozen=True):
    """Codes since the first of a day that begins with it."""

    since: datetime
    sent: int
    last_at: datetime | None = None
    proved_at: datetime | None = None

    def counted(self, *, now: datetime) -> int:
        return self.sent if now - self.since < DAY else 0

    def begun(self, *, now: datetime) -> datetime:
        return self.since if now - self.since < DAY else now

    def over(self, most: int, *, now: datetime) -> timedelta:
        """Until the day of a full count is over."""
        return self.since + DAY - now if self.counted(now=now) >= most else timedelta()

    def proved(self, *, now: datetime) -> bool:
        return self.proved_at is not None and now - self.proved_at < PROVED_FOR


def wait(same: Count, here: Count, anywhere: Count, network: Count, *, now: datetime) -> int:
    """Whole seconds until the next code may be sent, 0 when it is now.

    `here`: to this login from this network, `same`: for this purpose. Strangers who ask for codes
    from many networks use up `anywhere`; that binds no network from which the owner came before.
    """
    resend = same.last_at + RESEND_AFTER - now if same.last_at else timedelta()
    left = max(resend, here.over(A_DAY_HERE, now=now), network.over(A_DAY_FROM_HERE, now=now))
    if not here.proved(now=now):
        left = max(left, anywhere.over(A_DAY_ANYWHERE, now=now))
    return max(0, -(-left // timedelta(seconds=1)))


# --- the code itself --------------------------------------------------------------------------


class CodeState(msgspec.Struct, frozen=True):
    expires_at: datetime
    tries: int
    used: bool

    def open(self, *, now: datetime) -> bool:
        return not self.used and self.tries < TRIES and now < self.expires_at


def digits_of(chance: bytes) -> str:
    """Six digits from at least 16 bytes; the modulus favours none by more than 2^-100."""
    return f"{int.from_bytes(chance) % 10**_DIGITS:0{_DIGITS}d}"


def typed_code(text: str) -> str:
    """As the message had it, or "" for what can be no code: full-width digits and spaces pass."""
    folded = "".join(unicodedata.normalize("NFKC", text).split())
    return folded if _CODE.fullmatch(folded) else ""
