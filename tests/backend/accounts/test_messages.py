"""Messages: what the gateway is really sent, over HTTP, and what is refused at the start."""

import base64
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import httpx
import pytest

from backend.accounts.codes.domain import Message, Purpose
from backend.accounts.codes.texts import code_text
from backend.accounts.domain import Login
from backend.accounts.messages import GatewayMessages, NullMessages, messages_of
from infra.clock import ManualClock
from infra.settings import BadSettings, Settings
from tests.applications import application

TEXT = code_text(Purpose.SIGN_IN, Message.CODE, "123456")
PHONE = Login("phone", "13812345678")


class Gateway(HTTPServer):
    taken: list[tuple[str, dict[str, Any]]]
    answer = 202


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        gateway = self.server
        assert isinstance(gateway, Gateway)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        gateway.taken.append((self.headers.get("Authorization", ""), json.loads(body)))
        self.send_response(gateway.answer)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    with Gateway(("127.0.0.1", 0), _Handler) as server:
        server.taken = []
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def address(gateway: Gateway) -> str:
    return f"http://relay:s3cret@127.0.0.1:{gateway.server_port}/messages"


async def test_a_gateway_gets_template_code_and_text_with_its_credentials(
    gateway: Gateway,
) -> None:
    await GatewayMessages(address(gateway)).send(PHONE, TEXT)
    await GatewayMessages(address(gateway)).send(Login("email", "w@example.org"), TEXT)
    (authorization, sms), (_, mail) = gateway.taken
    assert base64.b64decode(authorization.removeprefix("Basic ")) == b"relay:s3cret"
    assert sms == {
        "channel": "sms",
        "to": "13812345678",
        "template": "code.sign-in",
        "zh": TEXT.zh,
        "en": TEXT.en,
        "code": "123456",
    }
    assert (mail["channel"], mail["to"]) == ("email", "w@example.org")


async def test_a_gateway_that_does_not_take_a_message_is_a_failure_without_its_secret(
    gateway: Gateway,
) -> None:
    gateway.answer = 500
    with pytest.raises(httpx.HTTPStatusError) as failed:
        await GatewayMessages(address(gateway)).send(PHONE, TEXT)
    assert "s3cret" not in str(failed.value)
    assert "13812345678" not in str(failed.value)


@pytest.mark.parametrize(
    ("demo", "url", "kind"),
    [
        pytest.param(True, "", NullMessages, id="a demonstration"),
        pytest.param(True, "null", NullMessages, id="a demonstration that says so"),
        pytest.param(False, "", type(None), id="no gateway yet"),
        pytest.param(False, "https://gateway.test/", GatewayMessages, id="a gateway"),
        pytest.param(True, "https://gateway.test/", GatewayMessages, id="a rehearsal"),
    ],
)
def test_which_messages_an_instance_has(
    settings: Settings, demo: bool, url: str, kind: type
) -> None:
    chosen = settings.model_copy(update={"demo": demo, "messages_url": url})
    assert isinstance(messages_of(chosen), kind)


@pytest.mark.parametrize("url", ["null", "smtp://mail.test"])
def test_a_real_instance_does_not_start_with_messages_that_go_nowhere(
    settings: Settings, clock: ManualClock, url: str
) -> None:
    wrong = settings.model_copy(update={"demo": False, "messages_url": url})
    with pytest.raises(BadSettings, match="GUANBIAO_MESSAGES_URL"):
        application(wrong, clock)


async def test_what_is_not_sent_is_said_loudly_and_names_nobody(
    capsys: pytest.CaptureFixture[str], settings: Settings, clock: ManualClock
) -> None:
    application(settings, clock)
    await NullMessages().send(PHONE, TEXT)
    said = capsys.readouterr().err
    assert "NULL MESSAGES ARE ON" in said
    assert "123456" in said
    assert "13812345678" not in said
