"""Ports of this machine: which are free, and finding one that is."""

import os
import socket
import sys

_BACKLOG = 2048


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """True if a server could listen there now. Connections still closing do not count."""
    with socket.socket(_family(host)) as probe:
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
    taken = socket.socket(_family(host))
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((host, port))
        # Only now: nobody else who would share the port can take it before us, or after.
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        taken.listen(_BACKLOG)
    except OSError:
        taken.close()
        return None
    return taken


def share(port: int, host: str = "127.0.0.1") -> socket.socket:
    """One more socket on a port, bound only: as soon as it listens, connections are dealt out to
    all that do. OSError when somebody listens there who does not share."""
    another = socket.socket(_family(host))
    try:
        # Connections inherit it: else those that are still closing keep the next start out.
        another.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        another.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        another.bind((host, port))
    except OSError:
        another.close()
        raise
    return another


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def free_port(wanted: int = 0) -> int:
    """A free loopback port: `wanted` if it is free, else any. It stays this process's own.

    A server that gets a number and not a socket binds it only some time later. Of many that start
    together two would now and then be given the same, so each process claims what it was given.
    """
    if wanted and is_free(wanted) and _claim(wanted):
        return wanted
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        if port not in _claims and _claim(port):
            return port


_claims: dict[int, int] = {}
"""Descriptors, which the end of the process closes: no socket objects, whose loss is warned of."""
_MAX_CLAIMS = 256


def _claim(port: int) -> bool:
    """Held by a name that no second process can bind, and that ends with this one."""
    if port in _claims or sys.platform != "linux":
        return True
    name = socket.socket(socket.AF_UNIX)
    try:
        name.bind(f"\0guanbiao-port-{port}")
    except OSError:
        name.close()
        return False
    _claims[port] = name.detach()
    if len(_claims) > _MAX_CLAIMS:
        os.close(_claims.pop(next(iter(_claims))))
    return True
