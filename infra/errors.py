"""Errors a caller can act on.

An error's docstring is its English message, `zh` its Chinese one; both say what to do. Subclass
the kinds below beside the code that raises them; `backend.app` turns each into an RFC 9457
problem document in the reader's language.

    DomainError 400
    ├── Unauthenticated 401   ├── Conflict 409   ├── TooManyRequests 429
    ├── Forbidden 403         ├── TooLarge 413   └── Unavailable 503
    └── NotFound 404          └── Invalid 422
"""

import re
from collections.abc import Mapping
from typing import ClassVar


class DomainError(Exception):
    """The request cannot be carried out as it stands."""

    status_code: ClassVar[int] = 400
    zh: str = "请求无法按现状处理。"

    def __init__(
        self,
        detail: str | None = None,
        *,
        zh: str | None = None,
        fields: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail or " ".join((self.__doc__ or "").split()))
        self.zh = zh or detail or self.zh
        self.fields = dict(fields or {})
        self.headers: dict[str, str] = {}
        """Response headers that belong to the error, such as Retry-After."""

    @property
    def code(self) -> str:
        return self.code_of_kind()

    @classmethod
    def code_of_kind(cls) -> str:
        """Stable name for programs, from the class: `TimeLimitPassed` is `time-limit-passed`."""
        return re.sub(r"(?<!^)(?=[A-Z])", "-", cls.__name__).lower()

    def message(self, language: str) -> str:
        return self.zh if language.startswith("zh") else str(self)


class Unauthenticated(DomainError):
    """Sign in first, then repeat the request."""

    status_code = 401
    zh = "请先登录，再重试。"


class Forbidden(DomainError):
    """Your role does not allow this; ask an administrator for the role that does."""

    status_code = 403
    zh = "您的角色无权进行此操作；如有需要，请联系管理员开通。"


class NotFound(DomainError):
    """Nothing here by that name; check the address."""

    status_code = 404
    zh = "没有找到对应内容，请核对地址。"


class Conflict(DomainError):
    """The request does not fit the present state; fetch it again and retry."""

    status_code = 409
    zh = "请求与当前状态不符，请刷新后重试。"


class TooLarge(DomainError):
    """The request is larger than this address takes."""

    status_code = 413
    zh = "请求内容超过此处允许的大小。"


class Invalid(DomainError):
    """Some input is not right; `fields` names what to correct."""

    status_code = 422
    zh = "部分输入有误，请按 fields 中的提示更正。"


class TooManyRequests(DomainError):
    """Too many requests; wait the seconds named in Retry-After."""

    status_code = 429
    zh = "请求过于频繁，请按 Retry-After 所示秒数稍后再试。"


class Unavailable(DomainError):
    """The service is busy; nothing was lost, try again shortly."""

    status_code = 503
    zh = "服务繁忙，数据没有丢失，请稍后重试。"
