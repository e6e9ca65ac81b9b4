"""From a template to a response: language, demonstration banner, security headers."""

from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import MediaType, Request, Response
from litestar.datastructures import Cookie

from backend.web import files
from backend.web.language import A_YEAR, COOKIE, address_in, asked, language_of
from backend.web.words import Language, words
from infra.settings import Settings

_SHANGHAI = ZoneInfo("Asia/Shanghai")
_templates = Environment(
    loader=FileSystemLoader(Path(__file__).with_name("templates")),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def page(
    request: Request[Any, Any, Any],
    settings: Settings,
    template: str,
    *,
    script: str = "home",
    status_code: int = 200,
    demonstration: bool = False,
    **content: object,
) -> Response[str]:
    """`script`: the bundle that makes the page live. `demonstration`: of this page's subject."""
    language = language_of(request)
    html = _templates.get_template(f"{template}.html").render(
        t=words(language),
        say=lambda pair: getattr(pair, language),
        day=lambda moment: _day(moment, language),
        moment=_moment,
        asset=files.address,
        lang=language,
        other_language=address_in(request, "en" if language == "zh" else "zh"),
        demonstration=demonstration or settings.demo,
        script=script,
        **content,
    )
    return Response(
        html,
        status_code=status_code,
        media_type=MediaType.HTML,
        headers=_headers(settings, language),
        cookies=_remembered(request),
    )


def _remembered(request: Request[Any, Any, Any]) -> list[Cookie]:
    language = asked(request)
    if language is None:
        return []
    return [Cookie(COOKIE, value=language, max_age=A_YEAR, path="/", samesite="lax", httponly=True)]


def _headers(settings: Settings, language: Language) -> dict[str, str]:
    return {
        "Cache-Control": "no-cache",
        "Content-Language": "zh-CN" if language == "zh" else "en",
        "Content-Security-Policy": content_security_policy(settings),
        "Referrer-Policy": "same-origin",
        "Vary": "Accept-Language, Cookie",
        "X-Content-Type-Options": "nosniff",
    }


def content_security_policy(settings: Settings) -> str:
    """Nothing from elsewhere but the object store's segments and posters; no inline script."""
    store = urlsplit(settings.objects_public_url or settings.objects_url)
    port = f":{store.port}" if store.port else ""
    objects = f"{store.scheme}://{store.hostname}{port}" if store.hostname else ""
    rules = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "font-src": "'self'",
        "img-src": f"'self' blob: data: {objects}",
        "media-src": f"'self' blob: {objects}",
        "connect-src": f"'self' {objects}",
        "manifest-src": "'self'",
        "worker-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
    return "; ".join(f"{name} {sources}".rstrip() for name, sources in rules.items())


def _day(moment: datetime, language: Language) -> str:
    """Calendar day in China, where the hours were earned."""
    local = moment.astimezone(_SHANGHAI)
    if language == "zh":
        return f"{local.year}年{local.month}月{local.day}日"
    return f"{local.day} {local:%B} {local.year}"


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(_SHANGHAI):%Y-%m-%d %H:%M:%S} (UTC+8)"
