import socket
import subprocess
import sys

import pytest

from infra.local.ports import free_port, is_free, listen, share
from tests.infra.up import quiet_port


def test_a_port_that_is_held_is_nobody_else_s() -> None:
    held = listen(0)
    assert held is not None
    with held:
        port = held.getsockname()[1]
        assert listen(port) is None
        assert not is_free(port)
    assert is_free(port)


def test_a_shared_port_is_free_again_while_connections_to_it_close() -> None:
    held = listen(0)
    assert held is not None
    port = held.getsockname()[1]
    with share(port) as second:
        held.close()
        second.listen()
        with socket.create_connection(("127.0.0.1", port)):
            accepted, _ = second.accept()
            accepted.close()  # ours first: so its end waits in the kernel
    again = listen(port)
    assert again is not None
    again.close()


def test_a_port_is_shared_only_where_its_holder_lets_it_and_only_when_asked() -> None:
    held = listen(0)
    assert held is not None
    port = held.getsockname()[1]
    with held, share(port) as second:
        second.listen()
        assert listen(port) is None, "another instance does not slip in"
    with socket.socket() as foreign:
        foreign.bind(("127.0.0.1", 0))
        foreign.listen()
        with pytest.raises(OSError, match="in use"):
            share(foreign.getsockname()[1])


def test_a_port_that_a_process_was_given_is_given_to_no_other() -> None:
    """Even before a server listens there: between the two lies the server's own start."""
    port = free_port(quiet_port())
    ask = f"from infra.local.ports import free_port; print(free_port({port}))"
    other = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    assert int(other.stdout) not in (0, port)
    assert free_port(port) == port
