"""Every error as an RFC 9457 problem document, in the reader's language, in one place."""

from collections.abc import Callable
from typing import Any

import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException

from infra.errors import DomainError, Invalid, NotFound, Unauthenticated

_log = structlog.get_logger(__name__)
_TITLES = {
    400: ("Bad request", "请求有误"),
    401: ("Sign in first", "请先登录"),
    403: ("Not allowed", "无权操作"),
    404: ("Not found", "未找到"),
    405: ("Method not allowed", "不支持此方法"),
    409: ("Conflict", "状态冲突"),
    413: ("Too large", "内容过大"),
    415: ("Unsupported media type", "不支持的内容类型"),
    422: ("Input not right", "输入有误"),
    429: ("Too many requests", "请求过多"),
    503: ("Busy", "服务繁忙"),
}


class Unexpected(DomainError):
    """Something failed on our side; nothing you sent was lost. Try again in a minute."""

    status_code = 500
    zh = "系统内部出错，您提交的内容没有丢失，请一分钟后重试。"


def language(request: Request[Any, Any, Any]) -> str:
    """`zh` unless the caller asks for English first."""
    wanted = request.headers.get("accept-language", "zh").split(",")[0].strip().lower()
    return "en" if wanted.startswith("en") else "zh"


def problem(request: Request[Any, Any, Any], error: DomainError) -> Response[dict[str, object]]:
    zh = language(request) == "zh"
    titles = _TITLES.get(error.status_code, ("Error", "出错"))
    body: dict[str, object] = {
        "type": f"/problems/{error.code}",
        "title": titles[1 if zh else 0],
        "status": error.status_code,
        "code": error.code,
        "detail": error.message("zh" if zh else "en"),
    }
    if error.fields:
        body["fields"] = error.fields
    return Response(
        body,
        status_code=error.status_code,
        media_type="application/problem+json",
        headers={"Content-Language": "zh-CN" if zh else "en", **error.headers},
    )


def invalid(
    request: Request[Any, Any, Any], error: ValidationException
) -> Response[dict[str, object]]:
    extra = error.extra if isinstance(error.extra, list) else []
    fields = {str(e.get("key") or "body"): str(e.get("message")) for e in extra}
    return problem(request, Invalid(fields=fields or {"body": error.detail}))


class Refused(DomainError):
    """The framework refused the request before any of our code saw it."""

    zh = "请求不符合接口要求。"

    def __init__(self, error: HTTPException) -> None:
        super().__init__(error.detail, zh=None)
        self._status = error.status_code
        self.zh = type(self).zh

    @property
    def status_code(self) -> int:  # type: ignore[override]
        return self._status


def refused(request: Request[Any, Any, Any], error: HTTPException) -> Response[dict[str, object]]:
    ours: DomainError
    if error.status_code == 404:
        ours = NotFound()
    elif error.status_code == 401:
        ours = Unauthenticated()
    else:
        ours = Refused(error)
    return problem(request, ours)


def unexpected(request: Request[Any, Any, Any], error: Exception) -> Response[dict[str, object]]:
    _log.error("unexpected", path=request.url.path, exc_info=error)
    return problem(request, Unexpected())


HANDLERS: dict[int | type[Exception], Callable[[Request[Any, Any, Any], Any], Response[Any]]] = {
    DomainError: problem,
    ValidationException: invalid,
    HTTPException: refused,
    Exception: unexpected,
}
