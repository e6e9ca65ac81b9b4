"""Mail by SMTP: TLS from the first byte (smtps) or before anything is said (smtp, STARTTLS).

Without TLS only to a relay on this very machine; docs/how-to-run-an-instance.md has the settings.
"""

import ssl
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from urllib.parse import unquote, urlsplit

import aiosmtplib
import msgspec

from backend.accounts.domain import Login
from backend.accounts.texts import Text
from infra.clock import system_clock
from infra.settings import BadSettings, Settings

_SECONDS = 20.0
_PORTS = {"smtp": 587, "smtps": 465}
_THIS_MACHINE = {"127.0.0.1", "::1"}


class MailServer(msgspec.Struct, frozen=True, kw_only=True):
    host: str
    port: int
    username: str | None = None
    password: str | None = None
    tls: bool
    """From the first byte; otherwise by STARTTLS."""
    sender: str

    @property
    def start_tls(self) -> bool | None:
        """True: or nothing is sent. None: where the relay on this machine offers it."""
        if self.tls:
            return False
        return None if self.host in _THIS_MACHINE else True


class MailMessages:
    def __init__(self, server: MailServer, *, ca_file: str | None = None) -> None:
        self._server = server
        self._context = ssl.create_default_context(cafile=ca_file)

    async def send(self, to: Login, text: Text) -> None:
        server = self._server
        await aiosmtplib.send(
            mail(to.value, text, sender=server.sender),
            hostname=server.host,
            port=server.port,
            username=server.username,
            password=server.password,
            use_tls=server.tls,
            start_tls=server.start_tls,
            tls_context=self._context,
            timeout=_SECONDS,
        )


def mail(to: str, text: Text, *, sender: str) -> EmailMessage:
    """Plain text, Chinese first. A message that is sent again keeps its id, so that a mailbox which
    has it already can tell."""
    made = EmailMessage()
    host = sender.rpartition("@")[2].rstrip(">")
    made["Subject"] = text.subject or "贯标 Guanbiao"
    made["From"], made["To"] = sender, _address(to)
    made["Date"] = format_datetime(system_clock())
    made["Message-ID"] = f"<{text.id}@{host}>" if text.id else make_msgid(domain=host)
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(f"{text.with_link(text.zh)}\n\n{text.with_link(text.en)}\n")
    return made


def _address(text: str) -> Address:
    """A login, which holds no quotes and no line ends, as one address and never as two."""
    local, _, domain = text.rpartition("@")
    return Address(username=local, domain=domain)


def mail_of(settings: Settings) -> MailMessages | None:
    """None: no mail server. BadSettings for one that cannot be."""
    if not settings.mail_url:
        return None
    parts = urlsplit(settings.mail_url)
    if parts.scheme not in _PORTS or not parts.hostname:
        raise BadSettings("settings: GUANBIAO_MAIL_URL: begin it with smtp:// or smtps://")
    if "@" not in settings.mail_from:
        raise BadSettings("settings: GUANBIAO_MAIL_FROM: name the address that mail comes from")
    server = MailServer(
        host=parts.hostname,
        port=parts.port or _PORTS[parts.scheme],
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        tls=parts.scheme == "smtps",
        sender=settings.mail_from,
    )
    return MailMessages(server, ca_file=settings.mail_ca_file or None)
