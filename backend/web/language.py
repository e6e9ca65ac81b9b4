"""Which language a visitor reads: asked for in the address, remembered, or the browser's."""

from typing import Any
from urllib.parse import urlencode

from litestar import Request

from backend.web.words import Language

COOKIE = "guanbiao_language"
A_YEAR = 365 * 86_400


def asked(request: Request[Any, Any, Any]) -> Language | None:
    """`?lang=` of this very request."""
    return _known(request.query_params.get("lang"))


def language_of(request: Request[Any, Any, Any]) -> Language:
    """Chinese unless something says English."""
    first = request.headers.get("accept-language", "zh").split(",")[0].strip().lower()
    browser: Language = "en" if first.startswith("en") else "zh"
    return asked(request) or _known(request.cookies.get(COOKIE)) or browser


def address_in(request: Request[Any, Any, Any], language: Language) -> str:
    """This page in that language."""
    kept = [(name, value) for name, value in request.query_params.multi_items() if name != "lang"]
    return f"{request.url.path}?{urlencode([*kept, ('lang', language)])}"


def _known(value: str | None) -> Language | None:
    if value == "zh":
        return "zh"
    return "en" if value == "en" else None
