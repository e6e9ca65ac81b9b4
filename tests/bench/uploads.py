"""A file through the API into the store, beside the same file straight into the store.

The client sends with sendfile(2), so that the server is measured and not the client; the floor is
MinIO's own client with its default of three parts at once.
"""

import asyncio
import hashlib
import os
import tempfile
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

os.environ.setdefault("PICCOLO_CONF", "backend.piccolo_conf")

from backend.accounts.domain import Role
from backend.accounts.tokens import AccessTokens
from backend.prepare import prepare
from infra.clock import system_clock
from infra.database import UnitOfWork
from infra.engine import DB, configure
from infra.instance import public_url
from infra.objects import ObjectStore
from infra.settings import Settings
from infra.vault import Vault
from media_pipeline.domain import incoming_name
from tests.bench import servers
from tests.bench.rows import Row, interleaved, row
from tests.bench.servers import Serving
from tests.media_pipeline import clips
from tests.people import sign_in_someone

MIB = 1 << 20
THROUGHPUT_BYTES = 256 * MIB
SMALL_BYTES, LARGE_BYTES = 512 * MIB, 2048 * MIB
TUS = {"Tus-Resumable": "1.0.0"}


class Author:
    """Somebody who may upload, at one API over one store."""

    def __init__(self, api: Serving, settings: Settings, headers: dict[str, str]) -> None:
        self.api, self.headers = api, {**headers, **TUS}
        self.store = ObjectStore.from_url(settings.objects_url)

    def send(self, path: Path, *, checksum: str = "") -> None:
        """One creation, one PATCH; what arrived is removed again."""
        line = HTTPConnection(urlsplit(self.api.url).netloc, timeout=120)
        length = str(path.stat().st_size)
        line.request("POST", "/v1/uploads", headers={**self.headers, "Upload-Length": length})
        answer = line.getresponse()
        answer.read()
        location = answer.headers["Location"]
        self._patch(line, location, path, checksum)
        line.close()
        asyncio.run(self.store.remove(incoming_name(UUID(location.rpartition("/")[2]))))

    def _patch(self, line: HTTPConnection, location: str, path: Path, checksum: str) -> None:
        headers = {
            **self.headers,
            "Upload-Offset": "0",
            "Content-Type": "application/offset+octet-stream",
            "Content-Length": str(path.stat().st_size),
            **({"Upload-Checksum": checksum} if checksum else {}),
        }
        line.putrequest("PATCH", location)
        for name, value in headers.items():
            line.putheader(name, value)
        line.endheaders()
        with path.open("rb") as file:
            line.sock.sendfile(file)
        answer = line.getresponse()
        if answer.status != 204:
            raise RuntimeError(answer.read().decode())
        answer.read()

    def store_directly(self, path: Path) -> None:
        asyncio.run(self.store.put_file("bench", path, "application/octet-stream"))
        asyncio.run(self.store.remove("bench"))


def measure() -> list[Row]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="guanbiao-bench-")))
        folder.chmod(0o755)
        _, settings = stack.enter_context(servers.stores(folder))
        headers = asyncio.run(_sign_in(settings))
        author = Author(stack.enter_context(servers.api(settings)), settings, headers)
        return [*_throughput(author, folder), *_memory(author, folder)]


def _throughput(author: Author, folder: Path) -> list[Row]:
    with _a_file(folder, THROUGHPUT_BYTES) as path:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").digest()
        checksum = f"sha256 {b64encode(digest).decode()}"
        ours, checked, floor = (
            THROUGHPUT_BYTES / MIB / seconds
            for seconds in interleaved(
                lambda: _seconds(lambda: author.send(path)),
                lambda: _seconds(lambda: author.send(path, checksum=checksum)),
                lambda: _seconds(lambda: author.store_directly(path)),
            )
        )
    return [
        row(name, value=value, unit="MiB/s", floor=floor, target=target)
        for name, value, target in (
            ("upload through the API / direct multipart", ours, "ratio >= 0.6"),
            ("the same with a SHA-256 to check", checked, "ratio >= 0.5"),
        )
    ]


def _memory(author: Author, folder: Path) -> list[Row]:
    """After the uploads above, so that what a first upload loads is no growth."""
    idle = _resident(author.api.pid, "VmRSS")
    small, large = (_highest(author, folder, length) for length in (SMALL_BYTES, LARGE_BYTES))
    name = "memory of the API, upload of 2 GiB / of 512 MiB"
    return [
        row(name, value=large, unit="MiB", floor=small, target="ratio <= 1.1"),
        row(
            "the same beyond an idle API", value=large - idle, unit="MiB", floor=100,
            target="ratio <= 1",
        ),
    ]  # fmt: skip


def _highest(author: Author, folder: Path, length: int) -> float:
    """MiB resident at most while a file of that length is sent."""
    Path(f"/proc/{author.api.pid}/clear_refs").write_text("5")  # forgets the peak
    with _a_file(folder, length) as path:
        author.send(path)
    return _resident(author.api.pid, "VmHWM")


def _resident(pid: int, field: str) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    found = next(line for line in lines if line.startswith(f"{field}:"))
    return int(found.split()[1]) / 1024


def _seconds(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


@contextmanager
def _a_file(folder: Path, length: int) -> Iterator[Path]:
    """It begins as a video does; the rest cannot be compressed on its way."""
    path, block = folder / "upload", os.urandom(MIB)
    with path.open("wb") as file:
        file.write(clips.sample("bikes.mp4").read_bytes()[:MIB].ljust(MIB, b"\xa5"))
        for _ in range(length // MIB - 1):
            file.write(block)
    yield path
    path.unlink()


async def _sign_in(settings: Settings) -> dict[str, str]:
    await prepare(settings, system_clock)
    configure(settings.database_url)
    await DB.start_connection_pool(min_size=1, max_size=2)
    try:
        tokens = AccessTokens.of(settings.keys, await public_url())
        async with UnitOfWork(DB):
            author = await sign_in_someone(
                (Role.AUTHOR,), vault=Vault.of(settings.keys), tokens=tokens, clock=system_clock
            )
    finally:
        await DB.close_connection_pool()
    return author.headers
