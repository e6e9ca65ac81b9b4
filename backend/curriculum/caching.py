"""Strong ETags: a phone that has the page already gets 304 and no body."""

import hashlib
from typing import TypeVar

import msgspec
from litestar import Request, Response
from litestar.datastructures import State

T = TypeVar("T", bound=msgspec.Struct)

REVALIDATE = "public, no-cache"
"""Kept by caches, asked for each time: a lecture or a new edition shows at once."""


def cacheable(request: Request[object, object, State], page: T) -> Response[T]:
    """The page with its ETag, or 304 when the caller's If-None-Match names it."""
    tag = f'"{hashlib.sha256(msgspec.json.encode(page)).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": REVALIDATE}
    if matches(request.headers.get("if-none-match", ""), tag):
        return Response(content=None, status_code=304, headers=headers)  # type: ignore[arg-type]
    return Response(content=page, headers=headers)


def matches(header: str, tag: str) -> bool:
    """RFC 9110 §13.1.2: weak comparison against a list, or `*`."""
    asked = {one.strip().removeprefix("W/") for one in header.split(",")}
    return "*" in asked or tag in asked
