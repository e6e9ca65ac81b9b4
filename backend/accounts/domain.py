"""Who people are to us, and the rules of signing in. No I/O: time and rows are passed in."""

import re
import unicodedata
from datetime import datetime, timedelta
from enum import Enum, StrEnum
from typing import Literal
from uuid import UUID

import msgspec

from infra.errors import Conflict, Forbidden, Invalid, NotFound, TooManyRequests, Unauthenticated

_PHONE = re.compile(r"1[3-9]\d{9}", re.ASCII)
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")
_EMAIL_LENGTH = 254  # RFC 5321
_DISTINCT_CHARACTERS = 5


class Role(StrEnum):
    LEARNER = "learner"
    AUTHOR = "author"
    REVIEWER = "reviewer"
    ORGANISATION_MANAGER = "organisation-manager"
    MARKER = "marker"
    CERTIFIER = "certifier"
    INSPECTOR = "inspector"
    ADMINISTRATOR = "administrator"


PRIVILEGED = frozenset(Role) - {Role.LEARNER, Role.AUTHOR}
NEEDS_SECOND_FACTOR = frozenset(
    {Role.AUTHOR, Role.REVIEWER, Role.MARKER, Role.CERTIFIER, Role.INSPECTOR, Role.ADMINISTRATOR}
)


Method = Literal["password", "code", "passkey", "oidc"]
"""How a session was opened."""


class Caller(msgspec.Struct, frozen=True):
    """Whoever sent this request, as their access token says."""

    person_id: UUID
    roles: frozenset[Role]
    session_id: UUID | None = None
    waiting: frozenset[Role] = frozenset()
    """Roles the person has, and may not act in before this session has seen a second factor."""


def caller_in(
    session_id: UUID, person_id: UUID, roles: frozenset[Role], *, second_factor: bool
) -> Caller:
    """`roles`: all the person has. The one place that says which of them a session may use."""
    waiting = frozenset() if second_factor else roles & NEEDS_SECOND_FACTOR
    return Caller(person_id, roles - waiting, session_id, waiting)


class Holder(msgspec.Struct, frozen=True):
    """Whom a record is about. A method of "null" means that nobody checked the name."""

    person_id: UUID
    name: str
    identity_verified: bool
    identity_method: str | None
    identity_valid_until: datetime | None = None

    def verified_at(self, now: datetime) -> bool:
        """An identity that has expired is none for a new record."""
        ends = self.identity_valid_until
        return self.identity_verified and (ends is None or ends > now)


class IdentityFacts(msgspec.Struct, frozen=True):
    """How a person's identity was verified; no method: it was not."""

    method: str | None
    verified_at: datetime | None
    valid_until: datetime | None


# --- contact data and passwords ---------------------------------------------------------------


class LoginNotValid(Invalid):
    """Give either an e-mail address or a mainland mobile number of 11 digits."""

    zh = "请填写电子邮箱或 11 位大陆手机号码，二者填一。"


class PasswordTooWeak(Invalid):
    """Choose another password."""

    zh = "请换一个密码。"


class LoginTaken(Conflict):
    """There is an account for this e-mail address or number; sign in instead."""

    zh = "该邮箱或手机号已注册，请直接登录。"


class NotOfDemonstrations(Forbidden):
    """Demonstration accounts belong to everybody; try this with an account of your own."""

    zh = "演示账号供所有人共用，不能更改；请用您自己的账号试用此功能。"


MOST_LOGINS = 5


class TooManyLogins(Conflict):
    """You sign in with five already; remove one first."""

    zh = "最多可绑定 5 个邮箱或手机号，请先移除一个。"


class LastLogin(Conflict):
    """Without it nothing would open your account; add another way to sign in first."""

    zh = "移除后将没有任何方式能登录您的账号，请先添加另一种登录方式。"


class NoSuchLogin(NotFound):
    """You sign in with nothing of this id; GET /v1/me/logins lists what you do."""

    zh = "您没有这个登录方式，请刷新列表。"


