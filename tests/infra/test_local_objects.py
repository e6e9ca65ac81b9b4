import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from infra.local.objects import LocalObjects
from infra.objects import ObjectStore
from tests.infra.up import open_folder


@pytest.fixture(scope="module")
def server() -> Iterator[LocalObjects]:
    with open_folder() as folder:
        server = LocalObjects(folder / "对象, 存储")  # weed would split its -dir at the comma
        server.start()
        yield server
        server.stop()


async def test_a_killed_store_comes_back_at_its_port_with_what_was_acknowledged(
    server: LocalObjects,
) -> None:
    store = ObjectStore.from_url(server.url)
    await store.ensure_bucket()
    await store.put_bytes("演示/one", b"kept", "text/plain")
    port, process = server.port, psutil.Process(server.pid)
    process.send_signal(signal.SIGKILL)
    assert not server.alive() or process.wait(5)
    server.start(port)
    assert server.port == port
    assert await store.get_bytes("演示/one") == b"kept"


def test_strangers_get_nothing_from_any_port_of_the_store(server: LocalObjects) -> None:
    refused = []
    for listening in psutil.Process(server.pid).net_connections("tcp"):
        if listening.status == psutil.CONN_LISTEN:
            assert listening.laddr.ip == "127.0.0.1"
            try:
                answer = httpx.get(f"http://127.0.0.1:{listening.laddr.port}/guanbiao/演示/one")
                refused.append(answer.content != b"kept")
            except httpx.HTTPError:
                refused.append(True)
    assert refused
    assert all(refused)


def test_a_stopped_store_leaves_no_socket_behind(server: LocalObjects) -> None:
    sockets = [Path(line) for line in (server.folder / "sockets").read_text().splitlines()]
    assert any(path.exists() for path in sockets)
    port = server.port
    server.stop()
    assert not any(path.exists() for path in sockets)
    server.start(port)
