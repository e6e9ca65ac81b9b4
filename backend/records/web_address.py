"""A log by its web address: a running instance, or a mirror of its public files.

What fetches is imported by who fetches: it takes a tenth of a second, which `verify` need not pay.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from backend.records.verdict.refusal import Refused

_MOST_BYTES = 4_000_000
_SECONDS = 30


class WebAddress:
    """OSError where it is out of reach, Refused where what answers is no web server."""

    def __init__(self, address: str) -> None:
        """Refused unless that is a web server's; `urllib` would open files, too."""
        if not address.startswith(("http://", "https://")):
            raise Refused(f"{address}: 地址应以 https:// 开头 · an address begins with https://")
        self._address = address.rstrip("/")

    def get(self, name: str) -> bytes | None:
        from urllib.error import HTTPError
        from urllib.request import urlopen

        try:
            with self._spoken(name), urlopen(f"{self._address}/{name}", timeout=_SECONDS) as answer:
                return bytes(answer.read(_MOST_BYTES))
        except HTTPError as error:
            if error.code == 404:
                return None
            raise

    def post(self, name: str, content: bytes) -> str | None:
        """None when it was taken; else why not."""
        from urllib.error import HTTPError
        from urllib.request import Request, urlopen

        headers = {"Content-Type": "text/plain; charset=utf-8", "Accept-Language": "en"}
        try:
            with self._spoken(name):
                to = f"{self._address}/{name}"
                sent = Request(to, data=content, headers=headers, method="POST")
                with urlopen(sent, timeout=_SECONDS):
                    return None
        except HTTPError as error:
            if error.code >= 500:
                raise
            with self._spoken(name):
                return _reason(error.read(_MOST_BYTES)) or str(error)

    @contextmanager
    def _spoken(self, name: str) -> Iterator[None]:
        """An answer that breaks off, or is none, and an address that is none, are no OSError."""
        from http.client import HTTPException

        try:
            yield
        except (HTTPException, ValueError) as error:
            raise Refused(f"{self._address}/{name}: {error!r}") from error


def _reason(problem: bytes) -> str:
    """Of a problem document (RFC 9457)."""
    try:
        return str(msgspec.json.decode(problem)["detail"])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, LookupError, TypeError):
        return ""
