"""One process loads all tests, and those that run them are forks of it (`-n 4`).

Loading costs ten core-seconds, and twice as many where nothing is compiled yet. xdist starts its
processes as ever, but what it takes for Python is tests.as_fork, which hands its streams and the
program to run over to a new fork.

    python -m tests.loading LISTENER ALIVE ARGUMENTS…    two open files; arguments of pytest
"""

import atexit
import contextlib
import gc
import io
import os
import select
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType

_AS_FORK = Path(__file__).with_name("as_fork.py")
_LONGEST_PROGRAM = 1 << 16


@contextlib.contextmanager
def loading(arguments: Sequence[str]) -> Iterator[str]:
    """Of pytest -> the command of a Python that has loaded what they name."""
    with (
        tempfile.TemporaryDirectory(prefix="guanbiao-loading-") as folder,
        socket.socket(socket.AF_UNIX) as listener,
    ):
        address = f"{folder}/forks"
        listener.bind(address)
        listener.listen()
        alive, ours = os.pipe()
        files = (listener.fileno(), alive)
        loader = subprocess.Popen(
            [sys.executable, "-m", __name__, *map(str, files), *arguments], pass_fds=files
        )
        os.close(alive)
        listener.close()  # so that whoever connects to a loader that failed is told
        yield shlex.join([sys.executable, "-I", "-S", str(_AS_FORK), address])
        os.close(ours)
        loader.wait()


class _ModulesAlone:
    """What is in them each fork looks at for itself."""

    def pytest_pycollect_makeitem(self) -> list[object]:
        return []


def _load(arguments: Sequence[str]) -> None:
    """Whatever fails here is tried again, and told, by the forks."""
    import pytest

    with contextlib.redirect_stdout(io.StringIO()):
        pytest.main([*arguments, "-n", "0", "--collect-only"], plugins=[_ModulesAlone()])
    _prepare()
    gc.freeze()


def _prepare() -> None:
    """What each would otherwise make for itself."""
    from hypothesis import given, settings, strategies

    from tests import forks
    from tests.applications import with_routes

    forks.serve_all_forks()
    with_routes()
    # It looks for constants in all modules.
    settings(derandomize=True, database=None)(given(strategies.integers())(lambda _: None))()


def _next_program(listener: socket.socket, alive: int) -> str:
    """Returns in forks alone, with the streams of who asked; ends when `alive` does."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for forks
    while alive not in select.select([listener.fileno(), alive], [], [])[0]:
        asking, _ = listener.accept()
        program, streams, _, _ = socket.recv_fds(asking, _LONGEST_PROGRAM, 3)
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.close(alive)
            for number, stream in enumerate(streams):
                os.dup2(stream, number)
                os.close(stream)
            asking.detach()  # it ends with this process, and so does who asked
            return program.decode()
        asking.close()
        for stream in streams:
            os.close(stream)
    os._exit(0)


def _run(program: str) -> None:
    """As `python -c` does."""
    sys.argv = ["-c"]
    sys.stdin = open(0, closefd=False)  # noqa: SIM115
    main = sys.modules["__main__"] = ModuleType("__main__")
    exec(program, vars(main))
    atexit._run_exitfuncs()
    os._exit(0)  # taking all apart that was loaded takes longer


if __name__ == "__main__":
    number, alive, *arguments = sys.argv[1:]
    _load(arguments)
    _run(_next_program(socket.socket(fileno=int(number)), int(alive)))
