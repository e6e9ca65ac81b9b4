"""Processes of ours as forks of one that has loaded what all of them need.

Loading takes a core seconds, a fork none; and what was loaded is in memory once. The parent waits
in `forked` for orders of whoever started it, and ends with them. Its forks outlive it, but not
whoever ordered them (`processes.Lifeline`). Linux only: elsewhere, and when the parent has ended,
what is started next is a process of its own. A second parent would load the code of the day into
an instance whose other parts, and whose schema, are of the first.
"""

import gc
import os
import random
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import FrameType

import msgspec

from infra.local.processes import Lifeline, hang_on, name_ourselves
from infra.local.supervisor import Child, Process, spawn

_LONGEST_ORDER = 128 * 1024
_LOADED_SECONDS = 60.0


class Order(msgspec.Struct, frozen=True):
    """What a fork shall be. Sent with it: descriptors for its output, its errors, its lifeline."""

    arguments: list[str]
    environment: dict[str, str]
    """Besides the parent's."""
    keeps: list[int] = []
    """Which of the descriptors that the parent inherits."""


def forked(channel: socket.socket, inherited: Sequence[int]) -> None:
    """Forks as ordered, until nobody is left to order. Returns in a fork alone, which `sys.argv`
    then tells what to be; the parent itself exits."""
    gc.freeze()  # what was loaded stays, and its pages stay shared
    signal.signal(signal.SIGCHLD, _reap)
    while True:
        said, descriptors, _, _ = socket.recv_fds(channel, _LONGEST_ORDER, 3)
        if not said:
            sys.exit()
        pid = os.fork()
        if pid == 0:
            channel.close()
            _become(msgspec.json.decode(said, type=Order), descriptors, inherited)
            return
        for each in descriptors:
            os.close(each)
        channel.send(str(pid).encode())


def _reap(_number: int, _frame: FrameType | None) -> None:
    """Rather than let the kernel do it, which would leave their work out of everybody's account."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _become(order: Order, descriptors: Sequence[int], inherited: Sequence[int]) -> None:
    *outputs, lifeline = descriptors
    hang_on(lifeline)
    for number, given in enumerate(outputs, start=1):
        os.dup2(given, number)
        os.close(given)
    name_ourselves("-".join(["guanbiao", *order.arguments[:1]]))
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    random.seed()  # else all forks would draw the same
    gc.enable()
    for each in set(inherited) - set(order.keeps):
        os.close(each)
    os.environ.update(order.environment)
    sys.argv[1:] = order.arguments


class Fork:
    """As far as `Child` asks, a `subprocess.Popen`, though it is not our child but our parent's.
    It ends when this object does."""

    def __init__(self, pid: int, lifeline: Lifeline) -> None:
        self.pid, self._lifeline = pid, lifeline
        try:
            self._handle: int | None = os.pidfd_open(pid)
        except ProcessLookupError:
            self._handle = None  # it has ended already

    def __del__(self) -> None:
        if self._handle is not None:
            os.close(self._handle)

    def poll(self) -> int | None:
        """None while it runs; how it ended only its parent could say."""
        return 0 if self._ended_within(0) else None

    def wait(self, timeout: float | None = None) -> int:
        if not self._ended_within(timeout):
            raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
        return 0

    def _ended_within(self, seconds: float | None) -> bool:
        return self._handle is None or bool(select.select([self._handle], [], [], seconds)[0])

    def send_signal(self, number: int) -> None:
        if self._handle is not None and self.poll() is None:
            signal.pidfd_send_signal(self._handle, number)


class Parent(Child):
    """`command` gets the numbers of its channel and of what it inherits as arguments; `alone`
    starts the same program without it."""

    def __init__(
        self,
        command: list[str],
        alone: list[str],
        environment: Mapping[str, str],
        logs: Path,
        inherits: Sequence[int] = (),
    ) -> None:
        self._channel, self._its_end = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._channel.settimeout(_LOADED_SECONDS)
        self._alone, self._shared = alone, environment
        passed = [self._its_end.fileno(), *inherits]
        super().__init__("parent", [*command, *map(str, passed)], environment, logs, passed)

    def launch(self) -> None:
        if hasattr(os, "pidfd_open"):
            super().launch()
        self._its_end.close()

    def start(self, order: Order, output: int, errors: int) -> Process:
        """As a fork, for which the first order waits until all is loaded; else by itself."""
        return self._fork(order, output, errors) or spawn(
            [*self._alone, *order.arguments],
            {**self._shared, **order.environment},
            output,
            errors,
            order.keeps,
        )

    def _fork(self, order: Order, output: int, errors: int) -> Fork | None:
        lifeline = Lifeline()  # a fork that we do not get to know of ends with it at once
        given = [output, errors, lifeline.far_end]
        try:
            socket.send_fds(self._channel, [msgspec.json.encode(order)], given)
            if answer := self._channel.recv(_LONGEST_ORDER):
                return Fork(int(answer), lifeline)
        except OSError:
            self._channel.close()  # an answer that comes too late is nobody's
        return None

    def stop(self, deadline: float) -> None:
        self._channel.close()
        super().stop(deadline)


class ForkedChild(Child):
    """A part that the parent becomes."""

    def __init__(self, name: str, parent: Parent, order: Order, logs: Path) -> None:
        super().__init__(name, order.arguments, order.environment, logs, order.keeps)
        self._parent, self._order = parent, order

    def _start(self, log: int) -> Process:
        return self._parent.start(self._order, log, log)