class AccountInUse(Conflict):
    """This account was used in the last 90 days, so its login was not given to somebody else:
    carriers keep a number empty longer. Ask its holder to remove the login at /account."""

    zh = "该账号 90 天内使用过，而运营商回收号码后会停用更久：请其本人在“我的账号”中移除。"


class NobodyByThatLogin(NotFound):
    """Nobody signed up with this e-mail address or number; let them sign up first."""

    zh = "没有人以该邮箱或手机号注册，请先注册。"


class Login(msgspec.Struct, frozen=True):
    kind: Literal["email", "phone"]
    value: str

    @property
    def indexed(self) -> str:
        """The text under which `Vault.index` finds it."""
        return f"login\0{self.kind}\0{self.value}"


def typed_login(text: str) -> Login:
    """What was typed at sign-in, judged by nothing: a wrong one is simply not found."""
    text = unicodedata.normalize("NFKC", text).strip()
    digits = re.sub(r"[\s-]", "", text).removeprefix("+86")
    if _PHONE.fullmatch(digits):
        return Login("phone", digits)
    return Login("email", text.casefold())


def new_login(*, email: str | None, phone: str | None) -> Login:
    if (email is None) == (phone is None):
        raise LoginNotValid
    login = typed_login(email or phone or "")
    if phone is not None and login.kind != "phone":
        raise LoginNotValid(fields={"phone": "11 位数字，以 1 开头 / 11 digits, 1 first"})
    if email is not None and not (
        login.kind == "email"
        and len(login.value) <= _EMAIL_LENGTH
        and _EMAIL.fullmatch(login.value)
    ):
        raise LoginNotValid(fields={"email": "形如 name@example.org / like name@example.org"})
    return login


def checked_login(text: str) -> Login:
    """One that a message can be sent to."""
    login = typed_login(text)
    if login.kind == "phone":
        return login
    if len(login.value) <= _EMAIL_LENGTH and _EMAIL.fullmatch(login.value):
        return login
    raise LoginNotValid(fields={"login": "邮箱或 11 位手机号 / an e-mail address or 11 digits"})


def masked_login(login: Login) -> str:
    """138****5678, w***@example.org: enough for its owner to know it."""
    if login.kind == "phone":
        return f"{login.value[:3]}****{login.value[-4:]}"
    local, _, domain = login.value.partition("@")
    return f"{local[:1]}***@{domain}"


def checked_password(password: str, login: Login) -> str:
    """The form that is hashed: full-width letters of a Chinese keyboard count as their twins."""
    folded = folded_password(password)
    if login.value in folded.casefold() or folded.casefold() in login.value:
        raise PasswordTooWeak(
            fields={"password": "不能包含邮箱或手机号 / must not contain your e-mail or number"}
        )
    if len(set(folded)) < _DISTINCT_CHARACTERS:
        raise PasswordTooWeak(
            fields={"password": "至少含 5 个不同字符 / at least 5 different characters"}
        )
    return folded


def folded_password(password: str) -> str:
    return unicodedata.normalize("NFKC", password)


# --- wrong passwords --------------------------------------------------------------------------

FREE_FAILURES = 5
"""Of one login from one address."""
FREE_FAILURES_ANYWHERE = 30
"""Of one login from all addresses: a botnet's guesses are slowed too."""
LONGEST_DELAY = timedelta(seconds=60)
FORGOTTEN_AFTER = timedelta(minutes=15)


class WrongLogin(Unauthenticated):
    """The login or the password is not right."""

    zh = "账号或密码不正确。"


class PresentPasswordWrong(Invalid):
    """The present password is not right; whoever has none, or forgot it, proves it by a code."""

    zh = "当前密码不正确；未设密码或忘记密码的，可用验证码代替。"

    def __init__(self) -> None:
        super().__init__(fields={"currentPassword": "不正确 / not right"})


