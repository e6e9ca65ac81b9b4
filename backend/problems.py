"""Every error as an RFC 9457 problem document, in the reader's language, in one place."""

from collections.abc import Callable
from typing import Any

import asyncpg
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException

from backend.wording import MISSING_BODY, worded
from infra.errors import (
    DomainError,
    Forbidden,
    Invalid,
    NotFound,
    TooLarge,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
)

_log = structlog.get_logger(__name__)
TITLES = {
    400: ("Bad request", "请求有误"),
    401: ("Sign in first", "请先登录"),
    403: ("Not allowed", "无权操作"),
    404: ("Not found", "未找到"),
    405: ("Method not allowed", "不支持此方法"),
    408: ("Too slow", "传输超时"),
    409: ("Conflict", "状态冲突"),
    410: ("Gone", "已失效"),
    412: ("Changed meanwhile", "内容已被修改"),
    413: ("Too large", "内容过大"),
    415: ("Unsupported media type", "不支持的内容类型"),
    416: ("Range not right", "范围有误"),
    422: ("Input not right", "输入有误"),
    429: ("Too many requests", "请求过多"),
    460: ("Checksum differs", "校验和不符"),
    503: ("Busy", "服务繁忙"),
}
"""Status -> English, Chinese."""


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
    titles = TITLES.get(error.status_code, ("Error", "出错"))
    body: dict[str, object] = {
        "type": f"/problems/{error.code}",
        "title": titles[1 if zh else 0],
        "status": error.status_code,
        "code": error.code,
        "detail": error.message("zh" if zh else "en"),
    }
    if error.fields:
        body["fields"] = error.fields
    if error.status_code == 401:
        error.headers.setdefault("WWW-Authenticate", "Bearer")  # RFC 9110 §15.5.2 asks for it
    return Response(
        body,
        status_code=error.status_code,
        media_type="application/problem+json",
        headers={
            "Content-Language": "zh-CN" if zh else "en",
            "Cache-Control": "no-store",  # what is not here yet may be here in a second
            **error.headers,
        },
    )


def invalid(
    request: Request[Any, Any, Any], error: ValidationException
) -> Response[dict[str, object]]:
    extra = error.extra if isinstance(error.extra, list) else []
    worded_ones = [
        worded(_field(str(e.get("key", ""))), str(e.get("message", "")), language(request))
        for e in extra
        if isinstance(e, dict)
    ]
    return problem(request, Invalid(fields=dict(worded_ones) or _missing_body(request)))


def _field(key: str) -> str:
    """The framework calls the body `data`; nobody outside knows that name."""
    return "body" if key in {"", "data"} else key.removeprefix("data.")


def _missing_body(request: Request[Any, Any, Any]) -> dict[str, str]:
    return {"body": MISSING_BODY[language(request)]}


class MalformedBody(DomainError):
    """The body is not valid JSON; check commas, quotes and the encoding (UTF-8)."""

    zh = "请求内容不是有效的 JSON，请检查逗号、引号与编码（UTF-8）。"


class JsonRequest(Request[Any, Any, Any]):
    """Whose body, if it is no JSON, is told so: Litestar lets two of msgspec's errors through."""

    async def json(self) -> Any:
        try:
            return await super().json()
        except (UnicodeDecodeError, RecursionError) as error:
            raise MalformedBody from error


class NoText(Invalid):
    """A text has a character that cannot be kept (U+0000); type it again."""

    zh = "文本中含有无法保存的字符（U+0000），请重新输入。"


def no_text(request: Request[Any, Any, Any], _: Exception) -> Response[dict[str, object]]:
    """PostgreSQL refuses a NUL in any text, so none of our checks has to look for it."""
    return problem(request, NoText())


class MethodNotAllowed(DomainError):
    """This address does not take this method; the Allow header names those it takes."""

    status_code = 405
    zh = "该地址不支持此方法，请使用 Allow 响应头中列出的方法。"


class UnsupportedMediaType(DomainError):
    """Send the body as application/json."""

    status_code = 415
    zh = "请以 application/json 格式提交内容。"


_BY_STATUS: dict[int, type[DomainError]] = {
    400: MalformedBody,
    401: Unauthenticated,
    403: Forbidden,
    404: NotFound,
    405: MethodNotAllowed,
    413: TooLarge,
    415: UnsupportedMediaType,
    429: TooManyRequests,
    503: Unavailable,
}


def refused(request: Request[Any, Any, Any], error: HTTPException) -> Response[dict[str, object]]:
    """What the framework refused before any of our code saw it: its text stays inside."""
    if error.status_code not in _BY_STATUS:
        return unexpected(request, error)
    ours = _BY_STATUS[error.status_code]()
    if error.headers:
        ours.headers.update({k.title(): v for k, v in error.headers.items()})
    return problem(request, ours)


def unexpected(request: Request[Any, Any, Any], error: Exception) -> Response[dict[str, object]]:
    _log.error("unexpected", route=request.scope.get("path_template"), exc_info=error)
    return problem(request, Unexpected())


def away(error: Exception) -> Unavailable:
    """The database went away; whatever was not answered was not stored."""
    _log.error("database_unreachable", error=type(error).__name__)
    ours = Unavailable()
    ours.headers["Retry-After"] = "5"
    return ours


def unreachable(request: Request[Any, Any, Any], error: Exception) -> Response[dict[str, object]]:
    return problem(request, away(error))


AWAY: tuple[type[Exception], ...] = (
    ConnectionError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,  # in the middle of a statement
    asyncpg.CrashShutdownError,
    asyncpg.InternalClientError,  # the same, not read yet by asyncpg
    asyncpg.TooManyConnectionsError,
)


HANDLERS: dict[int | type[Exception], Callable[[Request[Any, Any, Any], Any], Response[Any]]] = {
    DomainError: problem,
    ValidationException: invalid,
    HTTPException: refused,
    asyncpg.CharacterNotInRepertoireError: no_text,
    asyncpg.UntranslatableCharacterError: no_text,  # in JSONB
    Exception: unexpected,
    **{gone: unreachable for gone in AWAY},
}
