"""By which way a request was answered: an express lane's, or the usual one's."""

from typing import Any

import httpx
from litestar import Litestar


def by_express(answer: httpx.Response) -> bool:
    return "x-request-id" not in answer.headers


def usually(authorization: str) -> str:
    """The same token, said so that lanes let it pass."""
    scheme, token = authorization.split()
    return f"{scheme.lower()} {token}"


def same(quick: httpx.Response, usual: httpx.Response) -> bool:
    """All that a client looks at."""
    said = "ratelimit-policy", "content-type", "content-length", "x-content-type-options"
    return _parts(quick, said) == _parts(usual, said)


def _parts(answer: httpx.Response, said: tuple[str, ...]) -> tuple[Any, ...]:
    return answer.status_code, answer.json(), [answer.headers[name] for name in said]


def app_of(api: httpx.AsyncClient) -> Litestar:
    app: Litestar = api._transport.app  # type: ignore[attr-defined]
    return app
