"""What the commands `api` and `openapi` do."""

import gc
import socket
import sys
import tempfile

import msgspec
import uvicorn
from litestar import Litestar

from backend.app import create_app
from backend.logs import configure_logs
from backend.whole_answers import WholeAnswers
from infra.local.ports import share
from infra.settings import Settings

_DID_NOT_START = 3
_YOUNG_OBJECTS = 20_000
_GRACE_SECONDS = 5  # a phone's heartbeat needs less; an open event stream would never end


def serve(settings: Settings) -> None:
    configure_logs()
    run(create_app(settings), settings)


def run(application: Litestar, settings: Settings) -> None:
    """Until it is told to stop."""
    spare_the_collector()
    server = uvicorn.Server(
        uvicorn.Config(
            application,
            host=settings.host,
            port=settings.port,
            loop="uvloop",
            http=WholeAnswers,
            access_log=False,
            log_config=None,
            server_header=False,
            proxy_headers=False,  # backend.limits knows which proxies are ours
            timeout_graceful_shutdown=_GRACE_SECONDS,
        )
    )
    server.run(sockets=_sockets(settings))
    if not server.started:
        sys.exit(_DID_NOT_START)


def _sockets(settings: Settings) -> list[socket.socket] | None:
    """None: the server makes its own."""
    if settings.listen_fd is not None:
        return [socket.socket(fileno=settings.listen_fd)]
    return [share(settings.port, settings.host)] if settings.share_port else None


def spare_the_collector() -> None:
    """What is loaded by now stays for good, and holds no garbage to speak of: looking through it
    again and again cost a tenth of the busiest route. Requests leave few cycles, so a young
    generation may grow larger."""
    gc.freeze()
    gc.set_threshold(_YOUNG_OBJECTS, 20, 20)


def openapi_document() -> str:
    """The document of an instance that exists nowhere: no database, no object store."""
    with tempfile.TemporaryDirectory() as folder:
        nowhere = {"OBJECTS_URL": "http://key:secret@localhost:1/bucket", "data_dir": folder}
        application = create_app(Settings.model_validate(nowhere))
        schema = application.openapi_schema.to_schema()
    return msgspec.json.format(msgspec.json.encode(schema)).decode()