class OneProof(Invalid):
    """Give either the password, or a code with its id."""

    zh = "请提供密码，或验证码及其编号，二者填一。"

    def __init__(self) -> None:
        super().__init__(fields={"password": "或 code 与 codeId / or code and codeId"})


class TooManyFailures(TooManyRequests):
    """Too many wrong passwords or codes; wait the seconds named in Retry-After."""

    zh = "密码或验证码错误次数过多，请按 Retry-After 所示秒数稍后再试。"

    def __init__(self, seconds: int) -> None:
        super().__init__()
        self.headers["Retry-After"] = str(seconds)


class Failures(msgspec.Struct, frozen=True):
    """Wrong passwords in a row, and when the last one was."""

    in_a_row: int
    last_at: datetime

    def counted(self, *, now: datetime) -> int:
        return self.in_a_row if now - self.last_at < FORGOTTEN_AFTER else 0

    def wait(self, free: int, *, now: datetime) -> int:
        """Whole seconds until the next attempt is heard, 0 when it is now.

        Doubles from one second and stops at a minute: it slows guessing to a crawl, and a stranger
        who guesses on purpose cannot keep the owner out for longer than that.
        """
        over = self.counted(now=now) - free
        if over < 0:
            return 0
        delay = min(timedelta(seconds=2 ** min(over, 6)), LONGEST_DELAY)
        left = self.last_at + delay - now
        return max(0, -(-left // timedelta(seconds=1)))


# --- refresh ----------------------------------------------------------------------------------

SESSION_LENGTH = timedelta(days=30)
PRIVILEGED_SESSION_LENGTH = timedelta(hours=12)
GRACE = timedelta(seconds=30)


class RefreshTokenNotKnown(Unauthenticated):
    """This refresh token is not known here; sign in again."""

    zh = "刷新令牌无效，请重新登录。"


class SessionEnded(Unauthenticated):
    """This session has ended; sign in again."""

    zh = "会话已结束，请重新登录。"


class RefreshTokenReused(Unauthenticated):
    """This refresh token was used before, so its whole session was ended; sign in again."""

    zh = "该刷新令牌此前已使用过，为安全起见整个会话已结束，请重新登录。"


class RefreshTokenSuperseded(Unauthenticated):
    """This refresh token was just replaced and its successor is in use; use the newest one."""

    zh = "该刷新令牌刚刚已被替换，且新令牌已在使用，请使用最新的令牌。"


class RefreshState(msgspec.Struct, frozen=True):
    session_expires_at: datetime
    session_revoked_at: datetime | None
    used_at: datetime | None
    successor_used: bool


class Refresh(Enum):
    ROTATE = "give the successor"
    REPEAT = "give the same successor again"
    SUPERSEDED = "refuse, harmlessly"
    REUSED = "refuse, and end the session"
    ENDED = "the session is over"


def judge_refresh(state: RefreshState, *, now: datetime) -> Refresh:
    """A phone on a bad line loses answers and asks twice; a thief comes later.

    Within `GRACE` of its use a token gives the *same* successor again, so a session stays one
    chain, and whoever comes second to any link is seen. docs/decisions/0002 has the reasons.
    """
    if state.session_revoked_at is not None or state.session_expires_at <= now:
        return Refresh.ENDED
    if state.used_at is None:
        return Refresh.ROTATE
    if now - state.used_at > GRACE:
        return Refresh.REUSED
    return Refresh.SUPERSEDED if state.successor_used else Refresh.REPEAT


def limited(state: RefreshState, started_at: datetime, roles: frozenset[Role]) -> RefreshState:
    """Somebody who was given a privileged role keeps no session of a month to use it in."""
    ends = min(state.session_expires_at, started_at + session_length(roles))
    return msgspec.structs.replace(state, session_expires_at=ends)


def session_length(roles: frozenset[Role]) -> timedelta:
    return PRIVILEGED_SESSION_LENGTH if roles & PRIVILEGED else SESSION_LENGTH
