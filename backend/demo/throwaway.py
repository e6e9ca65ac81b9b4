"""An instance that lives as long as one demonstration: own servers, own folder, own clock.

API and worker run in this process, so that the clock can be an object in its hands: an instance
that people use is started by `guanbiao up`, whose processes only know the machine's clock.
"""

import asyncio
import logging
import socket
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from backend.app import create_app
from backend.logs import configure_logs
from backend.prepare import prepare
from backend.worker import run_worker
from infra.clock import Clock
from infra.local.objects import LocalObjects
from infra.local.ports import free_port
from infra.local.postgres import OWNER, LocalPostgres
from infra.objects import ObjectStore
from infra.queue import WorkerContext
from infra.settings import Settings

_START_SECONDS = 60


@contextmanager
def instance(clock: Clock) -> Iterator[str]:
    """Its base URL; everything is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="guanbiao-demo-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # PostgreSQL runs as another user when we are root
        postgres, objects = LocalPostgres(folder / "postgres"), LocalObjects(folder / "objects")
        try:
            postgres.start()
            objects.start()
            with _serving(_settings(folder, postgres, objects), clock) as url:
                yield url
        finally:
            objects.stop()
            postgres.stop()


def _settings(folder: Path, postgres: LocalPostgres, objects: LocalObjects) -> Settings:
    return Settings.model_validate(
        {
            "DATABASE_URL": postgres.dsn(),
            "DATABASE_OWNER_URL": postgres.dsn(OWNER),
            "OBJECTS_URL": objects.url,
            "data_dir": folder / "instance",
            "port": free_port(),
            "demo": True,
        }
    )


@contextmanager
def _serving(settings: Settings, clock: Clock) -> Iterator[str]:
    ready: Future[asyncio.Event] = Future()
    loop = asyncio.new_event_loop()

    def serve() -> None:
        try:
            loop.run_until_complete(_serve(settings, clock, ready))
        except BaseException as error:
            if ready.done():
                raise
            ready.set_exception(error)

    thread = threading.Thread(target=serve, name="throwaway")
    thread.start()
    try:
        stop = ready.result(_START_SECONDS)
        yield f"http://127.0.0.1:{settings.port}"
    finally:
        if ready.done() and not ready.exception():
            loop.call_soon_threadsafe(stop.set)
        thread.join()


class _Server(uvicorn.Server):
    """Says when it listens, and leaves the process's signals to the command."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def _serve(settings: Settings, clock: Clock, ready: "Future[asyncio.Event]") -> None:
    """Serve until the event that `ready` hands out is set."""
    await prepare(settings, clock)
    stop = asyncio.Event()
    application = create_app(settings, clock)
    configure_logs(logging.WARNING)  # the terminal is the journey's
    server = _Server(
        uvicorn.Config(application, port=settings.port, log_level="warning", access_log=False)
    )
    api = asyncio.create_task(server.serve())
    await asyncio.wait(
        [api, asyncio.create_task(server.up.wait())], return_when=asyncio.FIRST_COMPLETED
    )
    context = WorkerContext(
        objects=ObjectStore.from_url(settings.objects_url), clock=clock, settings=settings
    )
    worker = asyncio.create_task(run_worker(context, stop))
    ready.set_result(stop)
    await stop.wait()
    await worker
    server.should_exit = True
    await api
