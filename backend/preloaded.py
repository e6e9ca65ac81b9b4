"""What the parts of an instance are forks of: `guanbiao up` starts it, and orders them from it.

Arguments: the number of its channel, and of each descriptor that it inherits.
"""

import gc
import socket
import sys

from infra.local.forking import forked


def main() -> None:
    channel, *inherited = map(int, sys.argv[1:])
    gc.disable()  # what is loaded stays
    import backend.prepare
    import backend.serve
    import backend.worker  # noqa: F401
    from backend.cli import main as be

    forked(socket.socket(fileno=channel), inherited)
    be()


if __name__ == "__main__":
    main()
