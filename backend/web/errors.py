"""What went wrong, as a page: a person followed a link, not a program."""

from collections.abc import Callable
from typing import Any

import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException

from backend import problems
from backend.problems import Unexpected
from backend.web.language import language_of
from backend.web.pages import page
from backend.web.words import words
from infra.errors import DomainError, Invalid, NotFound

_log = structlog.get_logger(__name__)


def explained(request: Request[Any, Any, Any], error: DomainError) -> Response[str]:
    language = language_of(request)
    heading = "error.not-found" if error.status_code == 404 else "error.title"
    answer = page(
        request,
        request.app.state.settings,
        "error",
        status_code=error.status_code,
        heading=words(language)(heading),
        message=error.message(language),
    )
    answer.headers.update(error.headers)  # Retry-After, which the words speak of
    return answer


def refused(request: Request[Any, Any, Any], error: HTTPException) -> Response[str]:
    return explained(request, NotFound() if error.status_code == 404 else Invalid())


def lost(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    """No route: a page for whoever followed a link, a problem document for a program."""
    if "text/html" in request.headers.get("accept", ""):
        return explained(request, NotFound())
    return problems.refused(request, error)


def unexpected(request: Request[Any, Any, Any], error: Exception) -> Response[str]:
    """By the route's template: the path of a shared link is the key to it."""
    _log.error("unexpected", route=request.scope.get("path_template"), exc_info=error)
    return explained(request, Unexpected())


def unreachable(request: Request[Any, Any, Any], error: Exception) -> Response[str]:
    return explained(request, problems.away(error))


HANDLERS: dict[int | type[Exception], Callable[[Request[Any, Any, Any], Any], Response[Any]]] = {
    DomainError: explained,
    HTTPException: refused,
    Exception: unexpected,
    **{gone: unreachable for gone in problems.AWAY},
}
