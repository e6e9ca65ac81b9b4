"""What a bench measures against: an instance's servers, each a process of its own."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import httpx
import psutil

from infra.local.objects import LocalObjects
from infra.local.ports import free_port
from infra.local.postgres import OWNER, LocalPostgres
from infra.settings import Settings

_READY_SECONDS = 60


@dataclass(frozen=True)
class Serving:
    url: str
    pid: int


@contextmanager
def stores(folder: Path) -> Iterator[tuple[LocalPostgres, Settings]]:
    """PostgreSQL and the object store, empty, and the settings that name them."""
    postgres, objects = LocalPostgres(folder / "postgres"), LocalObjects(folder / "objects")
    try:
        postgres.start()
        objects.start()
        values = {
            "DATABASE_URL": postgres.dsn(),
            "DATABASE_OWNER_URL": postgres.dsn(OWNER),
            "OBJECTS_URL": objects.url,
            "data_dir": folder / "instance",
            "port": free_port(),
        }
        yield postgres, Settings.model_validate(values)
    finally:
        objects.stop()
        postgres.stop()


@contextmanager
def api(
    settings: Settings,
    command: tuple[str, ...] = ("backend.cli", "api"),
    log: IO[bytes] | None = None,
) -> Iterator[Serving]:
    with starting_api(settings, command, log) as pid:
        url = answering(f"http://127.0.0.1:{settings.port}", "/healthz")
        _listens(pid, settings.port)
        yield Serving(url, pid)


@contextmanager
def starting_api(
    settings: Settings,
    command: tuple[str, ...] = ("backend.cli", "api"),
    log: IO[bytes] | None = None,
) -> Iterator[int]:
    """Its pid, at once: it does not answer yet."""
    environment = {
        "DATABASE_URL": settings.database_url,
        "OBJECTS_URL": settings.objects_url,
        "GUANBIAO_DATA_DIR": str(settings.data_dir),
        "GUANBIAO_PORT": str(settings.port),
        "GUANBIAO_SHARE_PORT": str(settings.share_port).lower(),
        # All of a bench comes from one address: what it measures is not the limits.
        "GUANBIAO_LIMIT_FACTOR": "10000",
    }
    with process([sys.executable, "-m", *command], environment, log) as pid:
        yield pid


@contextmanager
def apis(
    settings: Settings,
    command: tuple[str, ...] = ("backend.cli", "api"),
    log: IO[bytes] | None = None,
) -> Iterator[list[Serving]]:
    """As `guanbiao up` starts them: one for each core, all on the port of the settings."""
    shared = settings.model_copy(update={"share_port": True})
    with ExitStack() as stack:
        yield [stack.enter_context(api(shared, command, log)) for _ in os.sched_getaffinity(0)]


@contextmanager
def process(
    command: list[str], environment: dict[str, str], log: IO[bytes] | None = None
) -> Iterator[int]:
    started = subprocess.Popen(
        command, env={**os.environ, **environment}, stdout=log, stderr=log and subprocess.STDOUT
    )
    try:
        yield started.pid
    finally:
        started.terminate()
        started.wait(20)


def _listens(pid: int, port: int) -> None:
    """It, and not only another process on the same port, which would get all connections."""
    latest = time.monotonic() + _READY_SECONDS
    while not any(
        at.status == psutil.CONN_LISTEN and at.laddr.port == port
        for at in psutil.Process(pid).net_connections("tcp")
    ):
        if time.monotonic() > latest:
            raise TimeoutError(f"process {pid} does not listen on port {port}")
        time.sleep(0.05)


def answering(url: str, path: str) -> str:
    transport = httpx.HTTPTransport(retries=12)  # backs off up to a minute for a refused connection
    with httpx.Client(transport=transport, base_url=url) as client:
        client.request("POST" if path == "/" else "GET", path, content=b"{}")
    return url
