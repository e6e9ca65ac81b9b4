"""Bodies that were compressed once and are sent many times."""

import gzip
from collections.abc import Mapping
from typing import Any

from litestar import Request, Response

GZIP = "gzip"


def gzipped(
    request: Request[Any, Any, Any],
    content: bytes,
    *,
    media_type: str,
    headers: Mapping[str, str],
) -> Response[bytes]:
    """`content` is gzip; a client that does not take it gets the text."""
    told = {"Vary": "Accept-Encoding", **headers}
    if takes_gzip(request.headers.get("accept-encoding", "")):
        told["Content-Encoding"] = GZIP
    else:
        content = gzip.decompress(content)
    return Response(content, media_type=media_type, headers=told)


def takes_gzip(header: str) -> bool:
    """RFC 9110 §12.5.3: named or meant by `*`, and not with a weight of zero."""
    weights = dict(_weighed(member) for member in header.lower().split(",") if member.strip())
    return weights.get(GZIP, weights.get("*", 0.0)) > 0


def _weighed(member: str) -> tuple[str, float]:
    name, _, parameter = member.strip().partition(";")
    weight = parameter.strip().removeprefix("q=")
    try:
        return name.strip(), float(weight) if parameter else 1.0
    except ValueError:
        return name.strip(), 0.0
