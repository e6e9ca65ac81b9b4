"""An API of its own process, that a test may kill, and files to send to it."""

import os
import time
from collections.abc import Iterator

import httpx
import pytest

from backend.accounts.domain import Caller, Role
from backend.accounts.tokens import AccessTokens
from infra.clock import system_clock
from infra.ids import uuid7
from infra.local.ports import free_port
from infra.objects import ObjectStore
from infra.settings import Settings
from tests.forks import Forked
from tests.media_pipeline import clips
from tests.people import AsPerson, SignedIn


class ApiProcess:
    def __init__(self, settings: Settings) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        # Without authorities, the reading of which takes longer than the rest of a request.
        self.http = httpx.Client(base_url=self.url, verify=False)
        environment = {
            "DATABASE_URL": settings.database_url,
            "OBJECTS_URL": settings.objects_url,
            "GUANBIAO_DATA_DIR": str(settings.data_dir),
        }
        self._process = Forked(
            *("uvicorn", "--factory", "backend.app:create_app"),
            *("--port", str(self.port), "--log-level", "warning"),
            env={**os.environ, **environment},
        )
        self._wait_until_ready()

    def kill(self) -> None:
        """As kill -9 does: nothing is flushed, nothing is said."""
        self.http.close()
        self._process.kill()
        self._process.wait()

    def _wait_until_ready(self, seconds: float = 90) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                self.http.options("/v1/uploads", timeout=1)
            except httpx.TransportError:
                time.sleep(0.05)
            else:
                return
        self.kill()
        raise RuntimeError("the API did not start")


@pytest.fixture(scope="session")
def server(settings: Settings, database: None, object_store: ObjectStore) -> Iterator[ApiProcess]:
    process = ApiProcess(settings)
    yield process
    process.kill()


@pytest.fixture
async def author(as_person: AsPerson) -> SignedIn:
    return await as_person(Role.AUTHOR)


@pytest.fixture
def machine_author(tokens: AccessTokens) -> SignedIn:
    """An author at the machine's own time, for servers in other processes."""
    person_id = uuid7()
    caller = Caller(person_id, frozenset({Role.AUTHOR}), uuid7())
    return SignedIn(person_id, caller, tokens, system_clock)


@pytest.fixture(scope="session")
def large() -> bytes:
    """A real clip of 12 MiB: two whole parts and a rest. A box named `free` is padding."""
    clip = clips.sample("bikes.mp4").read_bytes()
    padding = (12 << 20) - len(clip)
    return clip + padding.to_bytes(4, "big") + b"free" + os.urandom(padding - 8)
