"""/openapi.json (3.1) and /docs, which needs no internet.

What Litestar cannot know is added here: who may call, the problem documents, raw `@asgi` routes.
"""

from collections.abc import Mapping
from typing import Any

import msgspec
from litestar import Litestar, Request, Response, get
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import OpenAPIRenderPlugin
from litestar.openapi.spec import Tag

from backend.edge import content_security_policy
from backend.limits.policies import class_of
from backend.problems import TITLES
from backend.refusals import refusals_of
from backend.rights import Right, right_of, routes
from infra.errors import DomainError

_PROBLEM = {
    "type": "object",
    "description": "RFC 9457. `code` is stable; `title` and `detail` follow Accept-Language.",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string", "examples": ["/problems/invalid"]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "examples": ["invalid"]},
        "detail": {"type": "string", "description": "What to do."},
        "fields": {
            "type": "object",
            "additionalProperties": {"type": "string"},
            "description": "Name of an input -> what to correct.",
        },
    },
}
_MEANING = {
    "401": "Not signed in, or the access token has expired.",
    "403": "Signed in without a role that may do this.",
    "404": "Not there, or not yours.",
    "408": "The body came too slowly; nothing was stored.",
    "409": "Does not fit the present state.",
    "413": "The body is larger than this address takes.",
    "422": "Some input is not right; `fields` names it.",
    "429": "Too often; wait the seconds of Retry-After.",
    "503": "Busy or not ready; nothing was lost.",
    "default": "Any other refusal.",
}
_LIMIT_HEADERS = {
    name: {"description": text, "schema": {"type": "string"}}
    for name, text in {
        "Retry-After": "Seconds.",
        "RateLimit": "draft-ietf-httpapi-ratelimit-headers; on other answers too.",
        "RateLimit-Policy": "The limits that count for this request.",
    }.items()
}
_DOCS = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Guanbiao 贯标 API</title>
<link rel="stylesheet" href="/static/built/api-docs.css">
</head>
<body>
<div id="api-docs" data-openapi="/openapi.json"></div>
<noscript><a href="/openapi.json">/openapi.json</a></noscript>
<script src="/static/built/api-docs.js" defer></script>
</body>
</html>
"""


class CompleteSchema(OpenAPIRenderPlugin):
    """Renders once: routes do not change while we run."""

    def __init__(self, raw_routes: Mapping[str, Any]) -> None:
        super().__init__(path=["/", "/openapi.json"])
        self._raw_routes = raw_routes
        self._rendered: bytes | None = None

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        if self._rendered is None:
            complete(openapi_schema, request.app, self._raw_routes)
            self._rendered = msgspec.json.encode(openapi_schema)
        return self._rendered


def openapi_config(raw_routes: Mapping[str, Any]) -> OpenAPIConfig:
    """`raw_routes`: path items (OpenAPI) of raw `@asgi` handlers, which Litestar leaves out."""
    return OpenAPIConfig(
        title="Guanbiao 贯标",
        version="1",
        description="Online training for intellectual-property-management-system certification.",
        path="/openapi.json",
        render_plugins=[CompleteSchema(raw_routes)],
        tags=[Tag(name="accounts", description="People, signing in, identity verification.")],
        use_handler_docstrings=True,
    )


@get("/docs", include_in_schema=False, media_type="text/html")
async def docs() -> Response[str]:
    policy = content_security_policy("", styles="'self' 'unsafe-inline'")
    return Response(_DOCS, headers={"Content-Security-Policy": policy})


def complete(schema: dict[str, Any], app: Litestar, raw_routes: Mapping[str, Any]) -> None:
    components = schema.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = _PROBLEM
    components["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    }
    schema["paths"].update(raw_routes)
    for method, path, handler in routes(app):
        item = schema["paths"].get(path, {})
        for operation in item.values() if method == "*" else [item.get(method.lower())]:
            if isinstance(operation, dict):
                right = right_of(method, path, handler)
                _complete_operation(operation, right, refusals_of(handler))


def _complete_operation(
    operation: dict[str, Any], right: Right, errors: frozenset[type[DomainError]]
) -> None:
    operation["security"] = [{"bearer": []}] if right.guarded else []
    if right.roles:
        operation["x-roles"] = sorted(right.roles)
    responses: dict[str, Any] = operation.setdefault("responses", {})
    responses.pop("400", None)  # Litestar's own shape, which never leaves the house
    codes: dict[str, set[str]] = {status: set() for status in _refusals(operation, right)}
    for error in errors:
        codes.setdefault(str(error.status_code), set()).add(error.code_of_kind())
    for status in sorted(codes):
        responses.setdefault(status, _problem_response(status, sorted(codes[status])))


def _refusals(operation: dict[str, Any], right: Right) -> list[str]:
    """What is refused before our code runs, or because the database is away."""
    found = ["default"]
    if "{" in right.path:
        found.append("404")
    if "requestBody" in operation:
        found += ["408", "413", "422"]
        found += ["400"] * ("application/json" in operation["requestBody"].get("content", {}))
    elif operation.get("parameters"):
        found.append("422")
    if right.path.startswith("/v1/"):
        found.append("503")
    if class_of(right.method.replace("*", "POST"), right.path):
        found.append("429")
    return found


def _problem_response(status: str, codes: list[str]) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    response: dict[str, Any] = {
        "description": " ".join(filter(None, [_meaning(status), _said(codes)])),
        "content": {"application/problem+json": {"schema": schema}},
    }
    if status == "429":
        response["headers"] = _LIMIT_HEADERS
    return response


def _meaning(status: str) -> str:
    return _MEANING.get(status) or f"{TITLES[int(status)][0]}."


def _said(codes: list[str]) -> str:
    return f"`code`: {', '.join(codes)}." if codes else ""
