"""Mail over real SMTP: aiosmtpd with a certificate of its own."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path

import aiosmtplib
import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from backend.accounts.domain import Login
from backend.accounts.messages import GatewayMessages, NullMessages, carrier, messages_of
from backend.accounts.texts import Text
from infra.settings import BadSettings, Settings

TO = Login("email", "w@example.org")
TEXT = Text("notice.due", "还有 3 天。", "Three days.", link="/x", subject="将到期 Due", id="7")
LAST_CENTURY, NEXT_ONE = datetime(1999, 1, 1, tzinfo=UTC), timedelta(days=40_000)


class Box:
    def __init__(self) -> None:
        self.taken: list[tuple[EmailMessage, list[str], bool]] = []

    async def handle_DATA(self, _: object, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.taken.append((mail, envelope.rcpt_tos, session.ssl is not None))
        return "250 taken"


class SmtpServer:
    def __init__(self) -> None:
        self.box, self.port = Box(), 0


def _login(*asked: object) -> AuthResult:
    return AuthResult(success=asked[-1] == LoginPassword(b"relay", b"s3cret/"), handled=False)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Key and certificate of localhost in one file: it vouches for itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    names = [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(LAST_CENTURY)
        .not_valid_after(LAST_CENTURY + NEXT_ONE)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("mail") / "localhost.pem"
    pem = serialization.Encoding.PEM
    private = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + made.public_bytes(pem))
    return file


@pytest.fixture
async def server(certificate: Path, request: pytest.FixtureRequest) -> AsyncIterator[SmtpServer]:
    """With STARTTLS and a password; `param` False: neither."""
    shown, context = SmtpServer(), ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    safe = getattr(request, "param", True)

    def speak() -> SMTP:
        if not safe:
            return SMTP(shown.box)
        return SMTP(shown.box, tls_context=context, auth_required=True, authenticator=_login)

    started = await asyncio.get_running_loop().create_server(speak, "127.0.0.1", 0)
    shown.port = started.sockets[0].getsockname()[1]
    yield shown
    started.close()


def mail_settings(settings: Settings, server: SmtpServer, **said: str) -> Settings:
    port = server.port
    update = {
        "mail_url": f"smtp://relay:s3cret%2F@localhost:{port}",
        "mail_from": "t@guanbiao.test",
    }
    update |= {key: value.replace("PORT", str(port)) for key, value in said.items()}
    return settings.model_copy(update=update)


async def test_mail_goes_out_over_tls_in_both_languages_with_a_lasting_id(
    settings: Settings, server: SmtpServer, certificate: Path
) -> None:
    messages = messages_of(mail_settings(settings, server, mail_ca_file=str(certificate)))
    assert messages is not None
    await messages.send(TO, TEXT)
    ((mail, to, tls),) = server.box.taken
    assert (to, tls) == (["w@example.org"], True)
    assert (mail["Subject"], mail["Message-ID"]) == ("将到期 Due", "<7@guanbiao.test>")
    assert mail.get_content().splitlines() == ["还有 3 天。 /x", "", "Three days. /x"]
    assert mail["Date"]


async def test_nothing_is_sent_to_a_server_that_nobody_vouches_for(
    settings: Settings, server: SmtpServer
) -> None:
    messages = messages_of(mail_settings(settings, server))
    assert messages is not None
    with pytest.raises((aiosmtplib.SMTPException, ssl.SSLError)):
        await messages.send(TO, TEXT)
    assert server.box.taken == []


@pytest.mark.parametrize("server", [False], indirect=True, ids=["a server without TLS"])
async def test_only_a_relay_on_this_machine_may_do_without_tls(
    settings: Settings, server: SmtpServer
) -> None:
    far = messages_of(mail_settings(settings, server, mail_url="smtp://localhost:PORT"))
    near = messages_of(mail_settings(settings, server, mail_url="smtp://127.0.0.1:PORT"))
    assert far is not None
    assert near is not None
    with pytest.raises(aiosmtplib.SMTPException):
        await far.send(TO, TEXT)
    await near.send(TO, TEXT)
    assert [tls for _, _, tls in server.box.taken] == [False]


def test_with_a_mail_server_the_gateway_carries_short_messages_alone(settings: Settings) -> None:
    mail = {"mail_url": "smtps://mail.test", "mail_from": "t@guanbiao.test"}
    alone = settings.model_copy(update={**mail, "demo": False})
    both = alone.model_copy(update={"messages_url": "https://gateway.test/"})
    assert carrier(messages_of(alone), "phone") is None
    assert carrier(messages_of(alone), "email") is not None
    assert isinstance(carrier(messages_of(both), "phone"), GatewayMessages)
    demo = settings.model_copy(update=mail)
    assert isinstance(carrier(messages_of(demo), "phone"), NullMessages)


@pytest.mark.parametrize(
    ("url", "sender"),
    [
        pytest.param("http://mail.test", "t@x.test", id="not SMTP"),
        pytest.param("smtp://", "t@x.test", id="no server"),
        pytest.param("smtp://mail.test", "", id="from nobody"),
    ],
)
def test_a_mail_server_that_cannot_be_stops_the_start(
    settings: Settings, url: str, sender: str
) -> None:
    with pytest.raises(BadSettings, match="GUANBIAO_MAIL_"):
        messages_of(settings.model_copy(update={"mail_url": url, "mail_from": sender}))
