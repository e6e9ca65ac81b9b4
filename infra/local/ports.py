"""Ports of this machine: which are free, and finding one that is."""

import socket

_BACKLOG = 2048


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """True if a server could listen there now. Connections still closing do not count."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def listen(port: int, host: str = "127.0.0.1") -> socket.socket | None:
    """A listening socket on that port (0: any), or None when the port is taken.

    Whoever holds it has the port for good: looking first and binding later lets two instances
    that start together find the same port free.
    """
    taken = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((host, port))
        taken.listen(_BACKLOG)
    except OSError:
        taken.close()
        return None
    return taken


def free_port(wanted: int = 0) -> int:
    """A free loopback port: `wanted` if it is free, else any."""
    if wanted and is_free(wanted):
        return wanted
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
