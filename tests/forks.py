"""Processes of ours that need not load what another has loaded: forks of one that did.

`Forked("backend.cli", "worker")` does what `python -P -m backend.cli worker` does; its command line
alone is another. Starting Python anew costs a core a second and more, each time. What is about a
start itself starts one: `guanbiao up` and its parts (tests.live, tests.infra.up).
"""

import atexit
import gc
import os
import random
import runpy
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from multiprocessing import connection, forkserver, get_context, reduction
from operator import methodcaller
from pathlib import Path
from typing import Any

FORKS = get_context("forkserver")
FORKS.set_forkserver_preload(["tests.loaded", __name__])
ONE_AT_A_TIME = threading.Lock()
"""A process that starts looks after all the others; each may be looked after by one thread only."""


def serve_all_forks() -> None:
    """Forks that this process makes of itself from now on need no server of their own."""
    forkserver.ensure_running()
    server: Any = forkserver._forkserver
    server.ensure_running = _it_is_running  # it knows its own children alone


def _it_is_running() -> None: ...


class Forked:
    """As far as tests ask, a `subprocess.Popen` of `python -P -m MODULE ARGUMENTS`.

    What it says goes to files; without them, where the tests' own words go.
    """

    def __init__(
        self,
        module: str,
        *arguments: str,
        env: Mapping[str, str] | None = None,
        output: Path | None = None,
        errors: Path | None = None,
    ) -> None:
        self.module = module
        environment = dict(os.environ if env is None else env)
        said = (output or _Ours(1), errors or _Ours(2))
        self._process = FORKS.Process(
            target=_be, args=(module, arguments, environment, os.getcwd(), *said)
        )
        with ONE_AT_A_TIME:
            self._process.start()

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    def poll(self) -> int | None:
        with ONE_AT_A_TIME:
            return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        if not connection.wait([self._process.sentinel], timeout):
            raise subprocess.TimeoutExpired(self.module, timeout or 0)
        code = self.poll()
        assert code is not None
        return code

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class _Ours:
    """A standard stream of this process. In the fork, whose own are those of the server of forks,
    it is the number of a copy."""

    def __init__(self, number: int) -> None:
        self._number = number

    def __reduce__(self) -> tuple[Callable[[Any], int], tuple[object]]:
        return methodcaller("detach"), (reduction.DupFd(self._number),)


def run(
    module: str, *arguments: str, env: Mapping[str, str] | None = None, timeout: float = 120
) -> subprocess.CompletedProcess[str]:
    """As `subprocess.run` does with `capture_output`, `text` and without `check`."""
    with tempfile.TemporaryDirectory(prefix="guanbiao-said-") as folder:
        output, errors = Path(folder) / "output", Path(folder) / "errors"
        process = Forked(module, *arguments, env=env, output=output, errors=errors)
        try:
            code = process.wait(timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
        said = output.read_text(), errors.read_text()
    return subprocess.CompletedProcess([module, *arguments], code, *said)


def _be(
    module: str,
    arguments: tuple[str, ...],
    environment: dict[str, str],
    folder: str,
    output: Path | int,
    errors: Path | int,
) -> None:
    """In the fork: become that process, then run the module as `python -m` does."""
    gc.freeze()  # what was loaded stays
    random.seed()  # else all forks would draw the same
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    os.chdir(folder)
    _say_to(1, output)
    _say_to(2, errors)
    sys.argv = [module, *arguments]
    if not hasattr(sys.modules.get(module), "__path__"):
        sys.modules.pop(module, None)  # runpy warns of what was imported before
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    finally:
        atexit._run_exitfuncs()


def _say_to(number: int, target: Path | int) -> None:
    """Point a standard stream there."""
    if isinstance(target, Path):
        target = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(target, number)
    os.close(target)
    name, odd = {1: ("stdout", "strict"), 2: ("stderr", "backslashreplace")}[number]
    stream = open(number, "w", 1, encoding="utf-8", errors=odd, closefd=False)  # noqa: SIM115
    setattr(sys, name, stream)
    setattr(sys, f"__{name}__", stream)
