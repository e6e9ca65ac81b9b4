"""Processes of ours that may outlive us: told apart from strangers, found again, ended.

A pid alone names nothing: after a crash it may belong to somebody else's program. So a process is
remembered by its pid and the moment it started, and only ended when both still agree.
"""

import ctypes
import fcntl
import os
import select
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path

import msgspec
import psutil

from infra.errors import Unavailable

_PR_SET_PDEATHSIG, _PR_SET_NAME = 1, 15
_SAME_START_SECONDS = 2.0  # psutil derives the start from the boot time, which NTP may correct
_LOG_BYTES = 8 << 20


class DidNotStart(Unavailable):
    """A server of the local stack did not start; its log says why."""

    zh = "本地服务未能启动，原因见日志。"


class Mark(msgspec.Struct, frozen=True):
    """What is remembered of a process, in a pid file or in run.json."""

    pid: int
    started: float

    @classmethod
    def of(cls, pid: int) -> "Mark":
        return cls(pid, psutil.Process(pid).create_time())

    def process(self) -> psutil.Process | None:
        """The process itself, or None when it ended, whoever has its pid now."""
        try:
            found = psutil.Process(self.pid)
            same = abs(found.create_time() - self.started) < _SAME_START_SECONDS
            return found if same and found.status() != psutil.STATUS_ZOMBIE else None
        except psutil.Error:
            return None


def remember(path: Path, pid: int) -> None:
    path.write_bytes(msgspec.json.encode(Mark.of(pid)))


def recall(path: Path) -> Mark | None:
    """None where nothing was remembered, or half of it was written when the power went."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Mark)
    except (FileNotFoundError, msgspec.DecodeError):
        return None


def end(process: psutil.Process, signals: Iterable[tuple[signal.Signals, float]]) -> None:
    """Send each signal in turn and wait its seconds, until the process is gone."""
    for number, seconds in signals:
        try:
            process.send_signal(number)
            process.wait(seconds)
        except psutil.NoSuchProcess:
            return
        except psutil.TimeoutExpired:
            continue
        return


def end_leftover(pid_file: Path, *, polite_seconds: float = 3) -> int | None:
    """End what an earlier start left behind. Returns its pid, None where nothing was left."""
    mark = recall(pid_file)
    left = mark.process() if mark else None
    if left is not None:
        end(left, [(signal.SIGTERM, polite_seconds), (signal.SIGKILL, 5)])
    pid_file.unlink(missing_ok=True)
    return left.pid if left else None


@lru_cache
def _setpriv() -> str | None:
    found = shutil.which("setpriv")
    if found is None:
        return None
    tried = subprocess.run([found, "--pdeathsig", "KILL", "true"], capture_output=True, check=False)
    return found if tried.returncode == 0 else None


def dying_with_us(command: list[str], by: signal.Signals = signal.SIGKILL) -> list[str]:
    """The command under util-linux's setpriv, so that the kernel sends it a signal when we die.

    Start it from the main thread: the kernel watches the thread, not the process.
    """
    setpriv = _setpriv()
    if setpriv is None:
        return command
    # A parent that died before the signal was asked for sends none: then do not begin.
    still_ours = ["/bin/sh", "-c", 'test "$PPID" = "$0" && exec "$@"', str(os.getpid())]
    return [setpriv, "--pdeathsig", by.name.removeprefix("SIG"), *still_ours, *command]


def dies_with_us(by: signal.Signals = signal.SIGKILL) -> Callable[[], None] | None:
    """The same for Linux machines without setpriv: runs in the forked child before exec."""
    if _setpriv() or not hasattr(ctypes.CDLL(None), "prctl"):
        return None
    prctl, us = ctypes.CDLL(None).prctl, os.getpid()

    def end_with_us() -> None:
        prctl(_PR_SET_PDEATHSIG, by)
        if os.getppid() != us:
            os.kill(os.getpid(), signal.SIGKILL)

    return end_with_us


class Lifeline:
    """A pipe whose near end nobody else has, and that is never written to. Who hangs on its far end
    ends when this object does, and so when we do, however we end; it need not be our child."""

    def __init__(self) -> None:
        self.far_end, self._near_end = os.pipe()

    def __del__(self) -> None:
        os.close(self.far_end)
        os.close(self._near_end)


def hang_on(far_end: int) -> None:
    """To a `Lifeline`: for good, and one process only, for the kernel signals one. Linux only.

    The kernel ends us itself, whatever our threads are doing: we ask it to tell by SIGKILL what
    happens to the pipe (fcntl(2), F_SETSIG).
    """
    os.set_inheritable(far_end, False)
    fcntl.fcntl(far_end, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(far_end, fcntl.F_SETSIG, signal.SIGKILL)
    fcntl.fcntl(far_end, fcntl.F_SETFL, os.O_ASYNC)
    if select.select([far_end], [], [], 0)[0]:  # it ended before we asked
        os.kill(os.getpid(), signal.SIGKILL)


def name_ourselves(name: str) -> None:
    """Linux: what `ps -e` and `top` call this process; the first 15 bytes."""
    ctypes.CDLL(None).prctl(_PR_SET_NAME, name.encode())


def open_log(path: Path) -> int:
    """A descriptor to append to; a log that grew large steps aside first."""
    if path.exists() and path.stat().st_size > _LOG_BYTES:
        path.replace(path.with_suffix(".1.log"))
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)


def last_lines(path: Path, count: int = 8) -> str:
    try:
        text = path.read_bytes()[-16_384:].decode(errors="replace")
    except FileNotFoundError:
        return ""
    return "\n".join(text.splitlines()[-count:])
