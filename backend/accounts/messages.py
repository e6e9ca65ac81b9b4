"""Short messages and mail: a port; a gateway over HTTP, an SMTP server, and one that sends nothing
and says so.

docs/how-to-sign-in.md says what the gateway is sent.
"""

import ssl
from functools import cache
from typing import Protocol
from urllib.parse import urlsplit, urlunsplit

import httpx
import structlog

from backend.accounts.domain import Login
from backend.accounts.mail import mail_of
from backend.accounts.texts import Text
from infra.settings import BadSettings, Settings

__all__ = ["Messages", "Text", "carrier", "messages_of"]

NULL = "null"
_SECONDS = 10.0
_log = structlog.get_logger(__name__)


class Messages(Protocol):
    async def send(self, to: Login, text: Text) -> None:
        """Raises where the message was not taken; whoever asked tries again."""


class NullMessages:
    """Sends nothing: what it was given stands in the log, but for its link."""

    async def send(self, to: Login, text: Text) -> None:
        _log.warning("NULL MESSAGES: nothing was sent", kind=to.kind, text=text.zh)


class GatewayMessages:
    """POSTs each message to one address; user and password in it are sent as Basic credentials."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._auth = (parts.username or "", parts.password or "") if parts.username else None
        host = parts.netloc.rpartition("@")[2]
        self._url = urlunsplit(parts._replace(netloc=host))

    async def send(self, to: Login, text: Text) -> None:
        body = {"channel": "sms" if to.kind == "phone" else "email", "to": to.value}
        said = {"zh": text.with_link(text.zh), "en": text.with_link(text.en)}
        body |= {"template": text.template, **said}
        if text.code is not None:
            body["code"] = text.code
        if text.link is not None:
            body["link"] = text.link
        async with httpx.AsyncClient(
            timeout=_SECONDS, auth=self._auth, verify=_authorities()
        ) as http:
            (await http.post(self._url, json=body)).raise_for_status()


@cache
def _authorities() -> ssl.SSLContext:
    """Whom to trust: some hundred certificates, read once a process and not for each message."""
    return httpx.create_ssl_context()


class ByKind:
    """Mail by one way, short messages by another, or by none."""

    def __init__(self, *, email: Messages, phone: Messages | None) -> None:
        self.email, self.phone = email, phone

    async def send(self, to: Login, text: Text) -> None:
        """What nobody here carries is not sent: trying again would not help."""
        if (by := carrier(self, to.kind)) is not None:
            await by.send(to, text)


def carrier(messages: Messages | None, kind: str) -> Messages | None:
    """Who takes messages to an `email` or a `phone`; None: nobody."""
    if isinstance(messages, ByKind):
        return messages.email if kind == "email" else messages.phone
    return messages


def messages_of(settings: Settings) -> Messages | None:
    """None: neither gateway nor mail server, so whatever needs a code is refused."""
    gateway, mail = _gateway(settings), mail_of(settings)
    return gateway if mail is None else ByKind(email=mail, phone=gateway)


def _gateway(settings: Settings) -> Messages | None:
    url = settings.messages_url
    if url == NULL and not settings.demo:
        raise BadSettings(
            "settings: GUANBIAO_MESSAGES_URL: null is for demonstrations only;"
            " name your gateway, or leave it empty to do without codes"
        )
    if url in {"", NULL}:
        return _null() if settings.demo else None
    if urlsplit(url).scheme not in {"http", "https"}:
        raise BadSettings("settings: GUANBIAO_MESSAGES_URL: begin it with https://")
    return GatewayMessages(url)


def _null() -> NullMessages:
    _log.warning("NULL MESSAGES ARE ON: codes are shown, not sent. Demonstration only!")
    return NullMessages()
