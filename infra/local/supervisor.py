"""Keeps the parts of a local instance running, and ends them all."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Never, Protocol

from infra.errors import Unavailable
from infra.local.processes import (
    dies_with_us,
    dying_with_us,
    end_leftover,
    last_lines,
    open_log,
    remember,
)

FIRST_DELAY, LONGEST_DELAY = 0.5, 15.0
STEADY_SECONDS = 60.0
"""A part that ran this long is forgiven its earlier falls."""
FALLS_ALLOWED = 5
_LOOK_SECONDS = 0.2


class GaveUp(Unavailable):
    """A part of the instance fell again and again."""

    zh = "实例的一个组成部分反复退出。"


class Part(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def log(self) -> Path: ...
    def alive(self) -> bool: ...
    def launch(self) -> None: ...


class Process(Protocol):
    """As far as we ask, a `subprocess.Popen`."""

    pid: int

    def poll(self) -> int | None: ...
    def wait(self, timeout: float | None = None) -> int: ...
    def send_signal(self, number: int, /) -> None: ...


def spawn(
    command: list[str],
    environment: Mapping[str, str],
    output: int,
    errors: int,
    inherits: Sequence[int] = (),
) -> Process:
    """In a group of its own, dying with us."""
    return subprocess.Popen(
        dying_with_us(command),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=errors,
        env=dict(environment),
        start_new_session=True,
        preexec_fn=dies_with_us(),
        pass_fds=inherits,
    )


class Child:
    """One of our own processes: in a group of its own, dying with us, remembered in a pid file."""

    def __init__(
        self,
        name: str,
        command: list[str],
        environment: Mapping[str, str],
        logs: Path,
        inherits: Sequence[int] = (),
    ) -> None:
        """`inherits`: descriptors that it gets, under the same numbers."""
        self.name, self._command, self._environment = name, command, environment
        self._inherits = inherits
        self.log = logs / f"{name}.log"
        self._pid_file = logs / f"{name}.pid"
        self._process: Process | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def launch(self) -> None:
        end_leftover(self._pid_file)
        log = open_log(self.log)
        try:
            self._process = self._start(log)
        finally:
            os.close(log)
        remember(self._pid_file, self.pid)

    def _start(self, log: int) -> Process:
        return spawn(self._command, self._environment, log, log, self._inherits)

    def ask_to_stop(self) -> None:
        if self.alive() and self._process is not None:
            self._process.send_signal(signal.SIGTERM)

    def stop(self, deadline: float) -> None:
        """Wait until `deadline` (monotonic seconds), then kill the whole group."""
        if self._process is None:
            return
        try:
            self._process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(self.pid, signal.SIGKILL)
            self._process.wait()
        self._pid_file.unlink(missing_ok=True)


class Supervisor:
    """Restarts what falls: at once, then ever more slowly, and not for ever."""

    def __init__(
        self, parts: list[Part], say: Callable[[str], None], restarted: Callable[[], None]
    ) -> None:
        """`restarted` is called when a part has a new pid."""
        self._parts, self._say, self._restarted = parts, say, restarted
        self._falls: dict[str, list[float]] = {part.name: [] for part in parts}
        self._due: dict[str, float] = {}

    def watch(self) -> Never:
        """For ever. GaveUp, with the log's last lines, when a part will not stay."""
        while True:
            self.look(time.monotonic())
            time.sleep(_LOOK_SECONDS)

    def look(self, now: float) -> None:
        for part in self._parts:
            if part.alive():
                continue
            if part.name not in self._due:
                self._due[part.name] = now + self._delay(part, now)
            elif now >= self._due[part.name]:
                del self._due[part.name]
                part.launch()
                self._restarted()

    def _delay(self, part: Part, now: float) -> float:
        falls = [fall for fall in self._falls[part.name] if now - fall < STEADY_SECONDS] + [now]
        self._falls[part.name] = falls
        if len(falls) > FALLS_ALLOWED:
            raise GaveUp(
                f"{part.name} fell {len(falls)} times within a minute; the end of {part.log}:\n"
                f"{last_lines(part.log)}",
                zh=f"{part.name} 一分钟内退出 {len(falls)} 次，日志见 {part.log}",
            )
        delay = min(LONGEST_DELAY, FIRST_DELAY * 2.0 ** (len(falls) - 1))
        self._say(
            f"{part.name} 意外退出，{delay:g} 秒后重启 · fell, again in {delay:g} s: {part.log}"
        )
        return delay
