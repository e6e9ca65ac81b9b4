import socket


def free_port(wanted: int = 0) -> int:
    """A free loopback port: `wanted` if it is free, else any."""
    for candidate in (wanted, 0):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", candidate))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError("no free port on 127.0.0.1")
